"""What blur a region has, guessed from nothing but its own spectrum.

Discs and lines leave rings and stripes without power in the spectrum (Gennery 1973, Cannon 1976), and any blur bends it
away from the power law that sharp photographs keep to. Every kind, size and angle is held against what is measured,
coarsely at three scales, then the best of each kind finely; see ``spectra``. This finds one even blur of a kind that it
knows: not the path of a shaken hand, nor several distances at once. A region with texture or many edges, in which
everything is equally blurred, serves best. A picture that is merely soft, with nothing left in it but noise where the
holes would be, passes for a Gaussian; so does a sharp photograph of soft things.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import count

import cv2
import numpy as np

from editor.engines.contract import Progress, no_progress
from editor.errors import UserError
from editor.raster.surface import Box
from editor.restoration.contract import Scan
from editor.restoration.deconvolution.light import brightness, encoding
from editor.restoration.deconvolution.plan import liveliest
from editor.restoration.deconvolution.psfs import FOCUS, GAUSSIAN, MOTION, Blur
from editor.restoration.deconvolution.spectra import Power, fitted, let_through, measured
from editor.restoration.filtering import part_of

LEAST = 64  # pixels of a region's shorter side
MOST = 1024  # pixels of a side that are looked at, of a region
GUESSED_AT_MOST = 24.0  # pixels: a wider blur of a whole picture is not believed
_PART, _PARTS = 384, 3  # pixels of a side, and how many, of the parts of a picture that are looked at
_SCALES = (1, 2, 4)
_COARSE = 64  # pixels of a block's side
_SIDES = (64, 128, 256)
_SIZES = (1.5, 2.2, 3.0, 4.0, 5.0, 6.5, 8.0, 10.0)  # pixels at each scale
_ANGLE = 12.0  # degrees between two that are tried
_FINE_ENOUGH = 0.02
_FINEST = 0.43  # cycles a pixel: beyond, little but noise is left of what is blurred
_LARGEST = 4  # times the width of a blur is the side of the blocks that tell it
_MOTION_COSTS = 0.01  # it has an angle besides: it must explain more by so much
_TELLS = 0.03  # how much more a blur must explain than none does
_SURE = 0.1
_SHARP = 1.3  # pixels: a blur as narrow as a good lens's
_BLOWN = 0.98  # of full light
_STARTS = 3  # of each kind, that are followed to where they lead
_TRIES = 600  # in all, about
_FEW = 4  # blocks, fewer of which tell nothing


@dataclass(frozen=True)
class Estimate:
    """What blur a region has, if any can be told."""

    blur: Blur | None
    telling: float  # how much better it explains the region than no blur does; below 0.1 it is little more than a guess
    note: str = ""  # for the user
    sharp: bool = False  # whether it was looked at, and nothing explains it better than no blur


def of_region(scan: Scan, box: Box, progress: Progress = no_progress) -> Estimate:
    """The blur of a part of a scan; of the middle of it, if it is large. UserError where it is too small."""
    box = box.intersect(scan.bounds)
    top, left = box.top + max(0, box.height - MOST) // 2, box.left + max(0, box.width - MOST) // 2
    middle = Box(top, left, min(top + MOST, box.bottom), min(left + MOST, box.right))
    return estimate(brightness(encoding(scan.profile, scan.colours).light(scan.floats(middle))), progress)


def of_scan(scan: Scan, progress: Progress = no_progress) -> Blur | None:
    """The blur of a whole picture: the least that the parts have in which most goes on, since something is in focus
    in most pictures; None where one of them is sharp, or they do not tell."""
    least = None
    boxes = [box for box in liveliest(scan, _PART, _PARTS) if min(box.height, box.width) >= LEAST]
    for number, box in enumerate(boxes):
        found = of_region(scan, box, part_of(progress, number / len(boxes), (number + 1) / len(boxes)))
        if found.blur is None:
            if found.sharp:
                return None
        elif found.telling > _SURE and (least is None or found.blur.size < least.size):
            least = found.blur
    return least if least is not None and least.size <= GUESSED_AT_MOST else None


def estimate(light: np.ndarray, progress: Progress = no_progress) -> Estimate:
    """The blur of a region, (h, w) float32 of light, 0..1. UserError where it is too small."""
    if min(light.shape) < LEAST:
        raise UserError(f"the region is too small to tell its blur: {LEAST} pixels a side are needed")
    plane = np.ascontiguousarray(light)
    tried = count()

    def step() -> None:
        progress(min(1.0, next(tried) / _TRIES), "Looking for the blur")

    powers = {side: power for side in _SIDES if (power := _power(plane, side)) is not None}
    if not powers:
        return Estimate(None, 0.0, "The region is too even, or too bright, to tell its blur.")
    largest = max(powers) / _LARGEST
    found: dict[str, list[Blur]] = {FOCUS: [], MOTION: [], GAUSSIAN: []}
    for scale in _SCALES:
        small = cv2.resize(plane, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA)
        power = _power(small, _COARSE)
        if power is None:
            continue
        badness = partial(_badness, power, step=step)
        for blurs in _kinds():
            usable = [blur for blur in blurs if blur.size * scale <= largest]
            if usable:
                best = min(usable, key=badness)
                found[best.kind].append(replace(best, size=best.size * scale))
    return _chosen(powers, largest, found, step)


def _badness(power: Power, blur: Blur, step: Callable[[], None]) -> float:
    """How badly a blur explains what is measured; what is finest is taken for noise at first."""
    step()
    fy, fx = power.frequencies
    noise = np.median(power.values[np.hypot(fy, fx) > _FINEST])
    return fitted(power, let_through(blur, power.side), noise)[1] + _MOTION_COSTS * (blur.kind == MOTION)


def _chosen(powers: dict[int, Power], largest: float, found: dict[str, list[Blur]],
            step: Callable[[], None]) -> Estimate:
    def badness(blur: Blur, side: int) -> float:
        return _badness(powers[side], blur, step)

    best = []
    for several in found.values():
        # Half a motion explains every second hole that the whole one does.
        starts = [replace(blur, size=blur.size * by) for blur in several for by in (1, 2) if blur.size * by <= largest]
        side = _side(max(blur.size for blur in starts), powers)
        starts.sort(key=partial(badness, side=side))
        ends = [_refined(start, largest, partial(badness, side=_side(start.size, powers)))
                for start in starts[:_STARTS]]
        best.append(min(ends, key=partial(badness, side=side)))
    side = _side(max(blur.size for blur in best), powers)
    least, blur = min(((badness(one, side), one) for one in best), key=lambda one: one[0])
    telling = badness(Blur(GAUSSIAN, 0.0), side) - least
    if telling < _TELLS or blur.size < _SHARP:
        return Estimate(None, max(telling, 0.0), "No blur can be told from the sharpness of the region itself.", True)
    note = "" if telling > _SURE else "The region hardly tells its blur: take this for a beginning."
    return Estimate(replace(blur, size=round(blur.size, 1), angle=round(float(blur.angle) % 180, 1)), telling, note)


def _refined(start: Blur, largest: float, badness: Callable[[Blur], float]) -> Blur:
    """By steps in size, up to ``largest``, and angle, halved where none is better."""
    best, least = start, badness(start)
    sizes, angles = 1.2, _ANGLE / 2
    while sizes > 1 + _FINE_ENOUGH:
        tries = [replace(best, size=min(best.size * by, largest)) for by in (sizes, 1 / sizes)]
        if best.kind == MOTION:
            tries += [replace(best, angle=best.angle + by) for by in (angles, -angles)]
        worth, blur = min(((badness(one), one) for one in tries), key=lambda one: one[0])
        if worth < least:
            best, least = blur, worth
        else:
            sizes, angles = sizes ** 0.5, angles / 2
    return best


def _kinds() -> tuple[list[Blur], ...]:
    """What is tried at each scale."""
    return ([Blur(FOCUS, size) for size in _SIZES], [Blur(GAUSSIAN, size) for size in _SIZES],
            [Blur(MOTION, size, angle) for size in _SIZES[2:] for angle in np.arange(0, 180, _ANGLE)])


def _side(size: float, powers: dict[int, Power]) -> int:
    """Blocks that hold several times the blur, if there are some."""
    wanted = next((side for side in _SIDES if side >= 6 * size), _SIDES[-1])
    return max((side for side in powers if side <= wanted), default=min(powers))


def _power(plane: np.ndarray, side: int) -> Power | None:
    blocks = [plane[top:top + side, left:left + side]
              for top in range(0, plane.shape[0] - side + 1, side // 2)
              for left in range(0, plane.shape[1] - side + 1, side // 2)]
    usable = [block for block in blocks if np.mean(block > _BLOWN) < 0.02 and np.ptp(block) > 0.01]
    if len(usable) < (1 if side == _COARSE else _FEW):
        return None
    return measured(block.astype(np.float64) for block in usable)
