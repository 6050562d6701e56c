"""What is to be filled: photographs paired with masks and hints by their names, or with holes made for them."""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from editor.errors import UserError
from editor.evaluation.adherence import Redrawn, redraw
from editor.raster.colour import to_srgb8
from editor.raster.frame import Frame
from editor.storage.masks import read_colour, read_mask, read_sketch
from editor.storage.photos import Decoder, read_photo

if TYPE_CHECKING:
    import torch

BANDS = ((0.0, 0.1), (0.1, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.9), (0.9, 1.0))
"""Shares of the picture by which holes are told apart; the lower end belongs to a band."""

_HINT_SIDE = 512  # pixels: in larger pictures hints are looked for at this size and enlarged: a thicker pen
_TRIES = 20
_LINE = 16  # pixels of line that a made sketch has
_DABBED = 0.8  # share of the hole up to which dabs cover it
_LEAST, _MOST = 0.002, 0.95  # shares of the picture that a made hole may have


@dataclass(frozen=True)
class Case:
    """One hole in one photograph, on disk."""

    photo: Path
    kind: str  # of hole
    mask: Path | None  # None: a hole of this kind is made
    sketch: Path | None = None
    colour: Path | None = None

    @property
    def name(self) -> str:
        return self.mask.stem if self.mask else f"{self.photo.stem}-{self.kind}"


@dataclass(frozen=True)
class Reading:
    """How cases are read."""

    size: int | None = None  # pixels: photographs with a longer long side are reduced to it
    seed: int = 0  # of holes and hints that are made
    frames: bool = False  # the photographs are portraits, each the square frame of its face
    hints: bool = False  # what no file gives of sketch and colour is taken from the photograph itself
    bend: float = 0.0  # pixels by which a line of the sketch is drawn again elsewhere; 0: none is


@dataclass(frozen=True, eq=False)
class Puzzle:
    """One hole in one photograph, in memory."""

    case: Case
    truth: np.ndarray  # (h, w, 3) uint8 sRGB
    hole: np.ndarray  # (h, w) bool
    sketch: np.ndarray | None = None  # (h, w) uint8 coverage
    colour: np.ndarray | None = None  # (h, w, 4) uint8 straight alpha
    redrawn: Redrawn | None = None
    frame: Frame | None = None

    @property
    def share(self) -> float:
        """Of the picture that is hole."""
        return float(self.hole.mean())

    @property
    def band(self) -> tuple[float, float]:
        return next(band for band in reversed(BANDS) if self.share >= band[0])

    @property
    def image(self) -> np.ndarray:
        """What an engine is given: the hole is grey, so that nothing of the truth can leak out of it."""
        return np.where(self.hole[..., None], np.uint8(127), self.truth)


def with_masks(photos: Iterable[Path], masks: list[Path]) -> tuple[list[Case], list[Path]]:
    """A case for each mask whose name is that of a photograph, or starts with it; and the photographs without any.

    ``house.png`` and ``house-roof.png`` both belong to ``house.jpg``, unless there is a ``house-roof.jpg``. What
    follows the photograph's name, but for digits, is the hole's kind.
    """
    by_stem = {photo.stem: photo for photo in photos}
    cases: list[Case] = []
    for mask in masks:
        owners = [stem for stem in by_stem if mask.stem.startswith(stem) and not mask.stem[len(stem):][:1].isalnum()]
        if owners:
            stem = max(owners, key=len)
            kind = mask.stem[len(stem):].strip("-_. 0123456789") or "given"
            cases.append(Case(by_stem[stem], kind, mask))
    cases.sort(key=lambda case: (case.photo, case.name))
    found = {case.photo for case in cases}
    return cases, [photo for photo in by_stem.values() if photo not in found]


def with_holes(photos: Iterable[Path], kinds: list[str]) -> list[Case]:
    """A case for each photograph and kind of hole; UserError for a kind that cannot be made."""
    from editor.training.holes import KINDS

    for kind in kinds:
        if kind not in KINDS:
            raise UserError(f"there are no holes of the kind {kind!r}; there are {', '.join(KINDS)}")
    return [Case(photo, kind, None) for photo in photos for kind in kinds]


def hint_of(case: Case, hints: list[Path]) -> Path | None:
    """The picture that is named like the case's mask, or else like its photograph."""
    by_stem = {path.stem: path for path in hints}
    return by_stem.get(case.name) or by_stem.get(case.photo.stem)


