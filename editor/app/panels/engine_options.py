"""Which engine fills, with which settings, how many variants."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from editor.app.icons import icon
from editor.app.panels.popup import Popup
from editor.app.panels.setting_controls import Control, control_for, title_of
from editor.document.layers import MAX_VARIANTS
from editor.engines.contract import Engine
from editor.engines.registry import engines, settings_fields, settings_from
from editor.errors import UserError


class EngineOptions(QWidget):
    """The engine's name, a button that opens its settings, and the number of variants."""

    changed = Signal()
    edges_wanted = Signal()  # that the engine proposes its edges

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="engine-options")
        self._engines: tuple[Engine, ...] = ()
        self._settings: dict[str, dict[str, Any]] = {}  # by engine; only what differs from its defaults
        self.engine = QComboBox(objectName="engine", toolTip="Engine: what fills the hole")
        self.engine.setAccessibleName("Engine")
        self.settings = QToolButton(objectName="engine-settings", icon=icon("settings"),
                                    toolTip="Settings of the engine")
        self.settings.setAccessibleName("Settings of the engine")
        self.edges = QToolButton(objectName="engine-edges", icon=icon("propose-edges"), toolTip=(
            "Propose edges for the mask, to be chosen from and changed before filling (Ctrl+Shift+P)"))
        self.edges.setAccessibleName("Propose edges")
        self.edges.clicked.connect(lambda: self.edges_wanted.emit())
        self.variants = QSpinBox(objectName="variant-count", minimum=1, maximum=MAX_VARIANTS)
        self.variants.setAccessibleName("Variants")
        self._variants_label = QLabel("Variants")
        self._variants_label.setProperty("muted", True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.engine, self.settings, self.edges, self._variants_label, self.variants):
            layout.addWidget(widget)
        self.variants.valueChanged.connect(self.changed)
        self.settings.clicked.connect(self._open_settings)
        self.refresh()
        self.engine.currentIndexChanged.connect(self._engine_changed)

    def refresh(self) -> None:
        """List the engines that there are now; the choice stays, while it is there."""
        name, self._engines = self.engine.currentData(), engines()
        blocked = self.engine.blockSignals(True)
        self.engine.clear()
        for one in self._engines:
            self.engine.addItem(one.title, one.name)
            self.engine.setItemData(self.engine.count() - 1, one.card, Qt.ItemDataRole.ToolTipRole)
        self.engine.setCurrentIndex(max(0, self.engine.findData(name)))
        self.engine.blockSignals(blocked)
        self._engine_changed()

    def choice(self) -> tuple[str, dict[str, Any], int]:
        """Name of the engine, the settings that differ from its defaults, number of variants."""
        engine = self._engine()
        count = self.variants.value() if "variants" in engine.uses else 1
        return engine.name, dict(self._settings.get(engine.name, {})), count

    def set_choice(self, name: str, settings: Mapping[str, Mapping[str, Any]], variants: int) -> None:
        """Choose an engine (the first, where there is none of that name), and what differs from defaults, by engine.

        Settings that an engine does not have, or not with such a value, are left out.
        """
        self._settings = {one.name: _fitting(one, settings.get(one.name, {})) for one in self._engines}
        self.engine.setCurrentIndex(max(0, self.engine.findData(name)))
        self.variants.setValue(variants)

    def choose(self, name: str, **settings: Any) -> None:
        """Choose an engine, where it is there, and change some of its settings."""
        if self.engine.findData(name) < 0:
            return
        self._settings[name] = self._settings.get(name, {}) | settings
        self.engine.setCurrentIndex(self.engine.findData(name))
        self.changed.emit()

    def settings_by_engine(self) -> dict[str, dict[str, Any]]:
        """What differs from the defaults, of every engine that has such, to be remembered."""
        return {name: dict(given) for name, given in self._settings.items() if given}

    def _engine(self) -> Engine:
        return self._engines[self.engine.currentIndex()]

    def _engine_changed(self) -> None:
        engine = self._engine()
        several = "variants" in engine.uses
        self.edges.setVisible(hasattr(engine, "proposed_lines"))
        self.variants.setEnabled(several)
        self._variants_label.setEnabled(several)
        self.variants.setToolTip("How many variants to make" if several else f"{engine.title} has one answer only")
        self.engine.setToolTip(f"Engine: what fills the hole\n{engine.card or ''}".strip())
        self.changed.emit()

    def _open_settings(self) -> None:
        engine = self._engine()
        popup = SettingsPopup(engine, self._settings.get(engine.name, {}), self)
        popup.changed.connect(lambda given: self._take(engine.name, given))
        popup.open_below(self.settings)

    def _take(self, name: str, given: dict[str, Any]) -> None:
        self._settings[name] = given
        self.changed.emit()


class SettingsPopup(Popup):
    """One engine's settings, made from what it declares of them."""

    changed = Signal(object)  # dict of what differs from the defaults

    def __init__(self, engine: Engine, given: Mapping[str, Any], parent: QWidget | None = None):
        super().__init__("engine-settings-popup", parent)
        self._fields = settings_fields(engine)
        self._controls: dict[str, Control] = {}
        title = QLabel(f"<b>{engine.title}</b>")
        form = QFormLayout(horizontalSpacing=12)
        for field in self._fields:
            control = self._controls[field.name] = control_for(
                field, given.get(field.name, field.default), self._tell)
            control.widget.setObjectName(f"setting-{field.name}")
            form.addRow(title_of(field), control.widget)
        reset = QPushButton("Defaults", objectName="settings-defaults", toolTip="Put all of them back",
                            autoDefault=False)
        reset.clicked.connect(self._reset)
        card = QLabel(engine.card or "", wordWrap=True)
        card.setProperty("muted", True)
        card.setMaximumWidth(300)
        layout = QVBoxLayout(self)
        layout.addWidget(title)
        layout.addWidget(card)
        layout.addLayout(form)
        layout.addWidget(reset, alignment=Qt.AlignmentFlag.AlignRight)

    def _tell(self) -> None:
        self.changed.emit({field.name: value for field in self._fields
                           if (value := self._controls[field.name].read()) != field.default})

    def _reset(self) -> None:
        for field in self._fields:
            self._controls[field.name].write(field.default)


def _fitting(engine: Engine, given: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the settings that the engine takes."""
    fitting = {}
    for name, value in given.items():
        try:
            fitting[name] = getattr(settings_from(engine, {name: value}), name)
        except UserError:
            continue
    return fitting
