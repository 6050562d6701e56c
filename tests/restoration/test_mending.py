"""Mending all that a mask covers, whatever the scan is like."""

import cv2
import numpy as np
import pytest
from skimage import data

from editor.errors import UserError
from editor.raster.surface import Box
from editor.restoration.mending import mend, mended


def specks(shape: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(shape, np.uint8)
    for y, x in np.random.default_rng(4).integers(4, np.array(shape) - 4, (25, 2)):
        cv2.circle(mask, (int(x), int(y)), 3, 255, -1)
    return mask


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_kind_of_scan_is_mended_at_its_own_depth(channels, dtype):
    colour = cv2.GaussianBlur(data.chelsea()[:200, :220], (0, 0), 2)
    alpha = np.full((200, 220, 1), 200, np.uint8)
    kinds = {1: [colour[..., :1]], 2: [colour[..., :1], alpha], 3: [colour], 4: [colour, alpha]}
    truth = np.concatenate(kinds[channels], axis=2).astype(dtype) * (257 if dtype == np.uint16 else 1)
    mask = specks(truth.shape[:2])
    damaged = truth.copy()
    damaged[mask > 0, :1 if channels < 3 else 3] = np.iinfo(dtype).max
    before = damaged.copy()
    out, notes = mended(damaged, mask)
    assert out.dtype == dtype and out.shape == truth.shape and not notes and (damaged == before).all()
    assert (out[mask == 0] == truth[mask == 0]).all()
    scale = np.iinfo(dtype).max / 255
    assert np.abs(out[mask > 0].astype(float) - truth[mask > 0]).max() < 25 * scale
    if channels in (2, 4):
        assert (out[..., -1] == truth[..., -1]).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (20, 20), (3, 500)])
def test_tiny_scans_are_mended_or_refused_in_words(shape):
    pixels = np.full((*shape, 3), 90, np.uint8)
    mask = np.zeros(shape, np.uint8)
    mask[0, :max(1, shape[1] // 3)] = 255
    if mask.all():
        with pytest.raises(UserError, match="whole photo"):
            mended(pixels, mask)
    else:
        assert (mended(pixels, mask)[0] == 90).all()


def test_nothing_masked_is_said():
    with pytest.raises(UserError, match="empty"):
        mended(np.zeros((20, 20, 3), np.uint8), np.zeros((20, 20), np.uint8))


def test_specks_and_a_loss_are_done_together_and_the_loss_does_not_copy_specks():
    truth = np.repeat((120 + 40 * np.sin(np.indices((220, 240)).sum(0) / 9)).astype(np.uint8)[..., None], 3, 2)
    mask = specks((220, 240))
    cv2.circle(mask, (120, 110), 30, 255, -1)
    damaged = np.where(mask[..., None] > 0, np.uint8(255), truth)
    repairs = mend(lambda box: damaged[box.slices], mask.shape, mask)
    assert {"kriging", "patches"} == {result.engine for result in repairs.results}
    out, _ = mended(damaged, mask)
    assert out[mask > 0].max() < 200
    assert repairs.box == Box(*_bounds(mask))


def _bounds(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
