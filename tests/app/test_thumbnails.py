"""Small pictures of large surfaces."""

import os

import numpy as np
import pytest
from app_documents import gradient, paint, variant
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from editor.app import thumbnail_cache, thumbnails
from editor.document.document import MASK, SKETCH, Document
from editor.document.photo import Photo
from editor.raster.surface import Box, Surface

BIG = gradient((700, 900))
SURFACE = Surface.from_array(BIG)


@given(st.integers(0, 699), st.integers(0, 899), st.integers(1, 700), st.integers(1, 900),
       st.sampled_from([1, 2, 8, 64, 256]))
def test_samples_are_the_pixels_whose_place_divides_by_the_step(top, left, height, width, step):
    box = Box(top, left, top + height, left + width)
    rows, columns = np.arange(top, min(top + height, 700)), np.arange(left, min(left + width, 900))
    expected = BIG[np.ix_(rows[rows % step == 0], columns[columns % step == 0])]
    np.testing.assert_array_equal(thumbnails.sampled(SURFACE, box, step), expected)


def test_lines_are_dark_on_a_bright_hole_with_the_picture_round_it(document):
    box = Box(60, 80, 100, 140)
    paint(document, MASK, (255,), box)
    paint(document, SKETCH, (255,), Box(70, 80, 72, 140))
    lines = np.zeros((40, 60), np.uint8)
    lines[:, 30:32] = 255
    image = thumbnails.lines_image(document, box, lines, 300)
    top, left = 27, 57  # a square about the hole
    shown = {name: image.pixelColor(x - left, y - top) for name, x, y in (
        ("new", 110, 90), ("drawn", 90, 70), ("hole", 100, 90), ("round", 75, 55))}
    assert shown["new"].lightness() < 20 and shown["drawn"].lightness() < 20
    assert min(shown["hole"].getRgb()[:3]) > 200
    assert shown["round"].getRgb()[:3] == tuple(gradient()[55, 75])


def test_empty_tiles_are_all_zero():
    surface = Surface((600, 600), 4, np.uint16)
    surface.write(np.full((4, 4, 4), 7, np.uint16), (512, 512))
    samples = thumbnails.sampled(surface, surface.bounds, 4)
    assert samples.shape == (150, 150, 4) and samples.sum() == 7 * 4


@pytest.mark.parametrize(("shape", "side"), [((90, 90), 52), ((8000, 6000), 52), ((5, 40000), 104)])
def test_the_step_leaves_enough_to_average_but_not_the_whole_photo(shape, side):
    step = thumbnails.step_for(Box(0, 0, *shape), side)
    longest = max(shape) / step
    assert longest >= min(max(shape), 2 * side) * 0.99
    assert longest <= 4 * side or step == 256


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_photographs_of_every_kind_have_a_thumbnail(qapp, channels, dtype):
    pixels = np.full((300, 200, channels), np.iinfo(dtype).max // 2, dtype)
    pixels[..., -1] = np.iinfo(dtype).max if channels in (2, 4) else pixels[..., -1]
    image = thumbnails.photo_image(Document(Photo(pixels)), 60)
    assert (image.width(), image.height()) == (40, 60)
    colour = image.pixelColor(20, 30)
    assert {colour.red(), colour.green(), colour.blue()} <= {127, 128}


def test_a_one_pixel_photograph_has_one_too(qapp):
    assert not thumbnails.photo_image(Document(Photo(np.zeros((1, 1, 3), np.uint8))), 50).isNull()


def test_a_fill_at_the_photographs_edge_is_shown_within_it(qapp):
    document = Document(Photo(gradient((60, 90))))
    box = thumbnails.variants_box(document, [variant(200)])
    image = thumbnails.variant_image(document, variant(200), box, None, 80)
    assert image.width() >= 60 and image.height() >= 30


def test_fitting_keeps_proportions_and_the_screens_resolution(qapp):
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    pixmap = thumbnails.pixmap(image, QSize(50, 50), 2.0)
    assert (pixmap.width(), pixmap.height(), pixmap.devicePixelRatio()) == (100, 50, 2.0)


def test_cache_gives_back_what_was_stored_until_the_file_changes(tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"1")
    image = thumbnails.to_image(gradient((20, 30)))
    thumbnail_cache.store(photo, image)
    assert thumbnail_cache.load(photo) == image.convertToFormat(thumbnail_cache.load(photo).format())
    photo.write_bytes(b"2")
    os.utime(photo, ns=(1, 1))
    assert thumbnail_cache.load(photo).isNull()


def test_cache_keeps_only_so_many_and_may_fail(tmp_path, monkeypatch):
    image = thumbnails.to_image(gradient((4, 4)))
    for number in range(60):
        photo = tmp_path / f"{number}.jpg"
        photo.touch()
        thumbnail_cache.store(photo, image)
    assert len(list((tmp_path / "cache" / "thumbnails").iterdir())) == 48
    assert not thumbnail_cache.load(tmp_path / "59.jpg").isNull()
    (tmp_path / "file").touch()
    monkeypatch.setenv("PENTIMENTO_CACHE", str(tmp_path / "file"))
    thumbnail_cache.store(photo, image)
    assert thumbnail_cache.load(photo).isNull()
    assert thumbnail_cache.load(tmp_path / "missing.jpg").isNull()
