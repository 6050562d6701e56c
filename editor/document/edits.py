"""Edits that hold nothing of size: the stack of layers, the face frame."""

from dataclasses import dataclass
from typing import Any

from editor.document.layers import Layer
from editor.raster.frame import Frame


class _LightEdit:
    """An edit that holds nothing of size: never spilled."""

    nbytes = 0  # recipes share their variants with the layers before and after

    def spill(self, store: object) -> None:
        pass

    def recall(self, store: object) -> None:
        pass


@dataclass
class LayersEdit(_LightEdit):
    """The stack of layers and which of them is active."""

    layers: tuple[Layer, ...]
    active: str | None

    def swap(self, document: Any) -> None:
        other = (document.layers, document.active)
        document._set_layers(self.layers, self.active)
        self.layers, self.active = other


@dataclass
class FrameEdit(_LightEdit):
    """The face frame, or that there is none."""

    frame: Frame | None

    def swap(self, document: Any) -> None:
        other = document.frame
        document._set_frame(self.frame)
        self.frame = other
