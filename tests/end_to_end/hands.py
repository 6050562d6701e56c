"""A user's hands: real Qt events on the real window, in photo coordinates."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from editor.app.window import Window

_NO_KEYS = Qt.KeyboardModifier.NoModifier
_LEFT = Qt.MouseButton.LeftButton


class Hands:
    """Points, drags, presses keys."""

    def __init__(self, window: Window):
        self.window = window
        self.canvas = window.canvas

    def at(self, x: float, y: float) -> QPoint:
        """Where a photo point is on the canvas."""
        ratio = self.canvas.devicePixelRatioF()
        left, top = self.canvas.view.to_device(x, y)
        return QPoint(round(left / ratio), round(top / ratio))

    def find(self, name: str) -> QWidget:
        widget = self.window.findChild(QWidget, name)
        assert widget is not None, f"no widget is called {name}"
        return widget

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = _NO_KEYS) -> None:
        if not self.window.isActiveWindow() and QApplication.activeModalWidget() is None:
            # A dialog has been closed: any window manager would have done this by now.
            self.window.activateWindow()
            QApplication.processEvents()
        QTest.keyClick(self.window.focusWidget() or self.window, key, modifiers)

    def click(self, name: str) -> None:
        QTest.mouseClick(self.find(name), _LEFT)

    def stroke(self, *points: tuple[float, float], modifiers: Qt.KeyboardModifier = _NO_KEYS,
               button: Qt.MouseButton = _LEFT, release: bool = True) -> None:
        """Press at the first point, drag through the others, let go."""
        QTest.mouseMove(self.canvas, self.at(*points[0]))
        QTest.mousePress(self.canvas, button, modifiers, self.at(*points[0]))
        for point in points[1:]:
            QTest.mouseMove(self.canvas, self.at(*point))
        if release:
            QTest.mouseRelease(self.canvas, button, modifiers, self.at(*points[-1]))

    def hover(self, x: float, y: float) -> None:
        """Move without a button."""
        QTest.mouseMove(self.canvas, self.at(x, y))

    def wheel(self, notches: float, x: float, y: float) -> None:
        place = QPointF(self.at(x, y))
        event = QWheelEvent(place, self.canvas.mapToGlobal(place), QPoint(), QPoint(0, round(120 * notches)),
                            Qt.MouseButton.NoButton, _NO_KEYS, Qt.ScrollPhase.NoScrollPhase, False)
        QApplication.sendEvent(self.canvas, event)

    def pen(self, *points: tuple[float, float, float], eraser: bool = False, release: bool = True) -> None:
        """A pen stroke through (x, y, pressure)."""
        kind = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
        device = QPointingDevice("test pen", 1, QInputDevice.DeviceType.Stylus, kind,
                                 QInputDevice.Capability.Position | QInputDevice.Capability.Pressure, 1, 1)
        steps = [(QEvent.Type.TabletPress, points[0]), *((QEvent.Type.TabletMove, point) for point in points[1:])]
        if release:
            steps.append((QEvent.Type.TabletRelease, points[-1]))
        for step, (x, y, pressure) in steps:
            place = QPointF(self.at(x, y))
            pressed = Qt.MouseButton.NoButton if step == QEvent.Type.TabletRelease else _LEFT
            QApplication.sendEvent(self.canvas, QTabletEvent(
                step, device, place, self.canvas.mapToGlobal(place), pressure, 0, 0, 0, 0, 0, _NO_KEYS, _LEFT, pressed))
