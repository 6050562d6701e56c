"""OpenRaster files of other programs, or changed by other programs."""

import json
import struct
import zlib
from dataclasses import replace
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from ora_samples import BASE, BASE_LAYER, colours, png, rewritten, write_ora
from projects import a_busy_document, a_photo, assert_same, assert_same_recipe, assert_same_surface

from editor.document.document import Document
from editor.document.picture import Picture, Sheet
from editor.raster.surface import Surface
from editor.storage.openraster import load_project
from editor.storage.openraster_stack import parse_stack


def test_layers_of_another_program_keep_what_they_are(tmp_path, read_photo):
    over = np.random.default_rng(1).integers(0, 255, (10, 20, 4), np.uint8)
    path = write_ora(tmp_path / "x.ora", f"""<stack>
        <layer name="Top" src="data/over.png" x="50" y="-3" opacity="0.25" visibility="hidden"
               composite-op="svg:screen" edit-locked="true"/>
        <layer src="data/over.png" selected="true"/>{BASE_LAYER}</stack>""", {**BASE, "data/over.png": png(over)})
    project = load_project(path, read_photo)
    unnamed, top = project.layers
    assert (top.name, top.opacity, top.visible, top.mode, top.locked) == ("Top", 0.25, False, "svg:screen", True)
    assert (unnamed.name, unnamed.opacity, unnamed.visible, unnamed.locked) == ("Layer", 1.0, True, False)
    assert project.active == unnamed.id
    assert np.array_equal(project.photo.pixels, a_photo(shape=(40, 60)).pixels)
    pixels = project.surfaces[top.id].read(project.base.bounds)
    assert np.array_equal(pixels[:7, 50:], over[3:, :10])  # what lies outside the canvas is cut off
    assert not pixels[:, :50].any() and not pixels[7:].any()
    assert project.photo.source == path and project.photo.notices == ()


def test_the_same_file_gives_the_same_ids(tmp_path, read_photo):
    path = write_ora(tmp_path / "x.ora", f'<stack><layer src="data/base.png"/>{BASE_LAYER}</stack>', BASE)
    assert load_project(path, read_photo).layers == load_project(path, read_photo).layers


def test_an_unknown_blend_mode_becomes_normal_and_unknown_elements_are_left_out_with_words(tmp_path, read_photo):
    path = write_ora(tmp_path / "x.ora", f"""<stack><text>words</text><filter/><filter/>
        <layer name="Odd" src="data/base.png" composite-op="krita:hard_mix"/>{BASE_LAYER}</stack>""", BASE)
    project = load_project(path, read_photo)
    assert [layer.mode for layer in project.layers] == ["svg:src-over"]
    assert any("Odd" in words and "krita:hard_mix" in words for words in project.photo.notices)
    assert any("2 elements" in words and "filter" in words for words in project.photo.notices)
    assert any("1 element " in words and "text" in words for words in project.photo.notices)


@pytest.mark.parametrize("bottom", [
    '<layer src="data/base.png" x="1"/>', '<layer src="data/base.png" opacity="0.5"/>',
    '<layer src="data/base.png" visibility="hidden"/>', '<layer src="data/base.png" composite-op="svg:multiply"/>',
    '<layer src="data/small.png"/>', '<stack><layer src="data/base.png"/></stack>', "",
])
def test_without_a_plain_layer_over_the_whole_canvas_the_photograph_is_transparent(tmp_path, read_photo, bottom):
    path = write_ora(tmp_path / "x.ora", f"<stack>{bottom}</stack>",
                     {**BASE, "data/small.png": png(colours(1, 2, 3, shape=(9, 9)))})
    project = load_project(path, read_photo)
    assert project.photo.pixels.shape == (40, 60, 4) and not project.photo.pixels.any()
    assert len(project.layers) == (bottom != "")
    assert "transparent" in " ".join(project.photo.notices)


