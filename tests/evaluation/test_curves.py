"""Precision over recall as a picture."""

import numpy as np

from editor.evaluation.curves import drawn
from editor.training.ranking import Ranking


def ranking(*pixels: tuple[int, bool]) -> Ranking:
    """Of pixels with a probability, damaged or not."""
    found = Ranking()
    found.add(np.array([level for level, _ in pixels], np.uint8), np.array([damaged for _, damaged in pixels]))
    return found


def coloured(picture: np.ndarray) -> np.ndarray:
    """Where the first method's curve is, words apart."""
    return (picture[..., 2] > 200) & (picture[..., 0] < 140)


def test_a_perfect_finder_runs_along_the_top_and_a_guess_along_the_bottom():
    perfect = ranking((255, True), (200, True), (3, False), (0, False), (0, False))
    guess = ranking((9, True), (9, True), *[(9, False)] * 18)
    one, other = (drawn({"all": {"finder": each}}) for each in (perfect, guess))
    assert one.shape == (560, 560, 3) and one.dtype == np.uint8
    top, bottom = slice(30, 38), slice(450, 530)
    assert coloured(one)[top].any() and not coloured(other)[top, 60:].any()
    assert coloured(other)[bottom].any()


def test_each_kind_has_a_panel():
    panels = {name: {"a": ranking((200, True), (3, False))} for name in ("all", "lines", "spots", "areas")}
    assert drawn(panels).shape == (560, 560 + 2 * 280, 3)
