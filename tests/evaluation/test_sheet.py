"""The contact sheet."""

from pathlib import Path

import numpy as np

from editor.evaluation.adherence import Redrawn
from editor.evaluation.cases import Case, Puzzle
from editor.evaluation.compare import TRUTH
from editor.evaluation.sheet import CELL, Sheet, chosen, given


def puzzle(name: str, shape=(200, 300), redrawn=None) -> Puzzle:
    hole = np.zeros(shape, bool)
    hole[60:110, 100:200] = True
    sketch, colour = np.zeros(shape, np.uint8), np.zeros((*shape, 4), np.uint8)
    sketch[:, 150] = 255
    colour[:, 120:130] = (255, 0, 0, 255)
    truth = np.full((*shape, 3), 200, np.uint8)
    return Puzzle(Case(Path(f"{name}.jpg"), "eye", None), truth, hole, sketch, colour, redrawn)


def test_what_was_given_shows_the_hole_with_its_strokes_and_lines_and_nothing_beside_it():
    one = puzzle("a")
    picture = given(one, (slice(None), slice(None)))
    assert (picture[80, 110] == 127).all() and (picture[80, 150] == 0).all()
    assert (picture[80, 125] == (255, 0, 0)).all() and (picture[10] == 200).all()


def test_a_row_for_each_case_and_the_truth_last():
    first, second = puzzle("a"), puzzle("b")
    sheet = Sheet([first.case, second.case])
    for one in (first, second, puzzle("c")):
        sheet.add(one, TRUTH, one.truth)
        sheet.add(one, "telea", np.full_like(one.truth, 50))
    drawn = sheet.drawn()
    assert drawn.shape[0] // CELL == 2 and drawn.shape[1] // CELL == 3
    middle = CELL // 2 + 20
    assert (drawn[middle, CELL + CELL // 2] == 50).all() and (drawn[middle, 2 * CELL + CELL // 2] == 200).all()


def test_redrawn_lines_have_a_column_of_their_own_after_what_was_given():
    plain, bent = puzzle("a"), puzzle("b", redrawn=Redrawn(np.full((200, 300), 255, np.uint8), None, None))
    sheet = Sheet([plain.case, bent.case])
    for one in (plain, bent):
        sheet.add(one, "telea", one.truth)
    drawn = sheet.drawn()
    column = slice(CELL + 8, 2 * CELL + 4)
    assert drawn.shape[1] // CELL == 3
    assert (drawn[30:CELL, column] == 24).all() and not (drawn[CELL + 50:, column] == 24).all()


def test_large_pictures_are_shown_round_their_hole():
    one = puzzle("a", shape=(1500, 2000))
    fill = one.truth.copy()
    fill[one.hole] = 0
    sheet = Sheet([one.case])
    sheet.add(one, "telea", fill)
    cell = sheet.drawn()[22:22 + CELL, CELL + 8:2 * CELL + 8]
    assert (cell == 0).mean() > 0.05  # of the whole picture it is 0.002


def test_labels_that_do_not_fit_or_are_not_ascii_are_no_error():
    one = puzzle("a")
    sheet = Sheet([one.case])
    sheet.add(one, "ä" * 200, one.truth)
    assert (sheet.drawn()[4:22] > 100).any()


def test_an_empty_sheet_is_a_picture_all_the_same():
    assert Sheet([]).drawn().shape[2] == 3


def test_rows_are_spread_over_kinds_and_photos():
    cases = [Case(Path(f"{n:02}.jpg"), kind, None) for n in range(10) for kind in ("eye", "hair")]
    some = chosen(cases, 4)
    assert [case.kind for case in some] == ["eye", "eye", "hair", "hair"]
    assert len({case.photo for case in some[:2]}) == 2
    assert sorted(map(str, chosen(cases, 99))) == sorted(map(str, cases))
