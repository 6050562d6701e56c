"""``pentimento fill``, through the program's own front door."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

import editor
from editor.raster.frame import Frame


def pixels_of(path: Path) -> np.ndarray:
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None, f"{path} is no picture"
    return pixels


def hole_of(mask: Path) -> np.ndarray:
    return pixels_of(mask) > 0


def test_a_lossless_result_is_the_photo_bit_for_bit_outside_the_hole(pentimento, photo, mask, tmp_path):
    out = tmp_path / "out.png"
    status, printed, err = pentimento("fill", photo, "--mask", mask, "-o", out)
    assert (status, printed, err) == (0, f"{out}\n", "")
    before, after, hole = pixels_of(photo), pixels_of(out), hole_of(mask)
    assert np.array_equal(before[~hole], after[~hole])
    assert not np.array_equal(before[hole], after[hole])


@pytest.mark.parametrize("channels", [None, 4])
def test_grey_and_transparent_photos_of_16_bits_keep_depth_and_alpha(pentimento, mask, tmp_path, channels):
    random = np.random.default_rng(0)
    shape = (240, 320) if channels is None else (240, 320, 4)
    pixels = random.integers(20000, 40000, shape, np.uint16)
    cv2.imwrite(str(tmp_path / "deep.png"), pixels)
    out = tmp_path / "out.png"
    assert pentimento("fill", tmp_path / "deep.png", "--mask", mask, "-o", out)[0] == 0
    after, hole = pixels_of(out), hole_of(mask)
    assert after.dtype == np.uint16 and after.shape == shape
    assert np.array_equal(after[~hole], pixels[~hole])
    if channels:
        assert np.array_equal(after[..., 3], pixels[..., 3])


def test_json_says_what_was_done(pentimento, photo, mask, tmp_path):
    out = tmp_path / "out.png"
    status, printed, _ = pentimento("fill", photo, "--mask", mask, "-o", out, "--json", "--seed", 7)
    line, = printed.splitlines()
    said = json.loads(line)
    assert status == 0
    assert (said["photo"], said["out"], said["engine"], said["seed"]) == (str(photo), str(out), "auto", 7)
    assert said["region"] == [180, 100, 41, 41] and said["device"] == "cpu"
    assert said["seconds"] > 0 and said["peak_memory_mib"] > 10 and said["engines"] != ["auto"]


def test_variants_are_numbered_and_differ(pentimento, photo, mask, tmp_path):
    out = tmp_path / "out.png"
    status, printed, _ = pentimento("fill", photo, "--mask", mask, "-o", out, "--engine", "telea", "--variants", 3)
    names = [tmp_path / f"out-{number}.png" for number in (1, 2, 3)]
    assert status == 0 and printed.split() == [str(name) for name in names] and not out.exists()
    assert len({pixels_of(name).tobytes() for name in names}) == 3


def test_an_engine_with_fewer_variants_says_so(pentimento, photo, mask, tmp_path):
    out = tmp_path / "out.png"
    status, printed, err = pentimento("fill", photo, "--mask", mask, "-o", out, "--engine", "biharmonic",
                                      "--variants", 3)
    assert status == 0 and len(printed.splitlines()) == 1 and "1 different" in err


def test_settings_reach_the_engine(pentimento, photo, mask, tmp_path):
    common = ("fill", photo, "--mask", mask, "--engine", "telea")
    pentimento(*common, "-o", tmp_path / "a.png", "--set", "radius=2", "--set", "grain=0")
    pentimento(*common, "-o", tmp_path / "b.png", "--set", "radius=20", "--set", "grain=0")
    assert not np.array_equal(pixels_of(tmp_path / "a.png"), pixels_of(tmp_path / "b.png"))


def test_in_a_mask_whose_alpha_varies_opaque_is_the_hole(pentimento, photo, mask, tmp_path):
    picture = np.zeros((240, 320, 4), np.uint8)
    picture[..., 3] = np.where(hole_of(mask), 255, 0)
    cv2.imwrite(str(tmp_path / "alpha.png"), picture)
    pentimento("fill", photo, "--mask", mask, "-o", tmp_path / "a.png")
    pentimento("fill", photo, "--mask", tmp_path / "alpha.png", "-o", tmp_path / "b.png")
    assert np.array_equal(pixels_of(tmp_path / "a.png"), pixels_of(tmp_path / "b.png"))


def test_an_existing_result_is_replaced_and_nothing_else_is_left_in_the_folder(pentimento, photo, mask, tmp_path):
    out = tmp_path / "out.png"
    out.write_text("an older result")
    assert pentimento("fill", photo, "--mask", mask, "-o", out)[0] == 0
    assert pixels_of(out).shape == (240, 320, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mask.png", "out.png", "photo.png"]


def _same(photo: Path, folder: Path) -> Path:
    return photo


def _by_link(photo: Path, folder: Path) -> Path:
    (folder / "link.png").symlink_to(photo)
    return folder / "link.png"


def _by_hard_link(photo: Path, folder: Path) -> Path:
    os.link(photo, folder / "hard.png")
    return folder / "hard.png"


def _by_a_detour(photo: Path, folder: Path) -> Path:
    return photo.parent / ".." / photo.parent.name / photo.name


@pytest.mark.parametrize("way", [_same, _by_link, _by_hard_link, _by_a_detour])
def test_the_photo_itself_is_never_replaced(pentimento, one_line, photo, mask, tmp_path, way):
    before = photo.read_bytes()
    assert "never replaced" in one_line(pentimento("fill", photo, "--mask", mask, "-o", way(photo, tmp_path)))
    assert photo.read_bytes() == before


def test_a_numbered_variant_does_not_replace_the_photo_either(pentimento, one_line, photo, mask, tmp_path):
    numbered = photo.rename(tmp_path / "photo-2.png")
    before = numbered.read_bytes()
    one_line(pentimento("fill", numbered, "--mask", mask, "-o", tmp_path / "photo.png", "--variants", 2))
    assert numbered.read_bytes() == before and not (tmp_path / "photo-1.png").exists()


def test_the_mask_is_not_replaced(pentimento, one_line, photo, mask):
    before = mask.read_bytes()
    one_line(pentimento("fill", photo, "--mask", mask, "-o", mask))
    assert mask.read_bytes() == before


def test_a_mask_of_another_size_is_an_error_with_both_sizes(pentimento, one_line, photo, tmp_path):
    cv2.imwrite(str(tmp_path / "small.png"), np.full((100, 90), 255, np.uint8))
    said = one_line(pentimento("fill", photo, "--mask", tmp_path / "small.png", "-o", tmp_path / "out.png"))
    assert "90" in said and "100" in said and "320" in said and "240" in said
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize("value, words", [(0, "empty"), (255, "whole photo")])
def test_a_mask_that_leaves_nothing_to_do_or_to_fill_from(pentimento, one_line, photo, tmp_path, value, words):
    cv2.imwrite(str(tmp_path / "m.png"), np.full((240, 320), value, np.uint8))
    assert words in one_line(pentimento("fill", photo, "--mask", tmp_path / "m.png", "-o", tmp_path / "out.png"))


def test_a_face_s_frame_reaches_the_fill(pentimento, photo, mask, tmp_path, monkeypatch):
    from editor.engines import filling

    asked, fill = [], filling.fill
    monkeypatch.setattr(filling, "fill", lambda *args, **more: asked.append(more["frame"]) or fill(*args, **more))
    for text in ("120,160.5,90", "120,160.5,90,-12"):
        assert pentimento("fill", photo, "--mask", mask, "-o", tmp_path / "out.png", "--frame", text)[0] == 0
    assert asked == [Frame((120, 160.5), 90), Frame((120, 160.5), 90, -12)]


@pytest.mark.parametrize("change, words", [
    (("--engine", "tele"), "no engine"), (("--set", "radius=900"), "between"), (("--set", "radius"), "NAME=VALUE"),
    (("--variants", "0"), "variants"), (("--seed", "-1"), "seed"), (("--quality", "101"), "quality"),
    (("--sketch", "photo.png"), "cannot use a sketch"), (("--wrong", "1"), "--wrong"),
    (("-o", "nowhere/out.png"), "no such folder"), (("-o", "out.xyz"), "extension"),
    (("--mask", "none.png"), "none.png"), (("--device", "toaster"), "toaster"),
    (("--frame", "10,20"), "Y,X,SIDE"), (("--frame", "10,20,nan"), "Y,X,SIDE"), (("--frame", "1,2,3,4,5"), "Y,X,SIDE"),
])
def test_bad_arguments_are_one_line(pentimento, one_line, photo, mask, tmp_path, monkeypatch, change, words):
    monkeypatch.chdir(tmp_path)
    arguments = {"--mask": mask.name, "-o": "out.png", "--engine": "telea"} | dict([change])
    said = one_line(pentimento("fill", photo.name, *(part for pair in arguments.items() for part in pair)))
    assert words in said
    assert sorted(os.listdir(tmp_path)) == ["mask.png", "photo.png"]


@pytest.mark.parametrize("content", [b"", b"this is a text file", None])
def test_a_file_that_is_no_photo_is_one_line(pentimento, one_line, photo, mask, tmp_path, content):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(photo.read_bytes()[:2000] if content is None else content)
    assert "bad.jpg" in one_line(pentimento("fill", bad, "--mask", mask, "-o", tmp_path / "out.png"))
    assert not (tmp_path / "out.png").exists()


@pytest.fixture
def folder(tmp_path, photo, mask) -> Path:
    """Photos a.png, b.png and one that is broken, with masks of their names."""
    photos, masks = tmp_path / "photos", tmp_path / "masks"
    photos.mkdir()
    masks.mkdir()
    for name in ("a", "b", "c"):
        (photos / f"{name}.png").write_bytes(photo.read_bytes())
        (masks / f"{name}.png").write_bytes(mask.read_bytes())
    (photos / "notes.txt").write_text("not a photo")
    return photos


def test_a_folder_is_filled_photo_by_photo(pentimento, folder, mask, tmp_path):
    out = tmp_path / "out"
    status, printed, err = pentimento("fill", folder, "--mask", tmp_path / "masks", "-o", out, "--json")
    assert (status, err) == (0, "")
    assert [Path(json.loads(line)["photo"]).name for line in printed.splitlines()] == ["a.png", "b.png", "c.png"]
    assert sorted(path.name for path in out.iterdir()) == ["a.png", "b.png", "c.png"]
    status, *_ = pentimento("fill", folder, "--mask", mask, "-o", tmp_path / "other")
    assert status == 0
    assert np.array_equal(pixels_of(out / "b.png"), pixels_of(tmp_path / "other" / "b.png"))


def test_one_bad_file_is_reported_and_the_rest_are_done(pentimento, folder, tmp_path):
    (folder / "b.png").write_bytes(b"broken")
    (tmp_path / "masks" / "c.png").unlink()
    status, printed, err = pentimento("fill", folder, "--mask", tmp_path / "masks", "-o", tmp_path / "out")
    lines = err.splitlines()
    assert status == 2 and len(lines) == 3 and all(line.startswith("error: ") for line in lines)
    assert "b.png" in lines[0] and "c.png" in lines[1] and "2 of 3" in lines[2]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.png"]


def test_the_folder_of_the_photos_is_no_place_for_results(pentimento, one_line, folder, mask):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    one_line(pentimento("fill", folder, "--mask", mask, "-o", folder))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_without_photos_is_one_line(pentimento, one_line, mask, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "no photo" in one_line(pentimento("fill", tmp_path / "empty", "--mask", mask, "-o", tmp_path / "out"))


def test_interrupting_is_quiet_and_leaves_no_half_written_file(tmp_path):
    big = np.random.default_rng(0).integers(0, 255, (3000, 4000, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "big.png"), big, [cv2.IMWRITE_PNG_COMPRESSION, 0])
    hole = np.zeros((3000, 4000), np.uint8)
    hole[::100, :] = 255
    cv2.imwrite(str(tmp_path / "mask.png"), hole)
    process = subprocess.Popen(
        [sys.executable, "-m", "editor", "fill", tmp_path / "big.png", "--mask", tmp_path / "mask.png",
         "-o", tmp_path / "out.png", "--engine", "biharmonic"], cwd=Path(editor.__file__).parents[1],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # ignored where a shell runs us beside itself
    time.sleep(1.5)
    assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big.png", "mask.png"]


def test_a_source_says_where_to_copy_from(pentimento, tmp_path):
    rows, columns = np.indices((240, 320))
    left = np.where((rows // 4) % 2, 60, 110)
    picture = np.where(columns < 160, left, np.random.default_rng(1).integers(150, 230, (240, 320))).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "photo.png"), np.repeat(picture[..., None], 3, axis=2))
    hole = cv2.circle(np.zeros((240, 320), np.uint8), (160, 120), 14, 255, -1)
    cv2.imwrite(str(tmp_path / "mask.png"), hole)
    for name, part in (("left", np.s_[:, 10:120]), ("right", np.s_[:, 200:310])):
        source = np.zeros((240, 320), np.uint8)
        source[part] = 255
        cv2.imwrite(str(tmp_path / f"{name}.png"), source)
        status, _, err = pentimento("fill", tmp_path / "photo.png", "--mask", tmp_path / "mask.png", "--engine",
                                    "patches", "--source", tmp_path / f"{name}.png", "-o", tmp_path / "out.png")
        assert (status, err) == (0, "")
        inside = pixels_of(tmp_path / "out.png")[110:130, 150:170]
        assert ((inside < 130).mean() > 0.9) if name == "left" else ((inside > 140).mean() > 0.9)


def test_a_source_that_cannot_be_used_is_refused(pentimento, photo, mask, tmp_path):
    status, _, err = pentimento("fill", photo, "--mask", mask, "--engine", "telea", "--source", mask, "-o",
                                tmp_path / "out.png")
    assert status == 2 and "cannot use a source" in err and err.count("\n") == 1
    status, _, err = pentimento("fill", photo, "--mask", mask, "--engine", "patches", "--source", mask, "-o",
                                tmp_path / "out.png")
    assert status == 2 and "nothing to copy from" in err and err.count("\n") == 1
    assert not (tmp_path / "out.png").exists()
