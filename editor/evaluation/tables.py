"""From scores to tables: means over the cases that all engines have filled, by the hole's size and by its kind."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from editor.evaluation.cases import Case
from editor.evaluation.compare import TRUTH, Score
from editor.evaluation.scores import GUIDED, QUALITY, Measure

_BRIEF = ("psnr", "ssim", "ms_ssim", "seam", "swd", "detail", "fine", "detail_outside", "fine_outside", "features",
          "kernel", "kernel_error")
_BETTER = {"high": "higher is better", "low": "lower is better", "one": "best near 1"}
_REDRAWN = (
    Measure("follows", "follows", 2, "high", "share of the cases in which the feature moves with its redrawn line"),
    Measure("features_without", "features without", 3, "low", "distance of MobileNet features without hints"),
    Measure("features_drawn", "with the lines", 3, "low", "the same with the lines as the truth has them"),
    Measure("features", "with one redrawn", 3, "low", "the same with one of them bent away from the truth"),
)


@dataclass(frozen=True)
class Row:
    """One line: what it is of, over how many cases, and its figures; nan or missing where there is none."""

    label: str
    cases: int
    figures: dict[str, float]

    def figure(self, measure: Measure) -> float:
        return self.figures.get(measure.name, math.nan)


@dataclass(frozen=True)
class Table:
    title: str
    measures: tuple[Measure, ...]
    rows: tuple[Row, ...]

    def cells(self) -> list[list[str]]:
        """Heading and rows as text."""
        return [["", "cases", *(m.heading for m in self.shown())],
                *([row.label, str(row.cases), *(_text(row.figure(m), m) for m in self.shown())] for row in self.rows)]

    def shown(self) -> list[Measure]:
        """Those of which there is any figure."""
        return [m for m in self.measures if any(not math.isnan(row.figure(m)) for row in self.rows)]


def _text(value: float, measure: Measure) -> str:
    return "-" if math.isnan(value) else f"{value:.{measure.digits}f}"


def quality(scores: Iterable[Score]) -> list[Table]:
    """How good the fills are: in all, then by size of hole and by kind where there are several."""
    scores = [score for score in scores if score.entrant != TRUTH and score.hints != "redrawn"]
    brief = tuple(m for m in QUALITY if m.name in _BRIEF)
    tables = [Table("All holes", QUALITY, summarised(scores))]
    bands = sorted({score.band for score in scores})
    kinds = sorted({score.case.kind for score in scores})
    if len(bands) > 1:
        tables += [Table(f"Holes of {low:.0%} to {high:.0%}", brief,
                         summarised(s for s in scores if s.band == (low, high))) for low, high in bands]
    if len(kinds) > 1:
        tables += [Table(f"Holes of the kind {kind}", brief, summarised(s for s in scores if s.case.kind == kind))
                   for kind in kinds]
    return tables


def adherence(scores: Iterable[Score]) -> list[Table]:
    """How well hints are followed; nothing where there are none."""
    scores = list(scores)
    tables = []
    if any(score.hints for score in scores):
        hinted = {score.entrant for score in scores if score.hints}
        shown = [s for s in scores if s.hints != "redrawn" and s.entrant in {*hinted, TRUTH}]
        tables.append(Table("Following the hints", GUIDED, summarised(shown)))
    rows = _redrawn(scores)
    if rows:
        tables.append(Table("A line drawn again elsewhere", _REDRAWN, rows))
    return tables


def _redrawn(scores: Sequence[Score]) -> tuple[Row, ...]:
    """A row for each engine: over the cases of which a line could be redrawn."""
    features = {(score.entrant, score.hints, score.case): score.values.get("features", math.nan) for score in scores}
    rows = []
    for entrant in dict.fromkeys(score.entrant for score in scores if "follows" in score.values):
        mine = [score for score in scores if score.entrant == entrant and "follows" in score.values]
        figures = {"follows": _mean(score.values["follows"] for score in mine)}
        for name, hints in (("features_without", ""), ("features_drawn", "sketch"), ("features", "redrawn")):
            figures[name] = _mean(features.get((entrant, hints, score.case), math.nan) for score in mine)
        rows.append(Row(entrant, len(mine), figures))
    return tuple(rows)


def summarised(scores: Iterable[Score]) -> tuple[Row, ...]:
    """A row for each label, in the order they come in, over the cases that every one of them has."""
    by_label: dict[str, dict[Case, Score]] = {}
    for score in scores:
        by_label.setdefault(score.label, {})[score.case] = score
    if not by_label:
        return ()
    common = set.intersection(*(set(found) for found in by_label.values()))
    return tuple(_row(label, [score for case, score in found.items() if case in common])
                 for label, found in by_label.items())


def _row(label: str, scores: list[Score]) -> Row:
    names = dict.fromkeys(name for score in scores for name in score.values)
    figures = {name: _mean(score.values.get(name, math.nan) for score in scores) for name in names}
    costs = [score.cost for score in scores if score.cost]
    if costs:
        figures["seconds"] = median([cost.seconds for cost in costs if not cost.first] or [costs[0].seconds])
        figures["peak_memory"] = max(cost.peak_memory for cost in costs)
    if any(score.pooled is not None for score in scores):
        from editor.evaluation.perceptual import kernel_distance

        distance, error = kernel_distance(np.stack([score.pooled for score in scores]),
                                          np.stack([score.true_pooled for score in scores]),
                                          [score.case.photo for score in scores])
        figures |= {"kernel": 1000 * distance, "kernel_error": 1000 * error}
    return Row(label, len(scores), figures)


def _mean(values: Iterable[float]) -> float:
    """Of those that are known; nan for none."""
    there = [value for value in values if not math.isnan(value)]
    return sum(there) / len(there) if there else math.nan


def as_text(tables: Iterable[Table]) -> str:
    """For a terminal."""
    return "\n".join(f"{table.title}\n{_aligned(table.cells())}" for table in tables)


def _aligned(cells: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = ["  ".join(text.ljust(width) if column == 0 else text.rjust(width)
                       for column, (text, width) in enumerate(zip(row, widths, strict=True))) for row in cells]
    return "".join(f"  {line.rstrip()}\n" for line in lines)


def as_markdown(tables: Iterable[Table]) -> str:
    """For a README, with what the columns mean beneath."""
    tables = list(tables)
    parts = []
    for table in tables:
        heading, *rows = (f"| {' | '.join(row)} |" for row in table.cells())
        rule = "|---|" + "---:|" * (heading.count("|") - 2)
        parts.append("\n".join([f"### {table.title}", "", heading, rule, *rows]))
    meanings = dict.fromkeys(f"* **{m.heading}**: {m.meaning} ({_BETTER[m.best]})." for t in tables for m in t.shown())
    parts.append("\n".join(meanings))
    return "\n\n".join(parts) + "\n"


def as_data(table: Table) -> dict:
    """For JSON."""
    return {"title": table.title, "rows": [
        {"label": row.label, "cases": row.cases, **{name: known(value) for name, value in row.figures.items()}}
        for row in table.rows]}


def known(value: float) -> float | None:
    """JSON has no nan."""
    return None if math.isnan(value) else round(value, 6)
