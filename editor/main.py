"""Where the program starts: a command without a window, or the window."""

import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``pentimento ARGUMENTS`` and return its exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    # Before numpy is loaded: OpenBLAS's threads would spin beside the ones that fill regions side by side.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # The command line and the window each stay off the other's start-up path.
    from editor.cli.commands import COMMANDS

    if arguments and (arguments[0] in COMMANDS or arguments[0] in ("-h", "--help", "--version")):
        from editor.cli.run import run

        return run(arguments)
    from editor.app.run import run_window

    return run_window(arguments)
