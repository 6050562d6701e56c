"""Finding the damage of a photograph of any size, tile by tile, and at several scales of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from editor.engines.contract import Progress, no_progress
from editor.errors import UserError
from editor.raster.colour import to_srgb8
from editor.raster.surface import Box
from editor.restoration import classical, evidence
from editor.restoration.damage_map import KINDS, DamageMap

if TYPE_CHECKING:
    import torch

Reader = Callable[[Box], np.ndarray]
"""Gives the pixels of a box of the photo."""

METHODS = ("auto", "network", "classical")

_AREA = KINDS.index("area")
_TILE = 1280  # pixels: a quarter of a second of work, and some 250 MiB
_BAND = 256  # pixels of rows that are taken up at once
_MARGIN = 64  # pixels round a tile that are looked at too, and thrown away
_SOFT = 2.0  # of logits: the network is so sure of what it has seldom seen that eight bits would lose it
_DOUBT = 0.7  # of logits, taken off what is found: in undamaged photographs there is more to mistake than to mend
_DOUBT_AREA = 2.0  # the same of what is large: pale walls and skies look like bare paper, and weigh much
_SHORT = 1000  # a photo whose short side is longer, in pixels, is looked at reduced as well: its scratches are wider


@dataclass(frozen=True)
class Detector:
    """Says of (h, w, 3) uint8 sRGB how likely each pixel is damaged, (h, w) uint8, and of which kind, (h, w) uint8."""

    look: Callable[[np.ndarray], Any]  # the picture to what is judged; of the next tile meanwhile, in another thread
    judge: Callable[[Any], tuple[np.ndarray, np.ndarray]]


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
    return DamageMap(*look(Detector(lambda picture: picture, classical.damage)), box[:2], "classical", notes)


def _by_network(look: Callable[[Detector, int], tuple[np.ndarray, np.ndarray]],
                device: str) -> tuple[tuple[np.ndarray, np.ndarray], tuple[str, ...]]:
    """What a look with the network gives, and notes; UserError where there is none."""
    from editor.engines.networks.devices import Place, autocast, choose, run_with_fallback
    from editor.engines.networks.store import find_model, load
    from editor.engines.networks.weights import need_torch

    need_torch()
    import torch

    model, place = find_model("damage-finder"), choose(device)

    def attempt(tile: int, place: Place) -> tuple[np.ndarray, np.ndarray]:
        network = load(model, place.device).to(memory_format=torch.channels_last)

        def judge(shown: tuple[np.ndarray, tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
            planes, (height, width) = shown
            with torch.inference_mode(), autocast(place):
                answer = network(torch.from_numpy(planes)[None].to(place.device))[0, :, :height, :width]
                kind = _largest(answer[1:])
                sure = answer[0].float() - torch.where(kind == _AREA, _DOUBT_AREA, _DOUBT)
                if not torch.isfinite(sure.sum()):
                    raise FloatingPointError("the network's answer has values that are no numbers")
                return (255 * torch.sigmoid(sure / _SOFT)).round().to(torch.uint8).cpu().numpy(), kind.cpu().numpy()

        return look(Detector(_shown, judge), tile)

    outcome = run_with_fallback(attempt, (_TILE, _TILE // 2, _TILE // 4), place)
    return outcome.result, outcome.notes


def _shown(picture: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """What the network looks at, mirrored on to multiples of 16, and the size without that."""
    height, width = picture.shape[:2]
    filled = cv2.copyMakeBorder(picture, 0, -height % 16, 0, -width % 16, cv2.BORDER_REFLECT)
    return evidence.planes(filled), (height, width)


def _largest(kinds: "torch.Tensor") -> "torch.Tensor":
    """(h, w) uint8: which of three planes is the largest; argmax takes ten times as long."""
    import torch

    first, second, third = kinds
    return torch.where(third > torch.maximum(first, second), 2, (second > first).to(torch.uint8)).to(torch.uint8)


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
        with closing(_looked_at(level, tile, detector, smaller)) as tiles:
            for part, seen, shown in tiles:
                progress(min(1.0, done / total), "Looking for damage")
                _merge(likely, kind, detector.judge(shown), seen, part, scale, box.shift(-area.top, -area.left))
                done += part.height * part.width
        if smaller is not None:
            level = _Level(smaller.shape[:2], lambda part, plane=smaller: plane[part.slices], 2 * scale)
    return likely, kind


def _looked_at(level: _Level, tile: int, detector: Detector,
               smaller: np.ndarray | None) -> Iterator[tuple[Box, Box, Any]]:
    """Each tile of a level, what is seen of it and round it, and that as the detector looks at it; writes what it is
    at half the size into ``smaller``. One tile is read ahead."""
    def look(part: Box) -> tuple[Box, Box, Any]:
        seen = part.grow(_MARGIN).intersect(Box(0, 0, *level.shape))
        picture = level.read(seen)
        if smaller is not None:
            half = Box(part.top // 2, part.left // 2, -(-part.bottom // 2), -(-part.right // 2))
            inner = picture[part.shift(-seen.top, -seen.left).slices]
            smaller[half.slices] = cv2.resize(inner, (half.width, half.height), interpolation=cv2.INTER_AREA)
        return part, seen, detector.look(picture)

    with ThreadPoolExecutor(1, thread_name_prefix="damage") as ahead:
        waiting = None
        for part in _tiles(level.shape, tile):
            ready, waiting = waiting, ahead.submit(look, part)
            if ready is not None:
                yield ready.result()
        yield waiting.result()


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
    for top in range(into.top, into.bottom, _BAND):  # what is enlarged eightfold is not held whole
        band = Box(top, into.left, min(top + _BAND, into.bottom), into.right)
        planes, origin = found, seen
        if scale > 1:
            rows = Box(band.top // scale - 1, seen.left, -(-band.bottom // scale) + 1, seen.right).intersect(seen)
            size = (scale * rows.width, scale * rows.height)
            cut = [plane[rows.shift(-seen.top, -seen.left).slices] for plane in found]
            planes = (cv2.resize(cut[0], size, interpolation=cv2.INTER_LINEAR),
                      cv2.resize(cut[1], size, interpolation=cv2.INTER_NEAREST))
            origin = Box(*(scale * edge for edge in rows))
        new, its_kind = (plane[band.shift(-origin.top, -origin.left).slices] for plane in planes)
        there = band.shift(-box.top, -box.left).slices
        np.copyto(kind[there], its_kind, where=new > likely[there])
        np.maximum(likely[there], new, out=likely[there])


def _tiles(shape: tuple[int, int], tile: int) -> Iterator[Box]:
    for top in range(0, shape[0], tile):
        for left in range(0, shape[1], tile):
            yield Box(top, left, min(top + tile, shape[0]), min(left + tile, shape[1]))
