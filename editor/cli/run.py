"""``pentimento COMMAND …``: reads the command line, runs the command, turns errors into one line."""

import argparse
import importlib
import os
import sys
from typing import NoReturn

from editor.cli.commands import COMMANDS
from editor.errors import UserError

_DESCRIPTION = """Mend and change photographs: fill, redraw and restore parts of them by mask, sketch and colour.

  pentimento [PHOTO | PROJECT.ora]    opens the window
  pentimento COMMAND …                does the same work without one"""


class _Parser(argparse.ArgumentParser):
    """Raises UserError instead of printing usage and exiting."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message} (see {self.prog} --help)")


def run(arguments: list[str]) -> int:
    """Run the command that ``arguments`` name and return the exit status.

    0: done. 2: an error of the user's, printed as one line ``error: …`` on standard error. 130: interrupted.
    """
    for stream in (sys.stdout, sys.stderr):  # a name that the terminal cannot show is no reason to stop
        stream.reconfigure(errors="backslashreplace")
    try:
        parsed = _parser().parse_args(arguments)
        return parsed.module.run(parsed)
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    except UserError as error:
        return fail(error)
    except MemoryError:
        return fail("there is not enough memory for this photo")
    except BrokenPipeError:  # whoever read our output has gone: nothing left to say, not even when flushing
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}" if error.filename else error.strerror or error)
    except KeyboardInterrupt:
        return 130


def fail(message: object) -> int:
    """Print one line and return the exit status of an error."""
    print("error:", " ".join(str(message).split()), file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="pentimento", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"pentimento {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)
    for name, module_name in COMMANDS.items():
        module = importlib.import_module(module_name)
        command = commands.add_parser(name, help=module.SUMMARY, description=module.DESCRIPTION,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
        module.add_arguments(command)
        command.set_defaults(module=module)
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("pentimento")
    except PackageNotFoundError:
        return "(not installed: run from its source folder)"
