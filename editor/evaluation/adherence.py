"""Whether a fill follows the lines that were drawn and the colours that were dabbed, and what becomes of a line that is
drawn again elsewhere.

Pictures are (h, w, 3) uint8 sRGB, holes (h, w) bool, sketches (h, w) uint8 coverage, colours (h, w, 4) uint8 straight
alpha. Only what lies in the hole counts.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.morphology import skeletonize

from editor.evaluation.texture import sharpness
from editor.raster.colour import grey

NEAR = 2  # pixels between a line and an edge that still are the same
_DRAWN = 80  # coverage from which on a pixel is of a line
_FEW = 10  # pixels of line that are too few to say anything
_LEAST_BEND = 2 * NEAR + 0.5  # pixels
_SIGMA = 1.2  # pixels, of the blur before edges are looked for
_WEAK, _STRONG = 25, 60  # Canny's thresholds, in levels per pixel times 4 (Sobel's sums)


def edges_of(picture: np.ndarray) -> np.ndarray:
    """(h, w) bool: thin edges (Canny 1986)."""
    smooth = cv2.GaussianBlur(grey(picture)[..., 0], (0, 0), _SIGMA)
    return cv2.Canny(smooth, _WEAK, _STRONG, L2gradient=True) > 0


def lines_of(sketch: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """(h, w) bool: the drawn lines in the hole, thinned to one pixel; none within NEAR of its edge, where the photo
    itself answers for the edges."""
    inner = cv2.erode(hole.view(np.uint8), np.ones((2 * NEAR + 1,) * 2)).view(bool)
    return skeletonize(sketch >= _DRAWN) & inner


def sketch_adherence(fill: np.ndarray, sketch: np.ndarray, hole: np.ndarray) -> dict[str, float]:
    """Edges of the fill against the drawn lines, NEAR pixels apart at most: "sketch_f", "sketch_recall" (drawn, and
    there), "sketch_precision" (there, and drawn). Empty where hardly anything is drawn in the hole."""
    lines = lines_of(sketch, hole)
    if lines.sum() < _FEW:
        return {}
    inner = cv2.erode(hole.view(np.uint8), np.ones((2 * NEAR + 1,) * 2)).view(bool)
    edges = edges_of(fill)
    recall, precision = _share_near(lines, edges), _share_near(edges & inner, lines)
    both = recall + precision
    return {"sketch_f": 2 * recall * precision / both if both else 0.0, "sketch_recall": recall,
            "sketch_precision": precision}


def _share_near(these: np.ndarray, those: np.ndarray) -> float:
    """The share of the pixels of ``these`` that have one of ``those`` within NEAR."""
    return float((_distance(those)[these] <= NEAR + 1e-3).mean()) if these.any() else 0.0


def _distance(pixels: np.ndarray) -> np.ndarray:
    """(h, w) float32: how far it is to the nearest of ``pixels``; very far where there is none."""
    if not pixels.any():
        return np.full(pixels.shape, np.float32(1e6))
    return cv2.distanceTransform((~pixels).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


def line_concentration(fill: np.ndarray, without: np.ndarray, sketch: np.ndarray, hole: np.ndarray) -> float | None:
    """How much more a fill differs from the one without the sketch along the lines than in the rest of the hole.

    1: what the line means was painted everywhere; very high: the line was merely drawn over the same fill. To be read
    beside the same measure with the truth in the fill's place. None where hardly anything is drawn.
    """
    lines = lines_of(sketch, hole)
    along = (_distance(lines) <= NEAR) & hole
    rest = hole & ~along
    if lines.sum() < _FEW or not rest.any():
        return None
    changed = np.abs(fill.astype(np.float32) - without).mean(axis=2)
    return float((changed[along].mean() + 0.5) / (changed[rest].mean() + 0.5))


def colour_adherence(fill: np.ndarray, colour: np.ndarray, hole: np.ndarray,
                     truth: np.ndarray | None = None) -> dict[str, float]:
    """Difference between fill and strokes: "colour_difference", the mean CIEDE2000 over the strokes' pixels in the hole
    (1 is just visible), and with a truth "colour_detail": how sharp the fill is there against the truth, near 0 where
    the stroke was merely laid over. Empty where hardly anything is dabbed in the hole."""
    strokes = (colour[..., 3] >= 128) & hole
    if strokes.sum() < _FEW:
        return {}
    difference = deltaE_ciede2000(rgb2lab(fill[strokes]), rgb2lab(colour[..., :3][strokes]))
    values = {"colour_difference": float(difference.mean())}
    if truth is not None:
        values["colour_detail"] = sharpness(fill, strokes, truth)["detail"]
    return values


@dataclass(frozen=True)
class Redrawn:
    """A sketch of which a line was bent, as a person moves a feature."""

    sketch: np.ndarray  # (h, w) uint8
    old: np.ndarray  # (h, w) bool: pixels of lines that are gone: no new one is within NEAR + 1
    new: np.ndarray  # (h, w) bool: pixels of lines that were not there

    def follows(self, fill: np.ndarray, without: np.ndarray) -> bool:
        """Whether the feature is at its new place: more of the new line than of the old one has an edge near, and more
        of it than in ``without``, the fill without any line."""
        new = _share_near(self.new, edges_of(fill))
        return new > _share_near(self.old, edges_of(fill)) and new > _share_near(self.new, edges_of(without))


def redraw(sketch: np.ndarray, hole: np.ndarray, pixels: float) -> Redrawn | None:
    """Bend a line in the hole by up to ``pixels`` across its own direction, and what lies near along with it: most at
    the place where the hole leaves most room, nothing at the hole's edge. None where no line has room to be told from
    where it was."""
    lines = lines_of(sketch, hole)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(lines.view(np.uint8), connectivity=8)
    long = lines & (stats[:, cv2.CC_STAT_AREA] >= _FEW)[labels]
    depth = cv2.distanceTransform(np.pad(hole.view(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(int(np.argmax(depth * long)), depth.shape)
    pixels = min(pixels, depth[y, x] * long[y, x] / 1.1)
    if pixels < _LEAST_BEND:
        return None
    offsets = np.indices(hole.shape, np.float32) - np.float32([y, x])[:, None, None]
    down, across = _across((labels == labels[y, x]) & (np.hypot(*offsets) <= 2 * pixels))
    if _at(depth, y + down * pixels, x + across * pixels) < _at(depth, y - down * pixels, x - across * pixels):
        down, across = -down, -across  # to the side with more room
    # So wide that no place overtakes another, and fading towards the hole's edge.
    spread = max(1.2 * pixels, 0.6 * depth[y, x])
    move = pixels * np.exp(-np.square(offsets).sum(axis=0) / (2 * spread * spread)) * np.minimum(depth / pixels, 1)
    rows, columns = ((start + plane - part * move).astype(np.float32)
                     for start, plane, part in zip((y, x), offsets, (down, across), strict=True))
    moved = cv2.remap(sketch, columns, rows, cv2.INTER_LINEAR)
    new_lines = lines_of(moved, hole)
    old, new = lines & (_distance(new_lines) > NEAR + 1), new_lines & (_distance(lines) > NEAR + 1)
    return Redrawn(moved, old, new) if min(old.sum(), new.sum()) >= _FEW else None


def _across(line: np.ndarray) -> tuple[float, float]:
    """The direction (y, x), of length 1, across a piece of line: that in which its pixels vary least."""
    places = np.argwhere(line).astype(np.float64)
    vectors = np.linalg.svd(places - places.mean(axis=0), full_matrices=False)[2]
    return float(vectors[-1][0]), float(vectors[-1][1])


def _at(plane: np.ndarray, y: float, x: float) -> float:
    """The value at the pixel nearest to (y, x)."""
    return plane[tuple(int(np.clip(round(v), 0, n - 1)) for v, n in zip((y, x), plane.shape, strict=True))]
