"""From scores to tables."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from editor.evaluation.cases import Case
from editor.evaluation.compare import TRUTH, Score
from editor.evaluation.runner import Cost
from editor.evaluation.tables import adherence, as_data, as_markdown, as_text, quality, summarised

SMALL, WIDE = (0.0, 0.1), (0.4, 0.6)
A, B = Case(Path("a.jpg"), "eye", None), Case(Path("b.jpg"), "hair", None)


def score(case: Case, entrant: str, hints: str = "", seconds: float = 1.0, first: bool = False, **values) -> Score:
    band = SMALL if case is A else WIDE
    return Score(case, 0.05 if case is A else 0.5, band, entrant, hints, values, Cost(seconds, first, 100, "cpu", ()))


def test_means_are_over_the_cases_that_all_engines_have_filled():
    rows = summarised([score(A, "telea", psnr=20), score(B, "telea", psnr=30), score(B, "ns", psnr=28)])
    assert [(row.label, row.cases, row.figures["psnr"]) for row in rows] == [("telea", 1, 30), ("ns", 1, 28)]


def test_what_is_not_known_of_a_case_does_not_count():
    row, = summarised([score(A, "telea", swd=math.nan, seam=1.0), score(B, "telea", swd=40, seam=2.0)])
    assert row.figures["swd"] == 40 and row.figures["seam"] == 1.5


def test_seconds_are_the_median_without_the_first_fill_of_a_process():
    cases = [Case(Path(f"{n}.jpg"), "eye", None) for n in range(4)]
    row, = summarised([score(case, "telea", seconds=s, first=s == 9)
                       for case, s in zip(cases, (9, 1, 2, 5), strict=True)])
    assert row.figures["seconds"] == 2 and row.figures["peak_memory"] == 100
    row, = summarised([score(A, "telea", seconds=9, first=True)])
    assert row.figures["seconds"] == 9


def test_kernel_distances_are_of_whole_sets():
    random = np.random.default_rng(0)
    scores = [Score(Case(Path(f"{n}.jpg"), "eye", None), 0.1, SMALL, "telea", "", {}, None, random.normal(size=4) + 3,
                    random.normal(size=4)) for n in range(30)]
    row, = summarised(scores)
    assert row.figures["kernel"] > 1000 and 0 < row.figures["kernel_error"] < row.figures["kernel"]


def test_there_is_a_table_for_each_size_and_kind_where_there_are_several():
    both = [score(A, "telea", psnr=20), score(B, "telea", psnr=30)]
    assert [table.title for table in quality(both)] == [
        "All holes", "Holes of 0% to 10%", "Holes of 40% to 60%", "Holes of the kind eye", "Holes of the kind hair"]
    assert [table.title for table in quality(both[:1])] == ["All holes"]


def test_hints_are_shown_against_the_same_engine_without_them_and_the_truth():
    scores = [score(A, "net", sketch_f=0.2), score(A, "net", "sketch", sketch_f=0.8), score(A, "telea", psnr=20),
              score(A, TRUTH, sketch_f=0.9)]
    table, = adherence(scores)
    assert [(row.label, row.figures["sketch_f"]) for row in table.rows] == [
        ("net", 0.2), ("net + sketch", 0.8), (TRUTH, 0.9)]
    assert adherence(scores[2:3]) == []
    assert [row.label for row in quality(scores)[0].rows] == ["net", "net + sketch", "telea"]


def test_redrawn_lines_are_counted_and_do_not_narrow_the_other_tables():
    scores = [score(A, "net", features=1.2), score(A, "net", "sketch", features=1.0), score(B, "net", features=1.4),
              score(B, "net", "sketch", features=1.3), score(A, "net", "redrawn", follows=1.0, features=1.1)]
    table = adherence(scores)[-1]
    row, = table.rows
    assert (row.label, row.cases) == ("net", 1)
    assert row.figures == {"follows": 1, "features_without": 1.2, "features_drawn": 1, "features": 1.1}
    assert quality(scores)[0].rows[0].cases == 2


def test_text_and_markdown_have_the_columns_that_have_figures():
    tables = quality([score(A, "telea", psnr=20.123, seam=math.nan), score(A, "net + x", psnr=9.5, seam=math.nan)])
    lines = as_text(tables).splitlines()
    assert lines[0] == "All holes" and lines[1].split() == ["cases", "PSNR", "s", "MiB"]
    assert lines[2].split() == ["telea", "1", "20.12", "1.00", "100"]
    assert len({len(line) for line in lines[1:]}) == 1
    written = as_markdown(tables).splitlines()
    assert written[:3] == ["### All holes", "", "|  | cases | PSNR | s | MiB |"]
    assert written[3] == "|---|---:|---:|---:|---:|" and written[4] == "| telea | 1 | 20.12 | 1.00 | 100 |"
    assert any(line.startswith("* **PSNR**") and "higher is better" in line for line in written)
    assert not any("seam" in line for line in written)


def test_json_has_no_nan():
    table = quality([score(A, "telea", psnr=20, seam=math.nan)])[0]
    text = json.dumps(as_data(table), allow_nan=False)
    assert json.loads(text)["rows"][0]["seam"] is None and json.loads(text)["rows"][0]["psnr"] == 20


@pytest.mark.parametrize("scores", [[], [score(A, TRUTH, sketch_f=1.0)]])
def test_no_fills_no_rows(scores):
    assert not any(table.rows for table in [*quality(scores), *adherence(scores)])
