"""The gallery: variants of the active fill layer, and fills that wait for the user's decision."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from editor.app import thumbnails
from editor.app.cards import IMAGE, CardView
from editor.app.icons import icon
from editor.app.panels.recipe import resolution
from editor.document import fills
from editor.document.document import Document
from editor.document.layers import Layer, Variant
from editor.errors import UserError

_LEAST, _GREATEST = 64, 150  # side of a picture
_LATER_MS = 120

Waiting = tuple[str, QImage | np.ndarray, str]
"""Title, picture (a QImage or (h, w, 3) uint8 sRGB) and key of a fill that waits."""


class VariantsPanel(QWidget):
    """Click a variant, or walk to it with the arrow keys, to show it on the canvas."""

    failed = Signal(str)
    waiting_chosen = Signal(str)  # key
    waiting_dismissed = Signal(str)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="variants")
        self._document: Document | None = None
        self._shown: tuple[Variant, ...] = ()  # what the gallery's items are for
        self._outdated: list[int] = []  # rows whose picture is to be made
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._make_thumbnail)
        self.list = CardView(QSize(_LEAST, _LEAST), "variant-list", abreast=3, greatest=_GREATEST)
        self.list.setAccessibleName("Variants")
        self.list.selectionModel().currentChanged.connect(self._chosen)
        self.hint = QLabel(objectName="variants-hint", alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.hint.setProperty("muted", True)
        self._waiting = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addLayout(self._waiting)
        layout.addWidget(self.hint, 1)
        layout.addWidget(self.list, 1)
        self.set_document(None)

    def sizeHint(self) -> QSize:
        return QSize(300, 170)

    def set_document(self, document: Document | None) -> None:
        """Show another document, or none."""
        if self._document is not None:
            self._document.layers_changed.disconnect(self._refresh)
            self._document.recipes_changed.disconnect(self._refresh)
            self._document.stepped.disconnect(self._redo_thumbnails)
        self._document = document
        if document is not None:
            document.layers_changed.connect(self._refresh)
            document.recipes_changed.connect(self._refresh)
            document.stepped.connect(self._redo_thumbnails)
        self._refresh()

    def set_waiting(self, waiting: Sequence[Waiting]) -> None:
        """Show the fills that arrived after the picture under their holes had changed."""
        while self._waiting.count():
            gone = self._waiting.takeAt(0).widget()
            gone.hide()
            gone.deleteLater()
        for title, picture, key in waiting:
            image = thumbnails.to_image(picture) if isinstance(picture, np.ndarray) else picture
            card = WaitingCard(title, image, self)
            card.chosen.connect(lambda key=key: self.waiting_chosen.emit(key))
            card.dismissed.connect(lambda key=key: self.waiting_dismissed.emit(key))
            self._waiting.addWidget(card)

    def _layer(self) -> Layer | None:
        layer = self._document.layer(self._document.active) if self._document else None
        return layer if layer is not None and layer.is_fill else None

    def _refresh(self) -> None:
        layer = self._layer()
        self.list.setVisible(layer is not None)
        self.hint.setVisible(layer is None)
        self.hint.setText("Select a fill layer to see its variants." if self._document and any(
            one.is_fill for one in self._document.layers) else "Variants of a fill appear here.")
        variants = layer.recipe.variants if layer else ()
        selection = self.list.selectionModel()
        blocked = selection.blockSignals(True)  # what happens here is not a choice of the user
        if variants != self._shown:
            self._fill_gallery(variants)
        if layer:
            self.list.setCurrentIndex(self.list.cards.index(layer.recipe.chosen, 0))
            self.list.viewport().update()
        selection.blockSignals(blocked)

    def _fill_gallery(self, variants: tuple[Variant, ...]) -> None:
        kept = {id(variant): self.list.cards.item(row).data(IMAGE) for row, variant in enumerate(self._shown)}
        self.list.cards.clear()
        for number, variant in enumerate(variants, start=1):
            card = self.list.add_card(f"{number} · {variant.engine}", _tip(number, variant))
            card.setData(kept.get(id(variant), QImage()), IMAGE)
        self._shown = variants
        self._redo_thumbnails()

    def _redo_thumbnails(self) -> None:
        if self._shown:
            self._outdated = list(range(len(self._shown)))
            self._later.start(_LATER_MS)

    def _make_thumbnail(self) -> None:
        """One, then the event loop again: the fill of half a large photograph takes a while to look through."""
        layer = self._layer()
        if layer is None or not self._outdated:
            return
        row = self._outdated.pop(0)
        variants = layer.recipe.variants
        image = thumbnails.variant_image(self._document, variants[row], thumbnails.variants_box(
            self._document, variants), layer.id, round(_GREATEST * self.devicePixelRatioF()), layer.mode)
        self.list.cards.item(row).setData(image, IMAGE)
        if self._outdated:
            self._later.start(0)

    def _chosen(self, current: QModelIndex) -> None:
        layer = self._layer()
        if layer is None or not current.isValid() or current.row() == layer.recipe.chosen:
            return
        try:
            fills.choose_variant(self._document, layer.id, current.row())
        except UserError as error:
            self.failed.emit(str(error))
            self._refresh()


class WaitingCard(QFrame):
    """A fill that waits, with its picture: take it after all, or let it go."""

    chosen = Signal()
    dismissed = Signal()

    def __init__(self, title: str, image: QImage, parent: QWidget | None = None):
        super().__init__(parent, objectName="waiting")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        picture = QLabel()
        picture.setPixmap(thumbnails.pixmap(image, QSize(52, 52), self.devicePixelRatioF()))
        words = QLabel(f"<b>{title}</b><br>The picture changed while it was filled.", wordWrap=True)
        use = QToolButton(objectName="waiting-use", text="Use", toolTip="Put this fill on the canvas")
        dismiss = QToolButton(objectName="waiting-dismiss", icon=icon("dismiss"), toolTip="Let this fill go")
        dismiss.setAccessibleName("Dismiss")
        use.clicked.connect(lambda: self.chosen.emit())
        dismiss.clicked.connect(lambda: self.dismissed.emit())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(picture)
        layout.addWidget(words, 1)
        layout.addWidget(use)
        layout.addWidget(dismiss)


def _tip(number: int, variant: Variant) -> str:
    lines = [f"Variant {number}: {variant.engine}", f"seed {variant.seed} · {variant.seconds:.2f} s · {variant.device}"]
    lines += filter(None, (resolution(variant), *variant.notes, "Click or arrow keys show it"))
    return "\n".join(lines)
