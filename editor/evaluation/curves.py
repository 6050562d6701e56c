"""Curves of precision over recall, as a picture."""

from collections.abc import Mapping

import cv2
import numpy as np

from editor.training.ranking import Ranking

_COLOURS = ((90, 170, 255), (255, 170, 60), (150, 150, 150))
_GROUND, _GRID, _WORDS = (28, 28, 28), (60, 60, 60), (225, 225, 225)
_LARGE, _SMALL = 560, 280  # pixels: a panel's side
_EDGE = 34  # pixels round a panel's axes
_FINE = 4  # bits below a pixel that OpenCV is told of


def drawn(panels: Mapping[str, Mapping[str, Ranking]]) -> np.ndarray:
    """(h, w, 3) uint8: a panel for each title, in which each method has a curve, with its average precision; the first
    one is twice as large."""
    (first, large), *others = panels.items()
    columns = [_panel(first, large, _LARGE)]
    for start in range(0, len(others), 2):
        pair = [_panel(title, methods, _SMALL) for title, methods in others[start:start + 2]]
        pair += [np.full_like(pair[0], _GROUND[0])] * (2 - len(pair))
        columns.append(np.concatenate(pair))
    return np.concatenate(columns, axis=1)


def _panel(title: str, methods: Mapping[str, Ranking], side: int) -> np.ndarray:
    picture = np.full((side, side, 3), _GROUND, np.uint8)
    inner, size = side - 2 * _EDGE, 0.5 if side == _LARGE else 0.36
    for tick in range(5):
        at = _EDGE + round(tick / 4 * inner)
        cv2.line(picture, (_EDGE, at), (side - _EDGE, at), _GRID)
        cv2.line(picture, (at, _EDGE), (at, side - _EDGE), _GRID)
        _write(picture, f"{tick / 4:g}", (at - 8, side - _EDGE + 14), 0.32)
        _write(picture, f"{1 - tick / 4:g}", (6, at + 4), 0.32)
    _write(picture, title, (_EDGE, _EDGE - 12), size)
    _write(picture, "recall", (side - _EDGE - 36, side - 6), 0.32)
    for number, (name, ranking) in enumerate(methods.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        precision, recall = ranking.precision_recall()
        best = np.maximum.accumulate(precision)  # interpolated: the best at that recall or a higher one
        found = np.flatnonzero(recall > 0)
        places = np.stack([_EDGE + recall[found] * inner, side - _EDGE - best[found] * inner], 1)
        cv2.polylines(picture, [np.round(places * 2**_FINE).astype(np.int32)], False, colour, 2, cv2.LINE_AA, _FINE)
        words = f"{name} {ranking.average_precision():.3f}"
        width = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, size, 1)[0][0]
        _write(picture, words, (side - _EDGE - width - 4, _EDGE + 16 + number * round(34 * size)), size, colour)
    return picture


def _write(picture: np.ndarray, words: str, at: tuple[int, int], size: float,
           colour: tuple[int, int, int] = _WORDS) -> None:
    cv2.putText(picture, words, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)
