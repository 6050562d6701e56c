"""Filling a mask of a photo: what comes out, what is left alone, how it is cancelled."""

import gc
import threading
import time
import weakref
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
import skimage.data

from editor.engines.blending import paste, untrusted
from editor.engines.contract import Cancelled, FillResult, Finish
from editor.engines.filling import fill
from editor.engines.mosaic import Sheet
from editor.engines.registry import find
from editor.errors import UserError
from editor.raster.surface import Box
from tests.engines.conftest import specks

NAMES = ("auto", "telea", "ns", "biharmonic", "membrane")


def filled(photo: np.ndarray, mask: np.ndarray, engine="telea", **options) -> list[np.ndarray]:
    """The photo under each variant."""
    engine = find(engine) if isinstance(engine, str) else engine
    out = []
    for one in fill(lambda box: photo[box.slices], photo.shape[:2], mask, engine, **options):
        picture = photo.copy()
        for result in one.results:
            paste(picture, result)
        out.append(picture)
    return out


def holes(shape) -> np.ndarray:
    """A soft disc, a scratch and specks, one of them in a corner."""
    mask = cv2.circle(np.zeros(shape, np.uint8), (150, 200), 40, 255, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), 3)
    cv2.line(mask, (400, 20), (560, 380), 255, 3)
    for place in ((0, 0), (300, 60), (330, 390)):
        cv2.circle(mask, place, 2, 255, -1)
    mask.flags.writeable = False
    return mask


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_outside_the_mask_changes_by_a_bit_and_nothing_handed_in_is_written_to(coffee, name, depth):
    photo = coffee if depth == 8 else coffee.astype(np.uint16) * 257
    photo.flags.writeable = False
    mask = holes(photo.shape[:2])
    before, mask_before = photo.copy(), mask.copy()
    picture, = filled(photo, mask, name)
    assert np.array_equal(picture[mask == 0], photo[mask == 0])
    assert not np.array_equal(picture[mask == 255], photo[mask == 255])
    assert np.array_equal(photo, before) and np.array_equal(mask, mask_before)


@pytest.mark.parametrize("name", NAMES)
def test_an_object_is_gone_and_the_background_goes_on(name):
    photo = np.full((300, 400, 3), (90, 120, 180), np.uint8)
    cv2.circle(photo, (200, 150), 30, (250, 20, 20), -1, cv2.LINE_AA)
    mask = cv2.circle(np.zeros((300, 400), np.uint8), (200, 150), 33, 255, -1)
    picture, = filled(photo, mask, name)
    assert np.abs(picture.astype(int) - (90, 120, 180)).max() <= 2


@pytest.mark.parametrize("name", NAMES)
def test_photos_of_16_bits_are_filled_at_their_depth(fine_sky, name):
    mask = cv2.circle(np.zeros(fine_sky.shape[:2], np.uint8), (200, 150), 12, 255, -1)
    picture, = filled(fine_sky, mask, name)
    inside = picture[mask > 0].astype(int)
    assert picture.dtype == np.uint16
    assert len(np.unique(inside[:, 1] % 256)) > 30  # finer steps than 8 bits have
    assert np.abs(inside - fine_sky[mask > 0]).max() < 400


def test_a_half_covered_pixel_is_half_the_fill():
    photo = np.full((200, 200, 3), 100, np.uint8)
    photo[80:120, 80:120] = 200
    mask = np.zeros((200, 200), np.uint8)
    mask[80:120, 80:120] = 128
    picture, = filled(photo, mask)
    assert np.abs(picture[85:115, 85:115].astype(int) - 150).max() <= 1


def test_holes_at_every_border_and_corner_are_filled(coffee):
    mask = np.full(coffee.shape[:2], 255, np.uint8)
    mask[60:-60, 60:-60] = 0
    for name in NAMES:
        picture, = filled(coffee, mask, name, settings=None)
        assert np.array_equal(picture[mask == 0], coffee[mask == 0])
        assert picture[mask > 0].min() < picture[mask > 0].max()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (7, 5)])
def test_the_smallest_photos_are_filled_or_refused_in_words(shape):
    photo = np.arange(shape[0] * shape[1] * 3, dtype=np.uint8).reshape(*shape, 3)
    everything = np.full(shape, 255, np.uint8)
    with pytest.raises(UserError, match="covers the whole photo"):
        filled(photo, everything)
    if shape != (1, 1):
        one = np.zeros(shape, np.uint8)
        one[0, 0] = 255
        for name in NAMES:
            picture, = filled(photo, one, name)
            assert np.array_equal(picture[one == 0], photo[one == 0])


