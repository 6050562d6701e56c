"""``pentimento train``: train a network, or go on training one."""

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from editor.cli.progress import Bar
from editor.errors import UserError

if TYPE_CHECKING:
    from editor.training.loop import Schedule

SUMMARY = "train a network on folders of photos"
DESCRIPTION = """Train NETWORK on the photos of DIR and write FILE.safetensors and its model card FILE.json.

FILE.training/ beside it gets checkpoints, sample sheets of photos held out (a fixed tenth, by their names) and the
losses' curves. Interrupted with Ctrl+C, it leaves a checkpoint; --resume goes on from it, or starts from any model.

  sc-fegan, scene            fill after sketch and colours: faces; everything else
  edge-connect               both stages, one after the other: FILE-edge and FILE-completion
  edge-connect-edge, edge-connect-completion     one of them
  face-locator               where a face is: DIR has portraits in faces/ and pictures without people in scenes/"""

NETWORKS = ("sc-fegan", "scene", "edge-connect", "edge-connect-edge", "edge-connect-completion", "face-locator")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("network", metavar="NETWORK", choices=NETWORKS, help=", ".join(NETWORKS))
    parser.add_argument("--data", metavar="DIR", type=Path, action="append", required=True,
                        help="folder of photos, with those below it; may be given more than once")
    parser.add_argument("--out", metavar="FILE", type=Path, required=True, help="FILE.safetensors to write")
    parser.add_argument("--resume", metavar="FILE",
                        help="a checkpoint (.pt) to go on from, a model (.safetensors) to start from, or the word "
                             "bundled for the one that comes with the program")
    parser.add_argument("--features", metavar="FILE", type=Path,
                        help="MobileNet v1's weights, for the perceptual and style losses")
    parser.add_argument("--steps", metavar="N", type=int, help="how many batches; default: 20000")
    parser.add_argument("--minutes", metavar="M", type=float, help="end after so many minutes, if that is sooner")
    parser.add_argument("--batch", metavar="N", type=int, help="pictures a step; default: 16")
    parser.add_argument("--size", metavar="PX", type=int, help="side of the crops, a multiple of 32; default: 256")
    parser.add_argument("--rate", metavar="R", type=float, help="learning rate at the start; default: 0.0003")
    parser.add_argument("--width", metavar="N", type=int, help="width of the network where it is not resumed")
    parser.add_argument("--seed", metavar="N", type=int, default=0)
    parser.add_argument("--device", metavar="DEVICE", default="auto", help="auto, cpu, cuda, mps; default: auto")
    parser.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto")
    parser.add_argument("--deterministic", action="store_true", help="same numbers each time on one machine; slower")
    parser.add_argument("--limit", metavar="N", type=int, help="use no more than N photos")
    parser.add_argument("--title", metavar="TEXT", default="", help="of the model, for its card")
    parser.add_argument("--data-words", metavar="TEXT", default="", help="what the photos are, for the card")
    parser.add_argument("--licence", metavar="TEXT", default="", help="of the weights, for the card")
    parser.add_argument("--quick", action="store_true", help="a minute's training, to see that all works")


def run(arguments: argparse.Namespace) -> int:
    """Train and say where the model is; 130 if interrupted, with a checkpoint left."""
    import torch

    from editor.engines.contract import Cancelled
    from editor.engines.networks.devices import choose

    _check(arguments)
    if arguments.deterministic:
        torch.use_deterministic_algorithms(True)
    device = choose(arguments.device).device
    bar = Bar()
    bar.title = arguments.network
    told = [time.monotonic()]

    def say(words: str) -> None:
        bar.clear()
        if not sys.stderr.isatty() or time.monotonic() - told[0] > 60:
            print(words, file=sys.stderr, flush=True)
            told[0] = time.monotonic()

    try:
        for path in _train(arguments, device, bar, say):
            bar.clear()
            print(path)
    except (Cancelled, KeyboardInterrupt):
        bar.clear()
        print("stopped; go on with --resume and the checkpoint.pt in the .training folder beside FILE", file=sys.stderr)
        return 130
    return 0


def _check(arguments: argparse.Namespace) -> None:
    least = {"steps": 1, "minutes": 0, "batch": 1, "size": 32, "rate": 0, "width": 4, "limit": 1}
    for name, low in least.items():
        value = getattr(arguments, name)
        if value is not None and value < low:
            raise UserError(f"--{name} is {low} or more, not {value}")
    if arguments.size is not None and arguments.size % 32:
        raise UserError(f"--size is a multiple of 32, not {arguments.size}")


def _train(arguments: argparse.Namespace, device: str, bar: Bar, say: Callable[[str], None]) -> Iterator[Path]:
    from editor.training import face_locator, runs

    train = face_locator.train if arguments.network == "face-locator" else runs.train
    order = runs.Order(
        arguments.network, tuple(arguments.data), arguments.out.with_suffix(".safetensors"), _schedule(arguments),
        config={} if arguments.width is None else {"width": arguments.width}, features=arguments.features,
        device=device, limit=arguments.limit, command=shlex.join(["pentimento", *sys.argv[1:]]), title=arguments.title,
        data_words=arguments.data_words, licence=arguments.licence)
    if arguments.quick:
        order = replace(order, config={"width": 16, **order.config}, limit=order.limit or 64)
    stages = runs.STAGES if arguments.network == "edge-connect" else (arguments.network,)
    for network in stages:
        out = order.out
        if len(stages) > 1:
            out = out.with_stem(f"{out.stem}-{network.rpartition('-')[2]}")
        resume = runs.bundled(network) if arguments.resume == "bundled" else arguments.resume
        model = train(replace(order, network=network, out=out, resume=resume and Path(resume)), bar, say)
        order = replace(order, proposer=model.path)
        yield model.path


def _schedule(arguments: argparse.Namespace) -> "Schedule":
    from editor.training import face_locator, runs
    from editor.training.loop import Schedule

    if arguments.network == "face-locator":
        usual, quick = face_locator.SCHEDULE, face_locator.QUICK
    else:
        usual, quick = Schedule(), runs.QUICK
    given = {name: getattr(arguments, name) for name in ("steps", "batch", "size", "rate", "seed", "precision")}
    if arguments.minutes is not None:
        given["seconds"] = 60 * arguments.minutes
    given = {name: value for name, value in given.items() if value is not None}
    return replace(quick if arguments.quick else usual, **given)
