"""``pentimento restore``, through the program's own front door."""

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
from beds import an_empty_bed, lay, scanned
from photo_samples import rgb_profile
from PIL import Image

from editor.batch.manifest import NAME
from editor.engines.networks import store
from editor.raster.rectangle import Rectangle

LEFT, RIGHT = Rectangle((200.0, 160.0), 220.0, 190.0, 3.0), Rectangle((210.0, 420.0), 260.0, 200.0, -4.0)


@pytest.fixture(autouse=True)
def filters_only(tmp_path, monkeypatch):
    """No network: what is tested here is the command."""
    monkeypatch.setenv("PENTIMENTO_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")


def faded(shape: tuple[int, int] = (120, 160)) -> np.ndarray:
    y, x = np.mgrid[:shape[0], :shape[1]].astype(np.float32)
    grey = 110 + 40 * np.sin(x / 20) * np.cos(y / 30)
    cv2.line(grey, (30, 10), (90, shape[0] - 10), 250.0, 2)
    return np.repeat((grey * 257).astype(np.uint16)[..., None], 3, 2)


@pytest.fixture
def scan(tmp_path) -> Path:
    """A faded 16-bit TIFF with a scratch, a profile and 600 pixels an inch."""
    path = tmp_path / "scan.tif"
    cv2.imwrite(str(path), faded(), (cv2.IMWRITE_TIFF_XDPI, 600, cv2.IMWRITE_TIFF_YDPI, 600))
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two photographs, and rubbish."""
    where = tmp_path / "box"
    (where / "folder.png").mkdir(parents=True)
    cv2.imwrite(str(where / "a.tif"), faded())
    cv2.imwrite(str(where / "b.png"), (faded() >> 8).astype(np.uint8))
    (where / "empty.png").write_bytes(b"")
    (where / "loop.tif").symlink_to("loop.tif")
    (where / "notes.txt").write_text("not a photo at all")
    (where / "text.jpg").write_text("no picture")
    return where


def read(path: Path) -> np.ndarray:
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None, f"{path} is no picture"
    return pixels


def test_a_scan_is_mended_and_unfaded_at_its_own_depth(pentimento, scan, tmp_path):
    before, out = scan.read_bytes(), tmp_path / "out.tif"
    status, printed, err = pentimento("restore", scan, "-o", out, "--fill-damage", "--unfade", "--json")
    said = json.loads(printed)
    assert status == 0 and said["out"] == [str(out)] and len(said["steps"]) == 2 and "mended" in said["steps"][0]
    pixels = read(out)
    assert pixels.dtype == np.uint16 and pixels.shape == (120, 160, 3) and scan.read_bytes() == before
    assert np.ptp(pixels[5:20].astype(int)) > 1.2 * np.ptp(faded()[5:20, 100:].astype(int))
    assert Image.open(out).info["dpi"] == (600, 600)


def test_what_no_step_changes_stays_bit_for_bit_with_profile(pentimento, tmp_path):
    path, out = tmp_path / "photo.png", tmp_path / "out.png"
    picture = (faded() >> 8).astype(np.uint8)
    Image.fromarray(picture).save(path, icc_profile=rgb_profile(), dpi=(300, 300))
    assert pentimento("restore", path, "-o", out, "--fill-damage", "--sensitivity", 0.3)[0] == 0
    made = Image.open(out)
    changed = (np.asarray(made) != picture).any(axis=2)
    assert 0 < changed.mean() < 0.15
    assert made.info["icc_profile"] == rgb_profile() and round(made.info["dpi"][0]) == 300


def test_a_bed_is_split(pentimento, tmp_path):
    bed = an_empty_bed((400, 560), 248.0, 4.0)
    lay(bed, LEFT, "astronaut.png")
    lay(bed, RIGHT, "coffee.png")
    path = tmp_path / "bed.png"
    cv2.imwrite(str(path), scanned(bed)[..., ::-1])
    status, printed, _ = pentimento("restore", path, "-o", tmp_path / "out.png", "--split")
    outs = [tmp_path / "out-1.png", tmp_path / "out-2.png"]
    assert status == 0 and printed.splitlines() == [str(out) for out in outs]
    for out, place in zip(outs, (LEFT, RIGHT), strict=True):
        assert np.abs(np.subtract(read(out).shape[:2], (place.height, place.width))).max() < 2
    assert pentimento("restore", tmp_path / "out-1.png", "-o", tmp_path / "same.png", "--crop")[0] == 0
    assert np.array_equal(read(tmp_path / "same.png"), read(outs[0])), "there is no lid any more"


def test_a_folder_with_rubbish_in_it(pentimento, folder):
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    out = folder / "out"  # inside the folder itself
    status, printed, err = pentimento("restore", folder, "-o", out, "--unfade", "--report", folder / "r.html", "--json")
    said = [json.loads(line) for line in printed.splitlines()]
    assert status == 2 and [bool(one.get("error")) for one in said] == [False, False, True, True, True, True]
    lines = err.splitlines()
    assert lines[-1] == "error: 4 of 6 photos could not be restored" and len(lines) == 5
    assert all(line.startswith("error: ") and str(folder) in line for line in lines[:-1])
    assert sorted(path.name for path in out.iterdir()) == [NAME, "a.tif", "b.png"]
    assert {path: path.read_bytes() for path in before} == before
    page = (folder / "r.html").read_text()
    assert page.count("<img") == 4 and "empty.png" in page


def test_resume_passes_over_what_is_done(pentimento, folder, tmp_path):
    out = tmp_path / "out"
    assert pentimento("restore", folder, "-o", out, "--unfade")[0] == 2
    stamps = {path: path.stat().st_mtime_ns for path in out.iterdir() if path.name != NAME}
    status, printed, _ = pentimento("restore", folder, "-o", out, "--unfade", "--resume")
    assert status == 2 and printed.splitlines() == [f"{path} (done before)" for path in sorted(stamps)]
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    cv2.imwrite(str(folder / "b.png"), np.full((50, 60, 3), 99, np.uint8))
    printed = pentimento("restore", folder, "-o", out, "--unfade", "--resume")[1].splitlines()
    assert printed == [f"{out / 'a.tif'} (done before)", str(out / "b.png")]
    assert "(done before)" not in pentimento("restore", folder, "-o", out, "--unfade", "--neutralise", "--resume")[1]


def test_another_format_for_all(pentimento, folder, tmp_path):
    (folder / "b.png").rename(folder / "a.png")
    pentimento("restore", folder, "-o", tmp_path / "out", "--unfade", "--format", "png")
    assert read(tmp_path / "out" / "a-tif.png").dtype == np.uint16
    assert read(tmp_path / "out" / "a-png.png").dtype == np.uint8


@pytest.mark.parametrize(("options", "words"), [
    ((), "nothing is asked for"), (("--sensitivity", 0.2, "--unfade"), "--fill-damage"),
    (("--keep-sepia", "--crop"), "--unfade"), (("--unfade", "--keep-sepia", "--neutralise"), "not allowed"),
    (("--crop", "--split"), "not allowed"), (("--fill-damage", "--sensitivity", 2), "0 to 1"),
    (("--denoise", "sharpness=3"), "no setting"), (("--unfade", "--resume"), "folders"),
    (("--local-contrast", "9"), "between"), (("--unfade", "--device", "abacus"), "abacus"),
    (("--unfade", "--report", "/no/such/folder/r.html"), "no such folder")])
def test_what_does_not_fit_together_is_said_in_a_line(pentimento, one_line, scan, tmp_path, options, words):
    assert words in one_line(pentimento("restore", scan, "-o", tmp_path / "out.tif", *options))
    assert not (tmp_path / "out.tif").exists()


def test_the_photo_itself_is_never_replaced(pentimento, one_line, scan, folder, tmp_path):
    before = scan.read_bytes()
    (tmp_path / "link.tif").symlink_to(scan)
    for out in (scan, tmp_path / "link.tif", tmp_path):
        one_line(pentimento("restore", scan, "-o", out, "--unfade"))
    assert scan.read_bytes() == before
    assert "choose another OUT" in one_line(pentimento("restore", folder, "-o", folder, "--unfade"))
    assert "is a file" in one_line(pentimento("restore", folder, "-o", scan, "--unfade"))
    assert "no photo" in one_line(pentimento("restore", folder / "folder.png", "-o", tmp_path / "out", "--unfade"))


@pytest.mark.parametrize("kind", ["1", "P", "L", "I;16", "CMYK"])
def test_scans_of_every_kind(pentimento, tmp_path, kind):
    picture = (faded()[..., 0] >> 8).astype(np.uint8)
    image = Image.fromarray(faded()[..., 0]) if kind == "I;16" else Image.fromarray(picture).convert(kind)
    path = tmp_path / ("photo.tif" if kind in ("I;16", "CMYK") else "photo.png")
    image.save(path)
    status, _, err = pentimento("restore", path, "-o", tmp_path / "out.png", "--crop", "--unfade", "--fill-damage",
                                "--local-contrast")
    assert status == 0 or (kind == "CMYK" and status == 2 and err.startswith("error: "))
    if status == 0:
        assert read(tmp_path / "out.png").shape[:2] == (120, 160)


def test_ctrl_c_leaves_what_is_done_and_nothing_half_written(tmp_path):
    folder, out = tmp_path / "many", tmp_path / "out"
    folder.mkdir()
    for number in range(40):
        cv2.imwrite(str(folder / f"{number:02}.png"), (faded((600, 800)) >> 8).astype(np.uint8))
    env = {**os.environ, "PENTIMENTO_DATA": str(tmp_path / "data")}
    child = subprocess.Popen([sys.executable, "-m", "editor", "restore", folder, "-o", out, "--unfade",
                              "--local-contrast", "--report", tmp_path / "r.html"], env=env, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, cwd=Path(__file__).parents[2],
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    until = time.monotonic() + 60
    while len(list(out.glob("*.png"))) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    done = sorted(out.glob("*.png"))
    assert child.returncode == 130 and b"Traceback" not in err and 2 <= len(done) < 40
    assert all(read(path).shape == (600, 800, 3) for path in done) and not list(out.glob("*.part"))
    assert "not begun" in (tmp_path / "r.html").read_text()
