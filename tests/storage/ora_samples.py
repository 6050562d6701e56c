"""OpenRaster files made by hand, as other programs make and change them."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from projects import a_photo


def png(pixels: np.ndarray) -> bytes:
    codes = {1: None, 3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    code = codes[pixels.shape[2]]
    return cv2.imencode(".png", pixels if code is None else cv2.cvtColor(pixels, code))[1].tobytes()


def write_ora(path: Path, stack: str, entries: dict[str, bytes], size: tuple[int, int] = (40, 60),
              mimetype: bytes = b"image/openraster", head: str = "") -> Path:
    """An OpenRaster file made by hand; ``size`` is (h, w)."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", mimetype)
        archive.writestr("stack.xml", f'{head}<image version="0.0.3" h="{size[0]}" w="{size[1]}">{stack}</image>')
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """A project as another program might leave it: each entry changed, or dropped where ``change`` gives None."""
    with zipfile.ZipFile(path) as archive:
        entries = [(name, change(name, archive.read(name))) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            if data is not None:
                archive.writestr(name, data)
    return path


def colours(*values: int, shape: tuple[int, int] = (40, 60), dtype=np.uint8) -> np.ndarray:
    return np.full((*shape, len(values)), values, dtype)


BASE = {"data/base.png": png(a_photo(shape=(40, 60)).pixels)}
BASE_LAYER = '<layer name="Background" src="data/base.png" x="0" y="0"/>'
