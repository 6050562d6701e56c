"""The program's icons, by our own names: one family (Phosphor, MIT licence), drawn as outlines at any scale.

The font comes with qtawesome. Importing that package costs a quarter of a second, so only its font and its table of
names are read, and an icon's outline when it is first drawn.
"""

import importlib.util
import json
from functools import cache
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPainterPath, QPixmap, QRawFont, QTransform

RESOURCES = Path(__file__).parents[2] / "resources"

NORMAL = QColor(0xD2, 0xD2, 0xD2)
DISABLED = QColor(0x72, 0x72, 0x72)
BRIGHT = QColor(0xFF, 0xFF, 0xFF)

GLYPHS = {
    "actual-size": "number-square-one",
    "add-layer": "plus",
    "batch": "files",
    "cancel": "x",
    "changes": "git-diff",
    "clear-mask": "selection-slash",
    "clone-stamp": "copy-simple",
    "colour-eraser": "eraser",
    "colour-stroke": "paint-brush",
    "crop": "crop",
    "curves": "chart-line",
    "damage-finder": "first-aid",
    "delete": "trash",
    "dismiss": "x",
    "down": "arrow-down",
    "duplicate": "copy",
    "edges-from-picture": "image-square",
    "engine": "gear-six",
    "eraser": "eraser",
    "error": "warning-circle",
    "export": "export",
    "face-frame": "user-focus",
    "eyedropper": "eyedropper",
    "feather": "drop-half",
    "filter": "sparkle",
    "fill": "magic-wand",
    "fill-on-release": "lightning",
    "fill-layer": "sparkle",
    "find-photo": "frame-corners",
    "fit": "corners-out",
    "flatten": "stack-simple",
    "grow-mask": "arrows-out-simple",
    "hand": "hand",
    "hidden": "eye-slash",
    "healing-brush": "bandaids",
    "history": "clock-counter-clockwise",
    "invert-mask": "selection-inverse",
    "lasso": "polygon",
    "levels": "chart-bar",
    "live-preview": "eye",
    "layer-mask": "circle-half",
    "layers": "stack",
    "lock": "lock-simple",
    "marquee": "selection",
    "mask": "selection-background",
    "mask-brush": "paint-brush-broad",
    "mask-eraser": "eraser",
    "merge-down": "arrow-line-down",
    "open": "folder-open",
    "paint-brush": "paint-brush",
    "paste": "clipboard",
    "photo": "image",
    "pick-black": "eyedropper",
    "pick-grey": "eyedropper",
    "pick-white": "eyedropper",
    "project": "stack",
    "propose-edges": "line-segments",
    "recipe": "list-bullets",
    "redo": "arrow-clockwise",
    "refill": "dice-five",
    "reopen": "note-pencil",
    "save": "floppy-disk",
    "scissors": "scissors",
    "settings": "sliders-horizontal",
    "show-colour": "drop",
    "show-mask": "selection-foreground",
    "show-sketch": "scribble-loop",
    "shrink-mask": "arrows-in-simple",
    "sketch-eraser": "eraser",
    "sketch-pen": "pencil-line",
    "smart-select": "user-plus",
    "source-brush": "target",
    "split-scan": "grid-four",
    "stale": "warning",
    "straighten": "ruler",
    "touch-up": "plus-circle",
    "trace-edges": "scribble-loop",
    "unfade": "sun-horizon",
    "undo": "arrow-counter-clockwise",
    "unlock": "lock-simple-open",
    "up": "arrow-up",
    "variants": "squares-four",
    "visible": "eye",
    "wand": "magic-wand",
    "zoom": "magnifying-glass",
    "zoom-in": "magnifying-glass-plus",
    "zoom-out": "magnifying-glass-minus",
}
"""Our names and Phosphor's."""

_BADGES = {"mask-brush": "circle-dashed-bold", "mask-eraser": "circle-dashed-bold",
           "sketch-eraser": "pencil-simple-bold", "colour-stroke": "drop-bold", "colour-eraser": "drop-bold",
           "pick-black": "circle-bold", "pick-grey": "circle-half-bold", "pick-white": "circle-fill"}
"""What tools of the same kind work on, where it is not a layer."""


def icon(name: str) -> QIcon:
    """The icon with one of our names (a key of GLYPHS), in normal, disabled and selected colours."""
    return QIcon(_GlyphEngine(name))


def application_icon() -> QIcon:
    """The program's own icon."""
    return QIcon(str(RESOURCES / "icons" / "pentimento.svg"))


class _GlyphEngine(QIconEngine):
    """Draws an outline of the icon font in the colour of the icon's mode."""

    def __init__(self, name: str):
        super().__init__()
        GLYPHS[name]  # an unknown name is a mistake in the program, found here and not while painting
        self._name = name

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        colour = {QIcon.Mode.Disabled: DISABLED, QIcon.Mode.Selected: BRIGHT}.get(mode, NORMAL)
        if mode == QIcon.Mode.Normal and state == QIcon.State.On:
            colour = BRIGHT
        side = min(rect.width(), rect.height())
        place = QTransform.fromTranslate(rect.center().x() + 1 - side / 2, rect.center().y() + 1 - side / 2)
        place.scale(side, side)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(place.map(_outline(self._name)), colour)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _GlyphEngine(self._name)


@cache
def _font() -> tuple[QRawFont, dict[str, str]]:
    """The icon font, one unit high, and the hexadecimal character of each of its names."""
    folder = Path(importlib.util.find_spec("qtawesome").origin).parent / "fonts"
    names = json.loads(next(folder.glob("phosphor-charmap-*.json")).read_text(encoding="utf-8"))
    return QRawFont(str(next(folder.glob("phosphor-[0-9]*.ttf"))), 256), names


@cache
def _outline(name: str) -> QPainterPath:
    """An icon's outline in the square 0..1."""
    path = _glyph(GLYPHS[name])
    if name in _BADGES:
        badge = QTransform.fromTranslate(0.5, 0.5).scale(0.56, 0.56).map(_glyph(_BADGES[name]))
        clear = QPainterPath()
        clear.addEllipse(0.5, 0.5, 0.56, 0.56)
        path = QTransform.fromTranslate(-0.06, -0.06).map(path).subtracted(clear)
        path.addPath(badge)
    return path


@cache
def _glyph(phosphor: str) -> QPainterPath:
    font, names = _font()
    path = font.pathForGlyph(font.glyphIndexesForString(chr(int(names[phosphor], 16)))[0])
    return QTransform.fromScale(1 / 256, 1 / 256).translate(0, font.ascent()).map(path)
