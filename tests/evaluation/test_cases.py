"""Photographs, masks and hints, paired by their names and read; holes and hints that are made."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from editor.errors import UserError
from editor.evaluation.cases import Case, Reading, hint_of, load, with_holes, with_masks
from editor.raster.frame import Frame
from editor.storage.photos import Decoder


@pytest.fixture(scope="module")
def decoder():
    with Decoder() as decoder:
        yield decoder


@pytest.fixture
def house(tmp_path, cat) -> Path:
    path = tmp_path / "house.png"
    cv2.imwrite(str(path), cat[..., ::-1])
    return path


@pytest.fixture
def mask(tmp_path, hole) -> Path:
    path = tmp_path / "house-roof.png"
    cv2.imwrite(str(path), hole * np.uint8(255))
    return path


def test_masks_belong_to_the_photo_with_the_longest_name_that_they_start_with():
    photos = [Path("p/house.jpg"), Path("p/house_c0.jpg"), Path("p/houseboat.jpg"), Path("p/shed.jpg")]
    masks = [Path(f"m/{name}.png") for name in ("house", "house-roof-2", "house_c0_door", "houseboat", "garden")]
    cases, without = with_masks(photos, masks)
    assert [(case.photo.stem, case.mask.stem, case.kind) for case in cases] == [
        ("house", "house", "given"), ("house", "house-roof-2", "roof"), ("house_c0", "house_c0_door", "door"),
        ("houseboat", "houseboat", "given")]
    assert without == [Path("p/shed.jpg")]


def test_a_hint_is_named_like_the_mask_or_else_like_the_photo():
    case = Case(Path("house.jpg"), "roof", Path("house-roof.png"))
    general, own = Path("s/house.png"), Path("s/house-roof.png")
    assert hint_of(case, [general, own]) == own
    assert hint_of(case, [general]) == general
    assert hint_of(case, [Path("s/shed.png")]) is None


def test_a_kind_of_hole_that_cannot_be_made_is_named():
    with pytest.raises(UserError, match=r"'moustache'.*strokes.*mouth"):
        with_holes([Path("a.jpg")], ["eye", "moustache"])


def test_a_case_is_read_with_its_hole_greyed_for_the_engine(house, mask, cat, hole, decoder):
    puzzle = load(Case(house, "roof", mask), Reading(), decoder)
    assert np.array_equal(puzzle.truth, cat) and np.array_equal(puzzle.hole, hole)
    assert (puzzle.image[hole] == 127).all() and np.array_equal(puzzle.image[~hole], cat[~hole])
    assert puzzle.band == (0.0, 0.1) and puzzle.share == pytest.approx(hole.mean())
    assert puzzle.sketch is None and puzzle.colour is None and puzzle.frame is None


def test_large_photos_are_reduced_with_all_that_belongs_to_them(house, mask, hole, tmp_path, decoder):
    sketch = np.zeros(hole.shape, np.uint8)
    sketch[:, 148:152] = 255
    colour = np.zeros((*hole.shape, 4), np.uint8)
    colour[100:131, 130:161] = (30, 60, 200, 255)  # BGR
    cv2.imwrite(str(tmp_path / "sketch.png"), sketch)
    cv2.imwrite(str(tmp_path / "colour.png"), colour)
    case = Case(house, "roof", mask, tmp_path / "sketch.png", tmp_path / "colour.png")
    puzzle = load(case, Reading(size=160, frames=True), decoder)
    assert puzzle.truth.shape == (120, 160, 3) and puzzle.hole.mean() == pytest.approx(hole.mean(), rel=0.02)
    assert (puzzle.sketch[:, 74:76] == 255).all() and puzzle.sketch[:, :73].max() == 0
    covered = puzzle.colour[..., 3] > 0
    assert np.abs(puzzle.colour[covered][:, :3].astype(int) - (200, 60, 30)).max() <= 1  # at the edge, too
    assert puzzle.frame == Frame((60, 80), 160)


@pytest.mark.parametrize("kind", ["strokes", "scratches", "objects", "large", "eye", "mouth", "hair"])
def test_made_holes_are_alike_each_time_and_other_with_another_seed(house, kind, decoder):
    holes = [load(Case(house, kind, None), Reading(seed=seed), decoder).hole for seed in (1, 1, 2)]
    assert np.array_equal(holes[0], holes[1]) and not np.array_equal(holes[0], holes[2])
    assert 0.002 <= holes[0].mean() <= 0.95


def test_made_hints_lie_in_the_hole_and_leave_some_of_it(house, decoder):
    for seed in range(4):
        puzzle = load(Case(house, "large", None), Reading(seed=seed, hints=True, bend=6), decoder)
        assert (puzzle.sketch > 127).any() and not puzzle.sketch[~puzzle.hole].any()
        given = puzzle.colour[..., 3] > 0
        assert 0 < given[puzzle.hole].mean() < 0.85 and not given[~puzzle.hole].any()


def test_a_hints_file_goes_before_what_could_be_made(house, mask, tmp_path, hole, decoder):
    cv2.imwrite(str(tmp_path / "sketch.png"), np.zeros(hole.shape, np.uint8))
    puzzle = load(Case(house, "roof", mask, sketch=tmp_path / "sketch.png"), Reading(hints=True), decoder)
    assert not puzzle.sketch.any() and puzzle.colour is not None


def test_a_line_is_bent_where_there_is_one(house, mask, tmp_path, hole, decoder):
    sketch = np.zeros(hole.shape, np.uint8)
    sketch[:, 149:151] = 255
    cv2.imwrite(str(tmp_path / "sketch.png"), sketch)
    case = Case(house, "roof", mask, tmp_path / "sketch.png")
    assert load(case, Reading(), decoder).redrawn is None
    redrawn = load(case, Reading(bend=8), decoder).redrawn
    assert redrawn is not None and not np.array_equal(redrawn.sketch, sketch)


def test_masks_that_do_not_fit_are_refused(house, tmp_path, hole, decoder):
    for name, picture, words in (("small", hole[:100] * np.uint8(255), "320 x 100"),
                                 ("empty", np.zeros(hole.shape, np.uint8), "is empty"),
                                 ("full", np.full(hole.shape, 255, np.uint8), "everything")):
        cv2.imwrite(str(tmp_path / f"{name}.png"), picture)
        with pytest.raises(UserError, match=words):
            load(Case(house, "roof", tmp_path / f"{name}.png"), Reading(), decoder)