def test_an_empty_mask_is_refused_in_words(coffee):
    with pytest.raises(UserError, match="mask is empty"):
        filled(coffee, np.zeros(coffee.shape[:2], np.uint8))


def test_a_mask_beside_the_photo_counts_only_where_it_lies_on_it(coffee):
    with pytest.raises(UserError, match="mask is empty"):
        filled(coffee, np.full((20, 20), 255, np.uint8), mask_origin=(400, 0))
    picture, = filled(coffee, np.full((20, 20), 255, np.uint8), mask_origin=(390, 590))
    assert np.array_equal(picture[:390], coffee[:390]) and not np.array_equal(picture, coffee)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_pixels_on_any_number_of_threads(coffee, name):
    mask = holes(coffee.shape[:2])
    one, = filled(coffee, mask, name, threads=1, seed=5)
    four, = filled(coffee, mask, name, threads=4, seed=5)
    assert np.array_equal(one, four)


def test_a_part_of_the_mask_fills_like_the_whole(coffee):
    mask = cv2.circle(np.zeros(coffee.shape[:2], np.uint8), (240, 200), 30, 255, -1)
    whole, = filled(coffee, mask)
    part, = filled(coffee, mask[160:248, 200:296], mask_origin=(160, 200))
    assert np.array_equal(whole, part)


@pytest.mark.parametrize("name", ["auto", "telea", "ns", "membrane"])
def test_variants_differ(coffee, name):
    mask = cv2.circle(np.zeros(coffee.shape[:2], np.uint8), (240, 200), 45, 255, -1)
    pictures = filled(coffee, mask, name, variants=3)
    assert len(pictures) == 3
    assert not np.array_equal(pictures[0], pictures[1]) and not np.array_equal(pictures[1], pictures[2])
    assert np.array_equal(pictures[0], filled(coffee, mask, name)[0])  # asking for more changes nothing in the first


def test_a_region_without_further_variants_keeps_its_first(coffee):
    class Once(Stamp):
        def fill(self, request, progress):
            for index, result in enumerate(super().fill(request, progress)):
                if request.origin[1] < 200 and index:
                    return
                yield result

    mask = np.zeros((400, 1200), np.uint8)
    mask[200:230, 100:130] = mask[200:230, 1000:1030] = 255
    photo = np.tile(coffee, (1, 2, 1))
    first, second = filled(photo, mask, Once(), variants=2)
    assert np.array_equal(first[200:230, 100:130], second[200:230, 100:130])
    assert not np.array_equal(first[200:230, 1000:1030], second[200:230, 1000:1030])


@dataclass(frozen=True)
class Stamp:
    """An engine for tests: fills with what ``value`` gives, and remembers what it was asked."""

    name = "stamp"
    title = "Stamp"
    uses = frozenset({"variants"})
    Settings = Finish
    card = "test"
    max_working_side = 256
    context = 0.5
    value: object = lambda request, variant: 10 + 100 * variant

    def fill(self, request, progress):
        for variant in range(request.variants):
            progress(variant / request.variants, "stamping")
            pixels = np.where(request.hole[..., None] > 0, Stamp.value(request, variant), request.image)
            yield FillResult(pixels.astype(request.image.dtype), request.hole, request.origin, self.name,
                             request.seed, 0.01)


def test_no_request_is_larger_than_the_engine_takes_nor_the_photo_read_as_a_whole(coffee):
    photo = np.tile(coffee, (3, 3, 1))
    asked = []
    mask = np.zeros(photo.shape[:2], np.uint8)
    mask[300:900, 500:900] = 255
    mask[20:25, 1700:1704] = 255

    def read(box):
        asked.append(box)
        return photo[box.slices]

    one, = fill(read, photo.shape[:2], mask, Stamp(), threads=1)
    assert max(max(result.working_size) for result in one.results) <= 256
    assert all(box.height * box.width < 0.8 * photo.shape[0] * photo.shape[1] for box in asked)


