"""``pentimento evaluate``, through the program's own front door."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest


@pytest.fixture
def album(tmp_path) -> Path:
    """Two photos, with two masks for one of them and one for the other."""
    from skimage import data

    photos, masks = tmp_path / "photos", tmp_path / "masks"
    photos.mkdir()
    masks.mkdir()
    hole = cv2.circle(np.zeros((120, 160), np.uint8), (80, 60), 18, 255, -1)
    for name, picture in (("cat", data.chelsea()), ("coffee", data.coffee())):
        cv2.imwrite(str(photos / f"{name}.png"), picture[100:220, 100:260, ::-1])
    for name, mask in (("cat-eye", hole), ("cat-wide", cv2.dilate(hole, np.ones((41, 41)))), ("coffee", hole)):
        cv2.imwrite(str(masks / f"{name}.png"), mask)
    return tmp_path


def test_engines_are_compared_and_one_bad_photo_does_not_stop_the_rest(pentimento, album):
    (album / "photos/bad.png").write_bytes(b"not a picture")
    cv2.imwrite(str(album / "masks/bad.png"), np.full((10, 10), 255, np.uint8))
    status, out, err = pentimento(
        "evaluate", album / "photos", "--masks", album / "masks", "--engines", "telea:radius=9,ns", "--set", "spread=0",
        "--json", "--markdown", album / "tables.md", "--sheet", album / "sheet.png")
    said = json.loads(out)
    assert status == 2 and err.count("\n") == 2 and err.startswith("error: bad: ") and "bad.png" in err
    assert [failed["what"] for failed in said["failed"]] == ["bad"]
    assert said["engines"][0] == {"label": "telea:radius=9", "engine": "telea", 
                                  "settings": {"spread": "0", "radius": "9"}}
    titles = [table["title"] for table in said["tables"]]
    assert titles[0] == "All holes" and "Holes of 0% to 10%" in titles and "Holes of the kind eye" in titles
    rows = said["tables"][0]["rows"]
    assert [(row["label"], row["cases"]) for row in rows] == [("telea:radius=9", 3), ("ns", 3)]
    assert all(10 < row["psnr"] < row["psnr_whole"] < 60 and row["peak_memory"] > 20 for row in rows)
    assert len(said["fills"]) == 6 and said["fills"][0]["case"] == "cat-eye"
    sheet = cv2.imread(str(album / "sheet.png"))
    assert sheet.shape[0] // 256 == 3 and sheet.shape[1] // 256 == 4  # given, two engines, truth
    assert (album / "tables.md").read_text().startswith("### All holes\n")


def test_holes_are_made_where_there_are_no_masks(pentimento, album):
    status, out, err = pentimento("evaluate", album / "photos", "--holes", "strokes,eye", "--engines", "telea",
                                  "--size", "100", "--every", "2", "--hints")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "All holes" and lines[2].split()[:2] == ["telea", "2"]
    assert "Following the hints" not in lines  # telea cannot


def test_photos_without_a_mask_or_a_hint_are_named(pentimento, album):
    (album / "masks/coffee.png").unlink()
    (album / "sketches").mkdir()
    cv2.imwrite(str(album / "sketches/cat-eye.png"), np.zeros((120, 160), np.uint8))
    status, out, err = pentimento("evaluate", album / "photos", "--masks", album / "masks", "--engines", "telea",
                                  "--sketches", album / "sketches", "--json")
    assert status == 2 and [fill["case"] for fill in json.loads(out)["fills"]] == ["cat-eye"]
    assert [failed["what"] for failed in json.loads(out)["failed"]] == ["coffee.png", "cat-wide"]
    assert "no mask" in err and "no sketch" in err


@pytest.mark.parametrize("arguments, words", [
    (("--holes", "moustache", "--engines", "telea"), "moustache"),
    (("--holes", "eye", "--engines", "tele"), "no engine"),
    (("--holes", "eye", "--engines", "telea:radius"), "NAME=VALUE"),
    (("--holes", "eye", "--engines", "telea:radius=900"), "between"),
    (("--holes", "eye", "--engines", ","), "names no engine"),
    (("--holes", "eye", "--engines", "telea", "--redraw", "6"), "no line to redraw"),
    (("--holes", "eye", "--engines", "telea", "--hints", "smell"), "smell"),
    (("--holes", "eye", "--engines", "telea", "--features", "missing.safetensors"), "missing.safetensors"),
    (("--holes", "eye", "--engines", "telea", "--sheet", "nowhere/sheet.png"), "nowhere"),
    (("--holes", "eye", "--engines", "telea", "--masks", "."), "not allowed"),
    (("--engines", "telea"), "required"),
    (("--masks", "empty", "--engines", "telea"), "no picture"),
    (("--masks", "missing", "--engines", "telea"), "missing"),
])
def test_bad_arguments_are_one_line(pentimento, one_line, album, monkeypatch, arguments, words):
    monkeypatch.chdir(album)
    (album / "empty").mkdir()
    assert words in one_line(pentimento("evaluate", album / "photos", *arguments))


def test_an_empty_folder_is_one_line(pentimento, one_line, tmp_path):
    assert "no picture" in one_line(pentimento("evaluate", tmp_path, "--holes", "eye", "--engines", "telea"))


def test_only_photos_held_out_of_training(pentimento, one_line, album):
    from editor.training.data import held_out

    names = [path.name for path in (album / "photos").iterdir() if held_out(path)]
    assert not names  # neither name falls among the tenth, so that nothing is left
    assert "no photo" in one_line(pentimento("evaluate", album / "photos", "--holes", "eye", "--engines", "telea",
                                             "--held-out"))
