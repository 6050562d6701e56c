"""What did I change: the map over the picture, the figures, the map as a file."""

import numpy as np
import pytest
from doing import (
    ALT,
    CTRL,
    SHIFT,
    a_picture,
    choose_file,
    composite,
    dialog,
    message,
    read_error,
    seen_photo,
    show,
)
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel

from editor.app.canvas.change_overlay import COLOURS
from editor.app.change_commands import MASK
from editor.app.pixels import array_of
from editor.document import layer_ops
from editor.document.photo import Photo


@pytest.fixture
def painted(window, hands):
    """A photograph at 100 % with a red stroke across it, on a layer of its own."""
    show(window, Photo(a_picture()))
    layer_ops.add_paint_layer(window.document)
    window.tools.choose("paint-brush")
    window.tools.palette.choose((255, 0, 0))
    window.tools.brush_tool.set_brush(size=40, hardness=1.0, pressure_opacity=False)
    hands.stroke((100, 100), (300, 150))
    return window


def changed(window) -> np.ndarray:
    """Which pixels differ from the photograph, found in another way: (h, w) bool."""
    return (composite(window) != window.document.photo.pixels).any(axis=2)


def label(window) -> str:
    return window.findChild(QLabel, "changes").text()


def show_map(qtbot, window, hands) -> None:
    hands.key(Qt.Key.Key_M, CTRL | ALT)
    wait_for_map(qtbot, window)


def wait_for_map(qtbot, window) -> None:
    watch = window.controllers.changes._watch
    qtbot.waitUntil(lambda: watch.whole and watch.map is not None and not watch._quiet.isActive(), timeout=10000)


def coloured(window) -> np.ndarray:
    """Which pixels the map covers on the canvas, by comparing with the canvas without it: (h, w) bool."""
    window.tools.choose("hand")
    covered = seen_photo(window)
    window.controllers.changes._overlay.show(None)
    plain = seen_photo(window)
    window.controllers.changes._show()
    return (covered != plain).any(axis=2)


def test_every_changed_pixel_is_covered_and_no_other(qtbot, painted, hands):
    show_map(qtbot, painted, hands)
    assert 5000 < changed(painted).sum() < 20000
    assert (coloured(painted) == changed(painted)).all()
    count = int(changed(painted).sum())
    assert label(painted) == f"Changed: {count:,} px, {100 * count / (300 * 440):.2f} %"
    hands.key(Qt.Key.Key_M, CTRL | ALT)
    assert not painted.findChild(QLabel, "changes").isVisible()


def test_the_map_follows_work_undo_and_hidden_layers(qtbot, painted, hands):
    show_map(qtbot, painted, hands)
    first = label(painted)
    painted.tools.choose("paint-brush")
    hands.stroke((50, 250), (400, 250))
    wait_for_map(qtbot, painted)
    assert label(painted).startswith(f"Changed: {int(changed(painted).sum()):,} px") and label(painted) != first
    hands.key(Qt.Key.Key_Z, CTRL)
    wait_for_map(qtbot, painted)
    assert label(painted) == first
    layer_ops.set_visible(painted.document, painted.document.active, False)
    wait_for_map(qtbot, painted)
    assert label(painted) == "Changed: 0 px, 0 %" and not coloured(painted).any()


def test_each_tab_has_its_own_map(qtbot, painted, hands):
    from editor.app.file_controller import OpenFile
    from editor.document.document import Document

    show_map(qtbot, painted, hands)
    first = label(painted)
    painted.files.controller.opened.emit(OpenFile(Document(Photo(a_picture())), "other.png"), False)
    wait_for_map(qtbot, painted)
    assert label(painted) == "Changed: 0 px, 0 %"
    hands.key(Qt.Key.Key_Tab, CTRL | SHIFT)
    wait_for_map(qtbot, painted)
    assert label(painted) == first


