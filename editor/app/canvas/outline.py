"""The outline of a brush under the pointer: light on dark, so that it shows on any picture."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen

_APART = 3.0  # pixels: nearer to the middle or the outline, the ring of its hardness is not drawn


def paint_outline(painter: QPainter, at: QPointF, radius: float, core: float) -> None:
    """Circles about ``at``: ``radius`` of the brush, ``core`` of where it is hard (0: nowhere); logical pixels."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rings = [(QColor(0, 0, 0, 170), radius + 0.75), (QColor(255, 255, 255, 220), radius)]
    if _APART < core < radius - _APART:
        rings += [(QColor(0, 0, 0, 90), core + 0.75), (QColor(255, 255, 255, 110), core)]
    for colour, size in rings:
        painter.setPen(QPen(colour, 1.0))
        painter.drawEllipse(at, size, size)
