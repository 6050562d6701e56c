"""Finding the frame of the face that a hole lies in."""

import cv2
import numpy as np
import pytest
import torch
from skimage import data

from editor.engines.contract import Cancelled
from editor.engines.networks import framing, store
from editor.engines.networks.framing import (
    REFERENCE_SIDE,
    SIZE,
    STRIDE,
    Detection,
    detections,
    find_face,
    mean_frame,
    overlap,
    propose_frame,
)
from editor.errors import UserError
from editor.raster.frame import Frame
from editor.raster.surface import Box

# In scikit-image's photograph of Eileen Collins (512 x 512), as (y, x).
EYES, MOUTH, CHIN, FOREHEAD = ((104, 203), (104, 243)), (160, 226), (180, 226), (70, 222)


def reader(photo: np.ndarray):
    return lambda box: photo[box.slices]


def spot(shape: tuple[int, int], y: float, x: float, down: float, across: float) -> np.ndarray:
    mask = np.zeros(shape, np.uint8)
    cv2.ellipse(mask, ((x, y), (2 * across, 2 * down), 0), 255, -1)
    return mask


def moved(photo: np.ndarray, angle: float, scale: float, size: tuple[int, int], to: tuple[int, int]):
    """The astronaut with her nose at ``to`` (y, x) of a picture of another size, turned clockwise; and how a point of
    the first lies in it."""
    matrix = cv2.getRotationMatrix2D((224.0, 128.0), -angle, scale)
    matrix[:, 2] += np.subtract(to[::-1], (224.0, 128.0))
    out = cv2.warpAffine(photo, matrix, size[::-1], flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT)
    return out, lambda y, x: tuple((matrix @ (x, y, 1))[::-1])


@pytest.mark.parametrize("angle, scale, size, to", [
    (0, 1.0, (512, 512), (128, 224)), (22, 1.0, (400, 500), (190, 260)), (-25, 0.5, (300, 300), (120, 160)),
    (8, 2.0, (1000, 900), (420, 430)), (0, 1.0, (320, 240), (60, 120))])
@pytest.mark.parametrize("part", ["eye", "mouth"])
def test_the_whole_face_round_an_eye_or_a_mouth_is_framed(angle, scale, size, to, part):
    photo, at = moved(data.astronaut(), angle, scale, size, to)
    y, x = at(*(EYES[0] if part == "eye" else MOUTH))
    mask = spot(size, y, x, 8 * scale, (13 if part == "eye" else 18) * scale)
    frame = propose_frame(reader(photo), size, mask)
    assert frame is not None
    for point in (*EYES, MOUTH, CHIN, FOREHEAD):
        assert frame.contains(*at(*point)), "never a crop of one eye"
    width = 90 * scale  # of her face
    assert 1.5 * width < frame.side < 3.6 * width
    assert abs((frame.angle - angle + 180) % 360 - 180) < 20


