"""``pentimento find-damage`` and ``evaluate-finder``, through the program's own front door."""

import json

import cv2
import numpy as np
import pytest

from editor.engines.networks import store


@pytest.fixture(autouse=True)
def filters_only(tmp_path, monkeypatch):
    """No network: what is tested here is the command."""
    monkeypatch.setenv("PENTIMENTO_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")


@pytest.fixture
def scan(tmp_path):
    """A smooth picture with a scratch and a speck, and where they are."""
    y, x = np.mgrid[:160, :200].astype(np.float32)
    truth = np.zeros((160, 200), np.uint8)
    cv2.line(truth, (20, 10), (90, 150), 255, 2)
    cv2.circle(truth, (150, 60), 3, 255, -1)
    grey = np.where(truth > 0, 240, 100 + 30 * np.sin(x / 60) + 20 * np.cos(y / 50)).astype(np.uint8)
    path = tmp_path / "scan.png"
    cv2.imwrite(str(path), grey)
    return path, truth > 0


def read(path) -> np.ndarray:
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None and pixels.ndim == 2, f"{path} is no grey picture"
    return pixels


def test_the_mask_is_white_where_there_is_damage(pentimento, scan, tmp_path):
    path, truth = scan
    before = path.read_bytes()
    status, printed, err = pentimento("find-damage", path, "-o", tmp_path / "mask.png", "--method", "classical")
    assert (status, printed, err) == (0, f"{tmp_path / 'mask.png'}\n", "")
    mask = read(tmp_path / "mask.png")
    assert set(np.unique(mask)) == {0, 255} and mask.shape == truth.shape
    assert ((mask > 0) & truth).sum() / ((mask > 0) | truth).sum() > 0.6
    assert path.read_bytes() == before


def test_a_mask_is_what_fill_takes(pentimento, scan, tmp_path):
    path, truth = scan
    assert pentimento("find-damage", path, "-o", tmp_path / "mask.png", "--grow", 2)[0] == 0
    assert pentimento("fill", path, "--mask", tmp_path / "mask.png", "-o", tmp_path / "mended.png",
                      "--engine", "telea")[0] == 0
    mended = read(tmp_path / "mended.png")
    assert (mended[truth] < 200).all()


def test_options_change_what_is_written(pentimento, scan, tmp_path):
    path, _ = scan

    def found(*options) -> np.ndarray:
        assert pentimento("find-damage", path, "-o", tmp_path / "out.png", "--method", "classical", *options)[0] == 0
        return read(tmp_path / "out.png")

    probability = found("--probability")
    assert len(np.unique(probability)) > 10
    covered = [np.count_nonzero(found("--sensitivity", value)) for value in (0.1, 0.5, 0.95)]
    assert covered[0] < covered[1] < covered[2]
    both, lines, spots = (found("--kinds", kinds) for kinds in ("line,spot,area", "line", "spot"))
    assert np.count_nonzero(lines) and np.count_nonzero(spots)
    assert not (lines & spots).any() and not ((lines | spots) & ~both).any()
    assert np.count_nonzero(found("--grow", 3)) > np.count_nonzero(both)


def test_json_says_what_was_done_and_why_not_by_the_network(pentimento, scan, tmp_path):
    path, truth = scan
    status, printed, err = pentimento("find-damage", path, "-o", tmp_path / "mask.png", "--json")
    said = json.loads(printed)
    assert status == 0 and err == "" and said["method"] == "classical" and "no weights" in said["notes"][0]
    assert 0.5 * truth.mean() < said["damaged"] < 2 * truth.mean() and said["seconds"] > 0


def test_folders_are_searched_and_one_bad_file_does_not_stop_the_rest(pentimento, scan, tmp_path):
    photos, out = tmp_path / "photos", tmp_path / "masks"
    photos.mkdir()
    cv2.imwrite(str(photos / "deep.tif"), read(scan[0]).astype(np.uint16) * 257)
    (photos / "broken.jpg").write_bytes(b"rubbish")
    cv2.imwrite(str(photos / "one.png"), read(scan[0]))
    cv2.imwrite(str(photos / "one.jpg"), read(scan[0]))
    (photos / "notes.txt").write_text("no photo")
    status, printed, err = pentimento("find-damage", photos, "-o", out, "--method", "classical")
    assert status == 2 and "2 of 4 photos could not be searched" in err and "broken.jpg" in err and "one" in err
    assert sorted(path.name for path in out.iterdir()) == ["deep.png", "one.png"]
    assert np.count_nonzero(read(out / "deep.png"))


@pytest.mark.parametrize(("pixels", "bits"), [
    (np.full((90, 120), 255, np.uint8), 8), (np.zeros((20, 20), np.uint8), 8), (np.full((60, 80), 255, np.uint8), 1)])
def test_blank_tiny_and_one_bit_pictures_are_left_alone(pentimento, tmp_path, pixels, bits):
    cv2.imwrite(str(tmp_path / "blank.png"), pixels, [cv2.IMWRITE_PNG_BILEVEL, int(bits == 1)])
    assert pentimento("find-damage", tmp_path / "blank.png", "-o", tmp_path / "mask.png")[0] == 0
    mask = read(tmp_path / "mask.png")
    assert mask.shape == pixels.shape and not mask.any()


@pytest.mark.parametrize(("options", "words"), [
    (("--sensitivity", "2"), "from 0 to 1"), (("--sensitivity", "nan"), "from 0 to 1"),
    (("--kinds", "line,hole"), "line,spot,area"), (("--grow", "-1"), "grow"), (("--device", "toaster"), "toaster"),
    (("--method", "network"), "no weights")])
def test_what_cannot_be_done_is_one_line(pentimento, one_line, scan, tmp_path, options, words):
    assert words in one_line(pentimento("find-damage", scan[0], "-o", tmp_path / "mask.png", *options))
    assert not (tmp_path / "mask.png").exists()


def test_the_photo_itself_is_never_written_over(pentimento, one_line, scan):
    before = scan[0].read_bytes()
    assert "never replaced" in one_line(pentimento("find-damage", scan[0], "-o", scan[0]))
    assert scan[0].read_bytes() == before


def test_finders_are_measured(pentimento, one_line, tmp_path, astronaut):
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(3):
        cv2.imwrite(str(photos / f"{number}.png"), astronaut[:, 60 * number:60 * number + 160, ::-1])
    status, printed, _ = pentimento("evaluate-finder", photos, "--methods", "classical,top-hat", "--sheet",
                                    tmp_path / "sheet.png", "--curves", tmp_path / "curves.png")
    assert status == 0 and "| classical |" in printed and "| top-hat |" in printed and "fibres" in printed
    assert cv2.imread(str(tmp_path / "sheet.png")).shape == (3 * 260, 4 * 260, 3)
    assert cv2.imread(str(tmp_path / "curves.png")).shape == (560, 560 + 4 * 280, 3)
    status, printed, _ = pentimento("evaluate-finder", photos, "--methods", "classical", "--every", 3, "--json")
    figures = json.loads(printed)["classical"]
    assert 0 <= figures["average_precision"] <= 1 and len(figures["recall"]) == 256
    (tmp_path / "empty").mkdir()
    assert "no photo" in one_line(pentimento("evaluate-finder", tmp_path / "empty"))
