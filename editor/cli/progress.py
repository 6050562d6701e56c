"""A progress bar on a terminal."""

import shutil
import sys
import time


class Bar:
    """One line on standard error that is drawn over again; nothing where that is no terminal.

    Can be handed on as a Progress of the engines.
    """

    def __init__(self) -> None:
        self.title = ""
        self._shown = sys.stderr.isatty()
        self._last = 0.0

    def __call__(self, fraction: float, words: str) -> None:
        now = time.monotonic()
        if not self._shown or (now - self._last < 0.1 and fraction < 1):
            return
        self._last = now
        full = round(24 * fraction)
        line = f"{self.title} [{'#' * full}{'.' * (24 - full)}] {fraction:4.0%} {words}"
        print(f"\r\033[K{line[:shutil.get_terminal_size().columns - 1]}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Give the line back to whatever is printed next."""
        if self._shown and self._last:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._last = 0.0
