"""All that may be done to an old photograph, one step after the other, for the command line and for batches."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from editor.engines.contract import Progress, no_progress
from editor.raster.colour import as_depth
from editor.raster.rectangle import Rectangle
from editor.raster.surface import Box
from editor.restoration.contract import Scan

CROP, SPLIT = "crop", "split"
"""What is done about the scanner's bed: one photograph is straightened and cropped, or each of several."""


@dataclass(frozen=True)
class Mending:
    """Damage is looked for, and filled."""

    sensitivity: float = 0.5  # 0 mends what is all but certain, 1 whatever might be damage
    grow: int = 2  # pixels by which what is found is widened: scratches have soft edges
    method: str = "auto"  # of finding.METHODS


@dataclass(frozen=True)
class Unfading:
    """Tone is brought back."""

    keep_sepia: bool = True  # else its cast is taken out


@dataclass(frozen=True)
class Steps:
    """What is to be done, in this order; None, or "", leaves a step out. Filters have their own Settings."""

    geometry: str = ""  # CROP or SPLIT
    descreen: Any = None
    mend: Mending | None = None
    unfade: Unfading | None = None
    denoise: Any = None
    deblur: Any = None
    local_contrast: Any = None

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of the steps that are not left out, in their order."""
        return tuple(name for name in TITLES if getattr(self, name))


TITLES = {"geometry": "Straighten and crop", "descreen": "Descreen", "mend": "Mend damage", "unfade": "Unfade",
          "denoise": "Denoise", "deblur": "Deblur", "local_contrast": "Local contrast"}
"""The steps' names for the user, in the order in which they are carried out."""

_TONE = ("descreen", "unfade", "denoise", "deblur", "local_contrast")  # each changes every pixel a little
_STRIP = 256  # rows: what a step that needs no surroundings takes at once
_SHARES = {"geometry": 0.3, "mend": 2.0}  # of the time; all others take 1


@dataclass(frozen=True)
class Done:
    """A step that was carried out."""

    step: str
    words: str  # what came of it
    seconds: float


@dataclass(frozen=True, eq=False)
class Restored:
    """One photograph."""

    pixels: np.ndarray  # (h, w, c) of the scan's depth and channels
    part: Rectangle | None = None  # where it lay in the scan; None is all of it
    done: tuple[Done, ...] = ()
    notes: tuple[str, ...] = ()  # for the user


def restore(pixels: np.ndarray, steps: Steps, *, profile: bytes | None = None, device: str = "auto",
            progress: Progress = no_progress) -> Iterator[Restored]:
    """Yield the photographs of a scan (h, w, 1 to 4) uint8 or uint16, which is not written to: one, but with SPLIT as
    many as lie in it, in reading order.

    What no step changes stays bit for bit; steps that change tones one after the other do so at 16 bits, whatever the
    scan has. Takes at most three copies of a photograph at 16 bits at a time, besides what the mending takes. Raises
    UserError for what cannot be done, and Cancelled through ``progress``.
    """
    begun, progress = time.perf_counter(), _rising(progress)
    share = _share("geometry", steps) if steps.geometry else 0.0
    parts, words = _parts(pixels, steps.geometry, lambda done, words: progress(share * done, words))
    first = (Done("geometry", words, time.perf_counter() - begun),) if steps.geometry else ()
    for number, part in enumerate(parts):
        low = share + (1 - share) * number / len(parts)

        def watch(done: float, words: str, low: float = low) -> None:
            progress(low + (1 - share) / len(parts) * done, words)

        piece = pixels if part is None else _cut(pixels, part, watch)
        yield replace(_restored(piece, first, replace(steps, geometry=""), profile, device, watch), part=part)


def _rising(progress: Progress) -> Progress:
    """One that never goes back, whatever the steps say of themselves."""
    most = 0.0

    def rising(share: float, words: str) -> None:
        nonlocal most
        most = max(most, min(1.0, share))
        progress(most, words)

    return rising


def _parts(pixels: np.ndarray, geometry: str, progress: Progress) -> tuple[list[Rectangle | None], str]:
    """The photographs to be cut out, None for all of it, and what is to be said of them."""
    if not geometry:
        return [None], ""
    from editor.restoration.geometry import find_photographs

    found = find_photographs(Scan.of(pixels), progress=progress)
    if not found:
        return [None], "nothing but the photograph was found in the scan: it is kept whole"
    if geometry == CROP and len(found) > 1:
        return [None], f"{len(found)} photographs were found in the scan, which is kept whole: split it"
    return list(found), f"photographs found in the scan: {len(found)}"