def test_one_changed_pixel_is_seen_in_the_whole_of_a_large_photograph(qtbot, window, hands):
    document = show(window, Photo(a_picture(shape=(1500, 2600))))
    layer_ops.add_paint_layer(document)
    box = document.base.bounds._replace(top=701, bottom=702, left=1301, right=1302)
    with document.change("One") as change:
        change.edit(document.active, box, lambda part, pixels: np.full_like(pixels, 255))
    show_map(qtbot, window, hands)
    assert window.canvas.view.scale < 0.5
    window.tools.choose("hand")
    shown = array_of(window.canvas.grab().toImage())[..., :3].astype(int)
    x, y = (int(value) for value in window.canvas.view.to_device(1301.5, 701.5))
    near = shown[y - 1:y + 2, x - 1:x + 2].reshape(-1, 3)
    assert (np.abs(near - COLOURS[2]).max(axis=1) < 70).any()
    assert label(window) == "Changed: 1 px, < 0.01 %"


@pytest.mark.parametrize(("channels", "dtype"), [(3, np.uint8), (1, np.uint16)])
def test_the_mask_as_a_file(qtbot, painted, hands, tmp_path, channels, dtype):
    if channels == 1:
        document = show(painted, Photo(a_picture(dtype, channels)))
        layer_ops.add_paint_layer(document)
        hands.stroke((100, 100), (300, 150))
    hands.key(Qt.Key.Key_E, CTRL | ALT)
    dialog(qtbot, painted, "changes-dialog").selectNameFilter(MASK)
    choose_file(qtbot, painted, "changes-dialog", tmp_path / "mask.png")
    qtbot.waitUntil(lambda: message(painted).startswith("Exported"), timeout=10000)
    picture = QImage(str(tmp_path / "mask.png"))
    assert picture.isGrayscale() and picture.depth() == 8
    assert (array_of(picture)[..., 0] == np.where(changed(painted), 255, 0)).all()


def test_the_map_as_a_file_with_a_legend(qtbot, painted, hands, tmp_path):
    hands.key(Qt.Key.Key_E, CTRL | ALT)
    choose_file(qtbot, painted, "changes-dialog", tmp_path / "map.png")
    qtbot.waitUntil(lambda: message(painted).startswith("Exported"), timeout=10000)
    drawn = array_of(QImage(str(tmp_path / "map.png")))
    assert drawn.shape[0] > 300 + 60 and drawn.shape[1] >= 440
    here = drawn[:300, :440].astype(int)
    apart = np.abs(composite(painted).astype(int) - painted.document.photo.pixels).max(axis=2)
    for (low, high), colour in zip(((1, 8), (9, 48), (49, 255)), COLOURS, strict=True):
        assert ((here == colour).all(axis=2) == ((apart >= low) & (apart <= high))).all()
    plain = here[apart == 0]
    assert (plain == plain[:, :1]).all() and plain.max() < 160, "the rest is a dim grey"
    legend = drawn[300:]
    assert all((legend == colour).all(axis=2).sum() > 100 for colour in COLOURS)
    assert (legend > 200).all(axis=2).sum() > 300, "there are words"


def test_neither_the_photograph_nor_a_missing_folder_is_written_to(qtbot, opened, hands, photo, tmp_path):
    before = photo.read_bytes()
    for path, words in ((photo, "the photograph itself"), (tmp_path / "none" / "map.png", "folder does not exist"),
                        (tmp_path / "map.jpg", "ends in .png")):
        opened.controllers.changes._export(opened.document, path, legend=True)
        assert words in read_error(qtbot, opened)
    assert photo.read_bytes() == before and not (tmp_path / "map.jpg").exists()


def test_choosing_another_layer_is_no_change(qtbot, painted, hands):
    show_map(qtbot, painted, hands)
    watch = painted.controllers.changes._watch
    painted.document.activate(None)
    assert watch.whole
    layer_ops.set_opacity(painted.document, painted.document.layers[0].id, 0.5)
    assert not watch.whole
    wait_for_map(qtbot, painted)
    assert (coloured(painted) == changed(painted)).all()
