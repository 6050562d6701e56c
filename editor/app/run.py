"""Starts the window."""

import argparse
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_FRAME = (20, 60)  # room that a desktop's frame round a window may take; it is known only once the window is up


def run_window(arguments: Sequence[str]) -> int:
    """Open the window, on a photograph or project if one is named; returns the exit status."""
    parser = argparse.ArgumentParser(prog="pentimento", description="Mend and change photographs by hand.")
    parser.add_argument("photo", nargs="?", type=Path, help="a photograph, or a project (.ora)")
    chosen = parser.parse_args(arguments)

    if sys.platform == "linux" and not any(
            os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        print("error: there is no screen to open a window on; `pentimento fill --help` tells what works without",
              file=sys.stderr)
        return 2
    # First of all, so that the decoder's libraries load while the window is made.
    from editor.storage.photos import Decoder

    decoder = Decoder()
    with contextlib.suppress(OSError):  # opening a photograph tries again, and tells
        decoder.start()

    from PySide6.QtCore import QSize
    from PySide6.QtWidgets import QApplication

    from editor.app import settings, theme
    from editor.app.collector import Collector
    from editor.app.window import Window

    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    app.setApplicationName("Pentimento")
    app.setDesktopFileName("pentimento")
    theme.apply(app)
    # Long bursts of Python in a background thread must not hold up the pointer.
    sys.setswitchinterval(0.001)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    stored = settings.load()
    window = Window(stored, decoder)
    if not stored.geometry:  # the line at the bottom must be in sight, with the frame round the window
        window.resize(window.size().boundedTo(window.screen().availableSize() - QSize(*_FRAME)))
    sys.excepthook = window.report_defect
    window.show()
    window.files.start(chosen.photo)
    Collector(window)
    return app.exec()
