"""Layers' masks on disk: our own projects, other programs, the session's log."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from projects import a_busy_document, assert_same, assert_same_surface
from sessions import assert_same_history, history_of, killed, recovered

from editor.document import layer_masks, layer_ops
from editor.document.document import Document
from editor.document.layers import mask_name
from editor.raster.surface import Box
from editor.storage.openraster import load_project, save_project
from editor.storage.session import Session


def masked(dtype=np.uint8, channels: int = 3, on: bool = True) -> tuple[Document, str]:
    """A busy document whose paint layer has a mask with a soft edge, and the layer's id."""
    document = a_busy_document(dtype, channels)
    layer_id = document.layers[0].id
    layer_masks.add(document, layer_id)
    with document.change("Hide") as change:
        change.edit(mask_name(layer_id), Box(120, 0, 220, 530), lambda part, old: np.tile(
            np.linspace(0, 255, part.width).astype(np.uint8)[None, :, None], (part.height, 1, 1)))
        change.edit(mask_name(layer_id), Box(230, 210, 260, 300), lambda part, old: np.full(old.shape, 255, np.uint8))
    layer_masks.set_on(document, layer_id, on)
    return document, layer_id


@pytest.mark.parametrize("on", [True, False])
@pytest.mark.parametrize(("dtype", "channels"), [(np.uint8, 3), (np.uint16, 1), (np.uint16, 4)])
def test_a_project_keeps_mask_and_layer_to_the_last_bit(tmp_path, read_photo, dtype, channels, on):
    document, layer_id = masked(dtype, channels, on)
    save_project(document.snapshot(), tmp_path / "p.ora")
    back = load_project(tmp_path / "p.ora", read_photo)
    assert_same(back, document)
    assert_same_surface(back.surfaces[mask_name(layer_id)], document.surfaces[mask_name(layer_id)])
    assert back.layers[0].masked and back.layers[0].mask_on is on and not back.photo.notices
    whole = document.base.bounds
    assert np.array_equal(back.picture().read(whole), document.picture().read(whole))
    again = Document.from_snapshot(back)
    layer_masks.remove(again, layer_id)
    layer_masks.remove(document, layer_id)
    assert np.array_equal(again.picture().read(whole), document.picture().read(whole))


def test_other_programs_see_the_layer_as_it_is_shown(tmp_path):
    document, layer_id = masked()
    save_project(document.snapshot(), tmp_path / "p.ora")
    with zipfile.ZipFile(tmp_path / "p.ora") as archive:
        pixels = np.asarray(Image.open(io.BytesIO(archive.read(f"data/{layer_id}.png"))))
    own = document.surfaces[layer_id].content_box(hidden=True)
    alpha = document.surfaces[layer_id].read(own)[..., 3].astype(float)
    hidden = document.surfaces[mask_name(layer_id)].read(own)[..., 0]
    assert np.abs(pixels[..., 3] - alpha * (1 - hidden / 255)).max() <= 0.51


def with_another_picture(path: Path, name: str) -> None:
    """As a program that painted on a layer would leave the project."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    picture = np.asarray(Image.open(io.BytesIO(parts[name]))).copy()
    picture[5:9, 5:9] = 255
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "png")
    with zipfile.ZipFile(path, "w") as archive:
        for entry, data in parts.items():
            archive.writestr(entry, stream.getvalue() if entry == name else data)


def test_a_mask_is_part_of_the_layer_that_another_program_has_changed(tmp_path, read_photo):
    document, layer_id = masked()
    save_project(document.snapshot(), tmp_path / "p.ora")
    with_another_picture(tmp_path / "p.ora", f"data/{layer_id}.png")
    back = load_project(tmp_path / "p.ora", read_photo)
    assert not back.layers[0].masked and mask_name(layer_id) not in back.surfaces
    assert any("its mask is part of it" in notice for notice in back.photo.notices)
    box = Box(120, 480, 220, 530)  # hidden nearly wholly
    assert back.surfaces[layer_id].read(box)[..., 3].max(initial=0) < 40


def test_a_damaged_mask_costs_the_mask_and_not_the_project(tmp_path, read_photo):
    document, layer_id = masked()
    save_project(document.snapshot(), tmp_path / "p.ora")
    with zipfile.ZipFile(tmp_path / "p.ora") as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    manifest = parts["pentimento/document.json"]
    assert b'"mask":{"hidden":' in manifest
    parts["pentimento/document.json"] = manifest.replace(b'"mask":{"hidden":', b'"mask":{"hidde":')
    with zipfile.ZipFile(tmp_path / "p.ora", "w") as archive:
        for entry, data in parts.items():
            archive.writestr(entry, data)
    back = load_project(tmp_path / "p.ora", read_photo)
    assert not back.layers[0].masked and len(back.layers) == len(document.layers)
    assert any("mask" in notice and "could not be read" in notice for notice in back.photo.notices)


def test_a_killed_session_brings_masks_back_with_their_history(tmp_path, read_photo, photo_file):
    document = Document(read_photo(photo_file))
    session = Session(document, tmp_path / "sessions")
    layer = layer_ops.add_paint_layer(document)
    with document.change("Paint") as change:
        change.edit(layer.id, Box(10, 10, 200, 400), lambda part, old: np.full(old.shape, 200, np.uint8))
    layer_masks.add(document, layer.id)
    with document.change("Hide") as change:
        change.edit(mask_name(layer.id), Box(10, 10, 90, 90), lambda part, old: np.full(old.shape, 99, np.uint8))
    layer_masks.invert(document, layer.id)
    layer_masks.set_on(document, layer.id, False)
    document.undo()
    expected = history_of(document)
    seen = document.picture().read(document.base.bounds)
    again, session = recovered(killed(session), read_photo)
    assert_same_history(history_of(again), expected)
    assert np.array_equal(again.picture().read(again.base.bounds), seen)
    assert again.layers[0].masked and again.layers[0].mask_on
    session.close(discard=True)


def test_a_recovered_project_has_its_masks(tmp_path, read_photo):
    document, layer_id = masked()
    save_project(document.snapshot(), tmp_path / "p.ora")
    opened = Document.from_snapshot(load_project(tmp_path / "p.ora", read_photo))
    session = Session(opened, tmp_path / "sessions")
    layer_masks.invert(opened, layer_id)
    seen = opened.picture().read(opened.base.bounds)
    again, session = recovered(killed(session), read_photo)
    assert np.array_equal(again.picture().read(again.base.bounds), seen)
    again.undo()
    assert np.array_equal(again.picture().read(again.base.bounds), document.picture().read(document.base.bounds))
    session.close(discard=True)
