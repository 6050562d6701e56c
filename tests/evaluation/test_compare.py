"""Engines side by side, with a painter that is known to follow hints and one that pastes them in place of processes."""

from pathlib import Path

import numpy as np
import pytest

from editor.errors import UserError
from editor.evaluation import compare as comparing
from editor.evaluation import perceptual
from editor.evaluation.adherence import lines_of, redraw
from editor.evaluation.cases import Case, Puzzle
from editor.evaluation.compare import TRUTH, Entrant, Judging, Score, compare
from editor.evaluation.runner import Cost, Filled, Order

SIZE = 128


def step(edges: np.ndarray) -> np.ndarray:
    """Dark on the left of the column that each row has its edge in, light on its right."""
    return np.where(np.arange(SIZE)[None, :, None] < edges[:, None, None], np.uint8(90), np.full((SIZE, SIZE, 3), 170,
                                                                                                np.uint8))


class Painter:
    """Fills with an edge along the drawn line and with the strokes' colour; flat grey where nothing is given."""

    def __init__(self, engine: str, settings: dict, device: str):
        self.engine, self.orders = engine, 0

    def __enter__(self) -> "Painter":
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def fill(self, order: Order) -> Filled:
        self.orders += 1
        if self.engine == "poor":
            raise UserError("it has no idea")
        picture = np.full_like(order.image, 128)
        if order.sketch is not None:
            lines = lines_of(order.sketch, np.ones(order.hole.shape, bool))
            drawn = np.array([np.flatnonzero(row).mean() if row.any() else SIZE // 2 for row in lines])
            picture = step(drawn)
        if self.engine == "paster" and order.sketch is not None:
            picture = np.where(order.sketch[..., None] > 127, np.uint8(0), np.full_like(order.image, 128))
        if order.colour is not None:
            picture = np.where(order.colour[..., 3:] > 0, order.colour[..., :3], picture)
        picture = np.where(order.hole[..., None], picture, order.image)
        return Filled(picture, Cost(2.0 if self.orders == 1 else 0.5, self.orders == 1, 100.0, "cpu", ()))


@pytest.fixture(autouse=True)
def painters(monkeypatch):
    monkeypatch.setattr(comparing, "Runner", Painter)


def puzzle(case: Case) -> Puzzle:
    """An upright edge in the middle, its line drawn, a stroke of red."""
    if case.kind == "unreadable":
        raise UserError("a.jpg: it is damaged")
    hole = np.zeros((SIZE, SIZE), bool)
    low = 24 if case.kind == "wide" else 52
    hole[low:SIZE - low, low:SIZE - low] = True
    sketch = np.zeros((SIZE, SIZE), np.uint8)
    sketch[:, 63:65] = 255
    colour = np.zeros((SIZE, SIZE, 4), np.uint8)
    colour[70:76, 54:62] = (200, 40, 40, 255)
    bend = redraw(sketch, hole, 8) if case.kind == "wide" else None
    return Puzzle(case, step(np.full(SIZE, 64)), hole, sketch * hole, colour, bend)


CASES = [Case(Path(f"{name}.jpg"), kind, None) for name in "ab" for kind in ("wide", "small")]


def compared(*entrants: Entrant, cases=CASES, **how) -> tuple[list[Score], list, list]:
    faults, looks = [], []
    scores = list(compare(entrants, cases, puzzle, Judging(**how), fault=lambda *words: faults.append(words),
                          look=lambda case, label, picture: looks.append((case.case.name, label)),
                          progress=lambda fraction, words: None))
    return scores, faults, looks


ALL = ("", "sketch", "colour", "both", "redrawn")


def test_every_case_is_filled_without_and_with_each_hint():
    scores, faults, looks = compared(Entrant("painter", "painter", hints=ALL))
    labels = [score.label for score in scores if score.case == CASES[0]]
    assert labels == ["painter", "painter + sketch", "painter + colour", "painter + both", "painter + redrawn", TRUTH]
    labels.remove("painter + redrawn")  # the small hole leaves no room to bend a line
    assert [score.label for score in scores if score.case == CASES[1]] == labels
    assert not faults and len(looks) == len(scores)


def test_hints_raise_the_figures_of_whoever_follows_them():
    scores, _, _ = compared(Entrant("painter", "painter", hints=ALL), cases=CASES[:1])
    found = {score.hints: score.values for score in scores if score.entrant != TRUTH}
    assert found[""]["sketch_f"] == 0 and found["sketch"]["sketch_f"] > 0.95
    assert found[""]["colour_difference"] > 20 and found["colour"]["colour_difference"] < 1
    assert found["redrawn"]["follows"] == 1 and found["redrawn"]["sketch_f"] > 0.9
    assert found["sketch"]["psnr"] > found[""]["psnr"]


def test_a_line_that_is_pasted_stands_out_from_one_that_is_understood():
    scores, _, _ = compared(Entrant("painter", "painter", hints=("", "sketch")),
                            Entrant("paster", "paster", hints=("", "sketch")), cases=CASES[:1])
    concentration = {score.entrant: score.values["line_concentration"] for score in scores if score.hints}
    true = next(score.values["line_concentration_truth"] for score in scores if score.hints)
    assert concentration["painter"] == pytest.approx(true, rel=0.2) and concentration["paster"] > 10 * true


def test_what_fails_is_told_and_the_rest_is_done():
    broken = Case(Path("c.jpg"), "unreadable", None)
    scores, faults, _ = compared(Entrant("poor", "poor"), Entrant("painter", "painter"), cases=[broken, *CASES])
    assert faults == [("c-unreadable", "a.jpg: it is damaged"), *[(f"{c.name}, poor", "it has no idea") for c in CASES]]
    assert len([score for score in scores if score.entrant == "painter"]) == len(CASES)


def test_without_a_truth_nothing_is_held_against_the_photo():
    scores, _, _ = compared(Entrant("painter", "painter", hints=("", "both")), truth=False)
    assert {score.entrant for score in scores} == {"painter"}
    assert "psnr" not in scores[0].values and "swd" not in scores[0].values and "detail" not in scores[0].values
    assert "seam" in scores[0].values and "sketch_f" in scores[1].values


def test_the_puzzles_own_pixels_stay_hidden_from_the_engine(monkeypatch):
    seen = []
    paint = Painter.fill
    monkeypatch.setattr(Painter, "fill", lambda self, order: seen.append(order) or paint(self, order))
    compared(Entrant("painter", "painter"), cases=CASES[:1])
    assert (seen[0].image[seen[0].hole] == 127).all()


def test_features_of_fill_and_truth_are_kept_for_the_kernel_distance(monkeypatch):
    monkeypatch.setattr(perceptual, "pooled_features", lambda net, picture, hole: picture[hole].mean(0))
    monkeypatch.setattr(perceptual, "feature_distance", lambda net, fill, truth, hole: 0.25)
    scores, _, _ = compared(Entrant("painter", "painter"), features=object())
    score = scores[0]
    assert score.values["features"] == 0.25
    assert np.allclose(score.pooled, 128) and 90 < score.true_pooled[0] < 170