def test_a_group_becomes_one_layer_that_looks_the_same(tmp_path, read_photo):
    below, above, beside = (colours(*values, 200, shape=(20, 20))
                            for values in ((200, 20, 20), (9, 200, 9), (5, 5, 99)))
    path = write_ora(tmp_path / "x.ora", f"""<stack>
        <stack name="People" x="10" y="5" opacity="0.5" composite-op="svg:multiply">
            <layer src="data/above.png" x="5" opacity="0.75" composite-op="svg:screen"/>
            <stack x="-2" opacity="0.5"><layer src="data/beside.png" y="4"/></stack>
            <layer src="data/below.png"/>
            <layer src="data/base.png" visibility="hidden"/>
        </stack>{BASE_LAYER}</stack>""",
        {**BASE, "data/above.png": png(above), "data/below.png": png(below), "data/beside.png": png(beside)})
    project = load_project(path, read_photo)
    (layer,) = project.layers
    assert (layer.name, layer.opacity, layer.mode) == ("People", 0.5, "svg:multiply")
    assert "The group People was made one layer." in project.photo.notices

    def at(pixels: np.ndarray, top: int, left: int) -> Surface:
        surface = Surface((40, 60), 4, np.uint8)
        surface.write(pixels, (top, left))
        return surface

    wanted = Picture(Surface((40, 60), 4, np.uint8), (
        Sheet(at(below, 5, 10), 1.0, "svg:src-over"), Sheet(at(beside, 9, 8), 0.5, "svg:src-over"),
        Sheet(at(above, 5, 15), 0.75, "svg:screen")))
    difference = project.surfaces[layer.id].read(project.base.bounds).astype(int) - wanted.read(project.base.bounds)
    assert np.abs(difference).max() <= 1  # groups in groups are rounded once more


def test_a_group_that_changes_nothing_is_taken_apart(tmp_path, read_photo):
    path = write_ora(tmp_path / "x.ora", f"""<stack><stack name="G" x="3"><layer name="a" src="data/base.png"/>
        <layer name="b" src="data/base.png" x="1"/></stack>
        <stack isolation="isolate"><layer src="data/base.png"/></stack>
        {BASE_LAYER}</stack>""", BASE)
    project = load_project(path, read_photo)
    assert [layer.name for layer in project.layers] == ["Group", "b", "a"]
    assert not project.surfaces[project.layers[2].id].read(project.base.bounds)[:, :3].any()
    assert not project.surfaces[project.layers[1].id].read(project.base.bounds)[:, :4].any()


def test_layers_of_different_depths_and_colours_meet_in_the_deepest(tmp_path, read_photo):
    path = write_ora(tmp_path / "x.ora", '<stack><layer src="data/deep.png"/><layer src="data/grey.png"/></stack>',
                     {"data/grey.png": png(colours(100)), "data/deep.png": png(colours(1, 2, 3, 4, dtype=np.uint16))})
    project = load_project(path, read_photo)
    assert project.photo.pixels.dtype == np.uint16
    assert project.photo.pixels[0, 0].tolist() == [25700] * 3
    assert project.surfaces[project.layers[0].id].read(project.base.bounds)[0, 0].tolist() == [1, 2, 3, 4]


def test_an_all_grey_file_is_a_grey_document(tmp_path, read_photo):
    path = write_ora(tmp_path / "x.ora", '<stack><layer src="data/g.png"/><layer src="data/g.png"/></stack>',
                     {"data/g.png": png(colours(100))})
    project = load_project(path, read_photo)
    assert project.photo.pixels.shape == (40, 60, 1)
    assert project.surfaces[project.layers[0].id].read(project.base.bounds)[0, 0].tolist() == [100, 255]


def with_profile(data: bytes, space: bytes) -> bytes:
    """A PNG with a colour profile for ``space``, as far as its header goes."""
    profile = struct.pack(">I", 200) + bytes(12) + space + bytes(16) + b"acsp" + bytes(160)
    chunk = b"iCCPx\0\0" + zlib.compress(profile)
    chunk = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return data[:33] + chunk + data[33:]


