"""The layers panel."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from editor.app import thumbnails
from editor.app.icons import icon
from editor.app.panels.layer_list import THUMBNAIL_SIZE, LayerList
from editor.app.panels.layer_model import LAYER, LayerModel
from editor.app.panels.opacity import OpacityControl
from editor.document import layer_masks, layer_ops
from editor.document.document import Document
from editor.document.layers import Layer, mask_name
from editor.errors import UserError
from editor.raster.blending import MODES, NORMAL

_LATER_MS = 250  # thumbnails follow what is painted after this long


class ModeBox(QComboBox):
    """Passes the wheel by: scrolled over, it would make a step of the history at each notch."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class LayersPanel(QWidget):
    """The stack of one document: top layer first, the photograph last. Every action is one step of the history."""

    failed = Signal(str)
    reopen_requested = Signal(str)  # layer's id
    edit_requested = Signal(str)  # the same: of a filter or an adjustment

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="layers")
        self._document: Document | None = None
        self._model: LayerModel | None = None
        self._outdated: set[str | None] = set()
        self._later = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._later.timeout.connect(self._make_thumbnails)
        self._build()
        self.set_document(None)

    def set_document(self, document: Document | None) -> None:
        """Show another document, or none."""
        if self._document is not None:
            self._document.layers_changed.disconnect(self._refresh)
            self._document.tiles_changed.disconnect(self._tiles_changed)
            self._document.reshaped.disconnect(self._all_outdated)
        self._later.stop()
        self._outdated.clear()
        old, self._model = self._model, None
        self._document = document
        self.list.setModel(None)
        if old is not None:
            old.deleteLater()
        if document is not None:
            self._model = LayerModel(document, self)
            self.list.setModel(self._model)
            self.list.selectionModel().currentChanged.connect(self._current_changed)
            document.layers_changed.connect(self._refresh)
            document.tiles_changed.connect(self._tiles_changed)
            document.reshaped.connect(self._all_outdated)
            self._outdated.add(None)
        self._refresh()

    def set_stale(self, layer_ids: frozenset[str]) -> None:
        """Mark the fill layers whose ground has changed since they were filled."""
        if self._model is not None:
            self._model.set_stale(layer_ids)

    def _build(self) -> None:
        self.list = LayerList()
        self.list.setObjectName("layer-list")
        self.list.setAccessibleName("Layers")
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.visibility_toggled.connect(self._toggle_visible)
        self.list.lock_toggled.connect(self._toggle_locked)
        self.list.target_chosen.connect(lambda layer_id, mask: self._document.activate(layer_id, mask))
        self.list.move_requested.connect(self._move)
        self.list.edit_requested.connect(self.edit_requested)
        self.mode = ModeBox(objectName="blend-mode", toolTip="Blend mode: how the layer meets what is beneath it")
        for mode in MODES.values():
            self.mode.addItem(mode.title, mode.name)
        self.mode.setAccessibleName("Blend mode")
        self.mode.activated.connect(lambda row: self._do(
            lambda layer: layer_ops.set_mode(self._document, layer.id, self.mode.itemData(row))))
        self.opacity = OpacityControl()

        self.actions_by_name = {
            "add-layer": self._action("add-layer", "Add paint layer", "An empty layer to paint on", self._add),
            "duplicate": self._action("duplicate", "Duplicate layer", "A copy above it", lambda: self._do(
                lambda layer: layer_ops.duplicate(self._document, layer.id))),
            "up": self._action("up", "Move up", "Move the layer up", lambda: self._move(1), "Alt+Up"),
            "down": self._action("down", "Move down", "Move the layer down", lambda: self._move(-1), "Alt+Down"),
            "merge-down": self._action("merge-down", "Merge down", "Blend it into the layer beneath", lambda: self._do(
                lambda layer: layer_ops.merge_down(self._document, layer.id))),
            "flatten": self._action("flatten", "Flatten", "All visible layers become one",
                                    lambda: self._guarded(lambda: layer_ops.flatten(self._document))),
            "delete": self._action("delete", "Delete layer", "Remove the layer", lambda: self._do(
                lambda layer: layer_ops.delete(self._document, layer.id)), "Del"),
            "rename": self._action(None, "Rename", "Give the layer another name",
                                   lambda: self.list.edit(self.list.currentIndex()), "F2"),
            "visible": self._action("visible", "Show or hide", "Show or hide the layer", lambda: self._do(
                lambda layer: self._toggle_visible(layer.id)), "Space"),
            "lock": self._action("lock", "Lock or unlock", "A locked layer is neither painted on nor filled again",
                                 lambda: self._do(lambda layer: self._toggle_locked(layer.id))),
            "layer-mask": self._action("layer-mask", "Layer mask", "Add a mask: eraser hides, paint brush shows",
                                       lambda: self._do(lambda layer: layer_masks.add(self._document, layer.id))),
            "mask-from-mask": self._action(None, "Layer mask from the mask", "Show only what the mask covers",
                                           lambda: self._do(lambda layer: layer_masks.add(
                                               self._document, layer.id, self._document.mask))),
            "invert-mask": self._action(None, "Invert layer mask", "Show what it hides, hide what it shows",
                                        lambda: self._do(lambda layer: layer_masks.invert(self._document, layer.id))),
            "mask-on": self._action(None, "Use layer mask", "Use the mask, or do without", lambda: self._do(
                lambda layer: layer_masks.set_on(self._document, layer.id, not layer.mask_on))),
            "apply-mask": self._action(None, "Apply layer mask", "What it hides goes for good", lambda: self._do(
                lambda layer: layer_masks.apply(self._document, layer.id))),
            "delete-mask": self._action(None, "Delete layer mask", "The whole layer is shown again", lambda: self._do(
                lambda layer: layer_masks.remove(self._document, layer.id))),
            "reopen": self._action("reopen", "Reopen fill", "Bring its mask and guidance back to fill it again",
                                   lambda: self._do(lambda layer: self.reopen_requested.emit(layer.id))),
            "edit": self._action(None, "Edit…", "Other settings for the filter or adjustment that it is",
                                 lambda: self._do(lambda layer: self.edit_requested.emit(layer.id))),
        }
        self.list.delete_requested.connect(self.actions_by_name["delete"].trigger)

        blending = QHBoxLayout()
        blending.addWidget(self.mode)
        blending.addWidget(self.opacity, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(1)
        for name in ("add-layer", "layer-mask", "duplicate", "up", "down", "merge-down", "flatten"):
            buttons.addWidget(self._button(name))
        buttons.addStretch(1)
        buttons.addWidget(self._button("delete"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 4)
        layout.setSpacing(5)
        layout.addLayout(blending)
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)

    def _action(self, icon_name: str | None, text: str, tip: str, run: Callable[[], object],
                key: str | None = None) -> QAction:
        action = QAction(text, self)
        if icon_name:
            action.setIcon(icon(icon_name))
        action.setToolTip(f"{text}: {tip[0].lower()}{tip[1:]}" + (f" ({key})" if key else ""))
        if key:
            # Shown only: the list itself acts on it, so that it means nothing on the canvas.
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: run())
        return action

    def _button(self, name: str) -> QToolButton:
        button = QToolButton(objectName=f"layer-{name}", autoRaise=True)
        button.setDefaultAction(self.actions_by_name[name])
        return button

    def _active(self) -> Layer | None:
        return self._document.layer(self._document.active) if self._document else None

    def _do(self, run: Callable[[Layer], object]) -> None:
        layer = self._active()
        if layer is not None:
            self._guarded(lambda: run(layer))

    def _guarded(self, run: Callable[[], object]) -> None:
        try:
            run()
        except UserError as error:
            self.failed.emit(str(error))

    def _add(self) -> None:
        layer_ops.add_paint_layer(self._document)

    def _toggle_visible(self, layer_id: str) -> None:
        layer_ops.set_visible(self._document, layer_id, not self._document.layer(layer_id).visible)

    def _toggle_locked(self, layer_id: str) -> None:
        layer_ops.set_locked(self._document, layer_id, not self._document.layer(layer_id).locked)

    def _move(self, up: int) -> None:
        self._do(lambda layer: layer_ops.move(
            self._document, layer.id, max(0, self._document.layers.index(layer) + up)))

    def _show_menu(self, place: QPoint) -> None:
        index = self.list.indexAt(place)
        if index.isValid():
            self.list.setCurrentIndex(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in ("add-layer", "duplicate", "rename", "visible", "lock", None, "reopen", "edit", None,
                     "layer-mask", "mask-from-mask", "invert-mask", "mask-on", "apply-mask", "delete-mask", None,
                     "up", "down", None, "merge-down", "flatten", None, "delete"):
            menu.addAction(self.actions_by_name[name]) if name else menu.addSeparator()
        menu.popup(self.list.viewport().mapToGlobal(place))

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            layer = current.data(LAYER)
            if (layer and layer.id) != self._document.active:
                self._document.activate(layer and layer.id)

    def _refresh(self) -> None:
        """The layers or the choice among them have changed."""
        layer = self._active()
        if self._model is not None:
            selection = self.list.selectionModel()
            blocked = selection.blockSignals(True)  # a reset row is not a choice of the user
            self._model.refresh()
            selection.blockSignals(blocked)
            row = self._model.row_of(self._document.active)
            if self.list.currentIndex().row() != row:
                self.list.setCurrentIndex(self._model.index(row))
            self._outdated.update(one.id for one in self._document.layers if not (self._model.has_thumbnail(
                one.id) and (not one.masked or self._model.has_thumbnail(mask_name(one.id)))))
            self._ask_for_thumbnails()
        self.opacity.show_layer(self._document, layer.id if layer else None)
        self.mode.setEnabled(layer is not None)
        self.mode.setCurrentIndex(self.mode.findData(layer.mode if layer else NORMAL))
        self._enable(layer)

    def _enable(self, layer: Layer | None) -> None:
        layers = self._document.layers if self._document else ()
        able = dict.fromkeys(self.actions_by_name, layer is not None)
        able["add-layer"] = self._document is not None
        able["flatten"] = bool(layers)
        able["up"] = layer is not None and layers[-1] is not layer
        able["down"] = layer is not None and layers[0] is not layer
        able["merge-down"] = layer is not None and layer_ops.can_merge_down(self._document, layer.id)
        masked = layer is not None and layer.masked
        able["layer-mask"] = layer is not None and not masked
        able["mask-from-mask"] = layer is not None and bool(self._document.mask.keys())
        able |= dict.fromkeys(("invert-mask", "mask-on", "apply-mask", "delete-mask"), masked)
        able["reopen"] = layer is not None and layer.is_fill and not layer.locked
        if layer is not None and layer.adjustment is not None:
            able["apply-mask"] = False
        able["edit"] = layer is not None and bool(layer.filtered or layer.adjustment) and not layer.locked
        for name, action in self.actions_by_name.items():
            action.setEnabled(able[name])

    def _tiles_changed(self, surface: str, keys: frozenset) -> None:
        self._outdated.update(layer.id for layer in self._document.layers if surface in (layer.id, mask_name(layer.id)))
        self._ask_for_thumbnails()

    def _all_outdated(self) -> None:
        self._outdated = {None, *(layer.id for layer in self._document.layers)}
        self._ask_for_thumbnails()

    def _ask_for_thumbnails(self) -> None:
        if self._outdated and not self._later.isActive():
            self._later.start()

    def _make_thumbnails(self) -> None:
        """The outdated ones, at the screen's own resolution."""
        side = round(THUMBNAIL_SIZE.width() * self.devicePixelRatioF())
        outdated, self._outdated = self._outdated, set()
        for layer_id in outdated:
            if layer_id is None:
                self._model.set_thumbnail(None, thumbnails.photo_image(self._document, side))
            elif self._document.layer(layer_id) is not None:
                self._model.set_thumbnail(layer_id, thumbnails.layer_image(self._document, layer_id, side))
                if self._document.layer(layer_id).masked:
                    image = thumbnails.mask_image(self._document, layer_id, side)
                    self._model.set_thumbnail(layer_id, image, mask=True)