def test_what_stood_in_the_hole_does_not_bleed_into_a_reduced_fill():
    photo = np.full((900, 900, 3), 80, np.uint8)
    mask = cv2.circle(np.zeros((900, 900), np.uint8), (450, 450), 333, 255, -1)
    photo[mask > 0] = (255, 0, 0)
    seen = []

    class Watching(Stamp):
        def fill(self, request, progress):
            seen.append(request)
            yield from super().fill(request, progress)

    filled(photo, mask, Watching())
    request, = seen
    assert max(request.image.shape) == 256
    assert (request.image[request.hole == 0] == 80).all()


def test_a_colour_step_at_the_edge_is_matched():
    """An engine that renders everything a little too bright leaves no step."""
    photo = np.full((200, 200, 3), 100, np.uint8)
    mask = cv2.circle(np.zeros((200, 200), np.uint8), (100, 100), 30, 255, -1)

    class Brighter(Stamp):
        def fill(self, request, progress):
            yield FillResult(request.image + np.uint8(5), request.hole, request.origin, "brighter", 0, 0.01)

    picture, = filled(photo, mask, Brighter())
    assert np.abs(picture[mask > 0].astype(int) - 100).max() <= 1


def test_a_real_edge_is_not_taken_for_a_colour_step():
    photo = np.full((200, 200, 3), 60, np.uint8)
    photo[:, 100:] = 200
    mask = np.zeros((200, 200), np.uint8)
    mask[80:120, 90:130] = 255

    class Dark(Stamp):
        def fill(self, request, progress):
            yield FillResult(np.full_like(request.image, 60), request.hole, request.origin, "dark", 0, 0.01)

    picture, = filled(photo, mask, Dark())
    assert np.abs(picture[85:115, 91:97].astype(int) - 60).max() <= 4


def test_progress_only_goes_up_and_ends_at_one(coffee):
    seen = []
    filled(coffee, holes(coffee.shape[:2]), "auto", variants=2, progress=lambda fraction, words: seen.append(fraction))
    assert seen == sorted(seen) and seen[-1] == 1.0 and all(0 <= fraction <= 1 for fraction in seen)


def test_cancelling_is_answered_while_an_engine_is_deaf(coffee):
    """A library call that cannot be interrupted finishes unseen."""
    release, started = threading.Event(), threading.Event()

    class Deaf(Stamp):
        def fill(self, request, progress):
            started.set()
            release.wait(10)
            yield from super().fill(request, progress)

    asked = []

    def progress(fraction, words):
        if started.is_set():
            asked.append(time.perf_counter())
            raise Cancelled

    mask = np.zeros(coffee.shape[:2], np.uint8)
    mask[100:150, 100:150] = 255
    try:
        with pytest.raises(Cancelled):
            filled(coffee, mask, Deaf(), progress=progress)
        assert time.perf_counter() - asked[0] < 0.2
    finally:
        release.set()
        _wait_for_fill_threads()


def test_cancelling_is_answered_while_the_mask_is_looked_at(coffee):
    def progress(fraction, words):
        raise Cancelled

    def read(box):
        raise AssertionError("nothing is read after a cancel")

    with pytest.raises(Cancelled):
        list(fill(read, coffee.shape[:2], specks(coffee.shape[:2], 200), find("auto"), progress=progress))


def test_cancelling_stops_the_engine_at_its_next_word(coffee):
    stopped = threading.Event()

    class Chatty(Stamp):
        def fill(self, request, progress):
            try:
                for step in range(10_000):
                    progress(step / 10_000, "working")
                    time.sleep(0.005)
            except Cancelled:
                stopped.set()
                raise
            yield from super().fill(request, progress)

    started = time.perf_counter()

    def progress(fraction, words):
        if time.perf_counter() - started > 0.1:
            raise Cancelled

    mask = np.zeros(coffee.shape[:2], np.uint8)
    mask[100:150, 100:150] = 255
    with pytest.raises(Cancelled):
        filled(coffee, mask, Chatty(), progress=progress)
    assert stopped.wait(2)
    _wait_for_fill_threads()


def test_leaving_off_half_way_leaves_no_thread_behind(coffee):
    fills = fill(lambda box: coffee[box.slices], coffee.shape[:2], holes(coffee.shape[:2]), find("telea"), variants=4)
    next(fills)
    fills.close()
    _wait_for_fill_threads()


