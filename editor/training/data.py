"""Albums: folders of photographs as one array of squares, from which crops are drawn on the training device."""

import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
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

SMALLEST = 64
"""Pixels: the short side of a photo, or the side of a face's frame, that is worth learning from."""

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
        found += [path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()
                  and not path.name.startswith(".")]
    return sorted(set(found))


Squares = Callable[[np.ndarray, int], list[np.ndarray]]
"""Takes (h, w, 3) uint8 sRGB and a side, gives the squares (side, side, 3) uint8 that are wanted of it."""


def whole_squares(picture: np.ndarray, side: int) -> list[np.ndarray]:
    """All of a picture, or its middle; of one half as wide again as high, or more, the squares at both ends. None of
    one that is too small."""
    height, width = picture.shape[:2]
    short = min(height, width)
    if short < SMALLEST:
        return []
    spare = max(height, width) - short
    starts = (0, spare) if spare >= short / 2 else (spare // 2,)
    cut = [picture[start:start + short, :] if height > width else picture[:, start:start + short] for start in starts]
    return [cv2.resize(each, (side, side), interpolation=cv2.INTER_AREA if short > side else cv2.INTER_CUBIC)
            for each in cut]


@dataclass(frozen=True)
class Album:
    """Photographs as squares."""

    squares: torch.Tensor  # (n, 3, side, side) uint8 sRGB
    sources: tuple[Path, ...] = ()  # of each square
    unreadable: tuple[Path, ...] = ()
    without: tuple[Path, ...] = ()  # photos of which no square was wanted

    @classmethod
    def load(cls, paths: Sequence[Path], side: int, progress: Progress = no_progress,
             squares: Squares = whole_squares) -> "Album":
        """Read ``paths`` and take ``squares`` of each, in their order. Files that cannot be read are left out and
        listed; it may be that there is no square at all.
        """
        readers = 2 if len(paths) > 16 else 1  # each is a process of its own, and takes a moment to start
        shares = [paths[index::readers] for index in range(readers)]
        done = [0] * readers

        def read(index: int) -> list[list[torch.Tensor] | None]:
            found = []
            with Decoder() as decoder:
                for path in shares[index]:
                    try:
                        photo = decoder.read(path)
                    except UserError:
                        found.append(None)
                    else:
                        picture = to_srgb8(photo.pixels[..., :1 if photo.is_grey else 3], photo.profile)
                        found.append([torch.from_numpy(square.transpose(2, 0, 1).copy())
                                      for square in squares(picture, side)])
                    done[index] += 1
                    progress(sum(done) / len(paths), "Reading photos")
            return found

        with ThreadPoolExecutor(readers, thread_name_prefix="album") as pool:
            parts = list(pool.map(read, range(readers)))
        found = [parts[number % readers][number // readers] for number in range(len(paths))]
        unreadable, without = (tuple(path for path, seen in zip(paths, found, strict=True) if seen == nothing)
                               for nothing in (None, []))
        sources = tuple(path for path, seen in zip(paths, found, strict=True) for _ in seen or ())
        waiting = [square for seen in found for square in seen or ()][::-1]
        del parts, found
        stacked = torch.empty((len(waiting), 3, side, side), dtype=torch.uint8)
        for place in stacked:  # each goes when it is copied: thousands of photos are not held twice
            place.copy_(waiting.pop())
        return cls(stacked, sources, unreadable, without)

    def __len__(self) -> int:
        return len(self.squares)

    def cut(self, count: int) -> tuple["Album", "Album"]:
        """Its first ``count`` squares, and the others: views of the same memory."""
        return tuple(replace(self, squares=self.squares[part], sources=self.sources[part])
                     for part in (slice(count), slice(count, None)))

    def to(self, device: str) -> "Album":
        return replace(self, squares=self.squares.to(device))

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
