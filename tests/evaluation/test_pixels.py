"""PSNR, SSIM and MS-SSIM against scikit-image and against values known by hand."""

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from editor.evaluation.pixels import around, band_width, ms_ssim, multi_scale_ssim, psnr, ssim, widened


def test_a_perfect_fill_has_the_best_scores(cat, hole):
    assert psnr(cat, cat, hole) == {"psnr": 120.0, "psnr_whole": 120.0}
    assert ssim(cat, cat, hole) == pytest.approx({"ssim": 1.0, "ssim_whole": 1.0})
    assert ms_ssim(cat, cat, hole) == pytest.approx({"ms_ssim": 1.0, "ms_ssim_whole": 1.0})


def test_psnr_of_a_known_error():
    truth = np.full((20, 20, 3), 100, np.uint8)
    hole = np.zeros((20, 20), bool)
    hole[5:10, 5:15] = True  # 50 of 400 pixels, each off by 10: 20 log10(255 / 10), and 10 log10(8) more over all
    fill = np.where(hole[..., None], np.uint8(110), truth)
    assert psnr(fill, truth, hole) == pytest.approx({"psnr": 28.1308, "psnr_whole": 37.1617}, abs=1e-3)


def test_whole_picture_scores_equal_scikit_images(cat, hole, with_hole_blurred):
    fill = with_hole_blurred(3)
    values = structural_similarity(fill, cat, channel_axis=2, full=True)[1]
    found = {**psnr(fill, cat, hole), **ssim(fill, cat, hole)}
    assert found["psnr_whole"] == pytest.approx(peak_signal_noise_ratio(cat, fill))
    assert found["ssim_whole"] == pytest.approx(values.mean())
    assert found["ssim"] == pytest.approx(values[hole].mean())


def test_one_scale_of_ms_ssim_is_ssim_with_gaussian_windows(cat, with_hole_blurred):
    one, other = cat[110:130, 140:160], with_hole_blurred(2)[110:130, 140:160]  # too small for a second scale
    expected = structural_similarity(one, other, channel_axis=2, gaussian_weights=True, sigma=1.5,
                                     use_sample_covariance=False)
    assert multi_scale_ssim(one, other) == pytest.approx(expected, abs=1e-4)


def test_ms_ssim_of_a_step_of_brightness_is_the_luminance_of_the_last_scale():
    dark, light = np.full((200, 200, 3), 100, np.uint8), np.full((200, 200, 3), 120, np.uint8)
    luminance = (2 * 100 * 120 + 6.5025) / (100 ** 2 + 120 ** 2 + 6.5025)
    assert multi_scale_ssim(dark, light) == pytest.approx(luminance ** 0.1333, abs=1e-4)


@pytest.mark.parametrize("measure", [psnr, ssim, ms_ssim])
def test_more_blur_scores_less(measure, cat, hole, with_hole_blurred):
    scores = [measure(with_hole_blurred(sigma), cat, hole) for sigma in (1, 2, 4, 8)]
    for name in scores[0]:
        row = [score[name] for score in scores]
        assert row == sorted(row, reverse=True) and row[0] > row[-1]


def test_the_holes_neighbourhood_is_judged_harder_than_the_whole(cat, hole, with_hole_blurred):
    found = ms_ssim(with_hole_blurred(4), cat, hole)
    assert found["ms_ssim"] < found["ms_ssim_whole"] < 1


def test_a_hole_in_the_corner_and_a_tiny_picture_are_no_error():
    truth = np.zeros((5, 40, 3), np.uint8)
    hole = np.zeros((5, 40), bool)
    hole[0, 0] = True
    assert np.isnan(ssim(truth, truth, hole)["ssim"]) and np.isnan(ms_ssim(truth, truth, hole)["ms_ssim"])
    assert around(hole, 3) == (slice(0, 4), slice(0, 4))


def test_the_band_round_a_hole(hole):
    assert band_width(hole) == 5
    assert widened(hole, 5)[120, 150 + 45] and not widened(hole, 5)[120, 150 + 46]
