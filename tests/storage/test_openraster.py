"""Projects saved and opened again: everything comes back, bit for bit, and other programs see the same picture."""

import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from projects import SHAPE, a_busy_document, a_photo, assert_same, every_metadata

from editor.document import layer_ops
from editor.document.document import Document
from editor.document.layers import Layer
from editor.engines.contract import Cancelled
from editor.errors import UserError
from editor.raster.surface import Box
from editor.storage import png_strips
from editor.storage.openraster import load_project, save_project
from editor.storage.openraster_write import thumbnail


def pixels_in(path: Path, entry: str) -> np.ndarray:
    """A picture of a project as any PNG reader sees it: (h, w, c)."""
    with zipfile.ZipFile(path) as archive:
        pixels = cv2.imdecode(np.frombuffer(archive.read(entry), np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels.ndim == 2:
        return pixels[..., None]
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA)


def stack_in(path: Path) -> list[dict]:
    """The attributes of a project's layers, top first."""
    with zipfile.ZipFile(path) as archive:
        return [layer.attrib for layer in ElementTree.fromstring(archive.read("stack.xml")).iter("layer")]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_everything_comes_back_bit_for_bit(tmp_path, read_photo, dtype, channels):
    document = a_busy_document(dtype, channels, metadata=every_metadata(), format="jpeg")
    saved = document.snapshot()
    assert save_project(saved, tmp_path / "p.ora") == ()
    again = load_project(tmp_path / "p.ora", read_photo)
    assert_same(again, saved)
    assert again.photo.notices == ()
    assert_same(Document.from_snapshot(again), document)


def test_saving_what_was_opened_gives_the_same_again(tmp_path, read_photo):
    save_project(a_busy_document().snapshot(), tmp_path / "one.ora")
    one = load_project(tmp_path / "one.ora", read_photo)
    save_project(one, tmp_path / "two.ora")
    assert_same(load_project(tmp_path / "two.ora", read_photo), one)


def test_arrays_that_recipes_and_planes_share_are_kept_once(tmp_path, read_photo):
    again = a_busy_document().snapshot()
    fill = again.layers[1]
    twin = replace(fill, id="0" * 32, name="twin", recipe=replace(fill.recipe, seed=2))
    surfaces = {**again.surfaces, twin.id: again.surfaces[fill.id]}
    save_project(again, tmp_path / "one.ora")
    save_project(replace(again, layers=(*again.layers, twin), surfaces=surfaces), tmp_path / "two.ora")
    sizes = []
    for name in ("one.ora", "two.ora"):
        with zipfile.ZipFile(tmp_path / name) as archive:
            sizes.append(archive.getinfo("pentimento/arrays").file_size)
    assert sizes[0] == sizes[1] > 1000
    first, second = (layer.recipe for layer in load_project(tmp_path / "two.ora", read_photo).layers if layer.recipe)
    assert first.variants[0].patches[0].pixels is second.variants[0].patches[0].pixels


@pytest.mark.parametrize("rows", [255, 256, 257, 513])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pictures_of_any_kind_and_height_are_written_as_sound_pngs(tmp_path, read_photo, dtype, channels, rows):
    photo = a_photo(dtype, channels, (rows, 5))
    save_project(Document(photo).snapshot(), tmp_path / "p.ora")
    for entry in ("data/photograph.png", "mergedimage.png"):
        with zipfile.ZipFile(tmp_path / "p.ora") as archive:
            (tmp_path / "x.png").write_bytes(archive.read(entry))
        assert np.array_equal(read_photo(tmp_path / "x.png").pixels, photo.pixels)


def test_checksums_of_strips_join_to_that_of_the_whole():
    rng = np.random.default_rng(1)
    data = rng.bytes(200_000)
    for cut in (0, 1, 65521, 199_999):
        joined = png_strips._joined(zlib.adler32(data[:cut]), zlib.adler32(data[cut:]), len(data) - cut)
        assert joined == zlib.adler32(data)


def test_other_programs_see_the_same_picture(tmp_path):
    document = a_busy_document(np.uint16)
    save_project(document.snapshot(), tmp_path / "p.ora")
    assert np.array_equal(pixels_in(tmp_path / "p.ora", "mergedimage.png"),
                          document.picture().read(document.base.bounds))
    stack = stack_in(tmp_path / "p.ora")
    assert [layer["name"] for layer in stack] == [
        'Name with "quotes", <brackets> & ünïcode', "Fill 1", "Paint 1", "Photograph"]
    assert [layer["visibility"] for layer in stack] == ["hidden", "visible", "visible", "visible"]
    assert [layer["edit-locked"] for layer in stack] == ["false", "true", "false", "true"]
    assert [layer.get("selected") for layer in stack] == ["true", None, None, None]
    assert (float(stack[2]["opacity"]), stack[2]["composite-op"]) == (1 / 3, "svg:multiply")
    for attributes, layer in zip(stack, [*reversed(document.layers), None], strict=True):
        pixels = pixels_in(tmp_path / "p.ora", attributes["src"])
        top, left = int(attributes["y"]), int(attributes["x"])
        box = Box(top, left, top + pixels.shape[0], left + pixels.shape[1])
        surface = document.base if layer is None else document.surfaces[layer.id]
        assert np.array_equal(pixels, surface.read(box))
    paint = stack[2]
    assert (paint["x"], paint["y"]) == ("200", "100")  # cropped to what is painted
    assert pixels_in(tmp_path / "p.ora", paint["src"]).shape == (190, 270, 4)


def test_the_archive_is_laid_out_as_the_specification_says(tmp_path):
    save_project(a_busy_document(metadata=every_metadata()).snapshot(), tmp_path / "p.ora")
    data = (tmp_path / "p.ora").read_bytes()
    assert data[30:54] == b"mimetypeimage/openraster"
    with zipfile.ZipFile(tmp_path / "p.ora") as archive:
        assert archive.testzip() is None
        assert {info.compress_type for info in archive.infolist()} <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
        image = ElementTree.fromstring(archive.read("stack.xml"))
        assert image.attrib == {"version": "0.0.6", "w": "530", "h": "300", "xres": "300", "yres": "240"}
        assert set(archive.namelist()) >= {"data/photograph.png", "Thumbnails/thumbnail.png", "mergedimage.png"}
    assert pixels_in(tmp_path / "p.ora", "Thumbnails/thumbnail.png").shape == (145, 256, 3)


@pytest.mark.parametrize("shape", [(3, 4000), (100, 200), (256, 256), (1000, 700)])
def test_thumbnails_are_as_large_as_they_may_be_and_show_the_picture(shape):
    photo = a_photo(np.uint16, 4, shape)
    small = thumbnail(Document(photo).picture(), None)
    scale = min(1, 256 / max(shape))
    assert small.shape == (*(max(round(side * scale), 1) for side in shape), 4) and small.dtype == np.uint8
    wanted = cv2.resize(photo.pixels, small.shape[1::-1], interpolation=cv2.INTER_AREA) / 257
    assert np.abs(small[..., 3] - wanted[..., 3]).max() < 12


def test_the_profile_goes_into_every_picture(tmp_path, read_photo):
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    profile = profile[:16] + b"RGB " + profile[20:]
    document = Document(a_photo(profile=profile))
    layer_ops.add_paint_layer(document)
    save_project(document.snapshot(), tmp_path / "p.ora")
    with zipfile.ZipFile(tmp_path / "p.ora") as archive:
        for name in archive.namelist():
            if name.endswith(".png"):
                assert (b"iCCP" in archive.read(name)[:100]) == ("Thumbnails" not in name)
    assert load_project(tmp_path / "p.ora", read_photo).photo.profile == profile


def test_deep_pictures_without_a_profile_get_srgb_for_other_programs_and_come_back_without(tmp_path, read_photo):
    document = a_busy_document(np.uint16)
    save_project(document.snapshot(), tmp_path / "p.ora")
    for entry in ("data/photograph.png", "mergedimage.png"):
        with zipfile.ZipFile(tmp_path / "p.ora") as archive:
            (tmp_path / "x.png").write_bytes(archive.read(entry))
        assert read_photo(tmp_path / "x.png").profile[16:20] == b"RGB "
    assert load_project(tmp_path / "p.ora", read_photo).photo.profile is None


@pytest.mark.parametrize("mode", ["svg:dst-out", "svg:dst-in", "svg:plus", "svg:luminosity"])
def test_modes_that_cut_the_photograph_away_show_in_the_merged_image(tmp_path, mode):
    document = Document(a_photo())
    layer = layer_ops.add_paint_layer(document)
    with document.change("Stroke") as change:
        change.edit(layer.id, Box(10, 10, 40, 40), lambda part, old: np.full(old.shape, 190, np.uint8))
    layer_ops.set_mode(document, layer.id, mode)
    save_project(document.snapshot(), tmp_path / "p.ora")
    assert np.array_equal(pixels_in(tmp_path / "p.ora", "mergedimage.png"),
                          document.picture().read(document.base.bounds))


def test_the_photographs_own_file_is_in_the_project_and_in_what_is_saved_from_it(tmp_path, read_photo):
    cv2.imwrite(str(tmp_path / "photo.jpg"), a_photo().pixels)
    photo = read_photo(tmp_path / "photo.jpg")
    data = (tmp_path / "photo.jpg").read_bytes()
    save_project(Document(photo).snapshot(), tmp_path / "one.ora")
    again = load_project(tmp_path / "one.ora", read_photo)
    assert again.photo.metadata == photo.metadata and again.photo.format == "jpeg"
    (tmp_path / "photo.jpg").unlink()
    save_project(again, tmp_path / "two.ora")
    save_project(again, tmp_path / "one.ora")  # over the very file that it is read from
    for name in ("one.ora", "two.ora"):
        with zipfile.ZipFile(tmp_path / name) as archive:
            assert archive.read("pentimento/photo.jpg") == data
            assert archive.getinfo("pentimento/photo.jpg").compress_type == zipfile.ZIP_STORED


def test_a_photograph_that_is_gone_is_told_and_the_project_is_saved_all_the_same(tmp_path, read_photo):
    document = Document(a_photo(source=tmp_path / "gone.png"))
    (notice,) = save_project(document.snapshot(), tmp_path / "p.ora")
    assert "gone.png" in notice and "No such file" in notice
    assert np.array_equal(load_project(tmp_path / "p.ora", read_photo).photo.pixels, document.photo.pixels)


def test_a_project_whose_photograph_is_damaged_can_be_saved_anew(tmp_path, read_photo):
    (tmp_path / "photo.png").write_bytes(bytes(range(256)) * 100)
    document = Document(a_photo(source=tmp_path / "photo.png"))
    save_project(document.snapshot(), tmp_path / "p.ora")
    data = bytearray((tmp_path / "p.ora").read_bytes())
    data[data.index(bytes(range(256)) * 100) + 5000] ^= 1
    (tmp_path / "p.ora").write_bytes(data)
    again = load_project(tmp_path / "p.ora", read_photo)
    (notice,) = save_project(again, tmp_path / "p.ora")
    assert "damaged" in notice
    with zipfile.ZipFile(tmp_path / "p.ora") as archive:
        assert archive.testzip() is None


def test_cancelling_at_any_moment_leaves_the_old_project_and_nothing_else(tmp_path, read_photo):
    document = a_busy_document()
    (tmp_path / "photo.png").write_bytes(b"photo")
    snapshot = replace(document.snapshot(), photo=replace(document.photo, source=tmp_path / "photo.png"))
    calls = []
    save_project(snapshot, tmp_path / "p.ora", lambda fraction, words: calls.append((fraction, words)))
    before = (tmp_path / "p.ora").read_bytes()
    assert [fraction for fraction, _ in calls] == sorted(fraction for fraction, _ in calls)
    assert 0 < calls[0][0] < calls[-1][0] <= 1
    for allowed in range(len(calls)):
        left = iter(range(allowed))

        def progress(fraction: float, words: str, left=left) -> None:
            if next(left, None) is None:
                raise Cancelled

        with pytest.raises(Cancelled):
            save_project(snapshot, tmp_path / "p.ora", progress)
        assert (tmp_path / "p.ora").read_bytes() == before
        assert sorted(path.name for path in tmp_path.iterdir()) == ["p.ora", "photo.png"]


def test_a_target_that_cannot_be_written_is_one_plain_error(tmp_path):
    with pytest.raises(UserError, match="p.ora: cannot be written"):
        save_project(a_busy_document().snapshot(), tmp_path / "missing" / "p.ora")


def test_names_that_xml_cannot_hold_do_not_spoil_the_project(tmp_path, read_photo):
    document = Document(a_photo())
    layer = layer_ops.add_paint_layer(document)
    layer_ops.rename(document, layer.id, "a\x00b\ud800c\ud83d\nd")
    save_project(document.snapshot(), tmp_path / "p.ora")
    assert load_project(tmp_path / "p.ora", read_photo).layers[0].name == "a\ufffdb\ufffdc\ufffd\nd"


def test_a_layer_keeps_colours_that_are_transparent(tmp_path, read_photo):
    document = Document(a_photo())
    layer = layer_ops.add_paint_layer(document)
    with document.change("Stroke") as change:
        change.edit(layer.id, Box(7, 8, 20, 30), lambda part, old: np.full(old.shape, (9, 8, 7, 0), np.uint8))
    save_project(document.snapshot(), tmp_path / "p.ora")
    assert_same(load_project(tmp_path / "p.ora", read_photo), document.snapshot())


def test_the_photograph_can_be_the_active_layer(tmp_path, read_photo):
    document = Document(a_photo())
    layer_ops.add_paint_layer(document)
    document.activate(None)
    save_project(document.snapshot(), tmp_path / "p.ora")
    assert load_project(tmp_path / "p.ora", read_photo).active is None


def test_layers_keep_whether_they_are_reopened(tmp_path, read_photo):
    snapshot = a_busy_document().snapshot()
    layers = tuple(replace(layer, reopened=layer.is_fill) for layer in snapshot.layers)
    save_project(replace(snapshot, layers=layers), tmp_path / "p.ora")
    again = load_project(tmp_path / "p.ora", read_photo)
    assert [layer.reopened for layer in again.layers] == [False, True, False]
    assert all(isinstance(layer, Layer) for layer in again.layers) and again.base.shape == SHAPE
