"""Engines side by side: each fills every case, with and without hints, and every fill is judged."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from editor.errors import UserError
from editor.evaluation.cases import Case, Puzzle
from editor.evaluation.runner import Cost, Order, Runner
from editor.evaluation.scores import guided, judged

if TYPE_CHECKING:
    from editor.training.features import MobileNetFeatures

TRUTH = "the photo itself"
"""What stands in the engine's place in the scores of the truth, which say how well hints can be followed at all."""


@dataclass(frozen=True)
class Entrant:
    """An engine with settings, and the hints that it is given, in one fill each."""

    label: str
    engine: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    hints: tuple[str, ...] = ("",)  # of "" (none), "sketch", "colour", "both", "redrawn"; "" comes first


@dataclass(frozen=True, eq=False)
class Score:
    """One fill, judged."""

    case: Case
    share: float  # of the picture that was hole
    band: tuple[float, float]
    entrant: str
    hints: str
    values: dict[str, float]
    cost: Cost | None = None  # None for the truth
    pooled: np.ndarray | None = None  # features of the fill
    true_pooled: np.ndarray | None = None  # and of the truth

    @property
    def label(self) -> str:
        return label_of(self.entrant, self.hints)


def label_of(entrant: str, hints: str) -> str:
    """What a row or column is called."""
    return f"{entrant} + {hints}" if hints else entrant


@dataclass(frozen=True)
class Judging:
    """How fills are judged."""

    truth: bool = True  # whether the photograph shows in the hole what should be there
    features: "MobileNetFeatures | None" = None
    device: str = "auto"
    seed: int = 0


Fault = Callable[[str, str], None]
"""Told what could not be done, and why."""
Look = Callable[[Puzzle, str, np.ndarray], None]
"""Shown each fill with its label, and each truth."""


def compare(entrants: Iterable[Entrant], cases: Iterable[Case], read: Callable[[Case], Puzzle], how: Judging, *,
            fault: Fault, look: Look, progress: Callable[[float, str], None]) -> Iterator[Score]:
    """Yield the score of every fill as it is made, one engine after the other, then those of the truth.

    What fails is told to ``fault`` and left out; a case that cannot be read is told once. Raises UserError for an
    engine that there is not.
    """
    entrants, cases = list(entrants), list(cases)
    runners = [Runner(entrant.engine, entrant.settings, how.device) for entrant in entrants]  # before any work is done
    unreadable: set[Case] = set()
    pooled: dict[Case, np.ndarray] = {}
    turns = len(entrants) + 1

    def puzzles(turn: int, label: str) -> Iterator[Puzzle]:
        for number, case in enumerate(cases):
            if case in unreadable:
                continue
            progress((turn + number / len(cases)) / turns, f"{label}: {case.name}")
            try:
                puzzle = read(case)
            except (UserError, OSError, MemoryError) as error:
                unreadable.add(case)
                fault(case.name, str(error) or type(error).__name__)
            else:
                yield puzzle

    for turn, (entrant, runner) in enumerate(zip(entrants, runners, strict=True)):
        with runner:
            for puzzle in puzzles(turn, entrant.label):
                yield from _filled(entrant, runner, puzzle, how, pooled, fault, look)
    for puzzle in puzzles(turns - 1, TRUTH):
        look(puzzle, TRUTH, puzzle.truth)
        values = guided(puzzle.truth, puzzle, puzzle.sketch, truth=True) if how.truth else {}
        if values:
            yield Score(puzzle.case, puzzle.share, puzzle.band, TRUTH, "", values)


def _filled(entrant: Entrant, runner: Runner, puzzle: Puzzle, how: Judging, pooled: dict[Case, np.ndarray],
            fault: Fault, look: Look) -> Iterator[Score]:
    """One entrant's fills of one case: without hints, then with each of them."""
    without: np.ndarray | None = None
    for hints in entrant.hints:
        if hints == "redrawn" and puzzle.redrawn is None:
            continue
        sketch = puzzle.redrawn.sketch if hints == "redrawn" else puzzle.sketch
        given = sketch if hints in ("sketch", "both", "redrawn") else None
        order = Order(puzzle.image, puzzle.hole, given, puzzle.colour if hints in ("colour", "both") else None,
                      puzzle.frame, how.seed)
        try:
            filled = runner.fill(order)
        except UserError as error:
            fault(f"{puzzle.case.name}, {label_of(entrant.label, hints)}", str(error))
            continue
        picture = filled.picture
        values = judged(picture, puzzle, truth=how.truth, features=how.features)
        values |= guided(picture, puzzle, sketch, truth=how.truth, without=None if given is None else without)
        if hints == "redrawn" and without is not None:
            values["follows"] = float(puzzle.redrawn.follows(picture, without))
        if not hints:
            without = picture
        look(puzzle, label_of(entrant.label, hints), picture)
        yield Score(puzzle.case, puzzle.share, puzzle.band, entrant.label, hints, values, filled.cost,
                    *_pooled(picture, puzzle, how, pooled))


def _pooled(picture: np.ndarray, puzzle: Puzzle, how: Judging,
            known: dict[Case, np.ndarray]) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Features of the fill and of the truth, which are looked for once a case."""
    if how.features is None or not how.truth:
        return None, None
    from editor.evaluation.perceptual import pooled_features

    if puzzle.case not in known:
        known[puzzle.case] = pooled_features(how.features, puzzle.truth, puzzle.hole)
    return pooled_features(how.features, picture, puzzle.hole), known[puzzle.case]
