"""``pentimento train``: train a network, or go on training one."""

import argparse
import contextlib
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from editor.cli.progress import Bar
from editor.errors import UserError

if TYPE_CHECKING:
    from editor.engines.contract import Progress
    from editor.training.loop import Schedule

SUMMARY = "train a network on folders of photos"
DESCRIPTION = """Train NETWORK on the photos of DIR and write FILE.safetensors and its model card FILE.json.

FILE.training/ beside it gets checkpoints, sample sheets of photos held out (a fixed tenth, by their names) and the
losses' curves. Interrupted with Ctrl+C, it leaves a checkpoint; --resume goes on from it, or starts from any model.
With --resume bundled and an album of your own photos, the network learns your faces or places in some minutes on a
graphics card, or an hour without; what comes with the program stays as it is.

  sc-fegan, scene            fill after sketch and colours: faces; everything else
  edge-connect               both stages, one after the other: FILE-edge and FILE-completion
  edge-connect-edge, edge-connect-completion     one of them
  face-locator               where a face is: DIR has portraits in faces/ and pictures without people in scenes/
  damage-finder              what is scratched, torn or dusty: photos of anything, damaged by code"""

NETWORKS = ("sc-fegan", "scene", "edge-connect", "edge-connect-edge", "edge-connect-completion", "face-locator",
            "damage-finder")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("network", metavar="NETWORK", choices=NETWORKS, help=", ".join(NETWORKS))
    parser.add_argument("--data", metavar="DIR", type=Path, action="append", required=True,
                        help="folder of photos, with those below it; may be given more than once")
    parser.add_argument("--out", metavar="FILE", type=Path, required=True, help="FILE.safetensors to write")
    parser.add_argument("--resume", metavar="FILE",
                        help="a checkpoint (.pt) to go on from, a model (.safetensors) to start from, or the word "
                             "bundled for the one that comes with the program")
    parser.add_argument("--find-faces", action=argparse.BooleanOptionalAction,
                        help="sc-fegan: find the faces in ordinary photos, and train on their frames; without it, each "
                             "photo is taken for one face's frame; default: if a model is started from")
    parser.add_argument("--edges", metavar="FILE", type=Path,
                        help="edge-connect-completion: the model of edge-connect-edge that it will be used with")
    parser.add_argument("--features", metavar="FILE", type=Path,
                        help="MobileNet v1's weights, for the perceptual and style losses")
    parser.add_argument("--steps", metavar="N", type=int, help="how many batches; default: 20000")
    parser.add_argument("--minutes", metavar="M", type=float,
                        help="end after so many minutes of training, if that is sooner")
    parser.add_argument("--batch", metavar="N", type=int, help="pictures a step; default: 16")
    parser.add_argument("--size", metavar="PX", type=int, help="side of the crops, a multiple of 32; default: 256")
    parser.add_argument("--rate", metavar="R", type=float,
                        help="learning rate at the start; default: 0.0003, or 0.0001 where a model is started from")
    parser.add_argument("--critic-from", metavar="SHARE", type=float, dest="adversarial_from",
                        help="share of the training, 0 to 1, after which the critic joins; default: 0.3")
    parser.add_argument("--width", metavar="N", type=int, help="width of the network where it is not resumed")
    parser.add_argument("--seed", metavar="N", type=int, default=0)
    parser.add_argument("--device", metavar="DEVICE", default="auto", help="auto, cpu, cuda, mps; default: auto")
    parser.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto")
    parser.add_argument("--deterministic", action="store_true",
                        help="the same weights each time on one machine; slower")
    parser.add_argument("--limit", metavar="N", type=int, help="use no more than N photos")
    parser.add_argument("--title", metavar="TEXT", default="", help="of the model, for its card")
    parser.add_argument("--data-words", metavar="TEXT", default="", help="what the photos are, for the card")
    parser.add_argument("--licence", metavar="TEXT", default="", help="of the weights, for the card")
    parser.add_argument("--quick", action="store_true", help="a minute's training, to see that all works")


def run(arguments: argparse.Namespace) -> int:
    """Train and say where the model is; 130 if interrupted, with a checkpoint left."""
    from editor.engines.contract import Cancelled
    from editor.engines.networks.devices import choose

    _check(arguments)
    device = choose(arguments.device).device
    bar = Bar()
    bar.title = arguments.network

    def say(words: str) -> None:
        bar.clear()
        print(words, file=sys.stderr, flush=True)

    try:
        with _deterministic(arguments.deterministic, device), _interruptible(bar) as progress:
            for path in _train(arguments, device, progress, say):
                bar.clear()
                print(path)
    except (Cancelled, KeyboardInterrupt):
        say("stopped; go on with --resume and the checkpoint.pt in the .training folder beside FILE, if it has got "
            "that far")
        return 130
    return 0