def _cut(pixels: np.ndarray, part: Rectangle, progress: Progress) -> np.ndarray:
    """What lies in ``part``, upright; a view where no pixel is sampled anew."""
    from editor.raster.transforms import Crop, blocks, cut_of, pixels_after, rotated

    step = cut_of(part, pixels.shape[:2])
    if isinstance(step, Crop):
        return pixels_after(step, pixels)
    scan, opaque = Scan.of(pixels), pixels.shape[2] in (1, 3)
    out = np.empty((*step.shape(scan.shape), pixels.shape[2]), pixels.dtype)
    for block in blocks(Box(0, 0, *out.shape[:2])):
        progress(0.0, "Straightening")
        out[block.slices] = rotated(step, scan.shape, scan.read, block, opaque=opaque)
    return out


@dataclass
class _Work:
    """A photograph between two steps."""

    pixels: np.ndarray
    profile: bytes | None
    device: str
    notes: list[str] = field(default_factory=list)

    @property
    def scan(self) -> Scan:
        return Scan.of(self.pixels, self.profile)


def _restored(pixels: np.ndarray, done: tuple[Done, ...], steps: Steps, profile: bytes | None, device: str,
              progress: Progress) -> Restored:
    work, passed = _Work(pixels, profile, device), 0.0
    deep = pixels.dtype == np.uint8 and sum(name in _TONE for name in steps.chosen) > 1
    for name in steps.chosen:
        def watch(share: float, words: str, low: float = passed, name: str = name) -> None:
            progress(low + _share(name, steps) * share, words or TITLES[name])

        begun = time.perf_counter()
        if deep and name in _TONE and work.pixels.dtype == np.uint8:
            work.pixels = np.multiply(work.pixels, 257, dtype=np.uint16)
        wish = getattr(steps, name)
        words = _OWN[name](work, wish, watch) if name in _OWN else _filter(work, name, wish, watch)
        done += (Done(name, words, time.perf_counter() - begun),)
        passed += _share(name, steps)
    return Restored(as_depth(work.pixels, pixels.dtype), done=done, notes=tuple(dict.fromkeys(work.notes)))


def _share(name: str, steps: Steps) -> float:
    """How much of the time a step takes, about."""
    return _SHARES.get(name, 1.0) / sum(_SHARES.get(other, 1.0) for other in steps.chosen)


def _filter(work: _Work, name: str, settings: Any, progress: Progress) -> str:
    from editor.restoration.filtering import restored
    from editor.restoration.registry import find

    own = find(name.replace("_", "-"))
    work.pixels = restored(work.scan, own, settings, progress)
    return ""


def _mend(work: _Work, wish: Mending, progress: Progress) -> str:
    from editor.restoration.finding import find
    from editor.restoration.mending import mended

    scan = work.scan

    def read(box: Box) -> np.ndarray:
        part = scan.read(box)[..., :scan.colours]
        return part if scan.colours == 3 else np.repeat(part, 3, axis=2)

    found = find(read, scan.shape, profile=work.profile if scan.colours == 3 else None, method=wish.method,
                 device=work.device, progress=lambda share, words: progress(share / 2, words))
    work.notes += found.notes
    mask = found.mask(wish.sensitivity, grow=wish.grow)
    marked = cv2.countNonZero(mask) / mask.size
    if not marked:
        return "no damage found"
    if marked == 1:
        return "nothing is left to mend it from: all of it looks damaged"
    work.pixels, notes = mended(work.pixels, mask, profile=work.profile, device=work.device,
                                progress=lambda share, words: progress((1 + share) / 2, words))
    work.notes += notes
    return f"{marked:.2%} of it mended"


def _unfade(work: _Work, wish: Unfading, progress: Progress) -> str:
    from editor.raster.adjustments import apply
    from editor.restoration.tone import unfaded

    levels = unfaded(work.scan, keep_sepia=wish.keep_sepia, progress=progress)
    out = work.pixels.copy()
    for top in range(0, len(out), _STRIP):
        progress(top / len(out), "")
        strip = out[top:top + _STRIP]
        strip[..., :work.scan.colours] = apply(levels, strip[..., :work.scan.colours])
    work.pixels = out
    return ""


_OWN = {"mend": _mend, "unfade": _unfade}  # all others are filters
