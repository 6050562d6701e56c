"""``pentimento evaluate-finder``: measure how well damage is found in photographs that code has damaged."""

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

    from editor.evaluation.finding import Tally

SUMMARY = "measure how well damage is found"
DESCRIPTION = """Damage the photos of PHOTOS (folders or files; they should be undamaged) by code, each in one of eight
ways, with another generator than the network is trained with, look for the damage, and print precision and recall by
pixel; then false alarms on the same photos undamaged."""

_METHODS = ("network", "classical", "top-hat")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photos", metavar="PHOTOS", type=Path, nargs="+", help="folders of photos, or photos")
    parser.add_argument("--methods", metavar="LIST", type=_methods, default=_METHODS,
                        help=f"some of {','.join(_METHODS)}; default: all")
    parser.add_argument("--sensitivity", metavar="S", type=float, default=0.5,
                        help="of the masks whose precision, recall and false alarms are given, 0 to 1; default: 0.5")
    parser.add_argument("--held-out", action="store_true", help="only the tenth of the photos that nothing trains on")
    parser.add_argument("--every", metavar="N", type=whole("every", 1, 10 ** 6), default=1,
                        help="every N-th photo only")
    parser.add_argument("--device", metavar="DEVICE", default="auto", help="auto, cpu, cuda …; default: auto")
    parser.add_argument("--json", action="store_true", help="print the figures and the curves as one object")
    parser.add_argument("--sheet", metavar="PNG", type=Path,
                        help="write the first 16 there: damaged, truth, and each method's mask")
    parser.add_argument("--curves", metavar="PNG", type=Path,
                        help="draw the curves of precision over recall there: of all damage, and of each kind")


def _methods(text: str) -> tuple[str, ...]:
    methods = tuple(method.strip() for method in text.split(","))
    if not set(methods) <= set(_METHODS):
        raise argparse.ArgumentTypeError(f"methods are some of {','.join(_METHODS)}, not {text!r}")
    return methods


def run(arguments: argparse.Namespace) -> int:
    import numpy as np

    from editor.evaluation.finding import measure, table, table_of_kinds

    paths = _paths(arguments)
    bar = Bar()
    rows: list[np.ndarray] = []

    def watch(number: int, picture: "np.ndarray", damage: "np.ndarray", masks: "dict[str, np.ndarray]") -> None:
        bar((number + 1) / len(paths), paths[number].name)
        if arguments.sheet and number < 16:
            rows.append(_row([picture, damage * np.uint8(255), *masks.values()]))

    try:
        tallies = measure(_read(paths), arguments.methods, sensitivity=arguments.sensitivity, device=arguments.device,
                          watch=watch)
    finally:
        bar.clear()
    if rows:
        _write(arguments.sheet, np.concatenate(rows))
    if arguments.curves:
        _write(arguments.curves, _curves(tallies))
    if arguments.json:
        print(json.dumps({name: {
            "average_precision": tally.all.average_precision(),
            "kinds": {kind: ranking.average_precision() for kind, ranking in tally.kinds.items()},
            "precision": [round(float(value), 5) for value in tally.all.precision_recall()[0]],
            "recall": [round(float(value), 5) for value in tally.all.precision_recall()[1]],
            "mask": {"sensitivity": arguments.sensitivity, "precision": tally.precision, "recall": tally.recall,
                     "pieces_found": tally.pieces_found, "false_alarms_a_megapixel": tally.alarms_a_megapixel,
                     "marked_share": tally.marked_share},
        } for name, tally in tallies.items()}))
        return 0
    for cells in (table(tallies), table_of_kinds(tallies)):
        lines = ["| " + " | ".join(row) + " |" for row in cells]
        print("\n".join([lines[0], "|" + "---|" * len(cells[0]), *lines[1:], ""]))
    return 0


def _paths(arguments: argparse.Namespace) -> list[Path]:
    from editor.training.data import held_out

    found = [path for given in arguments.photos for path in (pictures(given) if given.is_dir() else [given])]
    if arguments.held_out:
        found = [path for path in found if held_out(path)]
    if not found:
        raise UserError("there is no photo to measure with")
    return found[::arguments.every]


def _read(paths: list[Path]) -> "Iterator[np.ndarray]":
    """(h, w, 3) uint8 sRGB of each."""
    import numpy as np

    from editor.raster.colour import to_srgb8
    from editor.storage.photos import Decoder, read_photo

    with Decoder() as decoder:
        for path in paths:
            photo = read_photo(path, decoder=decoder)
            yield to_srgb8(np.ascontiguousarray(photo.pixels[..., :1 if photo.is_grey else 3]), photo.profile)


def _row(planes: "list[np.ndarray]") -> "np.ndarray":
    """Cells of 256 pixels side by side: the middle of each plane."""
    import cv2
    import numpy as np

    cells = []
    for plane in planes:
        height, width = plane.shape[:2]
        cut = plane[max(0, height // 2 - 128):, max(0, width // 2 - 128):][:256, :256]
        cell = np.full((260, 260, 3), 24, np.uint8)
        cell[:cut.shape[0], :cut.shape[1]] = cut if cut.ndim == 3 else cv2.cvtColor(cut, cv2.COLOR_GRAY2RGB)
        cells.append(cell)
    return np.concatenate(cells, axis=1)


def _curves(tallies: "dict[str, Tally]") -> "np.ndarray":
    from editor.evaluation.curves import drawn

    kinds = next(iter(tallies.values())).kinds
    return drawn({"all damage": {name: tally.all for name, tally in tallies.items()},
                  **{kind: {name: tally.kinds[kind] for name, tally in tallies.items()} for kind in kinds}})


def _write(path: Path, picture: "np.ndarray") -> None:
    import cv2

    from editor.atomic import write_bytes

    write_bytes(path, cv2.imencode(".png", picture[..., ::-1])[1].data)
