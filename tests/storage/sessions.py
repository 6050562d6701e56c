"""Sessions that were killed, work to be done in them, and histories to be compared."""

import itertools
import uuid
from pathlib import Path

import cv2
import numpy as np
from projects import SHAPE, a_photo, a_variant, assert_same, noise

from editor.document import fills, layer_ops, layers
from editor.document.document import Document
from editor.document.layers import Recipe
from editor.raster import masks
from editor.raster.surface import Box
from editor.storage.recovery import recover, take_up
from editor.storage.session import Session


def write_photo(path: Path) -> Path:
    cv2.imwrite(str(path), a_photo().pixels)
    return path


def killed(session: Session) -> Path:
    """End a session as a kill would once all is written: the folder stays, unlocked."""
    session.flush()
    folder = session.folder
    session.close(discard=False)
    return folder


def recovered(folder: Path, read_photo) -> tuple[Document, Session]:
    return take_up(recover(folder, read_photo))


def work(document: Document, rng: np.random.Generator) -> None:
    """One step of some kind."""
    dtype = document.photo.pixels.dtype
    kind = rng.integers(0, 12)
    if kind > 4 and not document.layers:
        kind = 4
    if kind < 3:
        top, left = rng.integers(0, SHAPE[0] - 30), rng.integers(0, SHAPE[1] - 30)
        with document.change("Mask stroke") as change:
            change.edit("mask", Box(top, left, top + 30, left + 30), lambda part, old: noise(rng, old.shape, np.uint8))
    elif kind == 3:
        with document.change("Invert mask") as change:
            change.replace("mask", masks.invert(document.mask))
    elif kind == 4:
        layer_ops.add_paint_layer(document)
    elif kind == 5:
        layer_ops.delete(document, document.layers[int(rng.integers(0, len(document.layers)))].id)
    elif kind == 6:
        recipe = Recipe(document.mask.snapshot(), "telea", {"radius": 3}, 1, None, None,
                        (a_variant(document, rng, 1),), 0, "", f"run {rng.integers(0, 1000)}")
        fills.add_fill_layer(document, recipe)
    elif kind == 7:
        layer_ops.duplicate(document, document.layers[-1].id)
    elif kind == 8:
        layer_ops.set_opacity(document, document.layers[0].id, float(rng.random()))
    elif kind == 9 and document.layers[-1].is_fill:
        fills.append_variant(document, document.layers[-1].recipe.run, a_variant(document, rng, 2))
    elif kind == 10:
        document.go_to(int(rng.integers(0, document.history.position + 1)))
    else:
        with document.change("Stroke") as change:
            change.edit(document.layers[-1].id, Box(10, 240, 90, 280), lambda part, old: noise(rng, old.shape, dtype))


def history_of(document: Document) -> tuple[int, list[str], list]:
    """Position, names, and what the document was after every step; ends where it began."""
    position, states = document.history.position, []
    for step in range(len(document.history.commands) + 1):
        document.go_to(step)
        states.append(document.snapshot())
    document.go_to(position)
    return position, [command.name for command in document.history.commands], states


def assert_same_history(now: tuple, then: tuple) -> None:
    assert now[:2] == then[:2]
    for mine, other in zip(now[2], then[2], strict=True):
        assert_same(mine, other)


def number_layers(setattr) -> None:
    """Give layers the same ids in every program."""
    numbers = itertools.count()
    setattr(layers, "uuid4", lambda: uuid.UUID(int=next(numbers)))
