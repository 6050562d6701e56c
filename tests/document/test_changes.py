"""The map of what has been changed."""

import numpy as np
import pytest

from editor.document import layer_ops
from editor.document.changes import STRENGTHS, ChangeMap, class_table, strength, strengths
from editor.document.document import Document
from editor.document.photo import Photo
from editor.raster.surface import Box, keys_in


def photo(shape: tuple[int, int] = (600, 700), channels: int = 3, dtype: type = np.uint8) -> Document:
    pixels = np.random.default_rng(3).integers(0, np.iinfo(dtype).max, (*shape, channels), dtype, endpoint=True)
    pixels.flags.writeable = False
    return Document(Photo(pixels))


def paint(document: Document, box: Box, change) -> None:
    """Lay what ``change`` makes of the photograph's colours over a box, opaque."""
    if document.active is None:
        layer_ops.add_paint_layer(document)
    full = np.iinfo(document.photo.pixels.dtype).max

    def over(part: Box, pixels: np.ndarray) -> np.ndarray:
        colours = change(document.photo.pixels[part.slices][..., :document.colours])
        return np.concatenate([colours, np.full_like(colours[..., :1], full)], axis=2)

    with document.change("Paint") as step:
        step.edit(document.active, box, over)


def whole(document: Document) -> np.ndarray:
    """The strengths of all pixels, put together."""
    out = np.zeros(document.shape, np.uint8)
    for key, found in strengths(document.snapshot(), keys_in(document.base.bounds)):
        if found is not None:
            out[key[0] * 256:key[0] * 256 + found.shape[0], key[1] * 256:key[1] * 256 + found.shape[1]] = found
    return out


@pytest.mark.parametrize(("channels", "dtype"), [(3, np.uint8), (1, np.uint8), (3, np.uint16), (1, np.uint16)])
def test_it_is_the_largest_difference_of_the_channels(channels, dtype):
    document = photo(channels=channels, dtype=dtype)
    box = Box(200, 250, 320, 600)
    paint(document, box, lambda colours: colours // 2)
    expected = np.zeros(document.shape)
    before = document.photo.pixels[box.slices].astype(float)
    expected[box.slices] = np.ceil((before - before // 2).max(axis=2) * 255 / np.iinfo(dtype).max)
    assert (whole(document) == expected).all()


def test_a_single_bit_of_sixteen_counts():
    document = photo(dtype=np.uint16)
    paint(document, Box(5, 5, 6, 6), lambda colours: colours ^ 1)
    found = whole(document)
    assert found[5, 5] == 1 and found.sum() == 1


def test_what_is_painted_as_it_was_is_no_change():
    document = photo()
    paint(document, Box(0, 0, 300, 300), lambda colours: colours)
    assert document.picture().touched() and not whole(document).any()


def test_hidden_layers_and_planes_change_nothing():
    document = photo()
    paint(document, Box(0, 0, 300, 300), lambda colours: 255 - colours)
    layer_ops.set_visible(document, document.active, False)
    with document.change("Mask") as change:
        change.edit("mask", document.base.bounds, lambda box, pixels: np.full_like(pixels, 255))
    assert not document.picture().touched() and not whole(document).any()


def test_what_is_made_transparent_has_changed():
    opaque, hole = np.full((2, 2, 3), 9, np.uint8), np.full((2, 2, 4), 9, np.uint8)
    hole[..., 3] = 255
    hole[0, 0, 3] = 0
    assert strength(hole, opaque).tolist() == [[255, 0], [0, 0]]


def test_classes_cover_all_strengths_once():
    table = class_table()
    assert table[0] == 0 and (table[1:] > 0).all() and (np.diff(table.astype(int)) >= 0).all()
    assert [int((table == number).sum()) for number in (1, 2, 3)] == [high - low + 1 for low, high in STRENGTHS]


def test_counts_and_a_tile_that_is_as_it_was_again():
    document = photo()
    paint(document, Box(10, 10, 20, 20), lambda colours: np.where(colours > 99, colours - 60, colours + 60))
    paint(document, Box(300, 300, 305, 310), lambda colours: np.where(colours > 9, colours - 5, colours + 5))
    found = ChangeMap(document.shape)
    for key, tile in strengths(document.snapshot(), keys_in(document.base.bounds)):
        found.put(key, tile)
    assert found.counts == (50, 0, 100)
    found.put((0, 0), None)
    assert found.counts == (50, 0, 0) and found.tile((0, 0)) is None


@pytest.mark.parametrize("shape", [(600, 700), (601, 703), (1, 1), (513, 256)])
def test_a_single_pixel_is_seen_at_every_level(shape):
    found = ChangeMap(shape)
    at = shape[0] - 1, shape[1] - 1
    key = at[0] // 256, at[1] // 256
    tile = np.zeros((min(256, shape[0] - 256 * key[0]), min(256, shape[1] - 256 * key[1])), np.uint8)
    tile[-1, -1] = 7
    for level in range(6):
        assert found.tile((key[0] >> level, key[1] >> level), level) is None
    found.put(key, tile)
    for level in range(6):
        reduced = found.tile((key[0] >> level, key[1] >> level), level)
        place = (at[0] >> level) % 256, (at[1] >> level) % 256
        assert reduced[place] == 7 and reduced.sum() == 7
        assert reduced.shape == (place[0] + 1, place[1] + 1)
