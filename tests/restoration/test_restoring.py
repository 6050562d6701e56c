"""The steps of one photograph, one after the other: what they change, and what they leave as it was."""

import cv2
import numpy as np
import pytest
from beds import an_empty_bed, farthest, lay, scanned

from editor.engines.contract import Cancelled
from editor.raster.rectangle import Rectangle
from editor.raster.surface import Surface
from editor.raster.transforms import Cut, surface_after
from editor.restoration.registry import find
from editor.restoration.restoring import CROP, SPLIT, TITLES, Mending, Steps, Unfading, restore

MEND = Mending(method="classical")
LEFT, RIGHT = Rectangle((200.0, 160.0), 220.0, 190.0, 3.0), Rectangle((210.0, 420.0), 260.0, 200.0, -4.0)


@pytest.fixture(scope="module")
def bed() -> np.ndarray:
    one = an_empty_bed((400, 560), 248.0, 4.0, dust=10)
    lay(one, LEFT, "astronaut.png")
    lay(one, RIGHT, "coffee.png")
    return scanned(one, dtype=np.uint16)


def settings(name: str, **values):
    return find(name).Settings(**values)


@pytest.mark.parametrize(("dtype", "channels"), [(np.uint8, 3), (np.uint16, 1), (np.uint16, 4), (np.uint8, 2)])
def test_mending_changes_what_is_damaged_and_no_other_bit(scratched, dtype, channels):
    picture, truth = scratched
    top = np.iinfo(dtype).max
    colours = 1 if channels < 3 else 3
    pixels = picture[..., :colours].astype(dtype) * (257 if dtype == np.uint16 else 1)
    if channels in (2, 4):
        alpha = np.random.default_rng(0).integers(1, top, (*pixels.shape[:2], 1)).astype(dtype)
        pixels = np.concatenate([pixels, alpha], axis=2)
    before = pixels.copy()
    pixels.flags.writeable = False
    made, = restore(pixels, Steps(mend=MEND))
    assert np.array_equal(pixels, before) and made.pixels.dtype == dtype and made.pixels.shape == pixels.shape
    changed = (made.pixels != pixels).any(axis=2)
    near = cv2.dilate(truth.view(np.uint8), np.ones((25, 25), np.uint8)) > 0
    assert changed[truth].mean() > 0.9 and changed[~near].mean() < 0.01
    assert made.pixels[truth][:, 0].mean() < 0.75 * pixels[truth][:, 0].mean(), "the white scratches are gone"
    if channels in (2, 4):
        assert np.array_equal(made.pixels[..., -1], pixels[..., -1])
    assert made.done[0].step == "mend" and "mended" in made.done[0].words and made.done[0].seconds > 0


@pytest.mark.parametrize("pixels", [np.full((60, 80, 3), 200, np.uint8), np.zeros((70, 50, 1), np.uint16),
                                    np.full((1, 1, 3), 9, np.uint8), np.full((20, 20, 4), 77, np.uint16)])
def test_where_there_is_nothing_to_restore_nothing_changes(pixels):
    made, = restore(pixels, Steps(geometry=CROP, mend=MEND, unfade=Unfading()))
    assert np.array_equal(made.pixels, pixels) and made.part is None
    assert "no damage" in made.done[1].words


def test_a_bed_is_split_and_each_photograph_sampled_once(bed):
    first, second = restore(bed, Steps(geometry=SPLIT))
    for made, place in ((first, LEFT), (second, RIGHT)):
        assert farthest(made.part, place) < 1
        truth = surface_after(Cut(made.part), Surface.from_array(bed))
        assert np.array_equal(made.pixels, truth.read(truth.bounds))


def test_cropping_leaves_a_bed_of_several_alone(bed):
    made, = restore(bed, Steps(geometry=CROP))
    assert made.pixels is bed and "2 photographs" in made.done[0].words


def test_tones_change_at_16_bits_so_that_8_do_not_band():
    """A gradient through two steps one after the other: no gaps that another round of 8 bits would leave."""
    ramp = np.repeat(np.linspace(100, 140, 600)[None, :, None], 64, 0).astype(np.uint8)
    steps = Steps(unfade=Unfading(), local_contrast=settings("local-contrast", amount=0.0))
    made, = restore(np.repeat(ramp, 3, 2), steps)
    only, = restore(np.repeat(ramp, 3, 2), Steps(unfade=Unfading()))
    assert made.pixels.dtype == np.uint8
    assert np.abs(made.pixels.astype(int) - only.pixels).max() <= 1


def test_all_steps_in_their_order(scratched):
    steps = Steps(geometry=CROP, mend=MEND, unfade=Unfading(), denoise=settings("denoise"),
                  local_contrast=settings("local-contrast"))
    assert steps.chosen == ("geometry", "mend", "unfade", "denoise", "local_contrast")
    assert [name for name in TITLES if name in steps.chosen] == list(steps.chosen)
    shares = []
    made, = restore(scratched[0], steps, progress=lambda share, words: shares.append(share))
    assert [done.step for done in made.done] == list(steps.chosen)
    assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] <= 1
    assert made.pixels.shape == scratched[0].shape and not np.array_equal(made.pixels, scratched[0])


@pytest.mark.parametrize("steps", [Steps(mend=MEND), Steps(geometry=SPLIT), Steps(unfade=Unfading()),
                                   Steps(denoise=settings("denoise"))])
def test_any_step_can_be_cancelled(bed, steps):
    def stop(share: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        list(restore(bed, steps, progress=stop))
