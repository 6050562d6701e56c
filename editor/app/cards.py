"""Pictures of one size with captions, in rows: the variants gallery and the start page."""

from PySide6.QtCore import QModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QResizeEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from editor.app import thumbnails
from editor.app.icons import icon
from editor.app.theme import ACCENT, MUTED

IMAGE = Qt.ItemDataRole.UserRole  # QImage; while it is null the icon called as ICON says stands for it
ICON = Qt.ItemDataRole.UserRole + 1
VALUE = Qt.ItemDataRole.UserRole + 2  # whatever the card stands for

_MARGIN = 5
_CAPTION = 20
_SPACING = 3


class CardView(QListView):
    """A gallery over its own model of cards; the selected one is framed."""

    def __init__(self, picture: QSize, name: str, parent: QWidget | None = None, whole: bool = False,
                 abreast: int = 0, greatest: int = 0):
        """``whole``: as high as all its rows, for a page that scrolls as one.

        ``abreast``: square pictures, from the side of ``picture`` up to ``greatest``, so that as many fit in a row.
        """
        super().__init__(parent, objectName=name)
        self._whole = whole
        self._abreast = abreast
        self._sides = (picture.width(), greatest)
        self.cards = QStandardItemModel(self)
        self.setModel(self.cards)
        self.setItemDelegate(_CardDelegate(picture, self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setSpacing(_SPACING)
        self.setMouseTracking(True)
        if whole:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def add_card(self, caption: str, tip: str, value: object = None, icon_name: str = "photo") -> QStandardItem:
        card = QStandardItem(caption)
        card.setToolTip(tip)
        card.setData(QImage(), IMAGE)
        card.setData(icon_name, ICON)
        card.setData(value, VALUE)
        self.cards.appendRow(card)
        return card

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._abreast:
            self._fit_abreast()
        self.fit_height()

    def _fit_abreast(self) -> None:
        """Make the pictures, which are square, as large as lets so many stand side by side next to a scroll bar."""
        width = self.width() - 2 * self.frameWidth() - self.verticalScrollBar().sizeHint().width() - _SPACING - 1
        least, greatest = self._sides
        side = max(least, min(width // self._abreast - _SPACING - 2 * _MARGIN, greatest))
        self.itemDelegate().picture = QSize(side, side)

    def fit_height(self) -> None:
        """Take the height of all rows, where that is wanted."""
        if self._whole:
            cell = self.itemDelegate().card_size + QSize(_SPACING, _SPACING)
            columns = max(1, (self.viewport().width() - _SPACING - 1) // cell.width())
            self.setFixedHeight(-(-self.cards.rowCount() // columns) * cell.height() + 2 * _SPACING)


class _CardDelegate(QStyledItemDelegate):
    def __init__(self, picture: QSize, parent: QWidget):
        super().__init__(parent)
        self.picture = picture

    @property
    def card_size(self) -> QSize:
        return self.picture + QSize(2 * _MARGIN, 2 * _MARGIN + _CAPTION)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return self.card_size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        place = QRect(option.rect.topLeft() + QPoint(_MARGIN, _MARGIN), self.picture)
        enabled = bool(option.state & QStyle.StateFlag.State_Enabled)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = enabled and bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.fillRect(place, option.palette.alternateBase())
        painter.setOpacity(1.0 if enabled else 0.4)
        pixmap = thumbnails.pixmap(index.data(IMAGE), place.size(), painter.device().devicePixelRatioF())
        if pixmap.isNull():
            side = min(36, place.height() // 2)
            icon(index.data(ICON)).paint(painter, place.center().x() - side // 2, place.center().y() - side // 2,
                                         side, side)
        else:
            size = pixmap.deviceIndependentSize().toSize()
            painter.drawPixmap(place.center() - QPoint((size.width() - 1) // 2, (size.height() - 1) // 2), pixmap)
        painter.setPen(option.palette.text().color() if selected or hovered else MUTED)
        caption = QRect(option.rect.left(), place.bottom() + 2, option.rect.width(), _CAPTION)
        painter.drawText(caption, Qt.AlignmentFlag.AlignCenter, option.fontMetrics.elidedText(
            index.data(), Qt.TextElideMode.ElideMiddle, caption.width()))
        if selected or hovered:
            painter.setPen(QPen(ACCENT.lighter(140) if selected else MUTED, 2))
            painter.drawRect(place.adjusted(-1, -1, 0, 0))
        painter.setOpacity(1.0)
