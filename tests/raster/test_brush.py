"""Strokes: what a pointer's path leaves behind."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.raster.brush import FULL, LIMITS, Brush, Point, Stroke, stamp, within_limits
from editor.raster.surface import TILE, Box

HARD = Brush(size=30, hardness=1)
SHAPE = (300, 400)


def _stroke(brush: Brush, points: list[Point], shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """Coverage of the whole canvas, 0..1, after a stroke through ``points``."""
    stroke = Stroke(shape, brush)
    stroke.begin(points[0])
    for point in points[1:]:
        stroke.move(point)
    stroke.finish()
    return stroke.coverage(Box(0, 0, *shape)) / FULL


def _path(*points: tuple[float, float]) -> list[Point]:
    return [Point(x, y) for x, y in points]


def _distance_to_segment(shape, a: tuple[float, float], b: tuple[float, float]) -> np.ndarray:
    """From each pixel's centre to the line from a to b, (x, y) both."""
    y, x = np.indices(shape) + 0.5
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = np.clip(((x - a[0]) * dx + (y - a[1]) * dy) / max(dx * dx + dy * dy, 1e-12), 0, 1)
    return np.hypot(x - a[0] - along * dx, y - a[1] - along * dy)


@pytest.mark.parametrize("size", [3, 5.5, 12, 40, 63, 64, 65, 200, 501])
@pytest.mark.parametrize("centre", [(0.5, 0.5), (0.0, 0.0), (0.3, 0.75)])
def test_a_hard_dab_covers_the_area_of_its_circle(size, centre):
    middle = 300
    coverage = _stroke(Brush(size=size, hardness=1), _path((middle + centre[0], middle + centre[1])), (600, 600))
    area = math.pi * (size / 2) ** 2
    assert coverage.sum() == pytest.approx(area, rel=0.02 if size > 10 else 0.08)


@given(st.floats(1, 60), st.floats(100, 101), st.floats(100, 101))
@settings(max_examples=40, deadline=None)
def test_a_small_dab_sits_where_the_pointer_is(size, x, y):
    coverage = _stroke(Brush(size=size, hardness=0.6), _path((x, y)))
    rows, columns = np.indices(SHAPE) + 0.5
    assert (coverage * columns).sum() / coverage.sum() == pytest.approx(x, abs=0.25)
    assert (coverage * rows).sum() / coverage.sum() == pytest.approx(y, abs=0.25)


@pytest.mark.parametrize("size", [9, 30, 120])
def test_a_hard_edge_is_full_inside_empty_outside_and_a_pixel_wide_between(size):
    coverage = _stroke(Brush(size=size, hardness=1), _path((200.0, 150.0)))
    distance = _distance_to_segment(SHAPE, (200, 150), (200, 150))
    radius = size / 2
    assert (coverage[distance < radius - 0.6] == 1).all()
    assert (coverage[distance > radius + 0.6] == 0).all()
    assert ((coverage > 0) & (coverage < 1)).any(), "the edge is anti-aliased"


