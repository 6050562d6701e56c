"""``pentimento engines``: what there is to fill with."""

import argparse
import json

SUMMARY = "list the engines, what they can use and their settings"
DESCRIPTION = "List the engines that can fill a hole: what guidance they can use, and their settings with ranges."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true",
                        help="as a list of objects with name, title, uses, settings and card")


def run(arguments: argparse.Namespace) -> int:
    from editor.engines.registry import describe, engines

    described = [describe(engine) for engine in engines()]
    if arguments.json:
        print(json.dumps(described, indent=2))
        return 0
    for engine in described:
        print(f"{engine['name']:12} {engine['title']}")
        print(f"{'':12} uses: {', '.join(engine['uses']) or 'the mask alone'}")
        for setting in engine["settings"]:
            print(f"{'':12} --set {setting['name']}={setting['default']}{_range(setting)}  {setting.get('help', '')}")
    return 0


def _range(setting: dict) -> str:
    if "choices" in setting:
        return f" ({', '.join(map(str, setting['choices']))})"
    if "min" not in setting or "max" not in setting:
        return ""
    return f" ({setting['min']} to {setting['max']}{' ' + setting['unit'] if 'unit' in setting else ''})"
