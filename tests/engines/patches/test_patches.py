"""The patch engine: what it makes of a hole."""

import cv2
import numpy as np
import pytest

from editor.engines.contract import Cancelled, FillRequest, no_progress
from editor.engines.patches.crew import crew
from editor.engines.patches.engine import Patches, PatchesSettings
from editor.engines.patches.filling import _drafts
from editor.engines.patches.guidance import guided
from editor.engines.patches.levels import pyramid
from editor.engines.patches.synthesis import INWARDS, Start, _begun, _searched, refined, settled
from tests.engines.conftest import specks


def disc(shape, middle, radius) -> np.ndarray:
    return cv2.circle(np.zeros(shape, np.uint8), middle, radius, 255, -1) > 0


def stripes() -> np.ndarray:
    """Slanted stripes of 8 pixels, (160, 200, 3)."""
    y, x = np.mgrid[:160, :200]
    light = ((x + y) % 16 < 8) * 120 + 60
    return np.stack([light, light, 255 - light], axis=2).astype(np.uint8)


def bricks() -> np.ndarray:
    """A wall in running bond, bricks of 24 x 12 pixels, (180, 240, 3)."""
    y, x = np.mgrid[:180, :240]
    mortar = (y % 12 < 2) | ((x + 12 * (y // 12 % 2)) % 24 < 2)
    return np.where(mortar[..., None], [200, 195, 185], [150, 70, 50]).astype(np.uint8)


def noisy(image: np.ndarray, strength: float) -> np.ndarray:
    noise = np.random.default_rng(3).normal(0, strength, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("picture, middle, radius", [(stripes(), (100, 80), 30), (bricks(), (120, 90), 30)])
def test_a_pattern_goes_on(filled, picture, middle, radius):
    hole = disc(picture.shape[:2], middle, radius)
    (pixels, notes), = filled(picture, hole)
    assert not notes
    assert (np.abs(pixels[hole].astype(int) - picture[hole]).max(axis=1) <= 2).mean() > 0.975


@pytest.mark.parametrize("slope, left", [(0.0, 110), (0.12, 90), (-0.3, 150)])
def test_a_horizon_goes_on_within_two_pixels(filled, slope, left):
    y, x = np.mgrid[:220, :300]
    above = y < left + slope * x
    picture = noisy(np.where(above[..., None], [120, 170, 220], [60, 110, 40]), 8)
    hole = cv2.ellipse(np.zeros(above.shape, np.uint8), (150, 110), (35, 70), 0, 0, 360, 255, -1) > 0
    (pixels, _), = filled(picture, hole)
    blue = cv2.GaussianBlur(pixels[..., 2].astype(np.float32) - pixels[..., 1], (0, 0), 1.0)
    columns = np.arange(120, 180)
    found = np.array([np.argmax(blue[:, column] < -10) for column in columns])
    assert np.abs(found - (left + slope * columns)).max() <= 2


def test_a_line_drawn_is_followed(filled):
    """A slope where it was drawn, at another angle than beside the hole: the photo has such an edge elsewhere."""
    y, x = np.mgrid[:240, :320]
    below = y > 120
    below[:, :110] = (y > 200 - 0.5 * x)[:, :110]  # a hill to copy the slope from
    picture = noisy(np.where(below[..., None], [60, 110, 40], [120, 170, 220]), 4)
    hole = np.zeros(below.shape, bool)
    hole[60:150, 230:320] = True
    sketch = cv2.line(np.zeros(below.shape, np.uint8), (230, 120), (319, 76), 255, 2)
    columns = np.arange(245, 310)

    def edge(**more):
        (pixels, _), = filled(picture, hole, **more)
        blue = cv2.GaussianBlur(pixels[..., 2].astype(np.float32) - pixels[..., 1], (0, 0), 1.0)
        return np.array([np.argmax(blue[:, column] < -10) for column in columns])

    drawn = 120 - 0.5 * (columns - 230)
    assert np.median(np.abs(edge(sketch=sketch) - drawn)) <= 6  # of the 45 pixels that it rises by
    assert np.median(np.abs(edge() - drawn)) > 10


def test_a_colour_stroke_decides_which_texture_comes(filled):
    picture = noisy(np.full((200, 300, 3), [70, 120, 60]), 20)
    picture[:, 180:] = noisy(np.full((200, 120, 3), [180, 140, 90]), 20)
    hole = disc((200, 300), (90, 100), 40)
    stroke = np.zeros((200, 300, 4), np.uint8)
    stroke[hole] = 180, 140, 90, 255
    (plain, _), = filled(picture, hole)
    (painted, _), = filled(picture, hole, colour=stroke)
    middle = disc((200, 300), (90, 100), 25)
    assert plain[middle].mean(axis=0)[0] < 90
    assert painted[middle].mean(axis=0)[0] > 140


def test_another_picture_decides_what_goes_where(filled):
    """Where two grounds meet, the picture says how far each goes."""
    grass, sand = [70, 120, 60], [180, 140, 90]
    picture = noisy(np.full((200, 300, 3), grass), 20)
    picture[100:, 150:] = noisy(np.full((100, 150, 3), sand), 20)
    hole = disc((200, 300), (150, 100), 40)

    def share_of_sand(ground):
        guide = np.full((100, 150, 3), ground, np.uint8)
        (pixels, _), = filled(picture, hole, picture=guide)
        return (cv2.blur(pixels, (5, 5))[disc((200, 300), (150, 100), 30)][:, 0] > 125).mean()

    assert share_of_sand(sand) > 0.7
    assert share_of_sand(grass) < 0.2


def test_pixels_are_copied_from_where_they_may_be(coffee):
    hole = disc(coffee.shape[:2], (250, 200), 50)
    source = np.zeros(hole.shape, bool)
    source[:, 330:] = True
    request = FillRequest(coffee, hole.astype(np.float32), source=source)
    levels, ways = guided(pyramid(coffee, hole, source), request, None)
    with crew(lambda: None) as team:
        draft, = _drafts(levels, request, ways, team)
        while draft.level:
            draft = refined(levels, draft, 0, team)
        offsets = settled(levels, draft, team)
    y, x = np.nonzero(hole)
    assert source[y + offsets[y, x, 0], x + offsets[y, x, 1]].all()


def test_no_patch_gets_worse_in_a_search(coffee):
    hole = disc(coffee.shape[:2], (250, 200), 40)
    level = pyramid(coffee, hole, None)[-1]
    with crew(lambda: None) as team:
        match = _begun(level, Start(1, 0, np.zeros((0, 2), np.int32)), team)
        _searched(level, match, INWARDS, 100, 0, 1, 0, team)
        before = match.cost.copy()
        _searched(level, match, INWARDS, 100, 0, 1, 1, team)
    places = tuple(level.places.T)
    assert (match.cost[places] <= before[places] * 1.0001).all()
    assert match.cost[places].mean() < before[places].mean()


def test_the_same_pixels_on_one_thread_and_on_four(coffee, filled):
    hole = disc(coffee.shape[:2], (330, 210), 90)
    one, four = (filled(coffee, hole, threads=threads, variants=2, seed=5) for threads in (1, 4))
    assert len(one) == 2
    for (pixels, _), (others, _) in zip(one, four, strict=True):
        assert np.array_equal(pixels, others)


def test_variants_differ_to_the_eye(coffee, filled):
    hole = disc(coffee.shape[:2], (150, 250), 45)
    first, second = (pixels[hole].astype(int) for pixels, _ in filled(coffee, hole, variants=2))
    assert np.abs(first - second).mean() > 4


def test_a_gradient_runs_through_at_sixteen_bits(filled, fine_sky):
    hole = disc(fine_sky.shape[:2], (200, 150), 60)
    (pixels, _), = filled(fine_sky, hole)
    assert np.abs(pixels[hole].astype(int) - fine_sky[hole]).max() < 6 * 257
    assert len(np.unique(pixels[hole][:, 1])) > 60  # finer than 8 bits: those would be 11


def test_grain_and_sharpness_are_those_of_the_photo(filled):
    rows = cv2.GaussianBlur(np.random.default_rng(2).normal(0, 1, (240, 320)), (0, 0), 1.2)
    picture = np.clip(128 + 120 * rows[..., None] * [1, 0.9, 0.8], 0, 255).astype(np.uint8)
    hole = disc((240, 320), (160, 120), 50)
    (pixels, _), = filled(picture, hole)
    slope = np.abs(cv2.Laplacian(pixels[..., 0], cv2.CV_32F))
    inner = disc((240, 320), (160, 120), 46)
    assert 0.85 < slope[inner].mean() / slope[~hole].mean() < 1.1


SHAPE = (70, 90)


def all_but(edge: int) -> np.ndarray:
    hole = np.ones(SHAPE, bool)
    hole[:edge] = hole[-edge:] = hole[:, :edge] = hole[:, -edge:] = False
    return hole


@pytest.mark.parametrize("hole", [
    disc(SHAPE, (40, 30), 0), disc(SHAPE, (0, 0), 12), disc(SHAPE, (89, 35), 20), all_but(1), all_but(4), all_but(9),
    specks(SHAPE, 60) > 0, np.arange(70)[:, None] + np.zeros(90) > 20, np.arange(90) + np.zeros((70, 1)) != 45,
], ids=["pixel", "corner", "border", "frame 1", "frame 4", "frame 9", "specks", "half", "one column known"])
def test_every_shape_of_hole_is_filled(coffee, filled, hole):
    image = coffee[100:170, 200:290]
    (pixels, _), = filled(image, hole)
    assert (pixels[hole] > 0).any()


@pytest.mark.parametrize("shape", [(3, 3), (5, 60), (7, 7), (8, 8), (1, 30)])
def test_a_picture_smaller_than_a_patch_is_filled_by_a_membrane(coffee, filled, shape):
    image = coffee[100:100 + shape[0], 200:200 + shape[1]]
    hole = np.zeros(shape, bool)
    hole[shape[0] // 2, shape[1] // 2] = True
    (pixels, notes), = filled(image, hole)
    assert "membrane" in notes[0]
    assert np.abs(pixels[hole].astype(int) - image[hole]).max() < 60


def test_without_a_source_a_membrane_fills_and_says_so(coffee, filled):
    hole = disc(coffee.shape[:2], (250, 200), 30)
    (_, notes), = filled(coffee, hole, source=np.zeros(hole.shape, bool))
    assert "nothing" in notes[0]


def test_large_holes_go_by_colour_at_the_larger_sizes_and_keep_every_pixel_a_copy(filled):
    """Beyond some size only the smaller pictures are searched in full."""
    rows = cv2.GaussianBlur(np.random.default_rng(4).normal(0, 1, (600, 640)), (0, 0), 2)
    picture = np.clip(128 + 200 * rows[..., None] * [1, 0.8, 0.9], 0, 255).astype(np.uint8)
    hole = np.zeros((600, 640), bool)
    hole[150:420, 180:440] = True
    assert pyramid(picture, hole, None)[0].features.dtype == np.uint8
    (pixels, _), = filled(picture, hole)
    spread = pixels[hole].std() / picture[~hole].std()
    assert 0.8 < spread < 1.15


def test_a_fill_reports_progress_and_can_be_cancelled(coffee):
    hole = disc(coffee.shape[:2], (250, 200), 60).astype(np.float32)
    seen = []
    list(Patches().fill(FillRequest(coffee, hole, variants=2), lambda fraction, words: seen.append(fraction)))
    assert seen == sorted(seen) and seen[0] == 0 and 0.5 < seen[-1] <= 1 and len(set(seen)) > 6

    def cancel(fraction, words):
        if fraction > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(Patches().fill(FillRequest(coffee, hole, variants=2), cancel))


def test_a_guide_that_is_not_there_is_named(coffee):
    hole = disc(coffee.shape[:2], (250, 200), 20).astype(np.float32)
    settings = PatchesSettings(guide="membrane")
    result, = Patches().fill(FillRequest(coffee, hole, settings=settings), no_progress)
    assert not result.notes
    result, = Patches().fill(FillRequest(coffee, hole, settings=PatchesSettings(guide="nobody")), no_progress)
    assert "nobody" in result.notes[0]
