"""``pentimento evaluate-restoration``: measure how much comes back of photographs that code has spoilt."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from editor.cli.inputs import pictures, whole
from editor.cli.progress import Bar
from editor.errors import UserError

if TYPE_CHECKING:
    import numpy as np

SUMMARY = "measure how much of spoilt photographs comes back"
DESCRIPTION = """Spoil the photos of PHOTOS (folders or files; they should be undamaged) by code in each of several ways
- damage, fading, blur, grain, all together -, restore them, and print how near they are to what they were, before and
after, beside other programs' methods."""

_KINDS = ("specks and scratches", "cracks and losses", "fading", "blur", "grain", "all together")
_CELL, _LINE, _GAP = 256, 18, 4  # of the sheet, in pixels
_ON_SHEET = 4  # photographs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photos", metavar="PHOTOS", type=Path, nargs="+", help="folders of photos, or photos")
    parser.add_argument("--spoilt", metavar="LIST", type=_kinds, default=_KINDS,
                        help=f"some of {', '.join(_KINDS)}, separated by commas; default: all")
    parser.add_argument("--held-out", action="store_true", help="only the tenth of the photos that nothing trains on")
    parser.add_argument("--every", metavar="N", type=whole("every", 1, 10 ** 6), default=1,
                        help="every N-th photo only")
    parser.add_argument("--size", metavar="PX", type=whole("size", 64, 10 ** 5), default=640,
                        help="reduce photos to this long side; default: 640")
    parser.add_argument("--json", action="store_true", help="print the figures of each photo as one object")
    parser.add_argument("--sheet", metavar="PNG", type=Path,
                        help=f"write the middles of the first {_ON_SHEET} photos there, at 100 %%: the truth, and what "
                             "each method makes of what is spoilt")


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(kind.strip() for kind in text.split(","))
    if not set(kinds) <= set(_KINDS):
        raise argparse.ArgumentTypeError(f"ways of spoiling are some of {', '.join(_KINDS)}, not {text!r}")
    return kinds


def run(arguments: argparse.Namespace) -> int:
    from editor.evaluation.restoration import measure, table

    paths = _paths(arguments)
    bar = Bar()
    rows: dict[tuple[int, str], dict[str, np.ndarray]] = {}

    def watch(number: int, kind: str, name: str, picture: "np.ndarray") -> None:
        bar(number / len(paths), f"{paths[number].name}: {kind}, {name}")
        if arguments.sheet and number < _ON_SHEET:
            rows.setdefault((number, kind), {})[name] = _cell(picture, name)

    try:
        figures = measure(_read(paths, arguments.size), arguments.spoilt, watch)
    finally:
        bar.clear()
    if rows:
        _write(arguments.sheet, list(rows.values()))
    if arguments.json:
        print(json.dumps({kind: {name: {"psnr": tally.psnr, "ssim": tally.ssim, "psnr_in_the_damage": tally.inside}
                                 for name, tally in methods.items()} for kind, methods in figures.items()}))
        return 0
    lines = ["| " + " | ".join(row) + " |" for row in table(figures)]
    print("\n".join([lines[0], "|" + "---|" * lines[0].count(" | ") + "---|", *lines[1:]]))
    return 0


def _paths(arguments: argparse.Namespace) -> list[Path]:
    from editor.training.data import held_out

    found = [path for given in arguments.photos for path in (pictures(given) if given.is_dir() else [given])]
    if arguments.held_out:
        found = [path for path in found if held_out(path)]
    if not found:
        raise UserError("there is no photo to measure with")
    return found[::arguments.every]


def _read(paths: list[Path], longest: int) -> "Iterator[np.ndarray]":
    """(h, w, 3) uint8 sRGB of each."""
    import cv2
    import numpy as np

    from editor.raster.colour import to_srgb8
    from editor.storage.photos import Decoder, read_photo

    with Decoder() as decoder:
        for path in paths:
            photo = read_photo(path, decoder=decoder)
            pixels = to_srgb8(np.ascontiguousarray(photo.pixels[..., :1 if photo.is_grey else 3]), photo.profile)
            pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
            share = longest / max(pixels.shape[:2])
            yield np.ascontiguousarray(pixels) if share >= 1 else cv2.resize(
                pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)


def _cell(picture: "np.ndarray", label: str) -> "np.ndarray":
    """The middle of a picture beneath its name."""
    import cv2
    import numpy as np

    height, width = picture.shape[:2]
    cut = picture[max(0, (height - _CELL) // 2):, max(0, (width - _CELL) // 2):][:_CELL, :_CELL]
    cell = np.full((_CELL + _LINE + _GAP, _CELL + _GAP, 3), 24, np.uint8)
    cell[_LINE:_LINE + cut.shape[0], :cut.shape[1]] = cut
    cv2.putText(cell, label, (2, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (230, 230, 230), 1, cv2.LINE_AA)
    return cell


def _write(path: Path, rows: "list[dict[str, np.ndarray]]") -> None:
    import cv2
    import numpy as np

    from editor.atomic import write_bytes

    longest = max(len(row) for row in rows)
    empty = np.full_like(next(iter(rows[0].values())), 24)
    sheet = [np.concatenate([*row.values(), *[empty] * (longest - len(row))], axis=1) for row in rows]
    write_bytes(path, cv2.imencode(".png", np.concatenate(sheet)[..., ::-1])[1].data)
