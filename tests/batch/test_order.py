"""Which photos a batch takes, and under which names their results go."""

import os
from pathlib import Path

import pytest

from editor.batch.order import Order, numbered, photos_in, planned
from editor.errors import UserError
from editor.restoration.restoring import Mending, Steps, Unfading


def files(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).write_bytes(b"x")
    return [folder / name for name in names]


def test_of_a_folder_the_files_that_are_photographs_by_their_names(tmp_path):
    files(tmp_path, "b.tif", "A.JPG", "notes.txt", ".hidden.png", "c.png")
    (tmp_path / "sub").mkdir()
    other, = files(tmp_path / "sub", "d.webp")
    found = photos_in([tmp_path, other, tmp_path / "b.tif"])
    assert [path.name for path in found] == ["A.JPG", "b.tif", "c.png", "d.webp"], "each once, in order"


def test_a_folder_that_cannot_be_read_is_said(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0)
    try:
        if os.access(folder, os.R_OK):
            pytest.skip("permissions mean nothing to this user")
        with pytest.raises(UserError, match="closed"):
            photos_in([folder])
    finally:
        folder.chmod(0o700)


def test_names_that_would_be_the_same_say_what_the_photos_were(tmp_path):
    photos = files(tmp_path, "a.jpg", "a.tif", "b.psd", "c.png")
    out = tmp_path / "out"
    assert [task.out.name for task in planned(photos, out)] == ["a.jpg", "a.tif", "b.png", "c.png"]
    assert [task.out.name for task in planned(photos, out, ".png")] == ["a-jpg.png", "a-tif.png", "b.png", "c.png"]
    photos += files(tmp_path, "a-jpg.bmp")
    names = [task.out.name for task in planned(photos, out, ".png")]
    assert len(set(names)) == len(names)


def test_no_photo_is_replaced_even_where_results_go_beside_it(tmp_path):
    photos = files(tmp_path, "a.png", "a-restored.png", "b.jpg")
    link = tmp_path / "out"
    link.symlink_to(tmp_path)
    for folder in (tmp_path, link):
        tasks = planned(photos, folder)
        assert not {os.path.realpath(task.out) for task in tasks} & {os.path.realpath(photo) for photo in photos}
        assert len({task.out for task in tasks}) == 3


def test_several_out_of_one_scan_are_numbered_past_what_is_taken():
    out = Path("out/scan.tif")
    assert [path.name for path in numbered(out, 2)] == ["scan-1.tif", "scan-2.tif"]
    assert [path.name for path in numbered(out, 2, {Path("out/scan-2.tif")})] == ["scan--1.tif", "scan--2.tif"]


def test_orders_are_told_apart_by_what_they_make():
    steps = Steps(mend=Mending(0.5))
    assert Order(steps).digest() == Order(Steps(mend=Mending(0.5)), device="cpu").digest()
    others = (Steps(), Steps(mend=Mending(0.6)), Steps(unfade=Unfading()), Steps(geometry="crop"))
    assert len({Order(other).digest() for other in (steps, *others)}) == 5
    assert Order(steps, ".png").digest() != Order(steps).digest() != Order(steps, quality=80).digest()
