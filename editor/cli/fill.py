"""``pentimento fill``: fill the holes of one photo, or of a folder of them."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from editor.cli.folders import each_photo
from editor.cli.inputs import out_file, pair, photo_reader, pictures, protect, whole
from editor.cli.progress import Bar
from editor.errors import UserError

if TYPE_CHECKING:
    import numpy as np

    from editor.engines.contract import Engine
    from editor.engines.filling import Fill, Reader
    from editor.raster.frame import Frame
    from editor.raster.surface import Box
    from editor.storage.photos import Decoder

SUMMARY = "fill the holes of a photo that a mask marks"
DESCRIPTION = """Fill what MASK marks in PHOTO and write the result to OUT; PHOTO itself is never written to.

Everything outside the hole is kept as it is: bit for bit in lossless formats, with profile and metadata. With a folder
as PHOTO, OUT is a folder as well, and MASK is either a folder with a mask of the same name for each photo or one
mask for all; a file that cannot be done is reported and the rest are done."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photo", metavar="PHOTO", type=Path, help="a photo, or a folder of photos")
    parser.add_argument("--mask", metavar="MASK", type=Path, required=True,
                        help="a picture of the photo's size: white is the hole, grey fills in part; "
                             "where its transparency varies, what is opaque is the hole")
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, required=True,
                        help="file to write; its ending says the format. An existing file is replaced")
    parser.add_argument("--engine", metavar="NAME", default="auto",
                        help="what fills the hole (see pentimento engines); default: auto")
    parser.add_argument("--sketch", metavar="PNG", type=Path, help="lines to follow: white or opaque pixels")
    parser.add_argument("--colour", metavar="PNG", type=Path, help="colours to follow: opaque where a stroke is")
    parser.add_argument("--source", metavar="PNG", type=Path,
                        help="where may be copied from: white or opaque pixels")
    parser.add_argument("--frame", metavar="Y,X,SIDE[,ANGLE]", type=_frame,
                        help="the square round the face that is filled: its centre and side in pixels, and by how many "
                             "degrees the face is turned clockwise; default: it is looked for")
    parser.add_argument("--variants", metavar="N", type=whole("variants", 1, 64), default=1,
                        help="write N different results, as OUT-1, OUT-2, …")
    parser.add_argument("--seed", metavar="N", type=whole("seed", 0, 2 ** 63 - 1), default=0,
                        help="another seed, another result, where chance plays a part; default: 0")
    parser.add_argument("--device", metavar="DEVICE", default="auto",
                        help="where networks run: auto, cpu, cuda, cuda:1 … or mps; default: auto")
    parser.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], dest="settings",
                        help="a setting of the engine; may be given more than once")
    parser.add_argument("--quality", metavar="N", type=whole("quality", 1, 100),
                        help="of a lossy OUT, 1 to 100; default: a JPEG keeps the photo's own")
    parser.add_argument("--json", action="store_true",
                        help="print a line of JSON for each file written: photo, out, variant, engine, engines, seed, "
                             "device, region (left, top, width, height), seconds, peak_memory_mib, notes")


def _frame(text: str) -> "Frame":
    from editor.raster.frame import Frame

    try:
        y, x, side, *turned = [float(number) for number in text.split(",")]
        angle, = turned or [0.0]
    except ValueError:
        side = 0
    if not (1 <= side <= 10**6 and all(abs(number) <= 10**6 for number in (y, x, angle))):  # nor is any of them nan
        raise argparse.ArgumentTypeError(f"frame is Y,X,SIDE or Y,X,SIDE,ANGLE in pixels and degrees, not {text!r}")
    return Frame((y, x), side, angle)


@dataclass(frozen=True)
class _Task:
    """One photo to be filled."""

    photo: Path
    mask: Path
    out: Path
    sketch: Path | None
    colour: Path | None
    source: Path | None


@dataclass(frozen=True)
class _How:
    """What is the same for all photos."""

    engine: "Engine"
    settings: Any
    arguments: argparse.Namespace
    decoder: "Decoder"
    bar: Bar


def run(arguments: argparse.Namespace) -> int:
    from editor.engines.networks.devices import check_name
    from editor.engines.registry import find, settings_from

    check_name(arguments.device)
    engine = find(arguments.engine)
    settings = settings_from(engine, dict(pair(text) for text in arguments.settings))
    for name in ("sketch", "colour", "source"):
        if getattr(arguments, name) and name not in engine.uses:
            raise UserError(f"engine {engine.name} cannot use a {name}: leave --{name} out or take another engine")
    from editor.storage.photos import Decoder

    bar = Bar()
    with Decoder() as decoder:
        how = _How(engine, settings, arguments, decoder, bar)
        try:
            if arguments.photo.is_dir():
                return _fill_folder(how)
            _fill_one(_single(arguments), how)
            return 0
        finally:
            bar.clear()


