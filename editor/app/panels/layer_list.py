"""The view of the stack of layers: how a row looks, and what clicks and keys on it mean."""

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QImage, QKeyEvent, QMouseEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from editor.app import thumbnails
from editor.app.icons import icon
from editor.app.panels.layer_model import LAYER, MASK_THUMBNAIL, ON_MASK, STALE, THUMBNAIL
from editor.app.theme import MUTED
from editor.document.adjustment_layers import title_of
from editor.document.layers import Layer
from editor.raster.blending import MODES, NORMAL

THUMBNAIL_SIZE = QSize(52, 38)
_ICON = 18
_TARGET = QColor(0xFF, 0xFF, 0xFF)


def eye_rect(row: QRect) -> QRect:
    return QRect(row.left() + 6, row.center().y() - _ICON // 2, _ICON, _ICON)


def lock_rect(row: QRect) -> QRect:
    return QRect(row.right() - _ICON - 4, row.center().y() - _ICON // 2, _ICON, _ICON)


def thumbnail_rect(row: QRect) -> QRect:
    return QRect(QPoint(row.left() + 32, row.center().y() - THUMBNAIL_SIZE.height() // 2), THUMBNAIL_SIZE)


def mask_rect(row: QRect) -> QRect:
    """Where the mask's thumbnail is, of a layer that has one."""
    return thumbnail_rect(row).translated(THUMBNAIL_SIZE.width() + 6, 0)


def name_rect(row: QRect, masked: bool = False) -> QRect:
    left = (mask_rect(row) if masked else thumbnail_rect(row)).right() + 9
    return QRect(left, row.top(), lock_rect(row).left() - 4 - left, row.height())


class LayerList(QListView):
    """Rows with an eye and a lock to click. Space shows or hides, Alt+Up and Alt+Down move, Delete removes."""

    visibility_toggled = Signal(str)  # layer's id, as for the others
    lock_toggled = Signal(str)
    target_chosen = Signal(str, bool)  # layer's id, whether its mask is to be worked on
    move_requested = Signal(int)  # steps up
    delete_requested = Signal()
    edit_requested = Signal(str)  # what made a layer, or what it does to those beneath

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setItemDelegate(_RowDelegate(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._toggle_at(event):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        layer = index.data(LAYER)
        on_picture = thumbnail_rect(self.visualRect(index)).contains(event.position().toPoint())
        if layer is not None and on_picture and (layer.filtered or layer.adjustment):
            self.edit_requested.emit(layer.id)
        elif not self._toggle_at(event):
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        layer = self.currentIndex().data(LAYER)
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        if layer is not None and event.key() == Qt.Key.Key_Space:
            self.visibility_toggled.emit(layer.id)
        elif layer is not None and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_requested.emit()
        elif alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.move_requested.emit(1 if event.key() == Qt.Key.Key_Up else -1)
        else:
            super().keyPressEvent(event)

    def _toggle_at(self, event: QMouseEvent) -> bool:
        index = self.indexAt(event.position().toPoint())
        layer = index.data(LAYER)
        if layer is None or event.button() != Qt.MouseButton.LeftButton:
            return False
        row = self.visualRect(index)
        for rect, signal in ((eye_rect(row), self.visibility_toggled), (lock_rect(row), self.lock_toggled)):
            if rect.adjusted(-5, -8, 5, 8).contains(event.position().toPoint()):
                signal.emit(layer.id)
                return True
        if layer.masked:
            for rect, mask in ((thumbnail_rect(row), False), (mask_rect(row), True)):
                if rect.contains(event.position().toPoint()):
                    self.target_chosen.emit(layer.id, mask)
                    return mask
        return False


class _RowDelegate(QStyledItemDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        layer: Layer | None = index.data(LAYER)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        row = option.rect
        if selected:
            painter.fillRect(row, option.palette.highlight())
        elif hovered:
            painter.fillRect(row, option.palette.midlight())
        painter.fillRect(QRect(row.left(), row.bottom(), row.width(), 1), option.palette.window())
        if layer is not None:
            icon("visible" if layer.visible else "hidden").paint(painter, eye_rect(row))
        if layer is not None and layer.adjustment is not None:
            icon(title_of(layer.adjustment).lower()).paint(painter, thumbnail_rect(row).adjusted(8, 8, -8, -8))
        else:
            self._paint_thumbnail(painter, thumbnail_rect(row), index.data(THUMBNAIL))
        if layer is not None and layer.masked:
            self._paint_mask(painter, row, index, layer, selected)
        if layer is None:
            icon("lock").paint(painter, lock_rect(row), mode=_dim(True))
        elif layer.locked or hovered or selected:
            faint = not layer.locked and not selected
            icon("lock" if layer.locked else "unlock").paint(painter, lock_rect(row), mode=_dim(faint))
        self._paint_words(painter, option, index, layer, selected)

    def _paint_mask(self, painter: QPainter, row: QRect, index: QModelIndex, layer: Layer,
                    selected: bool) -> None:
        """Its thumbnail, crossed out where it does not count; what tools work on has a frame."""
        place = mask_rect(row)
        self._paint_thumbnail(painter, place, index.data(MASK_THUMBNAIL))
        painter.setPen(QPen(_TARGET, 2))
        if not layer.mask_on:
            painter.drawLine(place.topLeft(), place.bottomRight())
            painter.drawLine(place.bottomLeft(), place.topRight())
        on_mask = index.data(ON_MASK)
        if selected:
            painter.drawRect((place if on_mask else thumbnail_rect(row)).adjusted(-2, -2, 2, 2))

    def _paint_thumbnail(self, painter: QPainter, place: QRect, image: QImage) -> None:
        pixmap = thumbnails.pixmap(image, place.size(), painter.device().devicePixelRatioF())
        size = pixmap.deviceIndependentSize().toSize()
        painter.drawPixmap(place.center() - QPoint((size.width() - 1) // 2, (size.height() - 1) // 2), pixmap)

    def _paint_words(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex, layer: Layer | None,
                     selected: bool) -> None:
        place = name_rect(option.rect, layer is not None and layer.masked)
        metrics = QFontMetrics(option.font)
        top = QRect(place.left(), place.center().y() - metrics.height(), place.width(), metrics.height())
        below = top.translated(0, metrics.height() + 2)
        hidden = layer is not None and not layer.visible
        group = QPalette.ColorGroup.Disabled if hidden and not selected else QPalette.ColorGroup.Normal
        if hidden and selected:  # the grey of what is disabled could not be read on the highlight
            painter.setOpacity(0.65)
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        painter.setPen(option.palette.color(group, role))
        name = metrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, top.width())
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(option.palette.color(group, role) if selected else MUTED)
        if layer is not None and (layer.is_fill or layer.filtered):
            mark = QRect(below.left(), below.center().y() - 6, 13, 13)
            icon("stale" if index.data(STALE) else "fill-layer" if layer.is_fill else "filter").paint(painter, mark)
            below.setLeft(mark.right() + 5)
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, metrics.elidedText(
            _details(layer, index.data(STALE)), Qt.TextElideMode.ElideRight, below.width()))
        painter.setOpacity(1)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        layer = index.data(LAYER)
        place = name_rect(option.rect, layer is not None and layer.masked)
        height = editor.sizeHint().height()
        editor.setGeometry(place.left() - 4, place.center().y() - height // 2, place.width() + 4, height)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex) -> None:
        model.setData(index, editor.text())


def _details(layer: Layer | None, stale: bool) -> str:
    """The second line of a row."""
    if layer is None:
        return "the original"
    words = ["out of date"] if stale else []
    if layer.reopened:
        words.append("reopened")
    if layer.is_fill:
        words.append(layer.recipe.variants[layer.recipe.chosen].engine if layer.recipe.variants
                     else layer.recipe.engine)
    if layer.filtered:
        words.append("filter")
    if layer.adjustment:
        words.append(title_of(layer.adjustment).lower())
    if layer.mode != NORMAL:
        words.append(MODES[layer.mode].title)
    if layer.opacity < 1:
        words.append(f"{round(layer.opacity * 100)} %")
    return " · ".join(words) or "paint"


def _dim(dim: bool) -> QIcon.Mode:
    return QIcon.Mode.Disabled if dim else QIcon.Mode.Normal
