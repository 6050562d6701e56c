"""The one contract between whoever wants a hole filled and whatever fills it.

Engines see arrays, never a document or a widget. Requests and results are values: nothing in them is
written to after they are made.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np

from editor.raster.frame import Frame


class Cancelled(Exception):
    """The user has cancelled; engines let it pass."""


class Progress(Protocol):
    """Called by engines at least every 100 ms of work."""

    def __call__(self, fraction: float, words: str) -> None:
        """Report ``fraction`` (0..1) done and, in a few words, what is being done.

        Raises Cancelled when the user has cancelled.
        """


def no_progress(fraction: float, words: str) -> None:
    """A Progress for callers that neither watch nor cancel."""


@dataclass(frozen=True)
class FillRequest:
    """One crop of a photograph with a hole in it."""

    image: np.ndarray  # (h, w, 3) uint8 or uint16, encoded as in the file; what stands in the hole means nothing
    hole: np.ndarray  # (h, w) float32 0..1; an engine treats every pixel above 0 as unknown
    profile: bytes | None = None  # ICC profile of image; None means sRGB
    sketch: np.ndarray | None = None  # (h, w) uint8 coverage of the drawn lines
    colour: np.ndarray | None = None  # (h, w, 4) uint8 straight-alpha sRGB
    source: np.ndarray | None = None  # (h, w) bool: where an engine may copy from; None means everywhere
    frame: Frame | None = None  # of the face that the hole is in, in pixels of this crop; None where there is none
    origin: tuple[int, int] = (0, 0)  # (y, x) of this crop in the photo
    variants: int = 1
    seed: int = 0
    settings: Any = None  # the engine's own Settings dataclass; None means its defaults
    device: str = "auto"
    # Engines that take long show how far they are: told the whole crop, (rows, columns, 3) uint8 of any size.
    show: Callable[[np.ndarray], None] | None = None


@dataclass(frozen=True)
class FillResult:
    """One plausible content of the hole of one request."""

    pixels: np.ndarray  # (h, w, 3), dtype of the request's image
    alpha: np.ndarray  # (h, w) float32 0..1, exactly 0 wherever the request's hole is 0
    origin: tuple[int, int]
    engine: str
    seed: int
    seconds: float
    device: str = "cpu"
    precision: str = "float32"
    working_size: tuple[int, int] = (0, 0)  # (h, w) the engine worked at; (0, 0) where it took the request as it is
    notes: tuple[str, ...] = ()  # for the user: a fallback, say
    covers: tuple[int, int] = (0, 0)  # (h, w) of the request's pixels that stand for working_size; (0, 0) is all
    frame: Frame | None = None  # of the face that the engine looked at, in the request's pixels
    matched: bool = False  # whether it has the colour and grain of its surroundings already, as copies of them have


@dataclass(frozen=True)
class HoleShape:
    """What ``auto`` goes by; lengths in pixels of the photo."""

    area: int  # pixels
    thickness: float  # diameter of the largest disc that fits in: 4 for a hair however long
    guidance: frozenset[str] = frozenset()  # of "sketch", "colour", "source": what the user has given besides
    face: bool = False  # whether it lies in a face
    plain: bool = False  # whether what lies round it is even, but for grain: a sky, a wall out of focus


@dataclass(frozen=True)
class Finish:
    """Settings of what happens to any engine's fill afterwards; an engine's own Settings inherit them."""

    grain: float = field(default=1.0, metadata={
        "min": 0.0, "max": 2.0, "title": "Grain",
        "help": "how much of the surroundings' grain a fill smoother than they are is given; 0 is none"})
    spread: int = field(default=-1, metadata={
        "min": -1, "max": 64, "unit": "px", "title": "Spread",
        "help": "how far round the hole the photo is not trusted either (rests of an object's edge); -1 chooses"})


class Engine(Protocol):
    """A way to fill a hole, declaring what it can use.

    Some attributes are optional. ``order``: a number for its place in lists (100 where there is none).
    ``available``: False while it cannot be used, for want of weights, say: it is not listed then.
    ``suits(hole: HoleShape) -> float``: how well it does with such a hole, 0 (never) to 1; engines without it are
    not chosen by ``auto``. An engine that only picks others has ``delegates(hole) -> tuple[Engine, ...]``, best first.
    ``hasty(settings) -> settings``: settings for an answer that is wanted soon rather than good.
    ``wants_frame``: True where it wants to know the frame of a face that the hole is in. ``group_side``,
    ``min_context``, ``square``: how it wants regions planned (region.plan).
    """

    name: ClassVar[str]  # as on the command line: "telea"
    title: ClassVar[str]  # as in the window: "Telea (fast marching)"
    uses: ClassVar[frozenset[str]]  # of "sketch", "colour", "variants", "source"
    Settings: ClassVar[type[Finish]]  # a frozen dataclass of this engine's own settings, with defaults
    card: ClassVar[str | None]  # a few sentences or a model card: what it is, its paper, what it is good at
    max_working_side: ClassVar[int]  # longest side, in pixels, of a crop it is given; larger crops are reduced
    context: ClassVar[float]  # how much surrounding it wants, in multiples of the hole's own size (root of its area)

    def fill(self, request: FillRequest, progress: Progress) -> Iterator[FillResult]:
        """Yield up to ``request.variants`` results, best first where it can tell.

        Same request, same pixels, whatever the number of threads. Raises Cancelled through progress.
        """
