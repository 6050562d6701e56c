"""A damaged scan from the file to the file: found, corrected, mended in one layer, unfaded, exported as it came."""

import cv2
import numpy as np
import pytest
from doing import (
    CTRL,
    LEFT,
    SHIFT,
    action,
    composite,
    dialog,
    fill_and_wait,
    mask_of,
    message,
    open_and_wait,
    press,
    read_error,
    set_brush,
    show,
    steps,
)
from PIL import Image, ImageCms
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QSpinBox

from editor.app.panels import layer_list
from editor.document.photo import Metadata, Photo
from editor.engines.networks import store
from editor.storage.export import export_photo

KEY = Qt.Key
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.fixture(autouse=True)
def filters_only(tmp_path, monkeypatch):
    """Whatever the networks are worth: what is tested here is the way through the window."""
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")


def a_scan() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A faded picture of 16 bits, the same with scratches and specks, and where they are."""
    y, x = np.mgrid[:300, :440].astype(np.float32)
    tone = np.stack([0.5 + 0.2 * np.sin(x / 80), 0.45 + 0.2 * np.cos(y / 60), 0.4 + 0.15 * np.sin((x + y) / 90)], 2)
    truth = np.rint(65535 * tone).astype(np.uint16)
    damage = np.zeros((300, 440), np.uint8)
    cv2.line(damage, (60, 40), (130, 250), 255, 2)
    for place in ((330, 120), (250, 60), (380, 220), (200, 200)):
        cv2.circle(damage, place, 3, 255, -1)
    return truth, np.where(damage[..., None] > 0, np.uint16(62000), truth), damage > 0


@pytest.fixture
def scan(qtbot, window, hands, tmp_path):
    """Opened from a TIFF of 1200 dpi with a profile."""
    truth, damaged, where = a_scan()
    path = tmp_path / "scan.tif"
    export_photo(Photo(damaged, PROFILE, Metadata(resolution=(1200.0, 1200.0))), damaged, path)
    open_and_wait(qtbot, window, path)
    hands.key(KEY.Key_1, CTRL)
    return truth, damaged, where


def find(qtbot, window, hands, grow: int = 2) -> np.ndarray:
    """Press D, then the button that searches all of it, and wait for the mask."""
    hands.key(KEY.Key_D)
    window.tool_options.own.findChild(QSpinBox, "option-grow").setValue(grow)
    QTest.mouseClick(window.tool_options.own.findChild(QPushButton, "action-find"), LEFT)
    tool = window.tools.tools["damage-finder"]
    qtbot.waitUntil(lambda: tool.busy and not tool.searching and not window.tools.mask_work.busy, timeout=30000)
    return mask_of(window)


def exported(qtbot, window, hands, path) -> Photo:
    """What comes back of an export to that path."""
    hands.key(KEY.Key_E, CTRL | SHIFT)
    box = dialog(qtbot, window, "export-dialog")
    name = box.findChild(QLineEdit, "export-path")
    name.selectAll()
    QTest.keyClicks(name, str(path))
    press(box, "export-accept")
    qtbot.waitUntil(lambda: message(window) == f"Exported {path}", timeout=20000)
    open_and_wait(qtbot, window, path)
    return window.document.photo


def test_found_corrected_mended_unfaded_and_exported(qtbot, window, hands, scan, tmp_path):
    truth, damaged, where = scan
    found = find(qtbot, window, hands)
    assert (found[where] > 0).mean() > 0.9
    hands.key(KEY.Key_E)  # keeps it; one speck is a catch-light, and stays
    set_brush(window, size=30, hardness=1.0)
    hands.stroke((330, 120))
    hands.key(KEY.Key_B)  # and here a loss is taken in that was not found
    set_brush(window, size=24, hardness=1.0)
    hands.stroke((300, 250), (330, 250))
    mask = mask_of(window)
    assert not mask[110:131, 320:341].any() and mask[250, 315] == 255
    fill_and_wait(qtbot, window, hands)
    assert [layer.recipe.engine for layer in window.document.layers] == ["auto"] and not mask_of(window).any()
    mended = composite(window)
    assert np.array_equal(mended[mask == 0], damaged[mask == 0]), "bits outside the repairs are as they were"
    inside = (mask > 0) & where
    assert np.abs(mended[inside].astype(int) - truth[inside]).max() < 0.03 * 65535
    assert np.array_equal(mended[110:131, 320:341], damaged[110:131, 320:341])

    first = exported(qtbot, window, hands, tmp_path / "mended.tif")
    assert first.pixels.dtype == np.uint16 and np.array_equal(first.pixels, mended)
    assert first.profile == PROFILE and first.metadata.resolution == (1200.0, 1200.0)

    hands.key(KEY.Key_U, CTRL)
    qtbot.waitUntil(lambda: bool(window.document.layers), timeout=20000)
    own = window.document.layers[0].adjustment
    expected = np.empty_like(mended)
    for channel, band in enumerate((own.red, own.green, own.blue)):
        values = np.clip((mended[..., channel] / 65535 - band.black) / (band.white - band.black), 0, 1)
        expected[..., channel] = np.rint((values ** (1 / band.gamma)) ** (1 / own.master.gamma) * 65535)
    last = exported(qtbot, window, hands, tmp_path / "unfaded.tif")
    assert np.abs(last.pixels.astype(int) - expected).max() <= 1
    assert last.pixels.dtype == np.uint16 and last.profile == PROFILE and last.metadata.resolution == (1200.0, 1200.0)
    assert last.pixels.std() > 1.3 * mended.std(), "the tone is back"


def test_the_mended_layer_is_hidden_corrected_and_brushed_out_in_places(qtbot, window, hands, scan):
    _, damaged, where = scan
    find(qtbot, window, hands)
    hands.key(KEY.Key_Return)
    fill_and_wait(qtbot, window, hands)
    layer = window.document.layers[0].id
    mended = composite(window)
    # Switched off by its eye.
    view = window.layers.list
    eye = layer_list.eye_rect(view.visualRect(view.model().index(0))).center()
    QTest.mouseClick(view.viewport(), LEFT, pos=eye)
    assert np.array_equal(composite(window), damaged)
    hands.key(KEY.Key_Z, CTRL)
    assert np.array_equal(composite(window), mended)
    # Brushed out locally.
    action(window, "add_layer_mask").trigger()
    window.tools.choose("eraser")
    set_brush(window, size=40, hardness=1.0, pressure_opacity=False)
    hands.stroke((250, 60))
    now = composite(window)
    assert np.array_equal(now[45:76, 235:266], damaged[45:76, 235:266]) and (damaged[60, 250] != mended[60, 250]).any()
    away = np.ones(where.shape, bool)
    away[35:86, 225:276] = False
    assert np.array_equal(now[away], mended[away])
    hands.key(KEY.Key_Z, CTRL)
    hands.key(KEY.Key_Z, CTRL)
    # Reopened, its mask corrected, filled again.
    hands.key(KEY.Key_R, CTRL)
    assert mask_of(window)[60, 250] == 255
    hands.key(KEY.Key_E)
    set_brush(window, size=30, hardness=1.0)
    hands.stroke((250, 60))
    fill_and_wait(qtbot, window, hands)
    assert [one.id for one in window.document.layers] == [layer] and not mask_of(window).any()
    again = composite(window)
    assert np.array_equal(again[50:71, 240:261], damaged[50:71, 240:261])
    assert np.abs(again[where & away].astype(int) - mended[where & away]).max() < 0.02 * 65535


def test_an_undamaged_photo_stays_as_it_is(qtbot, window, hands):
    truth, _, _ = a_scan()
    show(window, Photo(truth))
    assert not find(qtbot, window, hands).any() and "No damage" in message(window)
    hands.key(KEY.Key_Return)
    assert steps(window) == []
    hands.click("fill")
    assert "mask is empty" in message(window) and np.array_equal(composite(window), truth)


def bad_scans(folder) -> dict:
    """Files that people scan, or think that they have."""
    truth, damaged, where = a_scan()
    small = (damaged // 257).astype(np.uint8)
    pictures = {"blank.png": Image.new("RGB", (440, 300), "white"), "negative.png": Image.fromarray(255 - small),
                "one_bit.png": Image.fromarray(small[..., 1]).convert("1"),
                "palette.png": Image.fromarray(small).quantize(64), "tiny.png": Image.fromarray(small[:20, :20])}
    for name, picture in pictures.items():
        picture.save(folder / name)
    return {name: folder / name for name in pictures}


@pytest.mark.parametrize("name", ["blank.png", "negative.png", "one_bit.png", "palette.png", "tiny.png"])
def test_strange_scans_are_searched_and_mended_or_left(qtbot, window, hands, tmp_path, name):
    open_and_wait(qtbot, window, bad_scans(tmp_path)[name])
    before = composite(window)
    mask = find(qtbot, window, hands)
    hands.key(KEY.Key_Return)
    if name == "blank.png":
        assert not mask.any()
    if mask.all():  # nothing is left to mend it from
        hands.click("fill")
        assert "whole photo" in read_error(qtbot, window)
    elif mask.any():
        fill_and_wait(qtbot, window, hands)
        assert np.array_equal(composite(window)[mask == 0], before[mask == 0])
    else:
        assert np.array_equal(composite(window), before)
