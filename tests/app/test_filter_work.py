"""What filters do of a document in the background."""

import numpy as np
import pytest
from blur_filter import Blur, Settings

from editor.app.filter_work import applying, given, ground_of_layer, ground_of_new, land, previewing
from editor.document import layer_masks, layer_ops
from editor.document.document import MASK, Document
from editor.document.layers import mask_name
from editor.document.photo import Photo
from editor.engines.contract import Cancelled, no_progress
from editor.raster.surface import Box
from editor.restoration.filtering import tiles_in


@pytest.fixture
def document() -> Document:
    pixels = np.random.default_rng(1).integers(0, 60_000, (300, 520, 3), np.uint16)
    pixels.flags.writeable = False
    return Document(Photo(pixels))


class Counted(Blur):
    """Prepares for nothing in particular."""

    prepared = 0

    def prepared_by(self, settings):
        return None

    def prepare(self, scan, settings, progress):
        self.prepared += 1
        return 7


def test_what_was_prepared_serves_all_settings_that_it_does_not_depend_on(document):
    ground, filter = ground_of_new(document, None), Counted()
    for radius in (1, 2):
        assert ground.prepared(filter, Settings(radius), no_progress) == 7
    assert filter.prepared == 1
    other = Blur()
    assert [ground.prepared(other, Settings(radius), no_progress) for radius in (1, 2)] == [3, 5]


def test_a_new_layer_is_made_of_what_is_beneath_it_and_a_mask_limits_what_is_worked_out(document):
    lower, upper = (layer_ops.add_paint_layer(document) for _ in range(2))
    with document.change("Mask") as change:
        change.edit(MASK, Box(20, 30, 60, 90), lambda part, old: np.full_like(old, 255))
    ground = ground_of_new(document, lower.id)
    assert (ground.below, ground.box) == (upper.id, Box(20, 30, 60, 90))
    assert ground_of_new(document, None).below == lower.id and ground_of_new(document, upper.id).below is None
    assert ground_of_new(document, "gone").below is None
    (made,) = applying(ground, Blur(), Settings())(no_progress)
    assert made.pixels.content_box() == Box(20, 30, 60, 90)
    assert made.filtered.settings == {"radius": 3} and made.filtered.box == Box(20, 30, 60, 90)
    assert land(document, ground, Blur(), made, None)
    layer = document.layers[1]
    assert layer.filtered == made.filtered and ground_of_layer(document, layer.id).box == Box(20, 30, 60, 90)
    layer_ops.delete(document, layer.id)
    assert not land(document, ground, Blur(), made, layer.id)


def test_made_again_it_follows_its_mask(document):
    with document.change("Mask") as change:
        change.edit(MASK, Box(20, 30, 60, 90), lambda part, old: np.full_like(old, 255))
    ground = ground_of_new(document, None)
    (made,) = applying(ground, Blur(), Settings())(no_progress)
    land(document, ground, Blur(), made, None)
    layer = document.layers[0]
    with document.change("Show with layer mask") as change:
        change.edit(mask_name(layer.id), Box(50, 80, 100, 200), lambda part, old: np.zeros_like(old))
    assert ground_of_layer(document, layer.id).box == Box(20, 30, 100, 200)
    with document.change("Hide") as change:
        change.edit(mask_name(layer.id), document.base.bounds, lambda part, old: np.full_like(old, 255))
    assert ground_of_layer(document, layer.id).box == Box(20, 30, 60, 90)
    layer_masks.remove(document, layer.id)
    assert ground_of_layer(document, layer.id).box == document.base.bounds


def test_what_is_a_paint_layer_by_now_is_left_alone(document):
    ground = ground_of_new(document, None)
    (made,) = applying(ground, Blur(), Settings())(no_progress)
    for _ in range(2):
        land(document, ground, Blur(), made, None)
    lower, upper = document.layers
    layer_ops.merge_down(document, upper.id)
    before = document.history.position
    assert not land(document, ground_of_new(document, lower.id), Blur(), made, lower.id)
    assert document.history.position == before


def test_a_preview_leaves_off_as_soon_as_it_is_outdated(document):
    ground, blur = ground_of_new(document, None), Blur()
    blur.tile = 64
    tiles = tiles_in(document.base.bounds, blur)
    wanted = [True]

    def outdated() -> bool:
        return not wanted[0]

    found = previewing(ground, blur, Settings(), tiles, outdated)(no_progress)
    first = next(found)
    assert first[0] == tiles[0] and first[1].shape == (64, 64, 4) and (first[1][..., 3] == 65535).all()
    wanted[0] = False
    assert len(list(found)) <= 1
    with pytest.raises(Cancelled):  # one that has shown nothing for half a second is given up before it does
        blur.seconds = 0.7
        list(previewing(ground, blur, Settings(), tiles, outdated)(no_progress))


def test_kept_settings_that_do_not_fit_any_more_are_left_out():
    assert given(Blur(), {"radius": 5, "gone": 1}) == {"radius": 5}
    assert given(Blur(), {"radius": 5000}) == {} == given(Blur(), {"radius": "x"})
