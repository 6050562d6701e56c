"""From a region to an engine's request, and from its answer back into the photo without a seam.

On the way in, a crop larger than the engine's working size is reduced by area averaging of the *known* pixels only, so
that nothing of the old object leaks into the average, and the hole is widened a little (its *spread*), because an
object's edge is wider than the mask drawn along it.

On the way out the answer is brought back up, its colour is matched at the hole's edge, it is given grain (grain.py),
and it is laid over the photo with the mask's own coverage as alpha: exactly 0 wherever the mask is 0.

Colour matching. Just outside the mask both the photo and the engine's opinion are known, at the same pixels: in the
spread zone, and wherever an engine has rendered the known surroundings as well. Their difference there is the step
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
from editor.engines.holes import thickness
from editor.engines.mosaic import Sheet, sheets, tiles
from editor.engines.pyramid import enlarged, push_pull
from editor.engines.region import Region
from editor.raster.surface import Box

_RING = 6  # pixels round the mask in which photo and fill are compared
_THICK = 8  # depth in pixels from which on a hole may show a step of colour
_OBJECT = 12  # depth from which on a hole is an object's rather than a scratch or a thin stroke
_STEP = 10 / 255  # differences much larger than this are no colour step
_MARGIN = 24  # pixels round the hole that finishing looks at
_NEAR = 10  # the same round thin ones, which need no colour matched


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
    unknown: np.ndarray  # (h, w) bool: every hole in the crop, spread included
    request: FillRequest


def prepare(region: Region, image: np.ndarray, mask: np.ndarray, guidance: Guidance, finish: Finish, *,
            variants: int, seed: int, device: str) -> Prepared:
    """The request for a region, given its crop of the photo (h, w, 3) and of the whole mask (h, w) uint8."""
    own = region.own(mask, region.crop)
    hole = mask > 0
    unknown = untrusted(hole, finish)
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
    request = FillRequest(small, small_hole.astype(np.float32), guidance.profile, sketch, colour, source,
                          (region.crop.top, region.crop.left), variants, seed, finish, device)
    for array in (request.image, request.hole, image, own, unknown):
        array.flags.writeable = False
    return Prepared(region, image, own, unknown, request)


def untrusted(hole: np.ndarray, finish: Finish) -> np.ndarray:
    """What an engine is to take as unknown: the hole (h, w) bool, widened by the spread that ``finish`` asks for.

    Left to itself it is widened by one to four pixels where it is thick, since an object's edge is wider than the
    mask drawn along it, and not at all where it is thin: the pixels next to a scratch are the best witnesses there
    are, and losing one on each side costs 2 to 3 dB, and in a stroke of 16 to 24 pixels still a half.
    """
    if finish.spread >= 0:
        return spread(hole, finish.spread)
    depth = cv2.distanceTransform(np.pad(hole, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    core = depth >= _OBJECT
    pixels = min(4, int(depth.max()) // _OBJECT)
    return hole | spread(core, _OBJECT + pixels) if core.any() else hole


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
    known = (~unknown).astype(np.float32)
    weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(image * known[..., None], size, interpolation=cv2.INTER_AREA)
    small = np.rint(total / np.maximum(weight, 1e-6)[..., None]).astype(image.dtype)
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
    region, image = prepared.region, prepared.image
    crop, hole = region.crop, region.hole.shift(-region.crop.top, -region.crop.left)
    around = hole.grow(_MARGIN + 1).intersect(Box(0, 0, crop.height, crop.width))
    own = prepared.own[around.slices] > 0
    depth = cv2.distanceTransform(np.pad(own, 1).view(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    measured = None
    if finish.grain > 0:
        filled = result.pixels[prepared.request.hole > 0] / np.float32(np.iinfo(image.dtype).max)
        measured = grain.measure(image, ~prepared.unknown, filled, seed, 2 * float(depth.max()) - 1)
    thick = depth >= _THICK + 0.5
    pixels = image[around.slices].copy()
    for sheet in sheets(own, _MARGIN, alone=thick) if thick.any() else tiles(own, _NEAR):
        sheet.deliver(_finished_sheet(prepared, result, finish, measured, sheet, (around.top, around.left)), pixels)
    pixels = np.ascontiguousarray(pixels[hole.shift(-around.top, -around.left).slices])
    alpha = prepared.own[hole.slices].astype(np.float32) / 255
    pixels.flags.writeable = alpha.flags.writeable = False
    return FillResult(pixels, alpha, (region.hole.top, region.hole.left), result.engine, result.seed, result.seconds,
                      result.device, result.precision, region.working, result.notes)


def _finished_sheet(prepared: Prepared, result: FillResult, finish: Finish, measured: grain.Grain | None,
                    sheet: Sheet, corner: tuple[int, int]) -> np.ndarray:
    """The finished pixels of a sheet, (h, w, 3) of the image's dtype, of which only those of the hole count.

    corner: where the picture that the sheet is of lies in the crop.
    """
    region, image = prepared.region, prepared.image
    highest = float(np.iinfo(image.dtype).max)

    def collect(read: Callable[[Box], np.ndarray]) -> np.ndarray:
        return sheet.collect(lambda box: read(box.shift(*corner)))

    hole = collect(lambda box: prepared.own[box.slices]) > 0
    fill = collect(lambda box: enlarged(result.pixels, image.shape[:2], box)) / highest
    if thickness(hole) >= 2 * _THICK:
        photo = collect(lambda box: image[box.slices].astype(np.float32)) / highest
        unknown = collect(lambda box: prepared.unknown[box.slices])
        fill += colour_step(photo, fill, hole, unknown, region.scale < 1)
    if measured is not None:
        noise = collect(lambda box: measured.at(box, (region.crop.top, region.crop.left)))
        fill += finish.grain * grain.missing(fill, hole, measured.fine, noise, collect(measured.stronger))
    return np.rint(np.clip(fill, 0, 1) * highest).astype(image.dtype)


def colour_step(photo: np.ndarray, fill: np.ndarray, hole: np.ndarray, unknown: np.ndarray,
                rendered: bool) -> np.ndarray:
    """What to add to ``fill`` (h, w, 3; 0..1) so that its colour meets the photo's round the hole: (h, w, 3).

    rendered: the fill's known pixels are the engine's opinion too, not a copy of the photo's.
    """
    near = spread(hole, _RING) & ~hole
    if not rendered and np.any(np.abs(photo - fill)[near & ~unknown] > 2 / 255):
        rendered = True
    ring = (near if rendered else near & unknown).astype(np.float32)
    # The step is a matter of low frequencies: a quarter of the size is enough.
    size = (-(-hole.shape[1] // 4), -(-hole.shape[0] // 4))
    weight = cv2.resize(ring, size, interpolation=cv2.INTER_AREA)[..., None]
    difference = cv2.resize((photo - fill) * ring[..., None], size, interpolation=cv2.INTER_AREA)
    difference /= np.maximum(weight, 1e-6)
    # Judged where it is, though not pixel by pixel: grain alone makes large differences.
    light = _averaged(difference, weight, 0.7)
    trust = np.exp(-(light ** 2).max(axis=2, keepdims=True) / _STEP ** 2) * weight
    share = np.minimum(1, _averaged(trust / np.maximum(weight, 1e-6), weight, 2.0) * (weight > 0))
    step = push_pull(_averaged(difference, trust, 2.0), share[..., 0])
    return enlarged(step, hole.shape, Box(0, 0, *hole.shape))


def _averaged(values: np.ndarray, weight: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian average of ``values`` (h, w, c) weighted by ``weight`` (h, w, 1); 0 where there is no weight near."""
    total = cv2.GaussianBlur(values * weight, (0, 0), sigma).reshape(values.shape)
    return total / np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-4)[..., None]


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
