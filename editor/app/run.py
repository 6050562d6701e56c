"""Starts the window."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path


def run_window(arguments: Sequence[str]) -> int:
    """Open the window, on a photograph or project if one is named; returns the exit status."""
    parser = argparse.ArgumentParser(prog="pentimento", description="Mend and change photographs by hand.")
    parser.add_argument("photo", nargs="?", type=Path, help="a photograph, or a project (.ora)")
    chosen = parser.parse_args(arguments)

    from PySide6.QtWidgets import QApplication

    from editor.app import settings, theme
    from editor.app.window import Window

    if sys.platform == "linux" and not any(
            os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        print("error: there is no screen to open a window on; `pentimento fill --help` tells what works without",
              file=sys.stderr)
        return 2
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    app.setApplicationName("Pentimento")
    app.setDesktopFileName("pentimento")
    theme.apply(app)
    # Long bursts of Python in a background thread must not hold up the pointer.
    sys.setswitchinterval(0.001)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    window = Window(settings.load())
    sys.excepthook = window.report_defect
    window.show()
    window.files.start(chosen.photo)
    return app.exec()