def load(case: Case, how: Reading, decoder: Decoder) -> Puzzle:
    """Read a case, always alike for the same seed. Raises UserError for files that cannot be read or have another size,
    and for a hole that is empty or leaves nothing."""
    photo = read_photo(case.photo, decoder=decoder)
    truth = to_srgb8(np.ascontiguousarray(photo.pixels[..., :1 if photo.is_grey else 3]), photo.profile)
    scale = min(1.0, how.size / max(photo.shape)) if how.size else 1.0

    def reduced(plane: np.ndarray) -> np.ndarray:
        if scale == 1:
            return plane
        height, width = (max(1, round(length * scale)) for length in photo.shape)
        return cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)

    truth = reduced(truth)
    if case.mask:
        hole = reduced(read_mask(case.mask, photo.shape, decoder=decoder)) > 127
    else:
        hole = _made_hole(case, truth.shape[:2], how.seed)
    if not hole.any() or hole.all():
        raise UserError(f"{case.mask or case.photo}: the hole {'covers everything' if hole.any() else 'is empty'}")
    sketch = case.sketch and reduced(read_sketch(case.sketch, photo.shape, decoder=decoder))
    colour = case.colour and _reduced_colour(read_colour(case.colour, photo.shape, decoder=decoder), reduced)
    if how.hints and (sketch is None or colour is None):
        made = _made_hints(case, truth, hole, how.seed)
        sketch, colour = (made[0] if sketch is None else sketch), (made[1] if colour is None else colour)
    redrawn = redraw(sketch, hole, how.bend) if how.bend and sketch is not None else None
    height, width = hole.shape
    frame = Frame((height / 2, width / 2), max(height, width)) if how.frames else None
    return Puzzle(case, truth, hole, sketch, colour, redrawn, frame)


def _reduced_colour(colour: np.ndarray, reduced: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Colours averaged by their coverage, so that what is transparent does not darken a stroke's edge."""
    alpha = reduced(colour[..., 3].astype(np.float32))
    weighted = reduced(colour[..., :3] * (colour[..., 3:] / np.float32(255)))
    rgb = weighted * (255 / np.maximum(alpha, 1e-3))[..., None]
    return np.dstack([rgb, alpha]).round().clip(0, 255).astype(np.uint8)


def _generator(case: Case, what: str, seed: int) -> "torch.Generator":
    """Random numbers that are the case's own, whatever else is evaluated."""
    import torch

    return torch.Generator().manual_seed(zlib.crc32(f"{case.photo.stem}/{case.kind}/{what}/{seed}".encode()))


def _made_hole(case: Case, shape: tuple[int, int], seed: int) -> np.ndarray:
    from editor.training.holes import KINDS, pixel_places

    generator, places = _generator(case, "hole", seed), pixel_places(1, *shape)
    for _ in range(_TRIES):
        hole = KINDS[case.kind](generator, places)[0, 0].numpy() > 0.5
        if _LEAST <= hole.mean() <= _MOST:
            return hole
    raise UserError(f"{case.photo}: no hole of the kind {case.kind} comes out in a picture of this shape")


def _made_hints(case: Case, truth: np.ndarray, hole: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Sketch and colour strokes in the hole, taken from the photograph as training takes them."""
    import torch

    scale = min(1.0, _HINT_SIDE / max(hole.shape))
    size = tuple(max(1, round(length * scale)) for length in hole.shape)[::-1]
    picture = torch.from_numpy(cv2.resize(truth, size, interpolation=cv2.INTER_AREA)).permute(2, 0, 1)[None]
    inside = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    pictures, holes = picture.float() / 127.5 - 1, torch.from_numpy(inside)[None, None].float()
    full = hole.shape[::-1]
    sketch = cv2.resize(_made_sketch(_generator(case, "sketch", seed), pictures, holes), full)
    colour = cv2.resize(_made_colour(_generator(case, "colour", seed), pictures, holes), full,
                        interpolation=cv2.INTER_NEAREST)
    return sketch * hole, colour * hole[..., None]


def _made_sketch(generator: "torch.Generator", pictures: "torch.Tensor", holes: "torch.Tensor") -> np.ndarray:
    """(h, w) uint8, with a line in the hole if there is any to be found."""
    from editor.training.hints import sketches

    for _ in range(_TRIES):
        drawn = sketches(generator, pictures, empty=0.0)
        if ((drawn * holes) > 0.5).sum() >= _LINE:
            break
    return (255 * drawn[0, 0]).round().byte().numpy()


def _made_colour(generator: "torch.Generator", pictures: "torch.Tensor", holes: "torch.Tensor") -> np.ndarray:
    """(h, w, 4) uint8: dabs, as a person gives them; not the whole picture smoothed, which training knows as well."""
    from editor.training.hints import colours

    for _ in range(_TRIES):
        tint, given = colours(generator, pictures, holes, empty=0.0)
        if 0 < given.sum() < _DABBED * holes.sum():
            break
    rgb = ((tint[0] + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
    return np.dstack([rgb, (255 * given[0, 0]).byte().numpy()])
