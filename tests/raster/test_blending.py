"""Every blend mode against the specification, written out one pixel at a time."""

import compositing_reference as reference
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from editor.raster.blending import MODES, NORMAL, composite

_PIXELS = 12
_depths = st.sampled_from([255, 65535])


def _values(full: int, channels: int):
    # The ends and the middle of the range are where modes change their formula.
    value = st.one_of(st.sampled_from([0, 1, full // 4, full // 2, full // 2 + 1, full - 1, full]),
                      st.integers(0, full))
    return arrays(np.uint16, (1, _PIXELS, channels), elements=value)


def _slack(mode: str, cb: tuple, cs: tuple) -> float:
    """Rounding of float32, in shares of the range: where the formula divides by next to nothing, more of it."""
    divisor = {"svg:color-dodge": min(1 - v or 1 for v in cs), "svg:color-burn": min(v or 1 for v in cs),
               "svg:hue": max(cs) - min(cs) or 1, "svg:saturation": max(cb) - min(cb) or 1}.get(mode, 1)
    return 1e-6 + 3e-7 / divisor


def _agree(mode: str, full: int, colour: np.ndarray, alpha: np.ndarray | None, source: np.ndarray,
           coverage: np.ndarray) -> None:
    def share(plane):
        return plane.astype(np.float32) / np.float32(full)

    got, got_alpha = composite(share(colour), None if alpha is None else share(alpha), share(source),
                               share(coverage), mode)
    assert (got_alpha is None) == (alpha is None and not MODES[mode].cuts)
    grey = colour.shape[2] == 1
    for i in range(_PIXELS):
        cb, cs = (tuple(float(v) / full for v in plane[0, i]) * (3 if grey else 1) for plane in (colour, source))
        ba, sa = 1.0 if alpha is None else float(alpha[0, i, 0]) / full, float(coverage[0, i, 0]) / full
        expected, expected_alpha = reference.composite(cb, ba, cs, sa, mode)
        slack = _slack(mode, cb, cs)
        if got_alpha is not None:
            assert got_alpha[0, i, 0] == pytest.approx(expected_alpha, abs=1e-6)
        if expected is not None:
            assert got[0, i].tolist() == pytest.approx(expected[:1] if grey else expected, abs=slack)


def test_the_modes_are_those_of_openraster():
    assert set(MODES) == set(reference.ALL)
    assert all(mode.name == name for name, mode in MODES.items())
    assert len({mode.title for mode in MODES.values()}) == len(MODES)


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=12, deadline=None)
@given(data=st.data(), full=_depths, colours=st.sampled_from([1, 3]), has_alpha=st.booleans())
def test_a_mode_is_what_the_specification_says(mode, data, full, colours, has_alpha):
    colour, source = data.draw(_values(full, colours)), data.draw(_values(full, colours))
    coverage = data.draw(_values(full, 1))
    alpha = data.draw(_values(full, 1)) if has_alpha else None
    _agree(mode, full, colour, alpha, source, coverage)


@pytest.mark.parametrize("mode", [mode for mode in MODES if not MODES[mode].cuts])
@settings(max_examples=8, deadline=None)
@given(data=st.data(), full=_depths, colours=st.sampled_from([1, 3]), has_alpha=st.booleans())
def test_where_a_layer_has_no_coverage_the_backdrop_stays_bit_for_bit(mode, data, full, colours, has_alpha):
    colour = data.draw(_values(full, colours)).astype(np.float32) / np.float32(full)
    source = data.draw(_values(full, colours)).astype(np.float32) / np.float32(full)
    alpha = data.draw(_values(full, 1)).astype(np.float32) / np.float32(full) if has_alpha else None
    kept = colour.copy(), None if alpha is None else alpha.copy()
    got, got_alpha = composite(colour, alpha, source, np.zeros((1, _PIXELS, 1), np.float32), mode)
    assert got.tobytes() == kept[0].tobytes() == colour.tobytes()
    assert (got_alpha is None) if alpha is None else got_alpha.tobytes() == kept[1].tobytes() == alpha.tobytes()


@settings(max_examples=20, deadline=None)
@given(data=st.data(), colours=st.sampled_from([1, 3]), full=_depths)
def test_an_opaque_normal_layer_is_its_own_pixels(data, colours, full):
    colour, source = data.draw(_values(full, colours)), data.draw(_values(full, colours))
    full = np.float32(full)
    got, _ = composite(colour / full, None, source / full, np.ones((1, _PIXELS, 1), np.float32), NORMAL)
    assert np.array_equal(np.rint(got * full), source)


@pytest.mark.parametrize("mode", MODES)
def test_neither_backdrop_nor_source_is_written_to(mode):
    rng = np.random.default_rng(4)
    arguments = [rng.random((3, 5, c), np.float32) for c in (3, 1, 3, 1)]
    copies = [a.copy() for a in arguments]
    composite(*arguments, mode)
    assert all(np.array_equal(a, b) for a, b in zip(arguments, copies, strict=True))
