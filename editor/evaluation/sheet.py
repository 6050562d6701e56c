"""The contact sheet: a row for each case, with what the engines were given, each fill, and the truth."""

from collections.abc import Iterable

import cv2
import numpy as np

from editor.evaluation.adherence import Redrawn
from editor.evaluation.cases import Case, Puzzle
from editor.evaluation.compare import TRUTH
from editor.evaluation.pixels import around

View = tuple[slice, slice]

CELL = 256  # pixels
_WHOLE = 320  # pictures up to this long side are shown whole, larger ones round the hole
_GAP, _LINE = 4, 18  # pixels between cells, and of the line of text above each
_REDRAWN = "lines redrawn"
_GROUND, _INK, _HOLE = (24, 24, 24), (230, 230, 230), (127, 127, 127)


class Sheet:
    """Collects cells while fills are made; draws them at the end."""

    def __init__(self, cases: Iterable[Case]):
        self._rows: dict[Case, dict[str, np.ndarray]] = {case: {} for case in cases}

    def add(self, puzzle: Puzzle, label: str, picture: np.ndarray) -> None:
        """Take a picture of a case into its row, if it has one; what was given comes first of itself."""
        row = self._rows.get(puzzle.case)
        if row is None:
            return
        view = _view(puzzle.hole)
        if not row:
            title = f"{puzzle.case.name} {puzzle.share:.0%}"
            row[title] = _cell(given(puzzle, view))
            if puzzle.redrawn is not None:
                row[_REDRAWN] = _cell(given(puzzle, view, puzzle.redrawn))
        row[label] = _cell(picture[view])

    def drawn(self) -> np.ndarray:
        """(h, w, 3) uint8; one empty cell where there is no row at all."""
        rows = [row for row in self._rows.values() if row]
        labels = dict.fromkeys(label for row in rows for label in list(row)[1:])
        columns = sorted(labels, key=lambda label: (label != _REDRAWN, label == TRUTH))  # which is stable
        width = (1 + len(columns)) * (CELL + _GAP) + _GAP
        sheet = np.full((max(1, len(rows)) * (CELL + _LINE + _GAP) + _GAP, width, 3), _GROUND, np.uint8)
        for number, row in enumerate(rows):
            top = _GAP + number * (CELL + _LINE + _GAP)
            for label, cell in row.items():
                column = 1 + columns.index(label) if label in columns else 0
                left = _GAP + column * (CELL + _GAP)
                sheet[top + _LINE:top + _LINE + CELL, left:left + CELL] = cell
                _write(sheet[top:top + _LINE, left:left + CELL], label)
        return sheet


def chosen(cases: Iterable[Case], count: int) -> list[Case]:
    """``count`` cases spread evenly over all kinds of holes and photographs."""
    by_kind = sorted(cases, key=lambda case: (case.kind, case.photo, case.name))
    if count >= len(by_kind):
        return by_kind
    return [by_kind[round((index + 0.5) * len(by_kind) / count - 0.5)] for index in range(count)]


def given(puzzle: Puzzle, view: View, redrawn: Redrawn | None = None) -> np.ndarray:
    """The photograph with its hole grey, and in it the strokes of colour and the lines (or those redrawn alone)."""
    hole = puzzle.hole[view]
    picture = np.where(hole[..., None], np.uint8(_HOLE), puzzle.truth[view])
    sketch = redrawn.sketch if redrawn else puzzle.sketch
    if puzzle.colour is not None and redrawn is None:
        colour = puzzle.colour[view]
        picture = _over(picture, colour[..., :3], colour[..., 3] * hole)
    if sketch is not None:
        picture = _over(picture, np.zeros_like(picture), sketch[view] * hole)
    return picture


def _over(picture: np.ndarray, colour: np.ndarray, coverage: np.ndarray) -> np.ndarray:
    share = coverage[..., None] / np.float32(255)
    return (picture * (1 - share) + colour * share).round().astype(np.uint8)


def _view(hole: np.ndarray) -> View:
    """What of a picture is shown: all of it, or the square round its hole where it is large."""
    if max(hole.shape) <= _WHOLE:
        return slice(None), slice(None)
    box = around(hole, 0)
    side = max(CELL, round(1.5 * max(part.stop - part.start for part in box)))
    starts = (int(np.clip((part.start + part.stop - side) // 2, 0, max(0, length - side)))
              for part, length in zip(box, hole.shape, strict=True))
    return tuple(slice(start, start + side) for start in starts)


def _cell(picture: np.ndarray) -> np.ndarray:
    """(CELL, CELL, 3): the picture, as large as it can be."""
    scale = CELL / max(picture.shape[:2])
    size = tuple(max(1, round(length * scale)) for length in picture.shape[1::-1])
    picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    cell = np.full((CELL, CELL, 3), _GROUND, np.uint8)
    top, left = (CELL - size[1]) // 2, (CELL - size[0]) // 2
    cell[top:top + size[1], left:left + size[0]] = picture
    return cell


def _write(strip: np.ndarray, text: str) -> None:
    """Text into a strip of the sheet, cut where it does not fit; OpenCV's letters are ASCII."""
    text = text.encode("ascii", "replace").decode()
    while cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.42, 1)[0][0] > strip.shape[1] - 4:
        text = text[:-1]
    written = np.ascontiguousarray(strip)
    cv2.putText(written, text, (2, _LINE - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.42, _INK, 1, cv2.LINE_AA)
    strip[:] = written