@pytest.mark.parametrize("fade", [lambda grey: grey, lambda grey: 90 + grey // 3])
def test_an_old_photograph_whose_face_is_half_lost_is_framed_too(fade):
    grey = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)
    photo = np.repeat(fade(grey)[..., None], 3, axis=2).astype(np.uint8)
    mask = spot((512, 512), *EYES[1], 26, 30)
    photo[mask > 0] = 235  # the emulsion is gone there
    frame = propose_frame(reader(photo), (512, 512), mask)
    assert frame is not None and all(frame.contains(*point) for point in (*EYES, MOUTH))


def test_sixteen_bits_and_a_part_of_the_mask_give_the_same_frame():
    photo = data.astronaut()
    mask = spot((512, 512), *EYES[0], 8, 13)
    expected = propose_frame(reader(photo), (512, 512), mask)
    deep = propose_frame(reader(photo.astype(np.uint16) * 257), (512, 512), mask[90:120, 180:230], (90, 180))
    assert deep.centre == pytest.approx(expected.centre, abs=0.5)
    assert (deep.side, deep.angle) == pytest.approx((expected.side, expected.angle), abs=0.5)


@pytest.mark.parametrize("name, place", [
    ("coffee", (100, 450)), ("coffee", (330, 120)), ("rocket", (200, 320)), ("brick", (256, 256)),
    ("grass", (100, 300)), ("gravel", (300, 200))])
def test_where_there_is_no_face_none_is_framed(name, place):
    photo = getattr(data, name)()
    photo = photo if photo.ndim == 3 else np.repeat(photo[..., None], 3, axis=2)
    for size in (6, 25, 60):
        assert propose_frame(reader(photo), photo.shape[:2], spot(photo.shape[:2], *place, size, size)) is None


def test_a_hole_beside_the_face_is_not_in_it():
    photo = data.astronaut()
    assert propose_frame(reader(photo), (512, 512), spot((512, 512), 460, 50, 20, 20)) is None


def test_a_hole_over_the_whole_person_is_in_no_face():
    photo = data.astronaut()
    assert propose_frame(reader(photo), (512, 512), spot((512, 512), 300, 230, 260, 170)) is None


def test_an_empty_mask_is_not_looked_at():
    def read(box: Box) -> np.ndarray:
        raise AssertionError("read")

    assert propose_frame(read, (100, 100), np.zeros((100, 100), np.uint8)) is None


def test_it_can_be_cancelled():
    def progress(fraction: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        propose_frame(reader(data.astronaut()), (512, 512), spot((512, 512), 100, 200, 9, 9), progress=progress)


def test_without_weights_there_is_no_frame_and_no_error(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "BUNDLED", tmp_path)
    assert propose_frame(reader(data.astronaut()), (512, 512), spot((512, 512), *EYES[0], 8, 13)) is None


class Oracle:
    """In place of the network: knows where a frame is, by a photo whose colours say where each pixel lies."""

    def __init__(self, frame: Frame, shape: tuple[int, int]):
        self.frame, self.shape = frame, shape
        self.asked = 0

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        self.asked += 1
        image, unknown = (inputs[0, :3].numpy() + 1) * 127.5, inputs[0, 3].numpy() > 0
        rows, columns = np.nonzero(~unknown)
        across_down = np.column_stack([columns + 0.5, rows + 0.5, np.ones(rows.size)])
        photo = image[:2, rows, columns].T * np.array(self.shape) / 255  # (y, x) of each
        fit = np.linalg.lstsq(across_down, photo[:, ::-1], rcond=None)[0].T
        mirrored = np.sign(np.linalg.det(fit[:, :2]))
        side = self.frame.side / np.sqrt(abs(np.linalg.det(fit[:, :2])))
        x, y = np.linalg.solve(fit[:, :2], np.array(self.frame.centre[::-1]) - fit[:, 2])
        turned = np.arctan2(*(mirrored * fit[::-1, 0]))  # how far the picture itself is, clockwise
        cells = SIZE // STRIDE
        maps = torch.full((1, 6, cells, cells), -9.0)
        row, column = int(y // STRIDE), int(x // STRIDE)
        if 36 <= side <= 132 and 0 <= row < cells and 0 <= column < cells:
            turn = mirrored * (np.radians(self.frame.angle) - turned)
            maps[0, :, row, column] = torch.tensor([
                4.0, np.log2(side / REFERENCE_SIDE), np.cos(turn), np.sin(turn), y / STRIDE - row - 0.5,
                x / STRIDE - column - 0.5])
        return maps


@pytest.mark.parametrize("shape", [(300, 400), (3000, 4500), (5600, 8200)])
@pytest.mark.parametrize("share, middle", [
    (0.08, (0.5, 0.5)), (0.5, (0.3, 0.7)), (0.08, (0.05, 0.96)), (0.9, (0.6, 0.1))])
def test_a_frame_of_any_size_anywhere_is_brought_back_to_the_photo(monkeypatch, shape, share, middle):
    """Holes from a twelfth of the frame to nearly all of it, in photos so large that they are read in part."""
    side = 0.4 * shape[0]
    frame = Frame((middle[0] * shape[0], middle[1] * shape[1]), side, 20.0)
    oracle = Oracle(frame, shape)
    monkeypatch.setattr(framing, "locator", lambda: oracle)
    read = [0]

    def read_ramps(box: Box) -> np.ndarray:
        assert box.intersect(Box(0, 0, *shape)) == box
        read[0] += box.height * box.width
        out = np.zeros((box.height, box.width, 3), np.uint8)
        out[..., 0] = ((np.arange(box.top, box.bottom) + 0.5) * 255 / shape[0])[:, None]
        out[..., 1] = (np.arange(box.left, box.right) + 0.5) * 255 / shape[1]
        return out

    hole = share * side
    top, left = (int(at - hole / 2) for at in frame.centre)
    box = Box(top, left, top + int(hole), left + int(hole)).intersect(Box(0, 0, *shape))
    found = propose_frame(read_ramps, shape, np.full((box.height, box.width), 255, np.uint8), (box.top, box.left))
    assert found is not None
    assert found.centre == pytest.approx(frame.centre, abs=0.03 * side)
    assert found.side == pytest.approx(side, rel=0.03) and found.angle == pytest.approx(20, abs=2)
    assert read[0] <= oracle.asked * (4 << 20)


def test_the_best_of_two_peaks_comes_first_and_close_ones_are_one():
    maps = np.full((6, 16, 16), -9, np.float32)
    maps[1:] = 0
    maps[2] = 1
    maps[0, 3, 4], maps[0, 3, 5], maps[0, 12, 12] = 1.0, 0.9, 2.0
    maps[1, 12, 12], maps[2:4, 12, 12] = 1, (0, 3)
    found = detections(maps, 0.5)
    assert [one.frame for one in found] == [Frame((100, 100), 2 * REFERENCE_SIDE, 90),
                                            Frame((28, 36), REFERENCE_SIDE, 0)]
    assert found[0].score == pytest.approx(1 / (1 + np.exp(-2)))


def test_overlap_of_turned_frames():
    square = Frame((5000.0, 7000.0), 100.0)
    assert overlap(square, square) == pytest.approx(1)
    assert overlap(square, Frame(square.centre, 100.0, 90.0)) == pytest.approx(1, abs=1e-3)
    assert overlap(square, square.shift(0, 50)) == pytest.approx(1 / 3, abs=1e-3)
    octagon = 2 * (2**0.5 - 1)  # of a square and itself turned by 45 degrees
    assert overlap(square, Frame(square.centre, 100.0, 45.0)) == pytest.approx(octagon / (2 - octagon), abs=1e-3)
    assert overlap(square, square.shift(300, 0)) == 0
    assert overlap(square, Frame((5000.0, 7000.0), 50.0, 30.0)) == pytest.approx(1 / 4)
    assert overlap(square, Frame((5000.00001, 7000.0), 100.0, 1e-6)) == pytest.approx(1, abs=1e-5)


def test_the_mean_of_frames_goes_the_short_way_round():
    mean = mean_frame([Detection(0.9, Frame((10, 20), 100, 170)), Detection(0.3, Frame((14, 24), 200, -170))])
    assert mean.centre == pytest.approx((11, 21))
    assert mean.side == pytest.approx(100 * 2**0.25)
    assert mean.angle == pytest.approx(175, abs=0.2)


def test_a_face_is_found_where_there_is_no_hole():
    photo = data.astronaut()
    for picture, at in ((photo, lambda y, x: (y, x)), (photo[:, ::-1], lambda y, x: (y, 512 - x))):
        frame = find_face(reader(np.ascontiguousarray(picture)), (512, 512))
        assert all(frame.contains(*at(*point)) for point in (*EYES, MOUTH)) and 120 < frame.side < 330


def test_none_is_found_where_there_is_none_nor_without_weights(monkeypatch):
    assert find_face(reader(np.full((300, 400, 3), 120, np.uint8)), (300, 400)) is None

    def no_weights(network: str) -> None:
        raise UserError("there are none")

    monkeypatch.setattr(framing, "find_model", no_weights)
    assert find_face(reader(data.astronaut()), (512, 512)) is None


def test_looking_for_a_face_can_be_cancelled():
    def cancel(fraction: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        find_face(reader(data.astronaut()), (512, 512), progress=cancel)
