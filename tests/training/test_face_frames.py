"""Faces are found in ordinary photos and cut out as frames; here they are red squares, and the network knows those."""

import math

import numpy as np
import pytest
import torch

from editor.engines.networks.framing import REFERENCE_SIDE, STRIDE
from editor.training.data import SMALLEST
from editor.training.face_frames import face_squares, faces

WIDTHS = 2.5  # a frame's side in face widths


class FindsRed:
    """As the locator: sees squares of a certain red whose frames are neither large nor small to it."""

    def __init__(self, once: bool = False):
        self.once, self.looks = once, 0

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        assert x.shape[1] == 4 and x.shape[2] % 32 == 0 and x.shape[3] % 32 == 0
        maps = torch.zeros(1, 6, x.shape[2] // STRIDE, x.shape[3] // STRIDE)
        maps[:, 0] = -10
        self.looks += 1
        red = ((x[0, 0] > 0.5) & (x[0, 1] < -0.5)).numpy()
        half = x.shape[3] // 2
        for left in (0, half):  # one on each side of the picture
            ys, xs = red[:, left:left + half].nonzero()
            if not len(ys) or (self.once and self.looks != 4):
                continue
            side = WIDTHS * math.sqrt(len(ys))
            if 36 <= side <= 132:
                y, x_ = ys.mean() + 0.5, xs.mean() + left + 0.5
                row, column = int(y / STRIDE), int(x_ / STRIDE)
                maps[0, :, row, column] = torch.tensor([
                    3.0, math.log2(side / REFERENCE_SIDE), 1, 0, y / STRIDE - row - 0.5, x_ / STRIDE - column - 0.5])
        return maps


def photo(shape: tuple[int, int], *squares: tuple[int, int, int]) -> np.ndarray:
    """Grey, with red squares (y, x, side) about those middles."""
    picture = np.full((*shape, 3), 120, np.uint8)
    for y, x, side in squares:
        picture[y - side // 2:y + side // 2, x - side // 2:x + side // 2] = (250, 10, 10)
    return picture


@pytest.mark.parametrize("shape", [(400, 500), (1000, 600), (3000, 4000)])
def test_a_face_is_found_wherever_it_is(shape):
    height, width = shape
    wanted = (height // 2, width // 4, round(0.09 * max(shape)))
    frame, = faces(photo(shape, wanted), FindsRed())
    assert frame.side == pytest.approx(WIDTHS * wanted[2], rel=0.15)
    assert math.dist(frame.centre, wanted[:2]) < 0.05 * frame.side


def test_each_of_two_is_cut_out(random):
    squares = face_squares(photo((600, 1200), (300, 300, 80), (250, 900, 120)), 64, FindsRed())
    assert len(squares) == 2
    for square in squares:
        assert square.shape == (64, 64, 3) and square.dtype == np.uint8
        red = (square[..., 0] > 200) & (square[..., 1] < 60)
        assert red[32, 32] and red.mean() == pytest.approx(1 / WIDTHS**2, abs=0.05)
        assert not red[:8].any() and not red[:, :8].any()


def test_what_is_seen_once_or_small_or_cut_off_is_none():
    assert len(faces(photo((600, 900), (300, 200, 90)), FindsRed())) == 1
    assert faces(photo((600, 900), (300, 200, 90)), FindsRed(once=True)) == []
    assert faces(photo((600, 900), (300, 30, 60)), FindsRed()) == [], "a third of its frame is beyond the edge"
    tiny = round(SMALLEST / WIDTHS) - 4
    assert faces(photo((260, 260), (130, 60, tiny)), FindsRed()) == []
    assert faces(photo((600, 900)), FindsRed()) == []
    assert faces(photo((40, 3000)), FindsRed()) == []


def test_what_lies_beyond_the_edge_is_mirrored():
    picture = photo((600, 900), (300, 90, 90))
    picture[:, :26] = (0, 250, 0)
    square, = face_squares(picture, 90, FindsRed())
    green = square[..., 1] > 200
    assert green[:, :14].all() and not green[:, 40:].any()
