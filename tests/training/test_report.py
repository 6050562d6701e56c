import cv2
import numpy as np
import torch

from editor.training.report import COLUMNS, write_curves, write_sheet


def test_a_sheet_has_rows_of_pictures_in_rgb(tmp_path):
    red = torch.full((COLUMNS + 3, 3, 8, 8), -1.0)
    red[:, 0] = 1
    grey = torch.full((2, 3, 8, 8), 0.0).repeat(5, 1, 1, 1)
    write_sheet(tmp_path / "sheet.png", [red, grey, 5 * red])
    sheet = cv2.imread(str(tmp_path / "sheet.png"))[..., ::-1]
    assert sheet.shape == (24, 8 * COLUMNS, 3)
    assert (sheet[:8] == (255, 0, 0)).all() and (sheet[8:16] == 128).all() and (sheet[16:] == (255, 0, 0)).all()


def test_curves_go_from_their_least_to_their_greatest_value(tmp_path):
    falling = [(step, 100.0 - step) for step in range(100)]
    write_curves(tmp_path / "curves.png", {"loss": falling, "critic": [(7, 1.0)]}, height=140, width=300)
    curves = cv2.imread(str(tmp_path / "curves.png"))
    assert curves.shape == (280, 300, 3)
    line = curves[25:140, :, 0] > 90
    left, right = line[:, 12:20].nonzero()[0], line[:, 280:288].nonzero()[0]
    assert left.size and right.size and left.max() < 25 and right.min() > 85, "high on the left, low on the right"
    assert np.any(curves[140:] != 30), "one point has its words"


def test_without_curves_there_is_no_file(tmp_path):
    write_curves(tmp_path / "curves.png", {})
    assert not (tmp_path / "curves.png").exists()