@pytest.mark.parametrize("hardness", [0, 0.25, 0.5, 0.9])
def test_a_soft_dab_is_full_to_its_hardness_and_falls_steadily_to_its_edge(hardness):
    profile = stamp(100.0, hardness).astype(int)
    row = profile[profile.shape[0] // 2, profile.shape[1] // 2:]
    assert (np.diff(row) <= 0).all()
    assert (row[:int(hardness * 100)] == FULL).all()
    assert row[0] > 0.999 * FULL and row[100:].max(initial=0) == 0
    half = int(100 * (1 + hardness) / 2)
    assert row[half] == pytest.approx(FULL / 2, rel=0.15)


@given(st.floats(0.5, 200), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_a_stamp_is_symmetric_and_cannot_be_written_to(radius, hardness):
    dab = stamp(float(math.ceil(radius)), hardness)
    inside = dab if not dab.shape[0] % 2 else dab[:-1, :-1]
    assert np.array_equal(inside, inside[::-1]) and np.array_equal(inside, inside[:, ::-1])
    assert np.array_equal(dab, dab.T)
    assert not dab.flags.writeable


_points = st.lists(st.builds(Point, st.floats(-80, 480), st.floats(-80, 380), st.floats(0, 1)),
                   min_size=1, max_size=6)
_brushes = st.builds(Brush, size=st.floats(1, 150), hardness=st.floats(0, 1), pressure_opacity=st.booleans(),
                     pressure_size=st.booleans(), flow=st.sampled_from([1.0, 0.3, 0.01]),
                     smoothing=st.sampled_from([0, 9.5]), spacing=st.sampled_from([0.05, 0.4]),
                     minimum_size=st.sampled_from([0, 0.3]))


@given(_brushes, _points)
@settings(max_examples=40, deadline=None)
def test_the_same_path_gives_the_same_pixels_and_the_boxes_tell_where(brush, points):
    stroke = Stroke(SHAPE, brush)
    seen = np.zeros(SHAPE, np.uint16)
    changed = np.zeros(SHAPE, bool)
    everything = Box(0, 0, *SHAPE)
    steps = [(stroke.begin, points[0]), *((stroke.move, point) for point in points[1:]), (stroke.finish, None)]
    for step, point in steps:
        step() if point is None else step(point)
        now = stroke.coverage(everything)
        assert (now >= seen).all(), "coverage only grows"
        outside = now > 0
        outside[stroke.box.slices] = False
        assert not outside.any(), "nothing lies outside the box"
        grown = stroke.take_changed()
        for part in grown:
            assert part.intersect(everything) == part
            assert part.top // TILE == (part.bottom - 1) // TILE and part.left // TILE == (part.right - 1) // TILE
            changed[part.slices] = True
        assert not ((now != seen) & ~changed).any(), "what has grown is told"
        changed[:] = False
        seen = now
    assert stroke.box.intersect(everything) == stroke.box and stroke.take_changed() == []
    assert np.array_equal(seen / FULL, _stroke(brush, points))
    part = Box(-20, 130, 280, 420)
    whole = np.zeros((400, 600), np.uint16)
    whole[20:20 + SHAPE[0], :SHAPE[1]] = seen
    assert np.array_equal(stroke.coverage(part), whole[:300, 130:420])


def test_going_over_the_same_place_again_does_not_add_up():
    soft = Brush(size=60, hardness=0, spacing=0.02)
    to = [Point(x, 150) for x in range(100, 301, 2)]
    assert np.abs(_stroke(soft, to) - _stroke(soft, to + to[::-1] + to)).max() < 0.03


@pytest.mark.parametrize("size", [4, 30, 80])
def test_a_fast_straight_stroke_covers_what_a_slow_one_does(size):
    brush = Brush(size=size, hardness=1)
    fast = _stroke(brush, _path((60, 60), (340, 240)))
    slow = _stroke(brush, [Point(60 + 280 * t, 60 + 180 * t) for t in np.linspace(0, 1, 200)])
    distance = _distance_to_segment(SHAPE, (60, 60), (340, 240))
    for coverage in (fast, slow):
        assert (coverage[distance < size / 2 - 1] > 0.99).all(), "no gaps"
        assert (coverage[distance > size / 2 + 1] == 0).all()
    assert np.abs(fast - slow).sum() < 0.02 * fast.sum()


def test_a_fast_curve_is_painted_as_a_curve():
    around = np.linspace(0, 1.5 * math.pi, 9)
    few = [Point(200 + 110 * math.cos(a), 150 + 110 * math.sin(a)) for a in around]
    coverage = _stroke(Brush(size=16, hardness=1), few)
    rows, columns = np.indices(SHAPE) + 0.5
    radius = np.hypot(columns - 200, rows - 150)[coverage > 0.5]
    # Nine chords of this circle come 9 px closer to its centre than the circle itself.
    assert radius.min() > 110 - 8 - 6 and radius.max() < 110 + 8 + 1


def test_a_straight_line_is_straight_and_reaches_its_end():
    stroke = Stroke(SHAPE, HARD)
    stroke.begin(Point(50, 50))
    stroke.line(Point(350, 250))
    stroke.finish()
    coverage = stroke.coverage(Box(0, 0, *SHAPE)) / FULL
    distance = _distance_to_segment(SHAPE, (50, 50), (350, 250))
    assert (coverage[distance < 14] == 1).all() and (coverage[distance > 16] == 0).all()


def test_a_click_is_one_dab_however_often_the_pointer_reports_it():
    once = _stroke(HARD, _path((100, 100)))
    assert np.array_equal(_stroke(HARD, _path(*[(100, 100)] * 5)), once)
    assert once.max() == 1


def test_a_stroke_that_comes_back_over_its_start_leaves_the_first_dab_whole():
    once = _stroke(HARD, _path((100, 100)))
    assert (_stroke(HARD, _path((100, 100), (140, 100), (100, 100))) >= once).all()


def test_pressure_sets_the_size_and_if_wanted_the_coverage():
    full, light = Point(200, 150), Point(200, 150, 0.5)
    sized = Brush(size=80, hardness=1)
    assert _stroke(sized, [light]).sum() == pytest.approx(_stroke(sized, [full]).sum() / 4, rel=0.02)
    fixed = Brush(size=80, hardness=1, pressure_size=False)
    assert np.array_equal(_stroke(fixed, [light]), _stroke(fixed, [full]))
    faint = Brush(size=80, hardness=1, pressure_size=False, pressure_opacity=True)
    assert _stroke(faint, [light]) == pytest.approx(_stroke(fixed, [full]) / 2, abs=1e-4)


def test_a_pen_that_reports_no_pressure_still_leaves_a_mark():
    assert _stroke(Brush(size=80), [Point(200, 150, 0.0), Point(260, 150, 0.0)]).max() > 0.2


def test_growing_pressure_widens_the_stroke_along_its_way():
    coverage = _stroke(Brush(size=60, hardness=1), [Point(50, 150, 0.1), Point(200, 150, 0.5), Point(350, 150, 1.0)])
    widths = coverage.sum(axis=0)
    assert widths[100] < widths[200] < widths[300]


@pytest.mark.parametrize("where", [(-500, 150), (200, -500), (900, 900)])
def test_a_stroke_beside_the_canvas_paints_nothing(where):
    stroke = Stroke(SHAPE, HARD)
    stroke.begin(Point(*where))
    stroke.move(Point(where[0] + 20, where[1] + 5))
    stroke.finish()
    assert stroke.box.empty and stroke.take_changed() == []


def test_a_stroke_goes_over_the_edge_and_comes_back():
    outside = _stroke(HARD, _path((20, 150), (-60, 150), (-60, 200), (20, 200)))
    assert outside[150, 0] == 1 and outside[175, 0] == 0


@pytest.mark.parametrize("smoothing", [0, 20])
def test_the_edge_of_the_canvas_cuts_a_stroke_and_changes_nothing_of_it(smoothing):
    """Dabs lie where they would on a larger canvas."""
    brush = Brush(size=20, hardness=1, spacing=0.4, flow=0.3, smoothing=smoothing)
    way = [(200, 150), (300, 40), (380, -300), (700, -200), (500, 200), (200, 260), (100, 700), (20, 20)]
    small = _stroke(brush, _path(*way))
    large = _stroke(brush, _path(*((x + 512, y + 512) for x, y in way)), (1400, 1400))[512:812, 512:912]
    assert np.abs(small - large).sum() < 1e-3 * large.sum()


@pytest.mark.parametrize("smoothing", [0, 20])
def test_far_beside_the_canvas_a_stroke_costs_nothing_and_comes_back_as_if_it_had(smoothing, monkeypatch):
    """Zoomed far out, a pointer at the window's edge is a hundred thousand pixels away."""
    brush = Brush(size=2, hardness=1, spacing=0.3, smoothing=smoothing)
    laid = []
    dab = Stroke._dab
    monkeypatch.setattr(Stroke, "_dab", lambda stroke, point: (laid.append(point), dab(stroke, point)))
    coverage = _stroke(brush, _path((200, 150), (200, 280), (200, 90_000), (-90_000, 90_000), (-90_000, 50), (10, 50)))
    assert coverage[200, 200] > 0.5 and coverage[50:52, 5].max() > 0.5
    assert len(laid) < 30_000


@pytest.mark.parametrize("size", [1, 2000])
def test_the_smallest_and_the_largest_brush(size):
    coverage = _stroke(Brush(size=size, hardness=1), _path((1500.5, 1200.5), (1520.5, 1200.5)), (2400, 3000))
    assert coverage.sum() == pytest.approx(math.pi * size**2 / 4 + 20 * size, rel=0.01 if size > 1 else 0.15)
    if size == 1:
        assert (coverage[1200, 1501:1520] > 0.9).all(), "a one-pixel line has no gaps"


def test_many_pressures_of_a_large_brush_do_not_fill_the_memory():
    stroke = Stroke((100, 100), Brush(size=2000))
    for i in range(40):
        stroke.begin(Point(50, 50, 0.5 + i / 80))
    from editor.raster import brush
    assert brush._large_stamp.cache_info().currsize * 2003**2 * 2 < 40 * 2**20


@pytest.mark.parametrize("flow", [0.05, 0.3, 0.8])
def test_a_click_lays_one_dab_of_the_brushs_flow(flow):
    full = _stroke(Brush(size=60, hardness=0.3), _path((200, 150)))
    assert np.abs(_stroke(Brush(size=60, hardness=0.3, flow=flow), _path((200, 150))) - flow * full).max() < 2 / FULL


@pytest.mark.parametrize("flow", [0.1, 0.4])
def test_overlapping_dabs_build_up_by_the_flow(flow):
    brush = Brush(size=40, hardness=1, flow=flow, spacing=0.25)
    coverage = _stroke(brush, [Point(100 + x, 150) for x in range(0, 201, 2)])
    inside = coverage[150, 145:255]
    # A point of the middle line lies under four dabs: the distance between them is a quarter of the size.
    assert np.abs(inside - (1 - (1 - flow) ** 4)).max() < 0.004
    assert coverage[150, 85] < inside.min(), "and under fewer where the stroke begins"


@given(st.floats(0, 1), st.sampled_from([0.02, 0.3]), st.booleans())
@settings(max_examples=6, deadline=None)
def test_flow_never_goes_beyond_what_full_flow_gives(hardness, flow, felt):
    to = [Point(x, 150, 0.4 if felt else 1.0) for x in range(150, 251, 2)]
    way = (to + to[::-1]) * 8
    brush = {"size": 60, "hardness": hardness, "pressure_size": False, "pressure_opacity": True}
    built, full = _stroke(Brush(flow=flow, **brush), way), _stroke(Brush(**brush), way)
    assert (built <= full).all()
    if flow > 0.1:
        assert (full - built)[:, 170:230].max() < 0.01, "and gets there: a soft edge stays as soft as it is"


def test_flow_gets_all_the_way_to_full():
    to = [Point(x, 150) for x in range(190, 211)]
    assert _stroke(Brush(size=80, hardness=1, flow=0.1), (to + to[::-1]) * 30)[150, 200] == 1


@pytest.mark.parametrize("spacing", [0.5, 1.0])
def test_wide_spacing_leaves_single_dabs(spacing):
    brush = Brush(size=20, hardness=1, spacing=spacing)
    profile = _stroke(brush, [Point(50 + x, 150) for x in range(0, 301, 3)])[140]  # the stroke's edge
    gaps = np.flatnonzero(np.diff((profile[60:330] > 0.25).astype(int)) == 1)
    assert np.abs(np.diff(gaps) - 20 * spacing).max() <= 1


@pytest.mark.parametrize("brush", [
    Brush(size=8, hardness=1), Brush(size=40, hardness=0.5, flow=0.2), Brush(size=6, hardness=1, smoothing=15),
    Brush(size=50, hardness=0.8, flow=0.1, smoothing=40, pressure_opacity=True)], ids=str)
@pytest.mark.parametrize("parts", [2, 15])
def test_the_same_way_in_more_events_gives_the_same_pixels(brush, parts):
    """A smooth way, reported every 4 pixels and many times as often; a straight one, at its ends and between."""
    def curve(count: int) -> list[Point]:
        return [Point(60 + 280 * t, 150 + 80 * math.sin(6 * t), 0.3 + 0.7 * t) for t in np.linspace(0, 1, count)]

    def straight(count: int) -> list[Point]:
        return [Point(60 + 280 * t, 60 + 180 * t, 1 - 0.5 * t) for t in np.linspace(0, 1, count)]

    for way, few in ((curve, 100), (straight, 2)):
        one, other = _stroke(brush, way(few)), _stroke(brush, way((few - 1) * parts + 1))
        # Dabs lie on a grid of a quarter pixel: one that falls to the other side differs at its edge.
        assert np.abs(one - other).sum() < 0.02 * one.sum()
        assert np.abs(one - other).max() < 0.3


def _wobble(shape_of) -> np.ndarray:
    """How far from the line y = 150 the middle of a stroke lies, at each column."""
    columns = shape_of[:, 90:310]
    return (columns * (np.arange(columns.shape[0])[:, None] + 0.5)).sum(axis=0) / columns.sum(axis=0) - 150


def test_smoothing_calms_a_trembling_hand():
    tremble = [Point(50 + 3 * i, 150 + y) for i, y in enumerate(np.random.default_rng(3).normal(0, 2, 100))]
    rough, gentle, strong = (_wobble(_stroke(Brush(size=4, hardness=1, smoothing=smoothing), tremble)).std()
                             for smoothing in (0, 15, 60))
    assert rough > 1.5 * gentle and gentle > 1.4 * strong


@pytest.mark.parametrize("smoothing", [3, 20, 100])
def test_a_smoothed_stroke_trails_and_catches_up_at_its_end(smoothing):
    stroke = Stroke(SHAPE, Brush(size=10, hardness=1, smoothing=smoothing))
    stroke.begin(Point(50, 150))
    for x in range(52, 351, 2):
        stroke.move(Point(x, 150))
    reached = np.flatnonzero(stroke.coverage(Box(150, 0, 151, 400))[0])[-1]
    assert reached == pytest.approx(355 - smoothing * (1 - math.exp(-300 / smoothing)), abs=2)
    stroke.finish()
    coverage = stroke.coverage(Box(0, 0, *SHAPE)) / FULL
    distance = _distance_to_segment(SHAPE, (50, 150), (350, 150))
    assert (coverage[distance < 4] == 1).all() and (coverage[distance > 6] == 0).all()


def test_smoothing_rounds_a_corner_without_going_beyond_it():
    way = [Point(60 + 4 * i, 60) for i in range(60)] + [Point(296, 60 + 4 * i) for i in range(1, 50)]
    coverage = _stroke(Brush(size=6, hardness=1, smoothing=12), way)
    assert coverage[60, 296] == 0 and (coverage[:56] == 0).all() and (coverage[:, 301:] == 0).all()
    assert coverage[60, 150] == 1 and coverage[200, 296] == 1


@pytest.mark.parametrize("curve", [0.4, 1.0, 2.5])
@pytest.mark.parametrize("least", [0.0, 0.25])
def test_the_pressure_curves_and_the_least_size(curve, least):
    light = Point(200, 150, 0.5)
    full = _stroke(Brush(size=80, hardness=1, pressure_size=False), [light])
    sized = _stroke(Brush(size=80, hardness=1, size_curve=curve, minimum_size=least), [light])
    assert sized.sum() == pytest.approx(full.sum() * (least + (1 - least) * 0.5**curve) ** 2, rel=0.04)
    faint = Brush(size=80, hardness=1, pressure_size=False, pressure_opacity=True, opacity_curve=curve)
    assert np.abs(_stroke(faint, [light]) - full * 0.5**curve).max() < 1e-4


def test_pressing_harder_where_the_pen_stands_widens_the_dab():
    brush = Brush(size=80, hardness=1)
    pressed = _stroke(brush, [Point(200, 150, 0.1), Point(200, 150, 0.5), Point(200, 150, 1.0)])
    assert np.array_equal(pressed, _stroke(brush, [Point(200, 150)]))


def test_a_brush_is_brought_within_its_limits():
    wild = Brush(size=-3, hardness=9, opacity=0, flow=2, spacing=0, smoothing=1e9, size_curve=0, opacity_curve=99,
                 minimum_size=-1)
    tame = within_limits(wild)
    assert all(low <= getattr(tame, name) <= high for name, (low, high) in LIMITS.items()) and len(LIMITS) == 9
    assert within_limits(Brush()) == Brush()
