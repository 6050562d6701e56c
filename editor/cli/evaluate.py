"""``pentimento evaluate``: measure engines on photographs of which it is known what belongs in their holes."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from editor.cli.inputs import pair, pictures, whole
from editor.cli.progress import Bar
from editor.cli.run import fail
from editor.errors import UserError

if TYPE_CHECKING:
    from editor.evaluation.cases import Case
    from editor.evaluation.compare import Entrant, Score
    from editor.evaluation.tables import Table

SUMMARY = "measure engines on photos and holes"
DESCRIPTION = """Let each engine fill the holes of PHOTOS (folders or files) and measure how near the fills come to the
photos themselves: quality, seconds and peak memory (each engine has a process of its own), in all and by size and kind
of hole.

Masks, sketches and colour pictures belong to the photo whose name they have; a mask's name may go on after it
(house.jpg: house.png, house-roof.png), and hints may have the mask's name. Without masks, holes are made. With hints,
each engine that can use them is measured with and without. A file that cannot be done is reported and the rest are
done."""

HINTS = ("sketch", "colour", "both")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photos", metavar="PHOTOS", type=Path, nargs="+", help="folders of photos, or photos")
    holes = parser.add_mutually_exclusive_group(required=True)
    holes.add_argument("--masks", metavar="DIR", type=Path, help="pictures of the photos' sizes: white is the hole")
    holes.add_argument("--holes", metavar="KINDS", type=_listed,
                       help="make holes of these kinds in each photo: strokes, scratches, blobs, objects, large; in "
                            "portraits also eye, eyes, nose, mouth, hair, face")
    parser.add_argument("--engines", metavar="A,B", type=_listed, required=True,
                        help="what is measured (see pentimento engines); with settings: telea:radius=9:grain=0")
    parser.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], dest="settings",
                        help="a setting of all engines; may be given more than once. spread=0 trusts the photo up to "
                             "the mask, as networks do in training")
    parser.add_argument("--sketches", metavar="DIR", type=Path, help="lines to follow, one picture for a photo or mask")
    parser.add_argument("--colours", metavar="DIR", type=Path, help="colours to follow, likewise")
    parser.add_argument("--hints", metavar="LIST", type=_listed, nargs="?", const=["both"],
                        help="measure engines that can use hints with them, too: sketch, colour, both (the default); "
                             "those that no folder has are taken from the photos")
    parser.add_argument("--redraw", metavar="PX", type=whole("redraw", 5, 1000), default=0,
                        help="also bend a drawn line by so much, and see whether the fill follows")
    parser.add_argument("--frames", action="store_true",
                        help="the photos are portraits as networks are trained on: each the square frame of its face")
    parser.add_argument("--no-truth", action="store_true",
                        help="what the photos show in the holes is to go away, and nothing to be held against")
    parser.add_argument("--features", metavar="FILE", type=Path,
                        help="MobileNet features (safetensors), for feature and kernel distances")
    parser.add_argument("--held-out", action="store_true", help="only the tenth of the photos that nothing trains on")
    parser.add_argument("--every", metavar="N", type=whole("every", 1, 10 ** 6), default=1,
                        help="every N-th photo only")
    parser.add_argument("--limit", metavar="N", type=whole("limit", 1, 10 ** 6), help="at most N photos")
    parser.add_argument("--size", metavar="PX", type=whole("size", 32, 10 ** 5), help="reduce photos to this long side")
    parser.add_argument("--seed", metavar="N", type=whole("seed", 0, 2 ** 31), default=0,
                        help="another seed, other holes, hints and fills; default: 0")
    parser.add_argument("--device", metavar="DEVICE", default="auto", help="auto, cpu, cuda …; default: auto")
    parser.add_argument("--json", action="store_true", help="print tables and the figures of every fill as one object")
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="write the tables there as well")
    parser.add_argument("--sheet", metavar="PNG", type=Path, help="write a contact sheet there")
    parser.add_argument("--sheet-rows", metavar="N", type=whole("sheet-rows", 1, 200), default=16,
                        help="cases on the sheet, spread over all of them; default: 16")


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def run(arguments: argparse.Namespace) -> int:
    for path in (arguments.markdown, arguments.sheet):
        if path and not path.parent.is_dir():
            raise UserError(f"{path}: there is no such folder to write to")
    faults: list[dict[str, str]] = []
    bar = Bar()

    def fault(what: str, why: str) -> None:
        bar.clear()
        why = " ".join(why.split())
        faults.append({"what": what, "why": why})
        print("error:", f"{what}: {why}", file=sys.stderr)

    entrants = _entrants(arguments)
    cases = _cases(arguments, fault)
    try:
        scores = _compare(arguments, entrants, cases, fault, bar)
    finally:
        bar.clear()
    _report(arguments, entrants, scores, faults)
    if faults:
        return fail(f"{len(faults)} of these could not be done: see above")
    return 0


def _entrants(arguments: argparse.Namespace) -> "list[Entrant]":
    """Each engine asked for, with those of the hints asked for that there are and that it can use."""
    from editor.engines.registry import find
    from editor.evaluation.compare import Entrant

    asked = arguments.hints
    for name in asked or ():
        if name not in HINTS:
            raise UserError(f"hints are some of {', '.join(HINTS)}, not {name!r}")
    folders = {name for name, folder in (("sketch", arguments.sketches), ("colour", arguments.colours)) if folder}
    there = {"sketch", "colour"} if asked else folders
    if arguments.redraw and "sketch" not in there:
        raise UserError("there is no line to redraw: give --hints or --sketches too")
    entrants = []
    for text in arguments.engines:
        name, *own = text.split(":")
        uses = find(name).uses & there
        used = [uses & ({"sketch", "colour"} if hint == "both" else {hint}) for hint in asked or ["both"]]
        hints = ["both" if len(each) > 1 else next(iter(each)) for each in used if each]
        if arguments.redraw and "sketch" in uses:
            hints.append("redrawn")
        settings = dict(map(pair, [*arguments.settings, *own]))
        entrants.append(Entrant(text, name, settings, tuple(dict.fromkeys(["", *hints]))))
    if not entrants:
        raise UserError("--engines names no engine")
    return entrants


def _cases(arguments: argparse.Namespace, fault: Callable[[str, str], None]) -> "list[Case]":
    from editor.evaluation.cases import hint_of, with_holes, with_masks

    photos = _photos(arguments)
    if arguments.holes is not None:
        cases = with_holes(photos, arguments.holes)
    else:
        cases, without = with_masks(photos, _folder(arguments.masks))
        for photo in without:
            fault(photo.name, f"there is no mask for it in {arguments.masks}")
    for name, folder in (("sketch", arguments.sketches), ("colour", arguments.colours)):
        if folder is None:
            continue
        hints, found = _folder(folder), []
        for case in cases:
            hint = hint_of(case, hints)
            if hint or arguments.hints:
                found.append(replace(case, **{name: hint}))
            else:
                fault(case.name, f"there is no {name} for it in {folder}")
        cases = found
    if not cases:
        raise UserError("there is nothing to measure: no photo has a hole and the hints asked for")
    return cases


def _photos(arguments: argparse.Namespace) -> list[Path]:
    """The photos that are to be measured."""
    photos = [photo for path in arguments.photos for photo in (_folder(path) if path.is_dir() else [path])]
    if arguments.held_out:
        from editor.training.data import held_out

        photos = [photo for photo in photos if held_out(photo)]
    photos = photos[::arguments.every][:arguments.limit]
    if not photos:
        raise UserError(f"{arguments.photos[0]}: there is no photo in this folder that could be measured")
    return photos


def _folder(path: Path) -> list[Path]:
    found = pictures(path)
    if not found:
        raise UserError(f"{path}: there is no picture in this folder")
    return found


def _compare(arguments: argparse.Namespace, entrants: "list[Entrant]", cases: "list[Case]",
             fault: Callable[[str, str], None], bar: Bar) -> "list[Score]":
    """Do the work; writes the sheet."""
    from editor.evaluation.cases import Reading, load
    from editor.evaluation.compare import Judging, compare
    from editor.evaluation.sheet import Sheet, chosen
    from editor.storage.photos import Decoder

    features = None
    if arguments.features:
        from editor.training.features import MobileNetFeatures

        features = MobileNetFeatures.load(arguments.features)
    reading = Reading(arguments.size, arguments.seed, arguments.frames, arguments.hints is not None, arguments.redraw)
    judging = Judging(not arguments.no_truth, features, arguments.device, arguments.seed)
    sheet = Sheet(chosen(cases, arguments.sheet_rows) if arguments.sheet else ())
    with Decoder() as decoder:
        scores = list(compare(entrants, cases, lambda case: load(case, reading, decoder), judging, fault=fault,
                              look=sheet.add, progress=bar))
    if arguments.sheet:
        from editor.document.photo import Photo
        from editor.storage.export import export_photo

        drawn = sheet.drawn()
        export_photo(Photo(drawn), drawn, arguments.sheet)
    return scores


def _report(arguments: argparse.Namespace, entrants: "list[Entrant]", scores: "list[Score]",
            faults: list[dict[str, str]]) -> None:
    from editor.atomic import write_bytes
    from editor.evaluation.tables import adherence, as_markdown, as_text, quality

    tables = [table for table in [*quality(scores), *adherence(scores)] if table.rows]
    if arguments.markdown:
        write_bytes(arguments.markdown, as_markdown(tables).encode())
    if arguments.json:
        print(json.dumps(_data(entrants, scores, tables, faults), indent=1))
    elif tables:
        print(as_text(tables), end="")


def _data(entrants: "list[Entrant]", scores: "list[Score]", tables: "list[Table]",
          faults: list[dict[str, str]]) -> dict:
    from editor.evaluation.tables import as_data, known

    fills = [{"case": score.case.name, "photo": str(score.case.photo), "kind": score.case.kind,
              "share": round(score.share, 4), "engine": score.entrant, "hints": score.hints,
              **{name: known(value) for name, value in score.values.items()},
              **({"seconds": round(score.cost.seconds, 4), "first": score.cost.first,
                  "peak_memory_mib": round(score.cost.peak_memory, 1), "device": score.cost.device,
                  "notes": list(score.cost.notes)} if score.cost else {})} for score in scores]
    return {"engines": [{"label": one.label, "engine": one.engine, "settings": dict(one.settings)} for one in entrants],
            "tables": [as_data(table) for table in tables], "fills": fills, "failed": faults}
