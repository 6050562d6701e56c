"""Albums: folders of photographs as one array of squares, from which crops are drawn on the training device."""

import re
import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from editor.engines.contract import Progress, no_progress
from editor.errors import UserError
from editor.raster.colour import to_srgb8
from editor.storage.photos import Decoder
from editor.training.hints import blur, grey
from editor.training.holes import normal, pixel_places, smooth_noise, uniform

SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".jxl"}


def held_out(path: Path) -> bool:
    """Whether a photo belongs to the tenth that no network is trained on: by its name without a crop's number
    (``_c0``), so that two crops of one photo fall on the same side, on every machine, whatever else is in the folder.
    """
    return zlib.crc32(re.sub(r"_c\d+$", "", path.stem).encode()) % 10 == 0


def photos_in(folders: Iterable[Path]) -> list[Path]:
    """All photos in folders and those below them, sorted; UserError for a folder that is not there."""
    found: list[Path] = []
    for folder in folders:
        if not folder.is_dir():
            raise UserError(f"there is no folder {folder}")
        found += [path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()]
    return sorted(found)


@dataclass(frozen=True)
class Album:
    """Photographs as squares."""

    squares: torch.Tensor  # (n, 3, side, side) uint8 sRGB
    unreadable: tuple[Path, ...] = ()

    @classmethod
    def load(cls, paths: list[Path], side: int, progress: Progress = no_progress) -> "Album":
        """Read ``paths``: each reduced to a short side of ``side`` (enlarged, if it is smaller) and cut to a square;
        one half as wide again as high, or more, gives the squares at both ends. Files that cannot be read are left out
        and listed. Raises UserError if none is left.
        """
        readers = 2
        shares = [paths[index::readers] for index in range(readers)]
        done = [0] * readers

        def read(index: int) -> list[tuple[int, np.ndarray]]:
            found = []
            with Decoder() as decoder:
                for number, path in enumerate(shares[index]):
                    try:
                        photo = decoder.read(path)
                    except UserError:
                        found.append((number * readers + index, None))
                    else:
                        picture = to_srgb8(photo.pixels[..., :1 if photo.is_grey else 3], photo.profile)
                        found += [(number * readers + index, square) for square in _squares(picture, side)]
                    done[index] += 1
                    progress(sum(done) / len(paths), "Reading photos")
            return found

        with ThreadPoolExecutor(readers, thread_name_prefix="album") as pool:
            found = [entry for part in pool.map(read, range(readers)) for entry in part]
        found.sort(key=lambda entry: entry[0])
        squares = [square for _, square in found if square is not None]
        if not squares:
            raise UserError("there is no photo to train on")
        stacked = torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2).contiguous()
        return cls(stacked, tuple(paths[number] for number, square in found if square is None))

    def to(self, device: str) -> "Album":
        return Album(self.squares.to(device), self.unreadable)

    def crops(self, generator: torch.Generator, count: int, size: int, whole: float,
              turn: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Pictures (count, 3, size, size) float32 -1..1, and where their pixels lie in their squares, as in holes.py.

        A share ``whole`` shows nearly the whole square, the others a crop at about the square's own resolution; turned
        by up to some ``turn`` degrees and mirrored half of the time.
        """
        device = self.squares.device
        side = self.squares.shape[-1]
        index = torch.randint(len(self.squares), (count,), generator=generator, device=device)
        near = min(0.9, size / side)
        zoom = torch.where(uniform(generator, count) < whole, uniform(generator, count, low=0.88, high=1.0),
                           uniform(generator, count, low=near, high=min(0.95, 1.6 * near)))
        angle = torch.deg2rad(turn / 2 * normal(generator, count).clamp(-2, 2))
        mirror = torch.where(uniform(generator, count) < 0.5, -1.0, 1.0)
        room = (1 - zoom).clamp(min=0)
        centre = uniform(generator, count, 2, low=-1, high=1) * room[:, None]
        cos, sin = zoom * angle.cos(), zoom * angle.sin()
        theta = torch.stack([torch.stack([mirror * cos, -sin, centre[:, 0]], 1),
                             torch.stack([mirror * sin, cos, centre[:, 1]], 1)], 1)
        # Taken at twice the size and halved, so that what is reduced does not alias.
        at = F.affine_grid(theta, [count, 3, 2 * size, 2 * size], align_corners=False)
        chosen = self.squares[index].float().div_(127.5).sub_(1.0)
        pictures = F.grid_sample(chosen, at, padding_mode="reflection", align_corners=False)
        seen = F.pad(pixel_places(count, size, size, device), (0, 1), value=1.0)
        places = torch.einsum("nij,nhwj->nhwi", theta, seen)
        return F.avg_pool2d(pictures, 2), places


def _squares(picture: np.ndarray, side: int) -> list[np.ndarray]:
    height, width = picture.shape[:2]
    scale = side / min(height, width)
    size = (max(side, round(width * scale)), max(side, round(height * scale)))
    picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    spare = max(picture.shape[:2]) - side
    starts = (0, spare) if spare >= side / 2 else (spare // 2,)
    return [picture[start:start + side, :side] if height > width else picture[:side, start:start + side]
            for start in starts]


def aged(generator: torch.Generator, pictures: torch.Tensor, share: float) -> torch.Tensor:
    """Pictures (n, 3, h, w) -1..1, a ``share`` of them like family photographs: grey or sepia, faded, soft, grainy; the
    others with a little of other exposure and colour."""
    n, _, height, width = pictures.shape

    def each(low: float, high: float, *shape: int) -> torch.Tensor:
        return uniform(generator, n, *(shape or (1, 1, 1)), low=low, high=high)

    old = each(0, 1) < share
    exposed = pictures * each(0.85, 1.1) + each(-0.08, 0.08) + 0.04 * normal(generator, n, 3, 1, 1)
    tone = torch.where(each(0, 1) < 0.5, 0.0, each(0.02, 0.16)) * torch.tensor(
        [1.0, 0.15, -1.0], device=pictures.device)[:, None, None]
    faded = torch.where(each(0, 1) < 0.7, grey(exposed), exposed) * each(0.55, 1.0) + tone + each(-0.1, 0.15)
    soft = torch.where(each(0, 1) < 0.4, blur(faded, 1.0), faded)
    grain = each(0.0, 0.09) * (normal(generator, n, 1, height, width)
                               + smooth_noise(generator, n, min(height, width) // 2, height, width))
    return torch.where(old, soft + grain * (each(0, 1) < 0.6), exposed).clamp(-1, 1)
