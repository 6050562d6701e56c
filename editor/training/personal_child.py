"""The process in which a network learns from the user's photos: ``python -m editor.training.personal_child FOLDER``.

It is told "pause", "go" and "keep", a line each, on its standard input, whose end means: stop, and leave a checkpoint,
so that it also ends when the window is killed. It answers with lines of JSON: {"share", "words"} of progress, {"note"},
{"learning"} once there is something to keep, and at last {"model"} with the path of the model's weights, or {"error"}.
"""

import contextlib
import json
import os
import shutil
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from editor.engines.contract import Cancelled
from editor.engines.networks import store
from editor.engines.networks.store import Model
from editor.errors import UserError
from editor.storage.session_folder import Lock
from editor.training import personal
from editor.training.personal import Wish

NICENESS = 10  # the window comes first
PHOTOS = 1500  # at most, from all along an album: they take memory
PHOTOS_A_MINUTE = 40  # nor more than that: reading them must not take longer than the training


class Orders:
    """What the window wants, and whether it has been told of the first step; read by the training between two steps."""

    def __init__(self) -> None:
        self.keep = self.stop = self.learning = False
        self._go = threading.Event()
        self._go.set()

    def listen(self, lines: Iterable[str]) -> None:
        """Take orders until there are no more."""
        for line in lines:
            word = line.strip()
            if word == "pause":
                self._go.clear()
                continue
            self.keep |= word == "keep"
            self._go.set()
        self.stop = True
        self._go.set()

    def obey(self) -> None:
        """Wait while it is paused. Raises Cancelled when it is to stop."""
        self._go.wait()
        if self.stop:
            raise Cancelled


def learn(wish: Wish, orders: Orders, tell: "Tell") -> Model:
    """Train as wished, from the checkpoint if there is one. Raises UserError and Cancelled."""
    import torch

    from editor.engines.networks.devices import choose
    from editor.training import runs
    from editor.training.loop import Schedule

    def progress(share: float, words: str) -> None:
        tell(share=share, words=words)
        orders.obey()

    def enough() -> bool:  # asked after each step
        if not orders.learning:
            orders.learning = True
            tell(learning=True)
        return orders.keep

    progress(0.0, "Starting")
    torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
    device = choose(wish.device).device
    begun = personal.begun(wish)
    try:
        parent = store.find_model(wish.network, wish.parent)
    except UserError:
        if not begun:
            raise
        parent = None  # it is not needed any more
    schedule = Schedule(steps=10**9, seconds=60 * wish.minutes, batch=8, size=128)
    if device != "cpu":
        schedule = Schedule(steps=10**9, seconds=60 * wish.minutes, batch=16, size=256)
    order = runs.Order(
        wish.network, (Path(wish.photos),), wish.folder.with_suffix(store.SUFFIX), runs.further(schedule),
        resume=wish.folder / personal.CHECKPOINT if begun else parent.path, device=device,
        limit=min(PHOTOS, round(100 + PHOTOS_A_MINUTE * wish.minutes)), title=wish.title,
        command="Models > Personalise…", licence=parent.card.licence if parent else "")
    return runs.train(order, progress, lambda words: tell(note=words), enough)


class Tell:
    """Lines of JSON; nobody may be there to read them."""

    def __init__(self, out: TextIO):
        self._out = out

    def __call__(self, **what: Any) -> None:
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(what), file=self._out, flush=True)


def main(folder: Path) -> int:
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    # What a library prints goes to the log, with the errors.
    tell, orders = Tell(os.fdopen(os.dup(sys.stdout.fileno()), "w")), Orders()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.Thread(target=orders.listen, args=(sys.stdin,), name="orders", daemon=True).start()
    try:
        wish = personal.read(folder)
        try:
            lock = Lock(folder)
        except OSError:
            raise UserError(f"“{wish.title}” is being trained already") from None
        model = learn(wish, orders, tell)
        lock.release()
    except UserError as error:
        tell(error=str(error))
        return 2
    except Cancelled:
        return 0
    shutil.rmtree(folder, ignore_errors=True)
    tell(model=str(model.path))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