def _wait_for_fill_threads():
    end = time.monotonic() + 5
    while any(thread.name.startswith("fill") for thread in threading.enumerate()):
        assert time.monotonic() < end, "a thread of the fill is still there"
        time.sleep(0.01)


def test_guidance_that_an_engine_cannot_use_is_mentioned(coffee):
    mask = np.zeros(coffee.shape[:2], np.uint8)
    mask[100:150, 100:150] = 255
    lines = np.full(coffee.shape[:2], 255, np.uint8)
    one, = fill(lambda box: coffee[box.slices], coffee.shape[:2], mask, find("telea"),
                sketch=lambda box: lines[box.slices])
    assert any("sketch" in note for note in one.notes)
    one, = fill(lambda box: coffee[box.slices], coffee.shape[:2], mask, find("telea"),
                sketch=lambda box: 0 * lines[box.slices])
    assert one.notes == ()


def test_grain_is_given_to_a_smooth_fill_of_a_grainy_photo_and_can_be_switched_off():
    random = np.random.default_rng(3)
    photo = np.clip(120 + cv2.GaussianBlur(random.normal(0, 9, (400, 400, 3)), (0, 0), 0.8), 0, 255).astype(np.uint8)
    mask = cv2.circle(np.zeros((400, 400), np.uint8), (200, 200), 50, 255, -1)
    engine = find("membrane")
    inner = cv2.erode(mask, np.ones((15, 15))) > 0
    around = photo[:100].std()
    grainy, = filled(photo, mask, engine)
    smooth, = filled(photo, mask, engine, settings=engine.Settings(grain=0))
    other, = filled(photo, mask, engine, seed=1)
    assert 0.75 < grainy[inner].std() / around < 1.25
    assert smooth[inner].std() < 0.3 * around
    assert not np.array_equal(grainy, other)


def test_a_hair_gets_no_grain_of_its_own():
    random = np.random.default_rng(3)
    photo = np.clip(random.normal(120, 6, (300, 300, 3)), 0, 255).astype(np.uint8)
    engine = find("telea")
    for width, grainy in ((1, False), (9, True)):
        mask = cv2.line(np.zeros((300, 300), np.uint8), (60, 150), (240, 150), 255, width)
        with_grain, = filled(photo, mask, engine)
        without, = filled(photo, mask, engine, settings=engine.Settings(grain=0))
        assert np.array_equal(with_grain, without) != grainy


@pytest.mark.parametrize("damage", ["specks", "scratches"])
def test_thin_damage_is_finished_alike_in_pieces_and_as_a_whole(coffee, monkeypatch, damage):
    """What the pieces are laid out for is speed alone."""
    photo = np.clip(coffee + np.random.default_rng(3).normal(0, 4, coffee.shape), 0, 255).astype(np.uint8)
    mask = specks(coffee.shape[:2], 60)
    if damage == "scratches":
        for offset in range(40, 500, 90):
            cv2.line(mask, (offset, 10), (offset + 60, 390), 255, 5)
    pieces, = filled(photo, mask)
    monkeypatch.setattr("editor.engines.blending.tiles", lambda hole, reach: (Sheet.whole(hole),))
    whole, = filled(photo, mask)
    assert np.array_equal(pieces, whole)


def test_thin_strokes_are_filled_from_the_pixels_next_to_them():
    hole = cv2.line(np.zeros((200, 200), np.uint8), (20, 100), (180, 100), 255, 19) > 0
    thick = cv2.circle(np.zeros((200, 200), np.uint8), (100, 100), 60, 255, -1) > 0
    photo = np.repeat(cv2.GaussianBlur(200 * (hole | thick).astype(np.uint8), (0, 0), 2)[..., None], 3, axis=2)
    assert np.array_equal(untrusted(photo, hole, Finish()), hole)
    assert untrusted(photo, thick, Finish()).sum() > thick.sum()
    assert untrusted(photo, hole, Finish(spread=3)).sum() > hole.sum()


def test_a_clean_photo_gets_no_grain():
    photo = np.full((300, 300, 3), 120, np.uint8)
    photo[:] += np.linspace(0, 40, 300).astype(np.uint8)[:, None, None]
    mask = cv2.circle(np.zeros((300, 300), np.uint8), (150, 150), 40, 255, -1)
    engine = find("membrane")
    with_grain, = filled(photo, mask, engine)
    without, = filled(photo, mask, engine, settings=replace(engine.Settings(), grain=0))
    assert np.array_equal(with_grain, without)


