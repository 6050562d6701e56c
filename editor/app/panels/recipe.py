"""The recipe panel: how the active fill layer was made, and the ways to make it again."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from editor.app.icons import icon
from editor.document.document import Document
from editor.document.layers import Layer, Recipe, Variant

_ROWS = ("Engine", "Settings", "Guides", "Seed", "Device", "Time", "Region", "Resolution", "Notes")


class RecipePanel(QWidget):
    """What the active fill layer was filled from, and how its chosen variant was made."""

    reopen_requested = Signal(str)  # layer's id
    refill_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent, objectName="recipe")
        self._document: Document | None = None
        self.hint = QLabel("Select a fill layer to see how it was made.", alignment=Qt.AlignmentFlag.AlignCenter,
                           wordWrap=True)
        self.hint.setProperty("muted", True)
        self.stale = QLabel("Out of date: the picture beneath has changed since.", objectName="recipe-stale",
                            wordWrap=True)
        self.stale.setProperty("warning", True)
        self.values: dict[str, QLabel] = {}
        self._form = QFormLayout(labelAlignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop,
                                 horizontalSpacing=10, verticalSpacing=3)
        for name in _ROWS:
            value = QLabel(objectName=f"recipe-{name.lower()}", wordWrap=True,
                           textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
            label = QLabel(name)
            label.setProperty("muted", True)
            self.values[name] = value
            self._form.addRow(label, value)
        self.reopen = QPushButton(icon("reopen"), "Reopen", objectName="reopen", toolTip=(
            "Bring mask, sketch and colour strokes of this fill back to change them; the next fill replaces it"))
        self.refill = QPushButton(icon("refill"), "New seed", objectName="refill", toolTip=(
            "Fill again with the same mask and settings and a new seed; what there is stays in the gallery"))
        self.reopen.clicked.connect(lambda: self.reopen_requested.emit(self._document.active))
        self.refill.clicked.connect(lambda: self.refill_requested.emit(self._document.active))
        buttons = QHBoxLayout()
        buttons.addWidget(self.reopen)
        buttons.addWidget(self.refill)
        self._details = QWidget()
        details = QVBoxLayout(self._details)
        details.setContentsMargins(0, 0, 0, 0)
        details.addWidget(self.stale)
        details.addLayout(self._form)
        details.addLayout(buttons)
        details.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.addWidget(self.hint, 1)
        layout.addWidget(self._details, 1)
        self.set_stale(False)
        self.set_document(None)

    def set_document(self, document: Document | None) -> None:
        """Show another document, or none."""
        if self._document is not None:
            self._document.layers_changed.disconnect(self._refresh)
            self._document.recipes_changed.disconnect(self._refresh)
        self._document = document
        if document is not None:
            document.layers_changed.connect(self._refresh)
            document.recipes_changed.connect(self._refresh)
        self._refresh()

    def set_stale(self, stale: bool) -> None:
        """Whether the picture beneath is no longer what the fill saw."""
        self.stale.setVisible(stale)

    def _refresh(self) -> None:
        layer = self._document.layer(self._document.active) if self._document else None
        shown = layer is not None and layer.is_fill
        self.hint.setVisible(not shown)
        self._details.setVisible(shown)
        if shown:
            self._show(layer)

    def _show(self, layer: Layer) -> None:
        recipe = layer.recipe
        variant = recipe.variants[recipe.chosen] if recipe.variants else None
        for name, text in zip(_ROWS, _texts(recipe, variant), strict=True):
            self.values[name].setText(text)
            self._form.setRowVisible(self.values[name], bool(text))
        self.reopen.setEnabled(not layer.locked and not layer.reopened)
        self.reopen.setText("Reopened" if layer.reopened else "Reopen")
        self.refill.setEnabled(not layer.locked)


def _texts(recipe: Recipe, variant: Variant | None) -> tuple[str, ...]:
    """What stands in each of the rows."""
    settings = ", ".join(f"{name} {value}" for name, value in recipe.settings.items())
    guides = ", ".join(name for name, plane in (
        ("sketch", recipe.sketch), ("colour strokes", recipe.colour), ("copied from where painted", recipe.source),
        ("not copied from where painted", recipe.avoid)) if plane is not None)
    if variant is None:
        return recipe.engine, settings, guides, str(recipe.seed), "", "", "", "", ""
    engine = variant.engine if variant.engine == recipe.engine else f"{variant.engine} (chosen by {recipe.engine})"
    box = variant.box
    region = f"{box.width} × {box.height} px at {box.left}, {box.top}"
    return (engine, settings, guides, str(variant.seed), f"{variant.device}, {variant.precision}",
            f"{variant.seconds:.2f} s", region, resolution(variant), "\n".join(variant.notes))


def resolution(variant: Variant) -> str:
    """How coarsely a variant was filled; nothing where it has the photograph's own resolution."""
    if variant.scale == 1:
        return ""
    return f"filled at {variant.worked_at} px of {variant.worked_on} ({variant.scale:.2f}×)"
