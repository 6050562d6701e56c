"""``pentimento restore``: bring back old photographs, one or a folder of them."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from editor.cli.find_damage import share
from editor.cli.folders import make_folder
from editor.cli.inputs import out_file, pair, protect, whole
from editor.cli.progress import Bar
from editor.cli.run import fail
from editor.errors import UserError

if TYPE_CHECKING:
    from editor.batch.manifest import Entry
    from editor.batch.order import Order, Task
    from editor.restoration.restoring import Steps
    from editor.storage.photos import Decoder

SUMMARY = "straighten, mend, unfade, denoise and sharpen a scanned photo, or a folder of them"
DESCRIPTION = """Restore PHOTO and write the result to OUT; PHOTO itself is never written to.

Only the steps that are asked for are done, in the order of the options below. Depth, profile, resolution and metadata
stay; what no step changes stays bit for bit. With a folder as PHOTO, OUT is a folder as well; a file that cannot be
done is reported and the rest are done."""

_FILTERS = ("descreen", "denoise", "deblur", "local-contrast")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photo", metavar="PHOTO", type=Path, help="a photo, or a folder of photos")
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, required=True,
                        help="file to write; its ending says the format. An existing file is replaced")
    bed = parser.add_mutually_exclusive_group()
    bed.add_argument("--crop", action="store_true",
                     help="find the photograph on the scanner's bed, straighten it and crop to it")
    bed.add_argument("--split", action="store_true",
                     help="the same for several photographs on one bed: OUT-1, OUT-2, …")
    _filter_argument(parser, "descreen", "take out the screen of a printed picture")
    parser.add_argument("--fill-damage", action="store_true", help="find scratches, dust and tears, and mend them")
    parser.add_argument("--sensitivity", metavar="S", type=share,
                        help="0 mends what is all but certainly damage, 1 whatever might be; default: 0.5")
    parser.add_argument("--unfade", action="store_true", help="bring back contrast and colours that have faded")
    tone = parser.add_mutually_exclusive_group()
    tone.add_argument("--keep-sepia", action="store_true", help="leave a toned photo its tone (the default)")
    tone.add_argument("--neutralise", action="store_true", help="take the tone out of a toned photo")
    _filter_argument(parser, "denoise", "take out grain and noise")
    _filter_argument(parser, "deblur", "sharpen what is out of focus or shaken")
    _filter_argument(parser, "local-contrast", "raise contrast part by part")
    parser.add_argument("--format", metavar="ENDING", help="of all files of a folder: tif, png, jpg …; default: their "
                                                           "own")
    parser.add_argument("--quality", metavar="N", type=whole("quality", 1, 100),
                        help="of a lossy OUT, 1 to 100; default: a JPEG keeps the photo's own")
    parser.add_argument("--device", metavar="DEVICE", default="auto",
                        help="where networks run: auto, cpu, cuda, cuda:1 … or mps; default: auto")
    parser.add_argument("--resume", action="store_true",
                        help="with a folder: pass over what an earlier run with the same steps has done, unless the "
                             "photo has changed since")
    parser.add_argument("--report", metavar="FILE.html", type=Path,
                        help="write a page with each photo before and after, and what was done to it")
    parser.add_argument("--json", action="store_true",
                        help="print a line of JSON for each photo: photo, out (a list), steps, seconds, "
                             "peak_memory_mib, notes; error where it failed")


def _filter_argument(parser: argparse.ArgumentParser, name: str, words: str) -> None:
    parser.add_argument(f"--{name}", metavar="SETTINGS", nargs="?", const="",
                        help=f"{words}; SETTINGS are NAME=VALUE,… or only the first one's value")


def run(arguments: argparse.Namespace) -> int:
    from editor.batch.order import Order
    from editor.engines.networks.devices import check_name
    from editor.storage.photos import Decoder

    check_name(arguments.device)
    steps = _steps(arguments)
    order = Order(steps, _suffix(arguments.format), arguments.quality, arguments.device)
    if arguments.report is not None and not arguments.report.absolute().parent.is_dir():
        raise UserError(f"{arguments.report.parent}: there is no such folder to write to")
    bar = Bar()
    with Decoder() as decoder:
        try:
            return _folder(arguments, order, decoder, bar) if arguments.photo.is_dir() else _single(
                arguments, order, decoder, bar)
        finally:
            bar.clear()


def _steps(arguments: argparse.Namespace) -> "Steps":
    from editor.restoration.restoring import CROP, SPLIT, Mending, Steps, Unfading

    if arguments.sensitivity is not None and not arguments.fill_damage:
        raise UserError("--sensitivity says how --fill-damage works: give that as well")
    if (arguments.keep_sepia or arguments.neutralise) and not arguments.unfade:
        raise UserError("--keep-sepia and --neutralise say how --unfade works: give that as well")
    filters = {name.replace("-", "_"): _settings(name, getattr(arguments, name.replace("-", "_"))) for name in _FILTERS}
    sensitivity = 0.5 if arguments.sensitivity is None else arguments.sensitivity
    steps = Steps(geometry=CROP if arguments.crop else SPLIT if arguments.split else "",
                  mend=Mending(sensitivity) if arguments.fill_damage else None,
                  unfade=Unfading(keep_sepia=not arguments.neutralise) if arguments.unfade else None, **filters)
    if not steps.chosen:
        raise UserError("nothing is asked for: give one of --crop, --split, --descreen, --fill-damage, --unfade, "
                        "--denoise, --deblur, --local-contrast")
    return steps


def _settings(name: str, given: str | None) -> Any:
    """The filter's settings; None where it is not asked for."""
    if given is None:
        return None
    from editor.restoration.registry import find, settings_fields, settings_from

    own = find(name)
    first = settings_fields(own)[0].name
    words = [text if "=" in text else f"{first}={text}" for text in given.split(",") if text]
    return settings_from(own, dict(map(pair, words)))


