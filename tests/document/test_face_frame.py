"""The face frame is part of the document: each change of it one step, and fills show the one they saw."""

import numpy as np

from editor.document import fills
from editor.document.document import Document
from editor.document.layers import Patch, Recipe, Variant
from editor.raster.frame import Frame
from editor.raster.surface import Box

ONE, OTHER = Frame((100.0, 120.0), 80.0, 5.0), Frame((90.0, 200.0), 60.0, -12.0)


def lay(document: Document, frame: Frame | None) -> None:
    with document.change("Frame") as change:
        change.set_frame(frame)


def filled_in(frame: Frame | None, seed: int = 1) -> Variant:
    patch = Patch(np.full((20, 20, 3), 90, np.uint8), np.full((20, 20), 255, np.uint8), (90, 110))
    return Variant((patch,), "sc-fegan", seed, frame=frame)


def mask(document: Document) -> None:
    with document.change("Paint mask") as change:
        change.edit("mask", Box(90, 110, 110, 130), lambda part, old: np.full(old.shape, 255, np.uint8))


def test_laying_moving_and_clearing_it_are_steps_that_can_be_undone(make_document):
    document = make_document()
    seen = []
    document.frame_changed.connect(lambda: seen.append(document.frame))
    for frame in (ONE, OTHER, None):
        lay(document, frame)
    assert len(document.history.commands) == 3
    for expected in (OTHER, ONE, None):
        document.undo()
        assert document.frame == expected
    document.go_to(2)
    assert document.frame == OTHER
    assert seen == [ONE, OTHER, None, OTHER, ONE, None, ONE, OTHER]


def test_a_frame_that_stays_as_it_was_is_no_step(make_document):
    document = make_document()
    lay(document, ONE)
    with document.change("Drag there and back") as change:
        change.set_frame(OTHER)
        change.set_frame(ONE)
    assert len(document.history.commands) == 1


def test_a_drag_that_is_taken_back_leaves_the_frame_as_it_was(make_document):
    document = make_document()
    lay(document, ONE)
    change = document.change("Drag")
    change.set_frame(OTHER)
    assert document.frame == OTHER
    change.roll_back()
    assert document.frame == ONE and len(document.history.commands) == 1


def test_a_snapshot_has_the_frame_of_its_moment(make_document):
    document = make_document()
    lay(document, ONE)
    snapshot = document.snapshot()
    lay(document, OTHER)
    assert Document.from_snapshot(snapshot).frame == ONE


def test_the_frame_that_a_fill_has_found_is_seen_after_it_and_undone_with_it(make_document):
    document = make_document()
    mask(document)
    recipe = fills.recipe_of_planes(document, "sc-fegan")
    fills.add_fill_layer(document, Recipe(recipe.mask, "sc-fegan", variants=(filled_in(ONE),)))
    assert document.frame == ONE
    document.undo()
    assert document.frame is None


def test_a_fill_that_saw_no_face_leaves_the_frame_alone(make_document):
    document = make_document()
    lay(document, OTHER)
    mask(document)
    fills.add_fill_layer(document, Recipe(document.mask.snapshot(), "telea", variants=(filled_in(None),)))
    assert document.frame == OTHER


def test_a_reopened_fill_shows_the_frame_that_was_found_for_it(make_document):
    document = make_document()
    mask(document)
    layer = fills.add_fill_layer(document, Recipe(document.mask.snapshot(), "sc-fegan", variants=(filled_in(ONE),)))
    lay(document, None)
    fills.reopen(document, layer.id)
    assert document.frame == ONE
    lay(document, OTHER)
    fills.refill(document, layer.id, Recipe(document.mask.snapshot(), "sc-fegan", frame=OTHER,
                                            variants=(filled_in(OTHER, 2),)))
    assert document.frame == OTHER
    fills.reopen(document, layer.id)
    fills.close_reopened(document)
    assert document.frame is None