@contextlib.contextmanager
def _interruptible(bar: Bar) -> Iterator["Progress"]:
    """A Progress that raises Cancelled after Ctrl+C: a training ends between two steps. A second one ends it at once.
    """
    from editor.engines.contract import Cancelled

    wanted = False

    def stop(number: int, frame: object) -> None:
        nonlocal wanted
        if wanted:
            raise KeyboardInterrupt
        wanted = True

    def progress(fraction: float, words: str) -> None:
        if wanted:
            raise Cancelled
        bar(fraction, words)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield progress
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _deterministic(wanted: bool, device: str) -> Iterator[None]:
    import torch

    before = torch.are_deterministic_algorithms_enabled()
    if wanted:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what cuBLAS wants for it
        # Some operations have no other way on a graphics card: torch says so.
        torch.use_deterministic_algorithms(True, warn_only=device != "cpu")
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def _check(arguments: argparse.Namespace) -> None:
    least = {"steps": 1, "minutes": 0, "batch": 1, "size": 32, "rate": 0, "width": 4, "limit": 1}
    for name, low in least.items():
        value = getattr(arguments, name)
        if value is not None and value < low:
            raise UserError(f"--{name} is {low} or more, not {value}")
    if arguments.size is not None and arguments.size % 32:
        raise UserError(f"--size is a multiple of 32, not {arguments.size}")
    if arguments.deterministic and (arguments.minutes is not None or (arguments.quick and arguments.steps is None)):
        raise UserError("--deterministic wants --steps, not minutes: in those, one gets farther or less far")
    if arguments.resume not in (None, "bundled"):
        if arguments.network == "edge-connect":
            raise UserError("edge-connect has two stages: resume edge-connect-edge or edge-connect-completion")
        if Path(arguments.resume).suffix not in (".pt", ".safetensors"):
            raise UserError(f"{arguments.resume}: --resume takes a checkpoint (.pt), a model (.safetensors), or the "
                            "word bundled")


def _train(arguments: argparse.Namespace, device: str, progress: "Progress",
           say: Callable[[str], None]) -> Iterator[Path]:
    from editor.training import face_locator, runs

    train = face_locator.train if arguments.network == "face-locator" else runs.train
    out = arguments.out
    if out.suffix != ".safetensors":
        out = out.with_name(f"{out.name}.safetensors")
    order = runs.Order(
        arguments.network, tuple(arguments.data), out, _schedule(arguments),
        config={} if arguments.width is None else {"width": arguments.width}, proposer=arguments.edges,
        features=arguments.features, find_faces=arguments.find_faces, device=device, limit=arguments.limit,
        command=shlex.join(["pentimento", *sys.argv[1:]]), title=arguments.title, data_words=arguments.data_words,
        licence=arguments.licence)
    if arguments.quick:
        order = replace(order, config={"width": 16, **order.config}, limit=order.limit or 64)
    stages = runs.STAGES if arguments.network == "edge-connect" else (arguments.network,)
    for network in stages:
        out = order.out
        if len(stages) > 1:
            out = out.with_stem(f"{out.stem}-{network.rpartition('-')[2]}")
        resume = runs.bundled(network) if arguments.resume == "bundled" else arguments.resume
        model = train(replace(order, network=network, out=out, resume=resume and Path(resume)), progress, say)
        order = replace(order, proposer=model.path)
        yield model.path


def _schedule(arguments: argparse.Namespace) -> "Schedule":
    from editor.training import face_locator, runs
    from editor.training.loop import Schedule

    if arguments.network == "face-locator":
        usual, quick = face_locator.SCHEDULE, face_locator.QUICK
    elif (arguments.resume or ".pt").endswith(".pt"):
        usual, quick = Schedule(), runs.QUICK
    else:
        usual, quick = runs.further(Schedule()), runs.further(runs.QUICK)
    given = {name: getattr(arguments, name) for name in (
        "steps", "batch", "size", "rate", "adversarial_from", "seed", "precision")}
    if arguments.minutes is not None:
        given["seconds"] = 60 * arguments.minutes
    given = {name: value for name, value in given.items() if value is not None}
    return replace(quick if arguments.quick else usual, **given)
