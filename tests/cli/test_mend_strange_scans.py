"""What people scan, or think that they have: damage is found and mended, or the scan is left as it is."""

import cv2
import numpy as np
import pytest
from PIL import Image

from editor.storage.photos import read_photo


def a_scan() -> np.ndarray:
    """(200, 260, 3) uint8: soft shades with a white scratch and specks."""
    y, x = np.mgrid[:200, :260]
    pixels = np.repeat((110 + 40 * np.sin(x / 50) + 30 * np.cos(y / 40)).astype(np.uint8)[..., None], 3, 2)
    cv2.line(pixels, (40, 20), (90, 180), (245, 245, 245), 2)
    for place in ((180, 60), (220, 150), (140, 120)):
        cv2.circle(pixels, place, 3, (245, 245, 245), -1)
    return pixels


def strange(name: str) -> Image.Image:
    scan = a_scan()
    return {"damaged": lambda: Image.fromarray(scan), "blank": lambda: Image.new("L", (260, 200), 255),
            "negative": lambda: Image.fromarray(255 - scan),
            "one_bit": lambda: Image.fromarray(scan[..., 0]).convert("1"),
            "palette": lambda: Image.fromarray(scan).quantize(32),
            "sixteen": lambda: Image.fromarray(scan[..., 0].astype(np.uint16) * 257),
            "tiny": lambda: Image.fromarray(scan[:20, :20]), "pixel": lambda: Image.fromarray(scan[:1, :1])}[name]()


@pytest.mark.parametrize("name", ["damaged", "blank", "negative", "one_bit", "palette", "sixteen", "tiny", "pixel"])
def test_found_and_mended_or_left(pentimento, tmp_path, name):
    photo, mask, out = (tmp_path / each for each in (f"{name}.png", "mask.png", "out.png"))
    strange(name).save(photo)
    assert pentimento("find-damage", photo, "-o", mask, "--method", "classical", "--grow", "2")[0] == 0
    found = cv2.imread(str(mask), cv2.IMREAD_UNCHANGED) > 0
    status, _, err = pentimento("fill", photo, "--mask", mask, "-o", out)
    if not found.any():
        assert name in ("blank", "tiny", "pixel", "one_bit") and status == 2 and "mask is empty" in err
        assert not out.exists()
        return
    assert status == 0, err
    before, after = (read_photo(path).pixels for path in (photo, out))
    assert after.dtype == before.dtype and after.shape == before.shape
    assert (after[~found] == before[~found]).all()
    if name in ("damaged", "sixteen", "palette"):
        assert found[175:186, 40:90].any() and (after[found] != before[found]).any()
        assert after[..., 0].max() < 0.85 * np.iinfo(after.dtype).max, "no white is left"
