"""The stack of layers as a list for a view: top layer first, the photograph last."""

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QSize, Qt
from PySide6.QtGui import QImage

from editor.document import layer_ops
from editor.document.document import Document
from editor.document.layers import Layer, mask_name

LAYER = Qt.ItemDataRole.UserRole  # the Layer, None for the photograph
STALE = Qt.ItemDataRole.UserRole + 1  # whether what the fill saw beneath it has changed
THUMBNAIL = Qt.ItemDataRole.UserRole + 2  # QImage; null until it has been made
MASK_THUMBNAIL = Qt.ItemDataRole.UserRole + 3  # the same, of the layer's mask
ON_MASK = Qt.ItemDataRole.UserRole + 4  # whether tools work on the mask


class LayerModel(QAbstractListModel):
    """Rows of a document's layers; editing a row's text renames, dropping a row moves its layer."""

    def __init__(self, document: Document, parent: QObject):
        super().__init__(parent)
        self._document = document
        self._ids = self._current_ids()
        self._thumbnails: dict[str | None, QImage] = {}  # of layers and, by their surfaces' names, of masks
        self._stale: frozenset[str] = frozenset()

    def refresh(self) -> None:
        """The document's layers have changed."""
        ids = self._current_ids()
        if ids == self._ids:
            self._all_changed()
            return
        self.beginResetModel()
        self._ids = ids
        kept = {*ids, *(mask_name(layer_id) for layer_id in ids if layer_id)}
        self._thumbnails = {key: image for key, image in self._thumbnails.items() if key in kept}
        self.endResetModel()

    def set_thumbnail(self, layer_id: str | None, image: QImage, mask: bool = False) -> None:
        self._thumbnails[mask_name(layer_id) if mask else layer_id] = image
        row = self.row_of(layer_id)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row), [MASK_THUMBNAIL if mask else THUMBNAIL])

    def has_thumbnail(self, surface: str) -> bool:
        return surface in self._thumbnails

    def set_stale(self, layer_ids: frozenset[str]) -> None:
        """Which fill layers no longer stand on what their fills saw."""
        self._stale = layer_ids
        self._all_changed()

    def row_of(self, layer_id: str | None) -> int:
        return self._ids.index(layer_id) if layer_id in self._ids else -1

    def layer_at(self, index: QModelIndex) -> Layer | None:
        return self._document.layer(self._ids[index.row()]) if index.isValid() else None

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        layer = self.layer_at(index)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.AccessibleTextRole):
            return layer.name if layer else "Photograph"
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(layer)
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(160, 46)
        if role == LAYER:
            return layer
        if role == STALE:
            return layer is not None and layer.id in self._stale
        if role == THUMBNAIL:
            return self._thumbnails.get(self._ids[index.row()], QImage())
        if role == MASK_THUMBNAIL:
            return self._thumbnails.get(mask_name(layer.id), QImage()) if layer is not None and layer.masked else None
        if role == ON_MASK:
            return layer is not None and self._document.painted_mask == mask_name(layer.id)
        return None

    def setData(self, index: QModelIndex, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        layer = self.layer_at(index)
        if layer is None or role != Qt.ItemDataRole.EditRole:
            return False
        layer_ops.rename(self._document, layer.id, str(value).strip())
        return True

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled  # between rows, never onto one
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        if self.layer_at(index) is not None:
            flags |= Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def moveRows(self, source_parent: QModelIndex, source: int, count: int, target_parent: QModelIndex,
                 target: int) -> bool:
        """Move one layer above the one now in row ``target``; the view calls it when a row is dropped."""
        layer_id = self._ids[source]
        if layer_id is None:
            return False
        layers = len(self._ids) - 1
        above = min(target, layers) - (source < target)  # rows above it once it is taken out
        layer_ops.move(self._document, layer_id, layers - 1 - above)
        return True

    def _current_ids(self) -> list[str | None]:
        return [layer.id for layer in reversed(self._document.layers)] + [None]

    def _all_changed(self) -> None:
        self.dataChanged.emit(self.index(0), self.index(len(self._ids) - 1))

    def _tip(self, layer: Layer | None) -> str:
        if layer is None:
            return "The photograph, which is never painted on"
        kinds = {"fill": layer.is_fill, "filter": layer.filtered, "adjustment": layer.adjustment}
        words = [layer.name, f"{next((kind for kind, own in kinds.items() if own), 'paint')} layer"]
        if layer.id in self._stale:
            words.append("out of date: the picture beneath it has changed")
        if layer.reopened:
            words.append("reopened: the next fill is its own")
        edited = "Double-click its picture to edit it; " if layer.filtered or layer.adjustment else ""
        return " · ".join(words) + f"\n{edited}Double-click its name or F2 renames, drag moves"