def test_without_a_photograph_the_layers_profile_counts(tmp_path, read_photo):
    small = with_profile(png(colours(1, 2, 3, shape=(9, 9))), b"RGB ")
    path = write_ora(tmp_path / "x.ora", '<stack><layer src="data/a.png"/><layer src="data/a.png"/></stack>',
                     {"data/a.png": small})
    project = load_project(path, read_photo)
    assert project.photo.profile[16:20] == b"RGB "
    assert len(project.photo.notices) == 1  # that the photograph is transparent


def test_a_layer_with_another_profile_is_told(tmp_path, read_photo):
    path = write_ora(tmp_path / "x.ora", f'<stack><layer name="Odd" src="data/a.png"/>{BASE_LAYER}</stack>',
                     {**BASE, "data/a.png": with_profile(BASE["data/base.png"], b"RGB ")})
    (notice,) = load_project(path, read_photo).photo.notices
    assert "Odd" in notice and "profile" in notice


def test_a_grey_profile_goes_where_the_picture_has_colours(tmp_path, read_photo):
    path = write_ora(tmp_path / "x.ora", '<stack><layer src="data/rgb.png"/><layer src="data/g.png"/></stack>',
                     {"data/g.png": with_profile(png(colours(100)), b"GRAY"), "data/rgb.png": png(colours(1, 2, 3))})
    project = load_project(path, read_photo)
    assert project.photo.pixels.shape == (40, 60, 3) and project.photo.profile is None
    assert "colour profile" in " ".join(project.photo.notices)


# Our projects, changed by other programs


def test_without_our_own_entries_the_layers_are_all_there(project, read_photo):
    document = a_busy_document()
    rewritten(project, lambda name, data: None if name.startswith("pentimento") else data)
    again = load_project(project, read_photo)
    assert [replace(layer, id="", recipe=None) for layer in again.layers] == [
        replace(layer, id="", recipe=None) for layer in document.layers]
    for mine, other in zip(again.layers, document.layers, strict=True):
        assert mine.recipe is None
        assert_same_surface(again.surfaces[mine.id], document.surfaces[other.id])
    assert np.array_equal(again.photo.pixels, document.photo.pixels)


def test_a_layer_moved_in_the_stack_or_written_anew_keeps_its_recipe(project, read_photo):
    document = load_project(project, read_photo)

    def moved(name: str, data: bytes) -> bytes:
        if name.endswith(".png"):  # the same pixels, encoded by someone else
            return cv2.imencode(".png", cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED))[1].tobytes()
        if name == "stack.xml":
            image = ElementTree.fromstring(data)
            stack = image.find("stack")
            stack[:3] = reversed(stack[:3])
            return ElementTree.tostring(image)
        return data

    again = load_project(rewritten(project, moved), read_photo)
    assert [layer.id for layer in again.layers] == [layer.id for layer in reversed(document.layers)]
    assert_same_recipe(again.layers[1].recipe, document.layers[1].recipe)
    assert again.photo.notices == ()


@pytest.mark.parametrize("how", ["painted on", "moved"])
def test_a_layer_changed_elsewhere_loses_its_recipe_and_says_so(project, read_photo, how):
    fill = load_project(project, read_photo).layers[1]

    def change(name: str, data: bytes) -> bytes:
        if how == "painted on" and fill.id in name:
            pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
            pixels[0, 0] ^= 1
            return cv2.imencode(".png", pixels)[1].tobytes()
        if how == "moved" and name == "stack.xml":
            return data.replace(b'x="20"', b'x="21"')
        return data

    again = load_project(rewritten(project, change), read_photo)
    assert again.layers[1].recipe is None and again.layers[1].name == "Fill 1"
    assert "The layer Fill 1 was changed in another program: its recipe was left out." in again.photo.notices
    assert_same_surface(again.surfaces["mask"], a_busy_document().mask)


