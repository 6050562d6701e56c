"""A filter for tests: a box blur that also counts how much of the picture was read at once."""

import time
from dataclasses import dataclass, field

import cv2


@dataclass(frozen=True)
class Settings:
    radius: int = field(default=3, metadata={"min": 1, "max": 50, "unit": "px", "help": "how far"})


class Blur:
    name = "blur"
    title = "Blur"
    card = "For tests."
    Settings = Settings

    def __init__(self, seconds: float = 0.0):
        self.seconds = seconds  # that a tile takes
        self.largest = 0  # pixels of the largest tile

    def reach(self, settings):
        return settings.radius

    def prepare(self, scan, settings, progress):
        progress(0.0, "Looking")
        return 2 * settings.radius + 1

    def apply(self, pixels, prepared, settings, box):
        assert pixels.shape[:2] == (box.height, box.width)
        time.sleep(self.seconds)
        self.largest = max(self.largest, pixels.shape[0] * pixels.shape[1])
        return cv2.blur(pixels, (prepared, prepared), borderType=cv2.BORDER_REPLICATE).reshape(pixels.shape)
