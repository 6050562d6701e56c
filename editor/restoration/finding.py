"""Finding the damage of a photograph of any size, tile by tile, and at several scales of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from editor.engines.contract import Progress, no_progress
from editor.errors import UserError
from editor.raster.colour import to_srgb8
from editor.raster.surface import Box
from editor.restoration import classical
from editor.restoration.damage_map import DamageMap

Reader = Callable[[Box], np.ndarray]
"""Gives the pixels of a box of the photo."""
Detector = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""(h, w, 3) uint8 sRGB to how likely each pixel is damaged (h, w) uint8, and of which kind (h, w) uint8."""

METHODS = ("auto", "network", "classical")

_TILE = 768  # pixels: a tenth of a second of work, and some 150 MiB
_MARGIN = 64  # pixels round a tile that are looked at too, and thrown away
_SOFT = 2.0  # of logits: the network is so sure of what it has seldom seen that eight bits would lose it
_SHORT = 1000  # a photo whose short side is longer, in pixels, is looked at reduced as well: its scratches are wider


def find(read: Reader, shape: tuple[int, int], *, profile: bytes | None = None, box: Box | None = None,
         method: str = "auto", device: str = "auto", progress: Progress = no_progress) -> DamageMap:
    """Where the photo, or what lies in ``box`` of it, is damaged.

    read: gives (h, w, 3) uint8 or uint16 in ``profile`` of any box of the photo of ``shape`` (h, w); never asked for
    more than a tile. method: "network"; "classical", the filters; "auto" is the network, or where that cannot
    be used, the filters, with a note. Takes three bytes a pixel besides what a tile takes. Raises UserError where
    "network" is wanted and there is none, and Cancelled through ``progress``.
    """
    if method not in METHODS:
        raise UserError(f"there is no way {method!r} to find damage; there are {', '.join(METHODS)}")
    whole = Box(0, 0, *shape)
    box = whole if box is None else box.intersect(whole)
    if box.empty:
        raise UserError("there is nothing of the photo in the part that damage is to be found in")

    def look(detector: Detector, tile: int = _TILE) -> tuple[np.ndarray, np.ndarray]:
        return _search(lambda part: to_srgb8(read(part), profile), box, whole, detector, tile, progress)

    notes: tuple[str, ...] = ()
    if method != "classical":
        try:
            (likely, kind), notes = _by_network(look, device)
            return DamageMap(likely, kind, box[:2], "network", notes)
        except UserError as error:
            if method == "network":
                raise
            notes = (f"Damage was looked for with filters only: {error}.",)
    return DamageMap(*look(classical.damage), box[:2], "classical", notes)


def _by_network(look: Callable[[Detector, int], tuple[np.ndarray, np.ndarray]],
                device: str) -> tuple[tuple[np.ndarray, np.ndarray], tuple[str, ...]]:
    """What a look with the network gives, and notes; UserError where there is none."""
    from editor.engines.networks.devices import Place, choose, fast_bfloat16, run_with_fallback
    from editor.engines.networks.running import answer
    from editor.engines.networks.store import find_model, load
    from editor.engines.networks.weights import need_torch

    need_torch()
    import torch

    model, place = find_model("damage-finder"), choose(device)
    if fast_bfloat16(place.device):  # probabilities, unlike colours, have no use for more
        place = replace(place, precision="bfloat16")

    def attempt(tile: int, place: Place) -> tuple[np.ndarray, np.ndarray]:
        network = load(model, place.device).to(memory_format=torch.channels_last)

        def detector(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return _asked(lambda planes: answer(network, planes, place), picture)

        return look(detector, tile)

    outcome = run_with_fallback(attempt, (_TILE, _TILE // 2, _TILE // 4), place)
    return outcome.result, outcome.notes


def _asked(network: Callable[[np.ndarray], np.ndarray], picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A Detector that asks the network; what it is shown is mirrored on to multiples of 16."""
    height, width = picture.shape[:2]
    filled = cv2.copyMakeBorder(picture, 0, -height % 16, 0, -width % 16, cv2.BORDER_REFLECT)
    planes = filled.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1
    logits = network(planes)[:, :height, :width]
    likely = 255 / (1 + np.exp(-logits[0] / _SOFT))
    return np.rint(likely).astype(np.uint8), logits[1:].argmax(0).astype(np.uint8)


@dataclass
class _Level:
    """The area at 1, 1/2, 1/4 … of its size."""

    shape: tuple[int, int]
    read: Reader  # of boxes of the level
    scale: int


def _search(read: Reader, box: Box, whole: Box, detector: Detector, tile: int,
            progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """(h, w) uint8 each of ``box``: the likelihood, the largest at any scale, and the kind there."""
    area = box.grow(_MARGIN).intersect(whole)
    likely, kind = (np.zeros((box.height, box.width), np.uint8) for _ in range(2))
    scales = _scales(min(whole.height, whole.width))
    done, total = 0.0, sum(area.height * area.width / scale**2 for scale in scales)
    level = _Level((area.height, area.width), lambda part: read(part.shift(area.top, area.left)), 1)
    for scale in scales:
        smaller = None
        if scale < scales[-1]:
            smaller = np.empty((*(-(-side // 2) for side in level.shape), 3), np.uint8)
        for part in _tiles(level.shape, tile):
            progress(min(1.0, done / total), "Looking for damage")
            seen = part.grow(_MARGIN).intersect(Box(0, 0, *level.shape))
            picture = level.read(seen)
            if smaller is not None:
                half = Box(part.top // 2, part.left // 2, -(-part.bottom // 2), -(-part.right // 2))
                inner = picture[part.shift(-seen.top, -seen.left).slices]
                smaller[half.slices] = cv2.resize(inner, (half.width, half.height), interpolation=cv2.INTER_AREA)
            _merge(likely, kind, detector(picture), seen, part, scale, box.shift(-area.top, -area.left))
            done += part.height * part.width
        if smaller is not None:
            level = _Level(smaller.shape[:2], lambda part, plane=smaller: plane[part.slices], 2 * scale)
    return likely, kind


def _scales(short: int) -> list[int]:
    """How many times a photo is reduced for each look."""
    scales = [1]
    while short // scales[-1] > _SHORT and scales[-1] < 8:
        scales.append(2 * scales[-1])
    return scales


def _merge(likely: np.ndarray, kind: np.ndarray, found: tuple[np.ndarray, np.ndarray], seen: Box, part: Box,
           scale: int, box: Box) -> None:
    """Take what is likelier than what is in ``likely`` and ``kind``, which are ``box`` of the area, from what was
    found in ``seen`` of the level at 1 / ``scale``, as far as it lies in ``part``."""
    into = Box(*(scale * edge for edge in part)).intersect(box)
    if into.empty:
        return
    planes = found
    if scale > 1:
        size = (seen.width * scale, seen.height * scale)
        planes = (cv2.resize(found[0], size, interpolation=cv2.INTER_LINEAR),
                  cv2.resize(found[1], size, interpolation=cv2.INTER_NEAREST))
    new, its_kind = (plane[into.shift(-seen.top * scale, -seen.left * scale).slices] for plane in planes)
    there = into.shift(-box.top, -box.left).slices
    better = new > likely[there]
    likely[there][better] = new[better]
    kind[there][better] = its_kind[better]


def _tiles(shape: tuple[int, int], tile: int) -> Iterator[Box]:
    for top in range(0, shape[0], tile):
        for left in range(0, shape[1], tile):
            yield Box(top, left, min(top + tile, shape[0]), min(left + tile, shape[1]))
