"""Painting where a fill may copy from, and where not."""

import numpy as np
import pytest
from doing import CTRL, SHIFT, action, composite, distance, fill_and_wait, mask_of, seen_photo, set_brush, show, steps
from PySide6.QtCore import Qt

from editor.document import fills
from editor.document.document import AVOID, SOURCE
from editor.document.photo import Photo
from editor.storage.openraster import load_project, save_project
from editor.storage.photos import Decoder

SHAPE = (220, 440)


def two_fields() -> np.ndarray:
    """Stripes at the left, speckles of other colours at the right; between them, where the hole is, both meet."""
    rows, columns = np.indices(SHAPE)
    stripes = np.where((rows // 4) % 2, 60, 110)
    speckles = np.random.default_rng(2).integers(150, 230, SHAPE)
    return np.repeat(np.where(columns < 220, stripes, speckles)[..., None], 3, axis=2).astype(np.uint8)


def plane(window, name: str) -> np.ndarray:
    return window.document.surfaces[name].read(window.document.base.bounds)[..., 0]


@pytest.fixture
def choosing(window, hands):
    """Two fields at 100 %, and a hard brush of 60 pixels for where to copy from."""
    show(window, Photo(two_fields()))
    hands.key(Qt.Key.Key_G)
    set_brush(window, size=60, hardness=1.0)
    return window


def say(window, words: str) -> None:
    window.tools.tools["source-brush"].set_options(say=words)


def test_it_paints_one_plane_and_takes_the_other_away(choosing, hands):
    hands.stroke((80, 100), (140, 100))
    away = distance(SHAPE, (80, 100), (140, 100))
    assert (plane(choosing, SOURCE)[away < 28] == 255).all() and not plane(choosing, SOURCE)[away > 32].any()
    say(choosing, "not from here")
    hands.stroke((140, 100), (200, 100))
    over = distance(SHAPE, (140, 100), (200, 100))
    assert (plane(choosing, AVOID)[over < 28] == 255).all() and not plane(choosing, SOURCE)[over < 28].any()
    say(choosing, "as elsewhere")
    hands.stroke((60, 100), (240, 100))
    rows, columns = np.indices(SHAPE)
    middle = distance(SHAPE, (60, 100), (240, 100)) < 28
    assert not plane(choosing, SOURCE)[middle].any() and not plane(choosing, AVOID)[middle].any()
    assert steps(choosing) == ["Copy from here", "Do not copy from here", "Copy as elsewhere"]
    hands.key(Qt.Key.Key_Z, CTRL)
    hands.key(Qt.Key.Key_Z, CTRL)
    assert (plane(choosing, SOURCE)[away < 28] == 255).all() and not plane(choosing, AVOID).any()


def test_the_pens_other_end_takes_both_away(choosing, hands):
    hands.pen((80, 100, 1.0), (140, 100, 1.0))
    assert plane(choosing, SOURCE).any()
    hands.pen((40, 100, 1.0), (180, 100, 1.0), eraser=True)
    assert not plane(choosing, SOURCE)[95:105].any()


def test_both_are_seen_in_colours_of_their_own_hidden_and_cleared(choosing, hands):
    without = seen_photo(choosing).astype(int)
    hands.stroke((80, 100))
    say(choosing, "not from here")
    hands.stroke((300, 100))
    change = seen_photo(choosing).astype(int) - without
    here, not_here = (np.median(change[distance(SHAPE, at) < 25], axis=0) for at in ((80, 100), (300, 100)))
    assert here[1] - here[0] > 30, "green"
    assert not_here[0] - not_here[2] > 40, "amber"
    action(choosing, "toggle_source").trigger()
    assert np.array_equal(seen_photo(choosing), without)
    action(choosing, "toggle_source").trigger()
    assert action(choosing, "clear_source").isEnabled()
    action(choosing, "clear_source").trigger()
    assert np.array_equal(seen_photo(choosing), without) and not action(choosing, "clear_source").isEnabled()


@pytest.mark.parametrize(("words", "at", "lowest", "highest"), [
    ("only from here", (60, 100), 50, 120), ("only from here", (380, 100), 140, 240),
    ("not from here", (60, 100), 140, 240)])
def test_a_fill_by_patches_copies_as_it_is_told(qtbot, choosing, hands, words, at, lowest, highest):
    say(choosing, words)
    set_brush(choosing, size=100)
    x, y = at
    hands.stroke((x, 40), (x, 180))
    if words == "not from here":
        hands.stroke((x + 110, 0), (x + 110, 219))  # all of the left field
        hands.stroke((x + 60, 0), (x + 60, 219))
        hands.stroke((0, 0), (0, 219))
    hands.key(Qt.Key.Key_B)
    set_brush(choosing, size=34, hardness=1.0)
    hands.stroke((220, 110))
    mask = mask_of(choosing)
    choosing.engine_options.choose("patches")
    fill_and_wait(qtbot, choosing, hands)
    inside = composite(choosing)[distance(SHAPE, (220, 110)) < 9].astype(int)
    share = ((inside >= lowest) & (inside <= highest)).mean()
    assert share > 0.9
    recipe = choosing.document.layers[0].recipe
    assert (recipe.source if words.startswith("only") else recipe.avoid) is not None
    assert plane(choosing, SOURCE if words.startswith("only") else AVOID).any(), "it holds for the next fill, too"
    assert np.array_equal(recipe.mask.read(choosing.document.base.bounds)[..., 0], mask)


def test_an_engine_that_cannot_says_so(qtbot, choosing, hands):
    hands.stroke((60, 100))
    hands.key(Qt.Key.Key_B)
    set_brush(choosing, size=20)
    hands.stroke((220, 110))
    choosing.engine_options.choose("telea")
    fill_and_wait(qtbot, choosing, hands)
    variant = choosing.document.layers[0].recipe.variants[0]
    assert any("does not use the places to copy from" in note for note in variant.notes)


def test_they_are_kept_in_projects_and_recipes_and_come_back_when_reopened(qtbot, choosing, hands, tmp_path):
    hands.stroke((60, 100))
    say(choosing, "not from here")
    hands.stroke((300, 100))
    hands.key(Qt.Key.Key_B)
    set_brush(choosing, size=20)
    hands.stroke((220, 110))
    choosing.engine_options.choose("telea")
    fill_and_wait(qtbot, choosing, hands)
    kept = {name: plane(choosing, name) for name in (SOURCE, AVOID)}
    save_project(choosing.document.snapshot(), tmp_path / "p.ora")
    with Decoder() as decoder:
        back = load_project(tmp_path / "p.ora", decoder.read)
    for name in (SOURCE, AVOID):
        assert np.array_equal(back.surfaces[name].read(back.base.bounds)[..., 0], kept[name])
        assert np.array_equal(getattr(back.layers[0].recipe, name).read(back.base.bounds)[..., 0], kept[name])
    action(choosing, "clear_source").trigger()
    action(choosing, "reopen_fill").trigger()
    assert all(np.array_equal(plane(choosing, name), kept[name]) for name in kept)
    action(choosing, "turn_right").trigger()
    assert all(np.array_equal(plane(choosing, name), np.rot90(kept[name], -1)) for name in kept)
    read, only = fills.copied_from(choosing.document.layers[0].recipe)
    allowed = read(choosing.document.base.bounds)
    assert allowed.any() and not only.empty
    assert np.array_equal(allowed, np.rot90((kept[SOURCE] >= 128) & (kept[AVOID] < 128), -1))
    hands.key(Qt.Key.Key_Z, CTRL)
    hands.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert all(np.array_equal(plane(choosing, name), np.rot90(kept[name], -1)) for name in kept)