def test_a_scratch_that_is_filled_in_cells_shows_no_cut():
    """Where two cells meet the fill is as even as elsewhere."""
    y, x = np.mgrid[:400, :3000]
    photo = (120 + 60 * np.sin(x / 40) * np.cos(y / 30))[..., None].repeat(3, axis=2).astype(np.uint8)
    mask = np.zeros(photo.shape[:2], np.uint8)
    cv2.line(mask, (5, 200), (2990, 206), 255, 7)
    for name in ("telea", "biharmonic"):
        engine = find(name)
        one, = fill(lambda box: photo[box.slices], photo.shape[:2], mask, engine, settings=engine.Settings(grain=0))
        assert len(one.results) > 2
        picture = photo.copy()
        for result in one.results:
            paste(picture, result)
        steps = np.abs(np.diff(picture[200:206].astype(int), axis=1)).max(axis=(0, 2))
        cuts = [result.origin[1] for result in one.results][1:]
        assert all(steps[cut - 2:cut + 2].max() <= steps.max() for cut in cuts)
        error = np.abs(picture.astype(int) - photo)[mask > 0]
        at_cuts = np.abs(picture.astype(int) - photo)[:, [cut + d for cut in cuts for d in (-1, 0)]]
        assert at_cuts.max() <= max(3, np.percentile(error, 99))


def test_a_long_fill_shows_how_far_it_is():
    """Ever finer, over its hole only, from the thread that waits; and not of later variants."""
    photo = skimage.data.chelsea()
    mask = cv2.circle(np.zeros(photo.shape[:2], np.uint8), (220, 150), 40, 255, -1)
    seen = []

    def show(box, pixels):
        assert threading.current_thread() is threading.main_thread()
        seen.append((box, pixels))

    assert len(list(fill(lambda box: photo[box.slices], mask.shape, mask, find("patches"), variants=2, show=show))) == 2
    sizes = [pixels.shape[0] for _, pixels in seen]
    assert sizes and sizes == sorted(set(sizes))
    for box, pixels in seen:
        assert pixels.dtype == np.uint8 and pixels.shape[2] == 4
        large = cv2.resize(pixels, (box.width, box.height), interpolation=cv2.INTER_NEAREST)
        inside, shown = mask[box.slices] > 0, large[..., 3] > 127
        assert shown[inside].mean() > 0.9 and shown[~inside].mean() < 0.15
        assert np.abs(large[inside][:, :3].astype(int) - photo[box.slices][inside]).mean() < 45


def test_auto_minds_what_is_said_of_sources_where_it_matters():
    """Thin damage stays the business of the quick engines while a place that is not to be copied lies far away."""
    photo = np.random.default_rng(0).integers(90, 120, (120, 300, 3), np.uint8)
    mask = cv2.line(np.zeros((120, 300), np.uint8), (40, 50), (60, 60), 255, 2)

    def allowed(left: int):
        def read(box):
            columns = np.indices((box.height, box.width))[1] + box.left
            return (columns < left) | (columns >= left + 60)

        return read

    def engines(**options) -> set[str]:
        done, = fill(lambda box: photo[box.slices], photo.shape[:2], mask, find("auto"), **options)
        return {result.engine for result in done.results}

    usual = engines()
    assert engines(source=allowed(240)) == usual and "patches" not in usual
    assert engines(source=allowed(45)) == {"patches"}
    assert engines(source=lambda box: ~allowed(240)(box), source_box=Box(0, 240, 120, 300)) == {"patches"}


def test_what_an_engine_has_worked_with_goes_when_the_fill_is_done(coffee):
    """By itself: Python looks for cycles only after many more objects than a fill makes, however large these are."""
    held = []

    class Holding(Stamp):
        def fill(self, request, progress):
            tool = Tool(progress)
            held.append(weakref.ref(tool))
            yield from super().fill(request, tool.progress)

    class Tool:
        def __init__(self, progress):
            self.progress = progress

    mask = cv2.circle(np.zeros(coffee.shape[:2], np.uint8), (100, 100), 20, 255, -1)
    gc.disable()
    try:
        list(fill(lambda box: coffee[box.slices], coffee.shape[:2], mask, Holding()))
        assert held and held[0]() is None
    finally:
        gc.enable()
