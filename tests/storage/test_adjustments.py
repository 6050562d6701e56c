"""Adjustment layers on disk: our own projects, other programs, the session's log."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from projects import a_busy_document, assert_same, assert_same_surface
from sessions import assert_same_history, history_of, killed, recovered

from editor.document import adjustment_layers
from editor.document.document import Document
from editor.document.layers import mask_name
from editor.raster.adjustments import Band, Curve, Curves, Levels, apply
from editor.raster.surface import Box
from editor.storage.openraster import load_project, save_project
from editor.storage.openraster_parts import MANIFEST
from editor.storage.session import Session

_LEVELS = Levels(Band(0.1, 0.85, 1.25), red=Band(high=0.95), blue=Band(1 / 3, 2 / 3))
_CURVES = Curves(Curve(((0.0, 0.1), (0.3, 0.2), (0.9, 1.0))), green=Curve(((0.0, 0.0), (1.0, 0.9))))


def adjusted(dtype=np.uint8, channels: int = 3) -> Document:
    """A busy document with levels and curves over it, the one limited by a mask with a soft edge."""
    document = a_busy_document(dtype, channels)
    levels = adjustment_layers.add(document, _LEVELS, document.layers[-1].id)
    with document.change("Hide") as change:
        change.edit(mask_name(levels.id), Box(120, 0, 220, 530), lambda part, old: np.tile(
            np.linspace(0, 255, part.width).astype(np.uint8)[None, :, None], (part.height, 1, 1)))
    adjustment_layers.add(document, _CURVES, levels.id)
    return document


def rewritten(path: Path, name: str, data: bytes) -> None:
    """One entry of an archive, as another program would leave it."""
    with zipfile.ZipFile(path) as archive:
        entries = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive:
        for info, old in entries:
            archive.writestr(info, data if info.filename == name else old)


@pytest.mark.parametrize(("dtype", "channels"), [(np.uint8, 3), (np.uint16, 1), (np.uint16, 4)])
def test_a_project_keeps_them_with_their_masks(tmp_path, read_photo, dtype, channels):
    document = adjusted(dtype, channels)
    save_project(document.snapshot(), tmp_path / "p.ora")
    back = load_project(tmp_path / "p.ora", read_photo)
    assert_same(back, document)
    assert [layer.adjustment for layer in back.layers[-2:]] == [_LEVELS, _CURVES] and not back.photo.notices
    hidden = mask_name(back.layers[-2].id)
    assert_same_surface(back.surfaces[hidden], document.surfaces[hidden])
    whole = document.base.bounds
    assert np.array_equal(back.picture().read(whole), document.picture().read(whole))


def test_other_programs_see_an_empty_layer_and_the_merged_picture_is_right(tmp_path):
    document = Document(a_busy_document().photo)
    layer = adjustment_layers.add(document, _LEVELS, None)
    save_project(document.snapshot(), tmp_path / "p.ora")
    with zipfile.ZipFile(tmp_path / "p.ora") as archive:
        own, merged = (np.asarray(Image.open(io.BytesIO(archive.read(name))))
                       for name in (f"data/{layer.id}.png", "mergedimage.png"))
    assert not own.any()
    assert np.array_equal(merged, apply(_LEVELS, document.photo.pixels))


def test_one_that_was_painted_on_elsewhere_is_a_paint_layer(tmp_path, read_photo):
    document = Document(a_busy_document().photo)
    layer = adjustment_layers.add(document, _LEVELS, None)
    save_project(document.snapshot(), tmp_path / "p.ora")
    png = io.BytesIO()
    Image.fromarray(np.full((40, 50, 4), 255, np.uint8)).save(png, "PNG")
    rewritten(tmp_path / "p.ora", f"data/{layer.id}.png", png.getvalue())
    back = load_project(tmp_path / "p.ora", read_photo)
    assert back.layers[0].adjustment is None and "painted on in another program" in " ".join(back.photo.notices)
    assert (back.picture().read(Box(0, 0, 40, 50)) == 255).all()


@pytest.mark.parametrize("wrong", [
    {"kind": "magic"}, {"kind": "levels"}, [], {"kind": "curves", **dict.fromkeys(
        ("master", "red", "green", "blue"), {"points": [[1, 0], [0, 1]]})}])
def test_one_that_cannot_be_read_is_an_empty_layer(tmp_path, read_photo, wrong):
    document = Document(a_busy_document().photo)
    adjustment_layers.add(document, _LEVELS, None)
    save_project(document.snapshot(), tmp_path / "p.ora")
    with zipfile.ZipFile(tmp_path / "p.ora") as archive:
        manifest = json.loads(archive.read(MANIFEST))
    manifest["layers"][0]["adjustment"] = wrong
    rewritten(tmp_path / "p.ora", MANIFEST, json.dumps(manifest).encode())
    back = load_project(tmp_path / "p.ora", read_photo)
    assert back.layers[0].adjustment is None and "could not be read" in " ".join(back.photo.notices)
    assert np.array_equal(back.picture().read(document.base.bounds), document.photo.pixels)


def test_work_on_them_is_recovered(tmp_path, photo_file, read_photo):
    document = Document(read_photo(photo_file))
    session = Session(document, tmp_path / "sessions")
    layer = adjustment_layers.add(document, _LEVELS, None)
    with document.change("Hide") as change:
        change.edit(mask_name(layer.id), Box(20, 30, 90, 120), lambda part, old: np.full_like(old, 200))
    adjustment_layers.change(document, layer.id, Levels(Band(gamma=2.0)))
    adjustment_layers.add(document, _CURVES, layer.id)
    document.undo()
    expected = history_of(document)
    again, session = recovered(killed(session), read_photo)
    assert_same_history(history_of(again), expected)
    assert again.layer(layer.id).adjustment == Levels(Band(gamma=2.0))
    session.close(discard=True)