def _suffix(given: str | None) -> str:
    if given is None:
        return ""
    from editor.storage.export import format_of

    suffix = f".{given.lstrip('.').lower()}"
    format_of(Path(f"photo{suffix}"))
    return suffix


def _single(arguments: argparse.Namespace, order: "Order", decoder: "Decoder", bar: Bar) -> int:
    from editor.batch.order import Task

    if arguments.resume or arguments.format:
        raise UserError("--resume and --format are for folders of photos")
    task = Task(arguments.photo, out_file(arguments.photo, arguments.output))
    protect([task.out], [task.photo])
    entries = _entries([task], order, arguments, decoder, bar)
    return fail(entries[0].error) if entries[0].error else 0


def _folder(arguments: argparse.Namespace, order: "Order", decoder: "Decoder", bar: Bar) -> int:
    from editor.batch.order import photos_in, planned

    folder, output = arguments.photo, arguments.output
    photos = photos_in([folder])
    make_folder(folder, photos, output)
    entries = _entries(planned(photos, output, order.suffix), order, arguments, decoder, bar)
    failed = sum(bool(entry.error) for entry in entries)
    return fail(f"{failed} of {len(photos)} photos could not be restored") if failed else 0


def _entries(tasks: Sequence["Task"], order: "Order", arguments: argparse.Namespace, decoder: "Decoder",
             bar: Bar) -> list["Entry"]:
    """What came of each; the report is written also where the rest is not begun, by Ctrl+C or for a full disk."""
    from editor.batch.manifest import Manifest
    from editor.batch.report import duration, write_report
    from editor.batch.running import DiskFull, State, run
    from editor.restoration.restoring import TITLES

    several = arguments.photo.is_dir()
    manifest = Manifest(arguments.output) if several else None
    entries: list[Entry] = []
    room = True

    def tell(state: State) -> None:
        left = "" if state.left is None else f", {duration(state.left)} left"
        bar.title = f"{state.number + 1}/{len(tasks)} {tasks[state.number].photo.name}" if several else ""
        bar(state.whole, f"{state.words}{left}")

    try:
        for entry in run(tasks, order, decoder=decoder, manifest=manifest, resume=arguments.resume,
                         pictured=arguments.report is not None or several, tell=tell):
            entries.append(entry)
            bar.clear()
            _print(entry, arguments.json, several)
    except DiskFull:
        room = False  # for a report neither
        raise
    finally:
        if arguments.report is not None and entries and room:
            write_report(arguments.report, entries, [TITLES[name] for name in order.steps.chosen],
                         len(tasks) - len(entries))
    return entries


def _print(entry: "Entry", as_json: bool, several: bool) -> None:
    from editor.evaluation.memory import peak_memory

    if entry.error and several:
        print("error:", entry.error, file=sys.stderr)
    if as_json and (several or not entry.error):
        said = {"photo": entry.photo, "out": list(entry.outs), "steps": list(entry.words), "resumed": entry.again,
                "seconds": round(entry.seconds, 4), "peak_memory_mib": round(peak_memory(), 1),
                "notes": list(entry.notes)}
        print(json.dumps({**said, "error": entry.error} if entry.error else said), flush=True)
    elif not entry.error:
        for out in entry.outs:
            print(f"{out} (done before)" if entry.again else out)
        for note in entry.notes:
            print(f"note: {note}", file=sys.stderr)
