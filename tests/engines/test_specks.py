"""Thousands of specks in one go: what is thin, what is thick, and how well and how thriftily the thin is mended."""

import cv2
import numpy as np
import pytest
from skimage import data

from editor.engines import specks
from editor.engines.biharmonic import mended as bent
from editor.engines.blending import paste
from editor.engines.contract import Cancelled, Finish, no_progress
from editor.engines.filling import fill
from editor.engines.registry import find
from editor.raster.surface import Box


def scratches(shape: tuple[int, int], count: int = 60, seed: int = 0) -> np.ndarray:
    random, mask = np.random.default_rng(seed), np.zeros(shape, np.uint8)
    for _ in range(count):
        start, turn = random.uniform(0, shape[::-1]), random.uniform(0, 6.3)
        end = start + random.uniform(0, 60) * np.array([np.cos(turn), np.sin(turn)])
        cv2.line(mask, start.astype(int).tolist(), end.astype(int).tolist(), 255, int(random.integers(1, 6)))
    return mask


def repaired(pixels: np.ndarray, mask: np.ndarray, **more) -> np.ndarray:
    out = pixels.copy()
    for result in next(fill(lambda box: pixels[box.slices], pixels.shape[:2], mask, find("auto"), **more)).results:
        paste(out, result)
    return out


def decibel(one: np.ndarray, other: np.ndarray, where: np.ndarray) -> float:
    return 10 * np.log10(255 ** 2 / np.square(one[where].astype(float) - other[where]).mean())


@pytest.mark.parametrize("photo", [data.coffee, data.astronaut])
def test_edges_and_texture_run_on_through_scratches(photo):
    truth = photo()[:300, :300]
    mask = scratches(truth.shape[:2])
    damaged = np.where(mask[..., None] > 0, np.uint8(128), truth)
    plate, _ = bent(damaged, mask > 0, 48)
    assert decibel(repaired(damaged, mask), truth, mask > 0) > decibel(plate, truth, mask > 0) + 1.5


def test_nothing_but_the_mask_is_touched_at_sixteen_bits_and_in_grey():
    truth = data.camera()[:260, :260].astype(np.uint16) * 257
    mask = scratches(truth.shape)
    pixels = np.repeat(np.where(mask > 0, np.uint16(65535), truth)[..., None], 3, 2)
    out = repaired(pixels, mask)
    assert (out[mask == 0] == pixels[mask == 0]).all() and (out[..., 0] == out[..., 2]).all()
    assert decibel(out[..., 0] / 257, truth / 257, mask > 0) > 26


def test_a_line_is_straight_across_a_scratch():
    y, x = np.mgrid[:96, :96]
    truth = np.repeat(np.where(x + 2 * y > 140, 200, 60).astype(np.uint8)[..., None], 3, 2)
    mask = np.zeros((96, 96), np.uint8)
    cv2.line(mask, (0, 30), (95, 60), 255, 7)
    wrong = np.abs(repaired(np.where(mask[..., None] > 0, np.uint8(255), truth), mask).astype(int) - truth) > 40
    assert wrong.sum() < 0.02 * 3 * (mask > 0).sum()


def test_many_threads_or_one_and_tiles_make_no_difference(monkeypatch):
    pixels, mask = data.coffee(), scratches((400, 600), 300)
    one, many = repaired(pixels, mask, threads=1), repaired(pixels, mask, threads=4)
    assert (one == many).all()
    monkeypatch.setattr(specks, "_TILE", 128)
    cut = repaired(pixels, mask)
    assert np.abs(cut.astype(int) - one).mean() < 0.2


def test_thin_and_thick_are_told_apart_piece_by_piece():
    mask = np.zeros((400, 900), np.uint8)
    cv2.line(mask, (0, 100), (899, 130), 200, 5)  # a scratch across all of it
    cv2.circle(mask, (600, 300), 40, 255, -1)
    cv2.line(mask, (600, 300), (600, 370), 255, 6)  # an arm of the disc
    cv2.circle(mask, (450, 115), 14, 255, -1)  # a torn place on the scratch
    thin, thick = specks.parted(mask)
    assert (np.maximum(thin, thick) == mask).all() and not ((thin > 0) & (thick > 0)).any()
    assert thin[100:131, 100:400].any() and not thick[:, :420].any() and thin[100:120, 30:60].max() == 200
    assert thick[300, 600] and thick[368, 600], "an arm of something thick is filled with it"
    assert thick[115, 450] and not thick[105:140, 480:].any(), "the scratch goes on beyond the torn place"


def test_a_strip_at_the_border_is_as_thick_as_the_way_to_what_is_known():
    mask = np.zeros((200, 200), np.uint8)
    mask[:6], mask[60:, :14] = 255, 255
    thin, thick = specks.parted(mask)
    assert thin[3, 100] and thick[100, 3]


def test_round_a_mask_that_is_a_part_of_the_photo_the_photo_is_known():
    mask = np.full((200, 10), 255, np.uint8)
    assert specks.parted(mask, (40, 30), (300, 300))[0].all(), "a hair, cut out to its edges"
    assert specks.parted(mask, (40, 0), (300, 300))[1].any(), "at the border it is known on one side alone"
    assert specks.parted(np.full((30, 30), 255, np.uint8), (40, 30), (300, 300))[1].all()


def test_damage_at_the_border_is_mended():
    truth = cv2.GaussianBlur(data.chelsea(), (0, 0), 3)
    mask = np.zeros(truth.shape[:2], np.uint8)
    mask[:6], mask[:, -5:] = 255, 255
    cv2.circle(mask, (0, 150), 7, 255, -1)
    out = repaired(np.where(mask[..., None] > 0, np.uint8(0), truth), mask)
    assert decibel(out, truth, mask > 0) > 30


def test_little_of_the_photo_is_read_and_little_comes_back():
    shape, read = (6000, 9000), []
    mask = np.zeros(shape, np.uint8)
    cv2.line(mask, (0, 10), (8999, 5990), 255, 3)

    def reader(box: Box) -> np.ndarray:
        read.append(box)
        return np.full((box.height, box.width, 3), 30000, np.uint16)

    thin, thick = specks.parted(mask)
    results = specks.mended(reader, shape, thin, thick, (0, 0), Finish(), 0, 2, no_progress)
    assert max(box.height * box.width for box in read) <= 612 ** 2
    assert sum(result.alpha.size for result in results) < 0.06 * mask.size
    assert all((result.pixels == 30000).all() for result in results)


def test_cancelling_stops_it():
    pixels, mask = data.coffee(), scratches((400, 600), 300)

    def cancel(fraction: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        specks.mended(lambda box: pixels[box.slices], mask.shape, mask, np.zeros_like(mask), (0, 0), Finish(), 0, 2,
                      cancel)


def test_grain_is_that_of_the_surroundings():
    flat = np.full((300, 300, 3), 30000.0)
    pixels = np.clip(flat + np.random.default_rng(3).normal(0, 1500, (300, 300, 1)), 0, 65535).astype(np.uint16)
    mask = np.zeros((300, 300), np.uint8)
    for y in range(30, 300, 40):
        for x in range(30, 300, 40):
            cv2.circle(mask, (x, y), 7, 255, -1)
    out = repaired(np.where(mask[..., None] > 0, np.uint16(65535), pixels), mask)
    core = cv2.erode(mask, np.ones((5, 5), np.uint8)) > 0
    assert 0.7 * 1500 < out[core].astype(float).std() < 1.25 * 1500
