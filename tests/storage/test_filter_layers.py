"""Filter layers in projects and in recovered work."""

import json

import cv2
import numpy as np
import pytest
from ora_samples import rewritten
from projects import a_photo, assert_same
from sessions import killed, recovered, write_photo

from editor.document import fills, filter_layers
from editor.document.document import Document
from editor.document.layers import Filtered
from editor.document.transforms import transform
from editor.raster.surface import Box, Surface
from editor.raster.transforms import Crop
from editor.storage.openraster import load_project, save_project
from editor.storage.session import Session

MADE_BY = {"amount": 0.25, "size": 12, "spare": True, "peaks": "1,2;3,4"}
BOX = Box(20, 30, 200, 400)


def with_a_filter_layer(document: Document) -> Document:
    pixels = document.picture().read(document.base.bounds) // 2
    pixels = np.concatenate([pixels, np.full_like(pixels[..., :1], np.iinfo(pixels.dtype).max)], axis=2)
    mask = Surface(document.shape, 1, np.uint8)
    mask.write(np.full((180, 370, 1), 255, np.uint8), (20, 30))
    filter_layers.add(document, "Denoise", Filtered("denoise", MADE_BY, fills.digest(document, BOX), BOX),
                      Surface.from_array(pixels), None, mask)
    return document


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_project_keeps_what_made_them_and_they_are_still_up_to_date(tmp_path, read_photo, dtype):
    document = with_a_filter_layer(Document(a_photo(dtype)))
    save_project(document.snapshot(), tmp_path / "project.ora")
    again = Document.from_snapshot(load_project(tmp_path / "project.ora", read_photo))
    assert_same(again, document)
    assert again.layers[0].filtered == Filtered("denoise", MADE_BY, document.layers[0].filtered.beneath, BOX)
    assert again.layers[0].masked and not fills.is_stale(again, again.layers[0].id)


def test_one_that_another_program_painted_on_is_a_paint_layer(tmp_path, read_photo):
    document = with_a_filter_layer(Document(a_photo()))

    def painted(name: str, data: bytes) -> bytes:
        if document.layers[0].id not in name:
            return data
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        pixels[5:9] = 255
        return cv2.imencode(".png", pixels)[1].tobytes()

    save_project(document.snapshot(), tmp_path / "project.ora")
    rewritten(tmp_path / "project.ora", painted)
    snapshot = load_project(tmp_path / "project.ora", read_photo)
    assert snapshot.layers[0].filtered is None
    assert any("it is a paint layer now" in notice for notice in snapshot.photo.notices)


@pytest.mark.parametrize("forged, read", [
    (None, False), ("x", False), ({"name": "denoise"}, False), ({"name": "denoise", "settings": 5}, False),
    ({"name": "no-such", "settings": {}, "beneath": "", "box": None}, True),
    ({"name": "denoise", "settings": {}, "beneath": "", "box": [0, 0, 10**12, 10**12]}, True),
    ({"name": "denoise", "settings": {}, "beneath": "", "box": [1, 2]}, False)])
def test_what_cannot_be_does_not_stop_a_project(tmp_path, read_photo, forged, read):
    def change(name: str, data: bytes) -> bytes:
        if name != "pentimento/document.json":
            return data
        value = json.loads(data)
        value["layers"][0]["filtered"] = forged
        return json.dumps(value).encode()

    save_project(with_a_filter_layer(Document(a_photo())).snapshot(), tmp_path / "project.ora")
    rewritten(tmp_path / "project.ora", change)
    document = Document.from_snapshot(load_project(tmp_path / "project.ora", read_photo))
    layer = document.layers[0]
    assert (layer.filtered is not None) == read
    if read:
        assert fills.is_stale(document, layer.id)


def test_killed_work_comes_back_with_them_and_with_what_was_done_to_them(tmp_path, read_photo):
    document = Document(read_photo(write_photo(tmp_path / "photo.png")))
    session = Session(document, tmp_path / "sessions")
    with_a_filter_layer(document)
    transform(document, "Crop", Crop(Box(10, 10, 290, 300)))
    document.undo()
    document.redo()
    again, session = recovered(killed(session), read_photo)
    assert_same(again, document)
    assert again.layers == document.layers and again.layers[0].filtered.box == Box(10, 20, 190, 290)
    again.undo()
    assert again.layers[0].filtered.box == BOX
    again.undo()
    assert not again.layers
    session.close(discard=True)
