"""How the window looks: Fusion, neutral greys, one accent, one family of icons."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from editor.app.icons import DISABLED, RESOURCES, application_icon, icon

__all__ = ["ACCENT", "MUTED", "SUNKEN", "WARNING", "apply", "icon"]

WINDOW = QColor(0x33, 0x33, 0x33)
SUNKEN = QColor(0x26, 0x26, 0x26)
BUTTON = QColor(0x44, 0x44, 0x44)
TEXT = QColor(0xDC, 0xDC, 0xDC)
MUTED = QColor(0xA0, 0xA0, 0xA0)
ACCENT = QColor(0x3F, 0x73, 0xA8)
WARNING = QColor(0xE3, 0xB3, 0x41)

_R = QPalette.ColorRole
_ROLES = {
    _R.Window: WINDOW, _R.WindowText: TEXT, _R.Base: SUNKEN, _R.AlternateBase: QColor(0x2B, 0x2B, 0x2B),
    _R.Text: TEXT, _R.Button: BUTTON, _R.ButtonText: TEXT, _R.BrightText: QColor(0xFF, 0xFF, 0xFF),
    _R.ToolTipBase: QColor(0x1C, 0x1C, 0x1C), _R.ToolTipText: TEXT, _R.PlaceholderText: QColor(0x8C, 0x8C, 0x8C),
    _R.Light: QColor(0x55, 0x55, 0x55), _R.Midlight: QColor(0x4A, 0x4A, 0x4A), _R.Mid: QColor(0x2A, 0x2A, 0x2A),
    _R.Dark: QColor(0x20, 0x20, 0x20), _R.Shadow: QColor(0x12, 0x12, 0x12), _R.Highlight: ACCENT,
    _R.HighlightedText: QColor(0xFF, 0xFF, 0xFF), _R.Accent: ACCENT, _R.Link: QColor(0x7F, 0xB2, 0xE5),
}


def apply(app: QApplication) -> None:
    """Dress the whole program, and give it its icon."""
    app.styleHints().setColorScheme(Qt.ColorScheme.Dark)
    app.setStyle("Fusion")
    app.setPalette(palette())
    app.setStyleSheet((RESOURCES / "theme" / "dark.qss").read_text(encoding="utf-8"))
    app.setWindowIcon(application_icon())


def palette() -> QPalette:
    """Dark and neutral: a tint would shift how the photograph's colours are seen."""
    colours = QPalette()
    for role, colour in _ROLES.items():
        colours.setColor(role, colour)
    for role in (_R.WindowText, _R.Text, _R.ButtonText, _R.HighlightedText):
        colours.setColor(QPalette.ColorGroup.Disabled, role, DISABLED)
    colours.setColor(QPalette.ColorGroup.Disabled, _R.Highlight, QColor(0x4A, 0x4A, 0x4A))
    return colours
