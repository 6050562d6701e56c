"""An engine in a process of its own, so that its peak memory is its own and a crash costs one fill."""

import multiprocessing
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from editor.errors import UserError
from editor.evaluation.memory import peak_memory
from editor.raster.frame import Frame


@dataclass(frozen=True, eq=False)
class Order:
    """What is to be filled."""

    image: np.ndarray  # (h, w, 3) uint8 sRGB
    hole: np.ndarray  # (h, w) bool
    sketch: np.ndarray | None = None  # (h, w) uint8
    colour: np.ndarray | None = None  # (h, w, 4) uint8
    frame: Frame | None = None
    seed: int = 0


@dataclass(frozen=True)
class Cost:
    """What a fill took."""

    seconds: float  # of the whole fill, by the clock
    first: bool  # whether it was the first of its process, which loads what the engine needs
    peak_memory: float  # MiB, of the process so far
    device: str
    notes: tuple[str, ...]  # of the engine, for the user


@dataclass(frozen=True, eq=False)
class Filled:
    """What came of it."""

    picture: np.ndarray  # (h, w, 3) uint8: the image with its hole filled
    cost: Cost


class Runner:
    """Fills in a child process, one after the other; a context manager, at whose end the child is gone."""

    def __init__(self, engine: str, settings: Mapping[str, Any], device: str = "auto"):
        """Raises UserError for an engine or a setting that there is not."""
        from editor.engines.registry import find, settings_from

        settings_from(find(engine), settings)
        self._arguments = (engine, dict(settings), device)
        self._child: multiprocessing.process.BaseProcess | None = None
        self._link: Connection | None = None

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *exception: object) -> None:
        self._end()

    def fill(self, order: Order) -> Filled:
        """Raises UserError where the engine does not give a fill, whatever the reason; the next one may."""
        if self._child is None:
            self._start()
        try:
            self._link.send(order)
            answer = self._link.recv()
        except (EOFError, OSError):
            code = self._end()
            why = f"was ended by {signal.strsignal(-code)}" if code < 0 else f"ended with exit status {code}"
            raise UserError(f"its process {why}") from None
        except BaseException:  # interrupted: the child is in the middle of something
            self._end()
            raise
        if isinstance(answer, Filled):
            return answer
        raise UserError(answer)

    def _start(self) -> None:
        # A fresh interpreter: a fork would carry this one's memory along, and its threads' locks.
        context = multiprocessing.get_context("spawn")
        self._link, there = context.Pipe()
        self._child = context.Process(target=_serve, args=(there, *self._arguments), daemon=True)
        self._child.start()
        there.close()

    def _end(self) -> int:
        """End the child; its exit status, or minus the signal that had ended it."""
        if self._child is None:
            return 0
        self._link.close()
        self._child.join(0.5)  # it may be ending by itself, and then says how
        if self._child.exitcode is None:
            self._child.kill()
            self._child.join()
        code = self._child.exitcode
        self._child.close()
        self._child = self._link = None
        return code


def _serve(link: Connection, engine: str, settings: dict[str, Any], device: str) -> None:
    """The child: fill what is ordered until nobody orders any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's business, which then ends this process
    first = True
    while True:
        try:
            order = link.recv()
        except EOFError:
            return
        try:
            answer: Filled | str = _fill(order, engine, settings, device, first)
        except UserError as error:
            answer = str(error)
        except Exception as error:  # a defect of one engine is one line in the report, and the rest is measured
            answer = f"{type(error).__name__}: {error}"
        first = False
        link.send(answer)


def _fill(order: Order, name: str, given: dict[str, Any], device: str, first: bool) -> Filled:
    start = time.perf_counter()
    from editor.engines.blending import paste
    from editor.engines.filling import fill
    from editor.engines.registry import find, settings_from

    def reader(plane: np.ndarray | None):
        return None if plane is None else lambda box: plane[box.slices]

    engine = find(name)
    fills = fill(reader(order.image), order.hole.shape, order.hole.astype(np.uint8) * 255, engine,
                 sketch=reader(order.sketch), colour=reader(order.colour), frame=order.frame, seed=order.seed,
                 settings=settings_from(engine, given), device=device)
    filled = next(fills, None)
    fills.close()
    if filled is None:
        raise UserError("it found nothing to fill the hole with")
    picture = order.image.copy()
    for result in filled.results:
        paste(picture, result)
    seconds = time.perf_counter() - start
    return Filled(picture, Cost(seconds, first, peak_memory(), filled.results[0].device, filled.notes))
