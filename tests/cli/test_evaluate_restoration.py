"""``pentimento evaluate-restoration``: figures as a table or JSON, and a contact sheet."""

import json

import cv2
import pytest
from skimage import data


@pytest.fixture
def folder(tmp_path):
    for name, photo in (("one", data.coffee), ("two", data.astronaut)):
        cv2.imwrite(str(tmp_path / f"{name}.png"), photo()[100:200, 100:220, ::-1])
    return tmp_path


def test_a_table_and_a_sheet(pentimento, folder):
    status, printed, err = pentimento("evaluate-restoration", folder, "--spoilt", "grain,fading", "--every", "2",
                                      "--sheet", folder / "sheet.png")
    assert status == 0, err
    lines = printed.strip().splitlines()
    assert "PSNR" in lines[0] and {line.split("|")[1].strip() for line in lines[2:]} == {"grain", "fading"}
    assert len({line.count("|") for line in lines}) == 1
    assert cv2.imread(str(folder / "sheet.png")).shape == (2 * 278, 5 * 260, 3)


def test_json_has_every_photo(pentimento, folder):
    status, printed, err = pentimento("evaluate-restoration", folder, "--spoilt", "fading", "--json")
    assert status == 0, err
    figures = json.loads(printed)["fading"]
    assert all(len(figures[name]["psnr"]) == 2 for name in ("before", "unfaded", "auto levels"))


def test_what_cannot_be_measured_is_said(pentimento, folder, tmp_path):
    (tmp_path / "empty").mkdir()
    assert pentimento("evaluate-restoration", tmp_path / "empty")[0] == 2
    status, _, err = pentimento("evaluate-restoration", folder, "--spoilt", "rust")
    assert status == 2 and "rust" in err
