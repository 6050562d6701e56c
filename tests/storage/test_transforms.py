"""Turned, cropped and rotated documents on disk: projects, the session's log, exported pictures."""

import zlib

import numpy as np
import pytest
from photo_samples import rgb_profile
from PIL import Image
from projects import a_busy_document, a_photo, assert_same
from sessions import assert_same_history, history_of, killed, recovered, work

from editor.document import layer_ops
from editor.document.document import Document
from editor.document.transforms import transform
from editor.raster.rectangle import Rectangle
from editor.raster.surface import Box
from editor.raster.transforms import Crop, Cut, Flip, Rotate, Step, Turn
from editor.storage import describe
from editor.storage.export import ExportOptions, export_photo
from editor.storage.openraster import load_project, save_project
from editor.storage.session import Session
from editor.storage.tile_log import read_notes

STEPS = (Turn(1), Flip(upright=True), Crop(Box(9, 30, 250, 477)), Rotate(6.0), Rotate(-40.0, keep_all=True), Turn(3),
         Cut(Rectangle((150.0, 260.0), 201.5, 330.0, 4.25)))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("dtype", "channels"), [(np.uint8, 3), (np.uint16, 1)])
def test_a_project_keeps_the_document_as_it_is_seen(tmp_path, read_photo, step, dtype, channels):
    document = a_busy_document(dtype, channels)
    transform(document, "Step", step)
    save_project(document.snapshot(), tmp_path / "p.ora")
    back = load_project(tmp_path / "p.ora", read_photo)
    assert_same(back, document)
    assert not back.photo.notices


def test_the_photographs_own_file_stays_in_the_project_byte_for_byte(tmp_path, read_photo, photo_file):
    document = Document(read_photo(photo_file))
    transform(document, "Crop", Crop(Box(10, 20, 100, 220)))
    save_project(document.snapshot(), tmp_path / "p.ora")
    from zipfile import ZipFile

    with ZipFile(tmp_path / "p.ora") as archive:
        assert archive.read("pentimento/photo.png") == photo_file.read_bytes()
        assert b'w="200" h="90"' in archive.read("stack.xml") or b'h="90" w="200"' in archive.read("stack.xml")


@pytest.mark.parametrize("step", STEPS)
def test_steps_survive_as_values(step):
    value = describe.restore_transform(describe.describe_transform(step), (300, 530))
    assert value == step


@pytest.mark.parametrize("value", [{}, {"kind": "turn", "quarters": 4}, {"kind": "crop", "box": [0, 0, 301, 5]},
                                   {"kind": "crop", "box": [5, 5, 5, 9]}, {"kind": "rotate", "angle": float("nan")},
                                   {"kind": "shear"}, {"kind": "rotate", "angle": "x", "keep_all": True},
                                   {"kind": "cut", "centre": [9, 9], "height": 0, "width": 5, "angle": 1.0},
                                   {"kind": "cut", "centre": [9, 1e9], "height": 9, "width": 5, "angle": 1.0}])
def test_steps_that_cannot_be_are_refused(value):
    with pytest.raises(describe.MALFORMED):
        describe.restore_transform(value, (300, 530))


def steps_between(document: Document, rng: np.random.Generator) -> Step:
    height, width = document.shape
    return (Turn(int(rng.integers(1, 4))), Flip(bool(rng.integers(2))), Crop(Box(1, 2, height - 3, width - 4)),
            Rotate(float(rng.uniform(-9, 9)), bool(rng.integers(2))))[rng.integers(4)]


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_session_comes_back_with_its_steps_and_all_of_its_history(tmp_path, read_photo, photo_file, seed):
    rng = np.random.default_rng(seed)
    document = Document(read_photo(photo_file))
    session = Session(document, tmp_path / "sessions")
    for number in range(16):
        if number % 3 == 2:
            transform(document, f"Step {number}", steps_between(document, rng))
        else:
            work(document, rng)
    expected = history_of(document)
    folder = killed(session)
    again, session = recovered(folder, read_photo)
    assert_same_history(history_of(again), expected)
    # And it goes on from there, and is killed once more.
    transform(again, "Turn", Turn(1))
    layer_ops.add_paint_layer(again)
    work(again, rng)
    again.undo()
    expected = history_of(again)
    folder = killed(session)
    again, session = recovered(folder, read_photo)
    assert_same_history(history_of(again), expected)
    session.close(discard=True)


def test_what_a_rotation_holds_is_spilled_to_the_log_and_comes_back(tmp_path, read_photo, photo_file):
    document = Document(read_photo(photo_file))
    session = Session(document, tmp_path / "sessions")
    document.history.budget = 1
    before = document.base.read(document.base.bounds)
    transform(document, "Rotate", Rotate(5.0))
    after = document.base.read(document.base.bounds)
    assert document.history.nbytes == 0
    document.undo()
    assert np.array_equal(document.base.read(document.base.bounds), before)
    assert np.array_equal(document.photo.pixels, before)
    document.redo()
    assert np.array_equal(document.base.read(document.base.bounds), after)
    session.close(discard=True)


def test_the_photograph_is_known_again_though_it_was_cropped_before_its_copy_was_whole(tmp_path, read_photo,
                                                                                       photo_file):
    photo = read_photo(photo_file)
    document = Document(photo)
    session = Session(document, tmp_path / "sessions")
    transform(document, "Crop", Crop(Box(10, 20, 100, 220)))
    folder = killed(session)
    (folder / "original.png").unlink()
    again, session = recovered(folder, read_photo)
    folder = killed(session)
    crc = [note["crc"] for note in read_notes(folder / "log") if note["kind"] == "original"]
    assert crc and set(crc) == {zlib.crc32(photo.pixels)}
    again, session = recovered(folder, read_photo)
    assert not again.photo.notices and again.shape == (90, 200)
    session.close(discard=True)


def test_an_exported_jpeg_has_the_new_size_the_right_way_up_and_its_profile(tmp_path, read_photo):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned: applied when it is opened
    exif[0x0110] = "A camera"
    exif.get_ifd(0x8769)[0xA002] = 530
    exif.get_ifd(0x8769)[0xA003] = 300
    profile = rgb_profile()
    Image.fromarray(a_photo().pixels).save(tmp_path / "in.jpg", exif=exif, icc_profile=profile, dpi=(300, 200))
    document = Document(read_photo(tmp_path / "in.jpg"))
    assert document.shape == (530, 300)
    transform(document, "Turn", Turn(3))
    transform(document, "Crop", Crop(Box(20, 40, 200, 480)))
    pixels = document.picture().read(document.base.bounds)
    for name in ("out.jpg", "out.png", "out.tif"):
        export_photo(document.photo, pixels, tmp_path / name, ExportOptions())
        with Image.open(tmp_path / name) as out:
            assert out.size == (440, 180)
            assert out.info["icc_profile"] == profile
            said = out.getexif()
            assert said.get(0x0112, 1) == 1 and said.get(0x0110) == "A camera"
        back = read_photo(tmp_path / name)
        assert back.shape == (180, 440)
        if name != "out.jpg":
            assert np.array_equal(back.pixels, pixels)
