"""Documents for the panels, and folders of their own instead of the user's."""

import numpy as np
import pytest
from app_documents import SHAPE, gradient, paint, variant
from PySide6.QtWidgets import QWidget

from editor.document import fills, layer_ops
from editor.document.document import MASK, Document
from editor.document.layers import Recipe
from editor.document.photo import Photo
from editor.raster import masks


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Nothing is read from or written to the user's own settings."""
    monkeypatch.setenv("PENTIMENTO_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("PENTIMENTO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PENTIMENTO_DATA", str(tmp_path / "data"))


@pytest.fixture
def window(qtbot) -> QWidget:
    """An empty one, for dialogs to belong to."""
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget


@pytest.fixture
def document(qapp) -> Document:
    """A photograph on which nothing has been done."""
    return Document(Photo(gradient()))


@pytest.fixture
def filled(document) -> Document:
    """With a fill layer of three variants: active, and made by one step after that of its mask."""
    plane = np.zeros(SHAPE, np.uint8)
    plane[50:90, 80:140] = 255
    mask = masks.from_array(plane)
    with document.change("Mask brush") as change:
        change.replace(MASK, mask)
    variants = (variant(60), variant(120, seed=2), variant(200, engine="ns", seed=3))
    fills.add_fill_layer(document, Recipe(mask, "auto", {"grain": 0.5}, 1, variants=variants, run="first"))
    return document


@pytest.fixture
def stacked(document) -> Document:
    """With three paint layers, the lowest red, the uppermost active."""
    for _ in range(3):
        layer_ops.add_paint_layer(document)
    paint(document, document.layers[0].id, (255, 0, 0, 255))
    return document