def test_another_canvas_size_leaves_out_what_no_longer_fits(project, read_photo):
    again = load_project(rewritten(project, lambda name, data: data.replace(b'w="530"', b'w="520"')
                                   if name == "stack.xml" else data), read_photo)
    assert again.base.shape == (300, 520)
    assert not list(again.surfaces["mask"].keys())
    assert "another size" in " ".join(again.photo.notices)


@pytest.mark.parametrize("spoil", [
    lambda manifest: manifest.update(format=2),
    lambda manifest: manifest.update(layers=3),
    lambda manifest: manifest.pop("photo"),
    lambda manifest: manifest["planes"]["mask"]["tiles"].append([9, 9, 0]),
    lambda manifest: manifest["planes"]["mask"]["tiles"].append([0, 0, 99999]),
    lambda manifest: manifest["layers"][1]["recipe"].update(chosen=7),
    lambda manifest: manifest["layers"][1]["recipe"].update(mask=None),
    lambda manifest: manifest["layers"][1]["recipe"]["variants"][0]["patches"][0].update(alpha=0),
    lambda manifest: manifest["layers"][1].pop("box"),
    lambda manifest: manifest["photo"]["metadata"].update(resolution=[float("nan"), 300]),
    lambda manifest: manifest["photo"]["metadata"].update(jpeg_quantisation={"5": [1] * 64}),
    lambda manifest: manifest["photo"]["metadata"].update(jpeg_quantisation={"0": [1] * 63}),
    lambda manifest: manifest["photo"]["metadata"].update(jpeg_subsampling="9:9:9"),
])
def test_whatever_is_wrong_with_our_own_entries_the_layers_open(project, read_photo, spoil):
    def spoiled(name: str, data: bytes) -> bytes:
        if name != "pentimento/document.json":
            return data
        manifest = json.loads(data)
        spoil(manifest)
        return json.dumps(manifest).encode()

    again = load_project(rewritten(project, spoiled), read_photo)
    assert [layer.name for layer in again.layers][:2] == ["Paint 1", "Fill 1"]
    assert len(again.photo.notices) == 1


def test_fields_and_entries_of_tomorrow_are_ignored(project, read_photo):
    before = load_project(project, read_photo)

    def grown(name: str, data: bytes) -> bytes:
        if name == "pentimento/document.json":
            manifest = json.loads(data)
            for value in (manifest, manifest["photo"], manifest["layers"][1], manifest["layers"][1]["recipe"]):
                value["new"] = {"field": 1}
            return json.dumps(manifest).encode()
        return data

    again = load_project(rewritten(project, grown), read_photo)
    assert_same(again, before)
    assert again.photo.notices == ()


def test_ids_that_would_hide_a_plane_are_not_taken(project, read_photo):
    fill = load_project(project, read_photo).layers[1]
    again = load_project(rewritten(project, lambda name, data: data.replace(
        f'"id":"{fill.id}"'.encode(), b'"id":"mask"') if name.endswith(".json") else data), read_photo)
    assert again.layers[1].id != "mask" and again.layers[1].recipe is not None
    assert_same_surface(again.surfaces["mask"], a_busy_document().mask)


def test_odd_numbers_in_a_stack_become_sensible_ones():
    def read(attributes: str) -> tuple:
        (node,) = parse_stack(f'<image w="5" h="5"><stack><layer src="a" {attributes}/></stack></image>'.encode()).nodes
        return node.x, node.y, node.opacity

    assert read('x="1e99" y="nan" opacity="7"') == (0, 0, 1.0)
    assert read('x="-3.0" y="" opacity="nan"') == (-3, 0, 1.0)
    assert read('x="&#160;1" opacity="-1"') == (1, 0, 0.0)


def test_a_layer_far_outside_the_canvas_is_empty(tmp_path, read_photo):
    path = write_ora(tmp_path / "x.ora", f"""<stack><layer src="data/base.png" x="2000000000" y="-99999"/>
        {BASE_LAYER}</stack>""", BASE)
    project = load_project(path, read_photo)
    assert not list(project.surfaces[project.layers[0].id].keys())
    assert isinstance(Document.from_snapshot(project), Document)
