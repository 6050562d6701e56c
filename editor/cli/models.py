"""``pentimento models``: the weights that there are."""

import argparse
import json

SUMMARY = "list the networks' weights: those that come with the program and your own"
DESCRIPTION = """List the weights that there are, which of them are in use, and what is wrong with the broken ones.

Others are added, chosen and removed in the window: Models > Models…"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true",
                        help="as a list of objects with name, title, bundled, in_use, file, fault and card")


def run(arguments: argparse.Namespace) -> int:
    from dataclasses import asdict

    from editor.engines.networks.cards import NETWORKS
    from editor.engines.networks.store import in_use, models

    there = models()
    used = [model.path for model in in_use(there).values()]
    if arguments.json:
        print(json.dumps([{
            "name": model.name, "title": model.title, "bundled": model.bundled, "in_use": model.path in used,
            "file": str(model.path), "fault": model.fault, "card": model.card and asdict(model.card),
        } for model in there], indent=2))
        return 0
    for model in there:
        print(f"{model.name:24} {model.title}{'' if model.bundled else ' (your own)'}")
        words = NETWORKS[model.card.network].title if model.card else ""
        print(f"{'':24} {words}{', in use' if model.path in used else ''}" if not model.fault else
              f"{'':24} not usable: {model.fault}")
    return 0
