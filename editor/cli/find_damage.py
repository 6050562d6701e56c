"""``pentimento find-damage``: mark the scratches, dust and tears of one photo, or of a folder of them."""

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from editor.cli.folders import each_photo
from editor.cli.inputs import out_file, photo_reader, protect, whole
from editor.cli.progress import Bar
from editor.errors import UserError

if TYPE_CHECKING:
    from editor.storage.photos import Decoder

SUMMARY = "find the scratches, dust and tears of a scanned photo"
DESCRIPTION = """Write to OUT where PHOTO is damaged: a grey picture of its size, white where there is damage.

With a folder as PHOTO, OUT is a folder as well and gets a PNG of the same name for each photo; a file that cannot be
done is reported and the rest are done. The masks are what pentimento fill --mask takes."""

_KINDS = ("line", "spot", "area")
_METHODS = ("auto", "network", "classical")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photo", metavar="PHOTO", type=Path, help="a photo, or a folder of photos")
    parser.add_argument("-o", "--output", metavar="MASK", type=Path, required=True,
                        help="file to write; its ending says the format. An existing file is replaced")
    parser.add_argument("--sensitivity", metavar="S", type=share, default=0.5,
                        help="0 marks what is all but certain, 1 whatever might be damage; default: 0.5")
    parser.add_argument("--probability", action="store_true",
                        help="write how likely each pixel is damaged, 255 being certain, and not a mask")
    parser.add_argument("--kinds", metavar="KINDS", type=_kinds, default=_KINDS,
                        help="what to mark, of line (scratches, hairs, creases), spot (dust, specks) and area (stains, "
                             "tears, what is missing), separated by commas; default: all")
    parser.add_argument("--grow", metavar="PX", type=whole("grow", 0, 100), default=0,
                        help="widen the mask by so many pixels; default: 0")
    parser.add_argument("--method", choices=_METHODS, default="auto",
                        help="what looks for it: the network, or filters; default: the network where it can be used")
    parser.add_argument("--device", metavar="DEVICE", default="auto",
                        help="where the network runs: auto, cpu, cuda, cuda:1 … or mps; default: auto")
    parser.add_argument("--json", action="store_true",
                        help="print a line of JSON for each file written: photo, out, method, damaged (share of the "
                             "photo), seconds, peak_memory_mib, notes")


def share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"sensitivity is a number from 0 to 1, not {text!r}")
    return value


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(kind.strip() for kind in text.split(","))
    if not set(kinds) <= set(_KINDS):
        raise argparse.ArgumentTypeError(f"kinds are some of {','.join(_KINDS)}, not {text!r}")
    return kinds


@dataclass(frozen=True)
class _How:
    """What is the same for all photos."""

    arguments: argparse.Namespace
    decoder: "Decoder"
    bar: Bar


def run(arguments: argparse.Namespace) -> int:
    from editor.engines.networks.devices import check_name
    from editor.storage.photos import Decoder

    check_name(arguments.device)
    bar = Bar()
    with Decoder() as decoder:
        how = _How(arguments, decoder, bar)
        try:
            if arguments.photo.is_dir():
                taken: dict[str, Path] = {}
                return each_photo(arguments.photo, arguments.output, bar,
                                  lambda photo: _find(photo, _mask_name(photo, arguments.output, taken), how),
                                  "searched")
            _find(arguments.photo, out_file(arguments.photo, arguments.output), how)
            return 0
        finally:
            bar.clear()


def _mask_name(photo: Path, folder: Path, taken: dict[str, Path]) -> Path:
    """Of its PNG in ``folder``, where no two photos may have the same."""
    other = taken.setdefault(photo.stem, photo)
    if other != photo:
        raise UserError(f"{photo}: its mask would have the name of {other.name}'s")
    return folder / f"{photo.stem}.png"


def _find(photo_path: Path, out: Path, how: _How) -> None:
    import cv2

    from editor.evaluation.memory import peak_memory
    from editor.restoration.finding import find
    from editor.storage.export import format_of
    from editor.storage.masks import write_mask
    from editor.storage.photos import read_photo

    arguments, bar = how.arguments, how.bar
    protect([out], [photo_path])
    format_of(out)  # refuses what cannot be written before any work is done
    bar(0.0, "reading")
    photo = read_photo(photo_path, decoder=how.decoder)
    begun = time.perf_counter()
    found = find(photo_reader(photo), photo.shape, profile=None if photo.is_grey else photo.profile,
                 method=arguments.method, device=arguments.device, progress=bar)
    mask = found.mask(arguments.sensitivity, arguments.kinds, arguments.grow)
    seconds = time.perf_counter() - begun
    write_mask(out, found.probability if arguments.probability else mask)
    bar.clear()
    if not arguments.json:
        print(out)
        for note in (*photo.notices, *found.notes):
            print(f"note: {note}", file=sys.stderr)
        return
    print(json.dumps({
        "photo": str(photo_path), "out": str(out), "method": found.method,
        "damaged": round(cv2.countNonZero(mask) / mask.size, 6), "seconds": round(seconds, 4),
        "peak_memory_mib": round(peak_memory(), 1), "notes": [*photo.notices, *found.notes],
    }), flush=True)
