"""Folders of photographs become squares and crops; a tenth of the people and photos stays out."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from editor.engines.contract import Cancelled
from editor.errors import UserError
from editor.training.data import Album, aged, held_out, photos_in, whole_squares
from editor.training.hints import grey
from editor.training.holes import pixel_places


@pytest.fixture(scope="module")
def album(photographs) -> Album:
    squares = [square for picture in photographs.values() for square in whole_squares(picture, 96)]
    return Album(torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2))


def test_a_fixed_tenth_is_held_out_wherever_it_lies():
    out = [name for name in range(2000) if held_out(Path(f"IMG_{name}.jpg"))]
    assert 160 < len(out) < 240
    assert out == [name for name in range(2000) if held_out(Path(f"/elsewhere/IMG_{name}.png"))]


def test_crops_of_one_photo_fall_on_the_same_side():
    for name in range(300):
        sides = {held_out(Path(f"{name}{crop}.jpg")) for crop in ("", "_c0", "_c1", "_c12")}
        assert len(sides) == 1
    assert any(held_out(Path(f"x_c{n}y.jpg")) != held_out(Path("x.jpg")) for n in range(50)), "only at the end"


def test_photos_are_found_below_folders_once_and_in_order(folder, tmp_path):
    deeper = folder / "a" / "b"
    deeper.mkdir(parents=True)
    (deeper / "Z.JPG").touch()
    (folder / "notes.txt").touch()
    (folder / "._cat.png").touch()  # what macOS leaves beside files on foreign disks
    found = photos_in([folder, folder / "a"])
    assert found == sorted(found) and [path.name for path in found] == [
        "Z.JPG", "astronaut.png", "cat.png", "coffee.png", "rocket.png"]
    with pytest.raises(UserError, match="nowhere"):
        photos_in([tmp_path / "nowhere"])


def test_a_photo_becomes_its_middle_and_a_wide_one_both_ends():
    plain = np.zeros((200, 220, 3), np.uint8)
    plain[:, 10:210] = 255  # the square in its middle
    square, = whole_squares(plain, 100)
    assert square.shape == (100, 100, 3) and square.min() == 255
    for turned in (False, True):
        wide = np.zeros((100, 160, 3), np.uint8)
        wide[:, :50], wide[:, -50:] = (255, 0, 0), (0, 0, 255)
        left, right = whole_squares(wide.transpose(1, 0, 2) if turned else wide, 50)
        if turned:
            left, right = left.transpose(1, 0, 2), right.transpose(1, 0, 2)
        assert left[:, 2].tolist() == [[255, 0, 0]] * 50 and right[:, -3].tolist() == [[0, 0, 255]] * 50
        assert not left[:, 40].any() and not right[:, 10].any()


def test_small_ones_are_enlarged_and_slivers_left_out():
    assert whole_squares(np.zeros((70, 80, 3), np.uint8), 200)[0].shape == (200, 200, 3)
    assert whole_squares(np.zeros((4, 60_000, 3), np.uint8), 512) == []


def test_an_album_lists_what_it_could_not_use(folder, photographs):
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff no photo")
    cv2.imwrite(str(folder / "sliver.png"), np.zeros((3, 400), np.uint8))
    grey16 = (cv2.cvtColor(photographs["cat"], cv2.COLOR_RGB2GRAY).astype(np.uint16) * 257)
    cv2.imwrite(str(folder / "scan.tif"), grey16)
    told = []
    album = Album.load(photos_in([folder]), 64, lambda share, words: told.append(share))
    assert [path.name for path in album.unreadable] == ["broken.jpg"]
    assert [path.name for path in album.without] == ["sliver.png"]
    # astronaut and coffee are not wide; rocket and the cat, twice, are: those give two each.
    expected = [square for name in ("astronaut", "cat", "coffee", "rocket")
                for square in whole_squares(photographs[name], 64)]
    assert album.squares.shape == (len(expected) + 2, 3, 64, 64) and album.squares.dtype == torch.uint8
    for square, wanted in zip(album.squares, expected, strict=False):
        assert np.array_equal(square.permute(1, 2, 0).numpy(), wanted), "in the order of their names"
    scan = album.squares[-2].float()
    assert torch.equal(scan[0], scan[1]) and torch.equal(scan[0], scan[2])
    assert sorted(told) == told and told[-1] == 1


def test_an_album_may_be_empty_and_reading_be_cancelled(folder, tmp_path):
    (tmp_path / "x.jpg").write_bytes(b"x")
    empty = Album.load([tmp_path / "x.jpg"], 64)
    assert len(empty) == 0 and empty.unreadable == (tmp_path / "x.jpg",)
    assert len(Album.load([], 64)) == 0

    def cancel(share: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        Album.load(photos_in([folder]), 64, cancel)


def test_crops_are_of_the_wanted_size_and_follow_from_the_seed(album):
    one, two = (album.crops(torch.Generator().manual_seed(2), 12, 64, 0.5, 10.0) for _ in range(2))
    pictures, places = one
    assert pictures.shape == (12, 3, 64, 64) and places.shape == (12, 64, 64, 2)
    assert pictures.min() >= -1 and pictures.max() <= 1
    assert torch.equal(pictures, two[0]) and torch.equal(places, two[1])
    other, _ = album.crops(torch.Generator().manual_seed(3), 12, 64, 0.5, 10.0)
    assert not torch.equal(pictures, other)


def test_a_crops_pixels_lie_where_it_says_they_do():
    """A picture whose colours are its own coordinates."""
    at = pixel_places(1, 128, 128)
    ramp = torch.cat([at, torch.zeros(1, 128, 128, 1)], 3).permute(0, 3, 1, 2)
    album = Album(((ramp + 1) * 127.5).round().byte())
    pictures, places = album.crops(torch.Generator().manual_seed(4), 16, 64, 0.4, 15.0)
    inside = (places.abs() < 0.97).all(-1)
    error = (pictures[:, :2].permute(0, 2, 3, 1) - places).abs().amax(-1)[inside]
    assert error.max() < 0.03
    spans = (places[:, 32, -1] - places[:, 32, 0]).norm(dim=1) / 2
    assert (spans > 0.85).float().mean() > 0.2 and (spans < 0.85).float().mean() > 0.3, "whole squares and crops"
    mirrored = places[:, 32, 0, 0] > places[:, 32, -1, 0]
    assert 0.2 < mirrored.float().mean() < 0.8


def test_some_are_aged_like_family_photographs(pictures, random):
    many = pictures.repeat(12, 1, 1, 1)[..., :64, :64]
    old, fresh = aged(random, many, 1.0), aged(random, many, 0.0)
    for each in (old, fresh):
        assert each.shape == many.shape and each.abs().max() <= 1

    def colourful(pictures: torch.Tensor) -> torch.Tensor:
        offset = pictures - grey(pictures)
        return (offset - offset.mean((2, 3), keepdim=True)).abs().mean((1, 2, 3))

    assert (colourful(old) < 0.02).float().mean() > 0.4, "grey or sepia, most of them"
    assert (colourful(fresh) > 0.5 * colourful(many)).all(), "the others keep their colours"
    tinted = (old[:, 0] - old[:, 2]).mean((1, 2))
    assert (tinted > 0.05).any() and (tinted.abs() < 0.02).any()
    grain = (old - torch.nn.functional.avg_pool2d(old, 3, 1, 1))[..., 2:-2, 2:-2].std((1, 2, 3))
    assert grain.max() > 1.5 * (many - torch.nn.functional.avg_pool2d(many, 3, 1, 1))[..., 2:-2, 2:-2].std()
    mixed = aged(random, many, 0.3)
    assert 0.02 < (colourful(mixed) < 0.02).float().mean() < 0.6
