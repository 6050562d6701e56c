"""The map of changes as a file, of pictures of all kinds."""

import os

import numpy as np
import pytest
from PySide6.QtGui import QImage

from editor.app.canvas.change_overlay import COLOURS
from editor.app.change_commands import share
from editor.app.change_export import write_map, write_mask
from editor.app.pixels import array_of
from editor.document import layer_ops
from editor.document.document import Document
from editor.document.photo import Photo
from editor.engines.contract import Cancelled, no_progress
from editor.errors import UserError


def changed_below(shape: tuple[int, int], channels: int = 3, dtype: type = np.uint8) -> Document:
    """A mid-grey picture whose lower half is white on a layer."""
    full = np.iinfo(dtype).max
    pixels = np.full((*shape, channels), full // 2, dtype)
    pixels.flags.writeable = False
    document = Document(Photo(pixels))
    layer_ops.add_paint_layer(document)
    with document.change("White") as change:
        change.edit(document.active, document.base.bounds._replace(top=shape[0] // 2),
                    lambda box, pixels: np.full_like(pixels, full))
    return document


@pytest.mark.parametrize("shape", [(1, 1), (300, 2), (4, 1300), (513, 700)])
@pytest.mark.parametrize(("channels", "dtype"), [(3, np.uint8), (1, np.uint16), (4, np.uint8)])
def test_any_size_and_kind(qapp, tmp_path, shape, channels, dtype):
    document, path = changed_below(shape, channels, dtype), tmp_path / "map.png"
    half = shape[0] // 2
    write_map(document.snapshot(), path, no_progress)
    drawn = array_of(QImage(str(path)))
    assert drawn.shape[1] == max(shape[1], 480) and drawn.shape[0] > shape[0] + 50
    assert (drawn[half:shape[0], :shape[1]] == COLOURS[2]).all()
    above = drawn[:half, :shape[1]].astype(int)
    assert (above == above[..., :1]).all() and (above < 200).all()
    assert all((drawn[shape[0]:] == colour).all(axis=2).any() for colour in COLOURS)
    write_mask(document.snapshot(), path, no_progress)
    mask = QImage(str(path))
    assert (mask.height(), mask.width()) == shape and mask.format() == QImage.Format.Format_Grayscale8
    values = array_of(mask)[..., 0]
    assert (values[:half] == 0).all() and (values[half:] == 255).all()


@pytest.mark.parametrize("write", [write_map, write_mask])
def test_cancelled_or_refused_it_leaves_nothing(qapp, tmp_path, write):
    def cancel(fraction: float, words: str) -> None:
        if fraction > 0:
            raise Cancelled

    snapshot = changed_below((900, 300)).snapshot()
    with pytest.raises(Cancelled):
        write(snapshot, tmp_path / "map.png", cancel)
    with pytest.raises(UserError, match="folder does not exist"):
        write(snapshot, tmp_path / "none" / "map.png", no_progress)
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(("count", "size", "words"), [
    (0, 100, "0 %"), (100, 100, "100 %"), (1, 48_000_000, "< 0.01 %"), (47_999_999, 48_000_000, "> 99.99 %"),
    (1, 3, "33.33 %")])
def test_shares_are_never_rounded_to_nothing_or_all(count, size, words):
    assert share(count, size) == words