def _single(arguments: argparse.Namespace) -> _Task:
    return _Task(arguments.photo, arguments.mask, out_file(arguments.photo, arguments.output), arguments.sketch,
                 arguments.colour, arguments.source)


def _fill_folder(how: _How) -> int:
    """Fill every photo of a folder; what fails is reported and the rest are done."""
    arguments = how.arguments

    def fill_it(photo: Path) -> None:
        planes = {name: _beside(photo, getattr(arguments, name)) for name in ("mask", "sketch", "colour", "source")}
        _fill_one(_Task(photo, out=arguments.output / _written_name(photo), **planes), how)

    return each_photo(arguments.photo, arguments.output, how.bar, fill_it, "filled")


def _written_name(photo: Path) -> str:
    """The photo's name, with the ending of a format that can be written where its own cannot."""
    from editor.storage.export import formats

    writable = any(kind.writable and photo.suffix.lower() in kind.extensions for kind in formats())
    return photo.name if writable else f"{photo.stem}.png"


def _beside(photo: Path, given: Path | None) -> Path | None:
    """The picture that belongs to ``photo``: ``given`` itself, or the file of the same stem where it is a folder."""
    if given is None or not given.is_dir():
        return given
    found = [path for path in pictures(given) if path.stem == photo.stem]
    if not found:
        raise UserError(f"{given}: there is no picture for {photo.name}, such as {photo.stem}.png")
    return found[0]


def _fill_one(task: _Task, how: _How) -> None:
    import numpy as np

    from editor.engines.blending import paste
    from editor.engines.filling import fill
    from editor.storage.export import ExportOptions, export_photo, format_of
    from editor.storage.masks import read_colour, read_mask, read_sketch, read_source
    from editor.storage.photos import read_photo

    arguments, engine, bar = how.arguments, how.engine, how.bar
    outs = [task.out] if arguments.variants == 1 else [
        task.out.with_name(f"{task.out.stem}-{number + 1}{task.out.suffix}") for number in range(arguments.variants)]
    protect(outs, (task.photo, task.mask, task.sketch, task.colour, task.source))
    format_of(task.out)  # refuses what cannot be written before any work is done
    bar(0.0, "reading")
    photo = read_photo(task.photo, decoder=how.decoder)
    mask = read_mask(task.mask, photo.shape, decoder=how.decoder)
    if not mask.any():
        raise UserError(f"{task.mask}: the mask is empty: nothing in it is white (or opaque)")
    sketch = task.sketch and _reader(read_sketch(task.sketch, photo.shape, decoder=how.decoder))
    colour = task.colour and _reader(read_colour(task.colour, photo.shape, decoder=how.decoder))
    source = read_source(task.source, photo.shape, decoder=how.decoder) if task.source else None
    if source is not None and not (source & (mask == 0)).any():
        raise UserError(f"{task.source}: there is nothing to copy from: nothing outside the mask is white (or opaque)")
    fills: Iterator[Fill] = fill(
        photo_reader(photo), photo.shape, mask, engine, profile=photo.profile, sketch=sketch, colour=colour,
        source=None if source is None else _reader(source), source_box=None if source is None else _box_round(source),
        variants=arguments.variants, seed=arguments.seed, settings=how.settings, device=arguments.device,
        frame=arguments.frame, progress=bar)
    number = 0
    for number, (out, filled) in enumerate(zip(outs, fills, strict=False), start=1):
        pixels = np.array(photo.pixels)
        for result in filled.results:
            paste(pixels, result)
        notices = export_photo(photo, pixels, out, ExportOptions(quality=arguments.quality))
        bar.clear()
        _report(task, out, number, filled, [*photo.notices, *filled.notes, *notices], arguments.json)
    if not number:
        raise UserError(f"{task.photo}: engine {engine.name} found nothing to fill the hole with")
    if number < arguments.variants:
        print(f"note: {engine.name} found {number} different results, not {arguments.variants}", file=sys.stderr)


def _box_round(plane: "np.ndarray") -> "Box":
    """The smallest box round all that is True."""
    from editor.raster.surface import Surface

    return Surface.from_array(plane[..., None].view("uint8")).content_box()


def _reader(plane: "np.ndarray") -> "Reader":
    return lambda box: plane[box.slices]


def _report(task: _Task, out: Path, number: int, filled: "Fill", notes: list[str], as_json: bool) -> None:
    from editor.evaluation.memory import peak_memory

    if not as_json:
        print(out)
        for note in notes:
            print(f"note: {note}", file=sys.stderr)
        return
    box = filled.box
    print(json.dumps({
        "photo": str(task.photo), "out": str(out), "variant": number, "engine": filled.engine,
        "engines": sorted({result.engine for result in filled.results}), "seed": filled.seed,
        "device": filled.results[0].device, "region": [box.left, box.top, box.width, box.height],
        "seconds": round(filled.seconds, 4), "peak_memory_mib": round(peak_memory(), 1), "notes": notes,
    }), flush=True)
