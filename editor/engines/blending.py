"""From a region to an engine's request, and from its answer back into the photo without a seam.

On the way in, a crop larger than the engine's working size is reduced by area averaging of the *known* pixels only, so
that nothing of the old object leaks into the average, and the hole is widened a little (its *spread*), because an
object's edge is wider than the mask drawn along it.

On the way out the answer is brought back up, its colour is matched at the hole's edge, it is given grain (grain.py),
and it is laid over the photo with the mask's own coverage as alpha: exactly 0 wherever the mask is 0.

Colour matching. Just outside the mask both the photo and the engine's opinion are known, at the same pixels, where an
engine has rendered the known surroundings as well; elsewhere they are the same. Their difference there is the step
that would show. Its low frequencies are carried into the hole as a smooth membrane, as in gradient-domain
cloning (Perez, Gangnet and Blake, "Poisson image editing", 2003; here by push-pull, which needs no solver). Large
differences are rests of the object or real edges rather than a colour step, and are not trusted.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from editor.engines import grain
from editor.engines.contract import FillRequest, FillResult, Finish
from editor.engines.holes import separate, thickness
from editor.engines.mosaic import tiles
from editor.engines.pyramid import average_near, enlarged, push_pull, sampled
from editor.engines.region import Region
from editor.engines.rests import MOST, rests
from editor.engines.rims import soften
from editor.raster.colour import as_depth
from editor.raster.frame import Frame
from editor.raster.surface import Box

_RING = 6  # pixels round the mask in which photo and fill are compared
_THICK = 8  # depth in pixels from which on a hole may show a step of colour
_OBJECT = 12  # depth from which on a hole is an object's rather than a scratch or a thin stroke
_STEP = 10 / 255  # differences much larger than this are no colour step
_COARSE = 4  # pixels to one value of the colour step
_MARGIN = 24  # pixels round the hole that matching colour looks at
_NEAR = 10  # the same for the grain


@dataclass(frozen=True)
class Guidance:
    """What the user gave for one crop besides the mask; each None where there is nothing."""

    profile: bytes | None = None
    sketch: np.ndarray | None = None
    colour: np.ndarray | None = None
    source: np.ndarray | None = None


@dataclass(frozen=True)
class Prepared:
    """A region with its pixels, ready for the engine."""

    region: Region
    image: np.ndarray  # the crop at full size, (h, w, 3)
    own: np.ndarray  # (h, w) uint8 coverage of the region's own part of the mask
    holes: np.ndarray  # (h, w) bool: every hole in the crop
    unknown: np.ndarray  # the same, spread included
    request: FillRequest


def prepare(region: Region, image: np.ndarray, mask: np.ndarray, guidance: Guidance, finish: Finish, *,
            variants: int, seed: int, device: str, frame: Frame | None = None) -> Prepared:
    """The request for a region, given its crop of the photo (h, w, 3) and of the whole mask (h, w) uint8, and the frame
    of the face in it, in the photo."""
    own = region.own(mask, region.crop)
    hole = mask > 0
    unknown = untrusted(image, hole, finish)
    if unknown.all():  # the widening would leave nothing to fill from
        unknown = hole
    small, small_hole = reduced(image, unknown, region.working)
    size = region.working[::-1]
    sketch, colour, source = guidance.sketch, guidance.colour, guidance.source
    if region.scale < 1:
        sketch = None if sketch is None else _reduced_lines(sketch, size, region.scale)
        colour = None if colour is None else _reduced_colour(colour, size)
        source = None if source is None else cv2.resize(
            source.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.999
    frame = frame and in_request(frame, region)
    request = FillRequest(small, small_hole.astype(np.float32), guidance.profile, sketch, colour, source, frame,
                          origin=(region.crop.top, region.crop.left), variants=variants, seed=seed, settings=finish,
                          device=device)
    for array in (request.image, request.hole, image, own, hole, unknown):
        array.flags.writeable = False
    return Prepared(region, image, own, hole, unknown, request)


def in_request(frame: Frame, region: Region) -> Frame:
    """A frame on the photo as the engine that fills the region sees it."""
    top, left = (region.scale * (at - corner) for at, corner in zip(frame.centre, region.crop[:2], strict=True))
    return Frame((top, left), region.scale * frame.side, frame.angle)


def in_photo(frame: Frame, region: Region) -> Frame:
    """And back."""
    top, left = (at / region.scale + corner for at, corner in zip(frame.centre, region.crop[:2], strict=True))
    return Frame((top, left), frame.side / region.scale, frame.angle)


def untrusted(image: np.ndarray, hole: np.ndarray, finish: Finish) -> np.ndarray:
    """What an engine is to take as unknown of ``image`` (h, w, 3): the hole (h, w) bool, widened by the spread that
    ``finish`` asks for.

    Left to itself it is widened where it is thick and the object's rim shows beyond the mask (rests.py), and not at all
    where it is thin: the pixels next to a scratch are the best witnesses there are, and losing one on each side
    costs 2 to 3 dB, and in a stroke of 16 to 24 pixels still a half.
    """
    if finish.spread >= 0:
        return spread(hole, finish.spread)
    depth = cv2.distanceTransform(np.pad(hole, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    core = depth >= _OBJECT
    if not core.any():
        return hole
    pixels = min(MOST, int(depth.max()) // (_OBJECT // 2))
    return hole | spread(core, _OBJECT + pixels) & rests(image, hole, pixels)


def spread(hole: np.ndarray, pixels: int) -> np.ndarray:
    """The hole (h, w) bool widened by a disc of that radius."""
    if not pixels:
        return hole
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1, 2 * pixels + 1))
    return cv2.dilate(hole.astype(np.uint8), disc).astype(bool)


def reduced(image: np.ndarray, unknown: np.ndarray, working: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Image (h, w, 3) and hole (h, w) bool at the working size, averaged over known pixels only.

    A reduced pixel is unknown where less than half of what it stands for is known.
    """
    if working == unknown.shape:
        return image, unknown
    size = working[::-1]
    weight = cv2.resize((~unknown).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    # Sixteen bits, so that little is lost where few pixels are known; floats would take half a gigabyte.
    masked = as_depth(image, np.dtype(np.uint16))
    masked = masked.copy() if masked is image else masked
    masked[unknown] = 0
    total = cv2.resize(masked, size, interpolation=cv2.INTER_AREA)
    part = weight < 1
    total[part] = np.rint(np.minimum(65535, total[part] / np.maximum(weight[part], 1e-6)[:, None]))
    small = as_depth(total, image.dtype)
    hole = weight < 0.5
    if hole.all():
        hole = weight < weight.max()
    elif not hole.any():  # a hole that vanishes at this size is still one
        hole = weight == weight.min()
    return small, hole


def _reduced_lines(sketch: np.ndarray, size: tuple[int, int], scale: float) -> np.ndarray:
    """Thin lines stay as strong as they were: a line is what it is at any size."""
    area = cv2.resize(sketch, size, interpolation=cv2.INTER_AREA)
    return np.minimum(255, area / scale).astype(np.uint8)


def _reduced_colour(colour: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    alpha = colour[..., 3:].astype(np.float32)
    weight = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(colour[..., :3] * alpha, size, interpolation=cv2.INTER_AREA)
    return np.dstack([np.rint(total / np.maximum(weight, 1e-6)[..., None]), np.rint(weight)]).astype(np.uint8)


def finished(prepared: Prepared, result: FillResult, finish: Finish, seed: int) -> FillResult:
    """The engine's answer at full size and in the photo's coordinates, cut to the region's own hole."""
    region, crop = prepared.region, prepared.region.crop
    hole = region.hole.shift(-crop.top, -crop.left)
    around = hole.grow(_MARGIN).intersect(Box(0, 0, crop.height, crop.width))
    image, own = prepared.image[around.slices], prepared.own[around.slices] > 0
    if result.matched and region.scale == 1:
        pixels = cv2.copyTo(result.pixels[around.slices], own.view(np.uint8), image.copy())
    else:
        pixels = _matched(prepared, result, finish, seed, image, own, around)
    if (thick := _thick_parts(own)).any():
        soften(pixels, image, thick, prepared.holes[around.slices])
    pixels = np.ascontiguousarray(pixels[hole.shift(-around.top, -around.left).slices])
    alpha = prepared.own[hole.slices].astype(np.float32) / 255
    pixels.flags.writeable = alpha.flags.writeable = False
    return FillResult(pixels, alpha, (region.hole.top, region.hole.left), result.engine, result.seed, result.seconds,
                      result.device, result.precision, result.working_size if any(result.working_size) else
                      region.working, result.notes, _covered(region, result),
                      result.frame and in_photo(result.frame, region))


def _matched(prepared: Prepared, result: FillResult, finish: Finish, seed: int, image: np.ndarray, own: np.ndarray,
             around: Box) -> np.ndarray:
    """``image``, the part ``around`` of the crop, with the fill where ``own`` is, in colour and grain like what is
    round it."""
    corner, shape, crop = (around.top, around.left), prepared.image.shape[:2], prepared.region.crop
    highest = np.float32(np.iinfo(image.dtype).max)
    thick = thickness(own)
    matched = _thick_parts(own) if thick >= 2 * _THICK else None
    step = None if matched is None else colour_step(prepared, result.pixels, matched, around)
    measured = None
    if finish.grain > 0:
        filled = result.pixels[prepared.request.hole > 0] / highest
        measured = grain.measure(prepared.image, ~prepared.unknown, filled, seed, thick)

    def fill_at(box: Box) -> np.ndarray:
        fill = enlarged(result.pixels, shape, box.shift(*corner)) / highest
        if step is not None:
            size = step.shape[0] * _COARSE, step.shape[1] * _COARSE
            fill += enlarged(step, size, box) * matched[box.slices][..., None]
        return fill

    return grained(image, own, fill_at, measured, finish.grain, corner, (crop.top, crop.left))


def grained(image: np.ndarray, own: np.ndarray, fill_at: Callable[[Box], np.ndarray], measured: grain.Grain | None,
            share: float, corner: tuple[int, int], origin: tuple[int, int]) -> np.ndarray:
    """``image`` (h, w, 3 uint8/uint16) with a fill where ``own`` (h, w) bool is, and with ``share`` of the grain that
    the fill lacks.

    fill_at: gives the fill (h, w, 3; 0..1) in a box of the image. corner: of the image in the crop that the grain was
    measured in, whose own place in the photo is ``origin``.
    """
    highest = np.float32(np.iinfo(image.dtype).max)
    pixels = image.copy()
    for sheet in tiles(own, _NEAR):
        fill = sheet.collect(fill_at)
        if measured is not None:
            noise = sheet.collect(lambda box: measured.at(box.shift(*corner), origin))
            stronger = sheet.collect(lambda box: measured.stronger(box.shift(*corner)))
            there = sheet.collect(lambda box: own[box.slices])
            fill += share * grain.missing(fill, there, measured.fine, noise, stronger)
        sheet.deliver(np.rint(np.clip(fill, 0, 1) * highest).astype(image.dtype), pixels)
    return pixels


def _covered(region: Region, result: FillResult) -> tuple[int, int]:
    """The (h, w) of the photo's pixels that the engine's working size stands for."""
    if not any(result.covers):
        return region.crop.height, region.crop.width
    height, width = result.covers
    return round(height / region.scale), round(width / region.scale)


def _thick_parts(hole: np.ndarray) -> np.ndarray:
    """The parts of ``hole`` (h, w) bool that are thick somewhere."""
    parts = separate(hole, 2 * _RING)
    depth = cv2.distanceTransform(np.pad(hole, 1).view(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    thick = np.zeros(len(parts.areas), bool)
    thick[parts.which[depth[parts.rows, parts.columns] > _THICK]] = True
    out = np.zeros_like(hole)
    out[parts.rows, parts.columns] = thick[parts.which]
    return out


def colour_step(prepared: Prepared, pixels: np.ndarray, hole: np.ndarray, box: Box) -> np.ndarray:
    """What to add to the engine's ``pixels`` so that their colour meets the photo's round ``hole``.

    hole: bool, of the size of ``box`` of the crop. Returned: (h, w, 3) float32 in units of 0..1, one value for every
    _COARSE x _COARSE pixels of the box.
    """
    image, unknown = prepared.image[box.slices], prepared.unknown[box.slices]
    rows, columns = np.nonzero(spread(hole, _RING) & ~unknown)
    fill = sampled(pixels, prepared.image.shape[:2], rows + box.top, columns + box.left)
    difference = (image[rows, columns] - fill) / np.float32(np.iinfo(image.dtype).max)
    # The step is a matter of low frequencies: a quarter of the size is enough.
    height, width = -(-box.height // _COARSE), -(-box.width // _COARSE)
    place = rows // _COARSE * width + columns // _COARSE
    number = np.bincount(place, minlength=height * width)
    total = np.stack([np.bincount(place, channel, height * width) for channel in difference.T], axis=1)
    mean = (total / np.maximum(number, 1)[:, None]).reshape(height, width, 3).astype(np.float32)
    weight = (number / _COARSE ** 2).reshape(height, width, 1).astype(np.float32)
    # Judged where it is, though not pixel by pixel: grain alone makes large differences.
    light = average_near(mean, weight[..., 0], 0.7)
    trust = np.exp(-(light ** 2).max(axis=2, keepdims=True) / _STEP ** 2) * weight
    share = np.minimum(1, average_near(trust / np.maximum(weight, 1e-6), weight[..., 0], 2.0) * (weight > 0))
    return push_pull(average_near(mean, trust[..., 0], 2.0), share[..., 0])


def paste(out: np.ndarray, result: FillResult, origin: tuple[int, int] = (0, 0)) -> None:
    """Lay a result over ``out`` (h, w, c) of the same dtype, whose upper left corner lies at ``origin`` of the photo.

    c may be 1, 2, 3 or 4 (grey and RGB with or without alpha, which stays); pixels whose alpha is 0 are not
    touched. Parts outside ``out`` are left out.
    """
    top, left = result.origin[0] - origin[0], result.origin[1] - origin[1]
    box = Box(top, left, top + result.alpha.shape[0], left + result.alpha.shape[1])
    part = box.intersect(Box(0, 0, *out.shape[:2]))
    if part.empty:
        return
    there = part.shift(-top, -left).slices
    colours = 1 if out.shape[2] < 3 else 3
    alpha = result.alpha[there]
    inside = alpha > 0
    target = out[part.slices]
    old = target[inside][:, :colours].astype(np.float64)
    new = result.pixels[there][inside][:, :colours]
    mixed = np.rint(old + (new - old) * alpha[inside][:, None]).astype(out.dtype)
    target[inside, :colours] = mixed
