"""All measures of one fill, and what each of them is called in a table."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from editor.evaluation.adherence import colour_adherence, line_concentration, sketch_adherence
from editor.evaluation.cases import Puzzle
from editor.evaluation.pixels import ms_ssim, psnr, ssim
from editor.evaluation.texture import seam, sharpness, texture_distance, texture_distance_outside

if TYPE_CHECKING:
    from editor.training.features import MobileNetFeatures


@dataclass(frozen=True)
class Measure:
    """A column of a table."""

    name: str
    heading: str
    digits: int
    best: Literal["high", "low", "one"]
    meaning: str


QUALITY = (
    Measure("psnr", "PSNR", 2, "high", "dB, over the hole's pixels; rewards blur in wide holes"),
    Measure("ssim", "SSIM", 3, "high", "structural similarity, over the hole's pixels; rewards blur in wide holes"),
    Measure("ms_ssim", "MS-SSIM", 3, "high", "multi-scale structural similarity of the box round the hole"),
    Measure("psnr_whole", "PSNR all", 2, "high", "dB, over the whole picture"),
    Measure("ssim_whole", "SSIM all", 3, "high", "over the whole picture"),
    Measure("ms_ssim_whole", "MS-SSIM all", 3, "high", "of the whole picture"),
    Measure("seam", "seam", 2, "one", "step across the hole's edge over those beside it; above 1.3 it shows"),
    Measure("swd", "SWD", 0, "low", "sliced Wasserstein distance x1000 of Laplacian patches, hole from truth"),
    Measure("swd_outside", "SWD out", 0, "low", "the same, hole from surroundings"),
    Measure("detail", "detail", 2, "one", "mean gradient in the hole over the truth's; below 0.5 it is blurred"),
    Measure("fine", "fine", 2, "one", "finest octave's energy in the hole over the truth's"),
    Measure("detail_outside", "detail out", 2, "one", "mean gradient in the hole over that round it"),
    Measure("fine_outside", "fine out", 2, "one", "finest octave's energy in the hole over that round it"),
    Measure("features", "features", 3, "low", "distance of MobileNet features in the hole; 0 equal, 3 another photo"),
    Measure("kernel", "kernel", 2, "low",
            "unbiased kernel distance x1000 of pooled MobileNet features, fills and truths"),
    Measure("kernel_error", "+-", 2, "low", "its standard error"),
    Measure("seconds", "s", 2, "low", "median time of a fill after the first"),
    Measure("peak_memory", "MiB", 0, "low", "most memory of the engine's process"),
)
"""What is measured of every fill, and of a set of them."""

GUIDED = (
    Measure("sketch_f", "sketch F", 3, "high",
            "harmonic mean of recall and precision: edges within 2 px of the drawn lines"),
    Measure("sketch_recall", "recall", 3, "high", "share of the drawn lines that have an edge"),
    Measure("sketch_precision", "precision", 3, "high", "share of the edges in the hole that were drawn"),
    Measure("line_concentration", "on lines", 2, "low",
            "change against the fill without hints along the lines over that elsewhere; far above the next column's, "
            "the lines are merely pasted"),
    Measure("line_concentration_truth", "truth's", 2, "low", "the same for the truth"),
    Measure("colour_difference", "colour dE", 2, "low", "CIEDE2000 from the strokes, in them"),
    Measure("colour_detail", "detail in strokes", 2, "one",
            "mean gradient in the strokes over the truth's; near 0, they are merely pasted"),
)
"""What is measured where there are hints."""


def judged(fill: np.ndarray, puzzle: Puzzle, *, truth: bool,
           features: "MobileNetFeatures | None" = None) -> dict[str, float]:
    """The measures of one fill. Without a ``truth`` (what the photograph shows in the hole is to go away) only those
    that need none."""
    hole = puzzle.hole
    values = {"seam": seam(fill, hole), "swd_outside": texture_distance_outside(fill, hole),
              **sharpness(fill, hole, puzzle.truth if truth else None)}
    if truth:
        values |= psnr(fill, puzzle.truth, hole) | ssim(fill, puzzle.truth, hole) | ms_ssim(fill, puzzle.truth, hole)
        values["swd"] = texture_distance(fill, puzzle.truth, hole)
    if truth and features is not None:
        from editor.evaluation.perceptual import feature_distance

        values["features"] = feature_distance(features, fill, puzzle.truth, hole)
    return values


def guided(fill: np.ndarray, puzzle: Puzzle, sketch: np.ndarray | None, *, truth: bool,
           without: np.ndarray | None = None) -> dict[str, float]:
    """How a fill, made with or without them, goes with the case's colours and with ``sketch``; ``without``: the same
    engine's fill without hints."""
    values: dict[str, float] = {}
    if puzzle.colour is not None:
        values |= colour_adherence(fill, puzzle.colour, puzzle.hole, puzzle.truth if truth else None)
    if sketch is None:
        return values
    values |= sketch_adherence(fill, sketch, puzzle.hole)
    if without is not None:
        for name, picture in (("line_concentration", fill), ("line_concentration_truth", puzzle.truth)):
            concentration = line_concentration(picture, without, sketch, puzzle.hole)
            if concentration is not None:
                values[name] = concentration
    return values
