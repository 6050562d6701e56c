"""What lies round the canvas: docks, tool bars, and where the user has put them."""

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDockWidget, QMainWindow, QToolBar, QWidget

from editor.app.canvas.canvas import Canvas
from editor.app.panels.history import HistoryPanel
from editor.app.panels.layers import LayersPanel
from editor.app.panels.navigator import NavigatorPanel
from editor.app.panels.recipe import RecipePanel
from editor.app.panels.variants import VariantsPanel
from editor.document.document import Document

_KEYS = {"Variants": "F5", "Layers": "F6", "History": "F7", "Recipe": "F8", "Navigator": "F9"}


class Workspace:
    """Makes the panels and lays them beside the canvas; hides them while the start page is shown."""

    def __init__(self, window: QMainWindow, canvas: Canvas):
        self._window = window
        self._layout: QByteArray | None = None  # of the panels, while the start page is shown
        self._shown = True
        self._bars: list[QToolBar] = []
        self.variants, self.layers = VariantsPanel(window), LayersPanel(window)
        self.history, self.recipe = HistoryPanel(window), RecipePanel(window)
        self.navigator = NavigatorPanel(canvas, window)
        self.panels = (self.variants, self.layers, self.history, self.recipe, self.navigator)
        self.docks = [self._dock(title, panel) for title, panel in zip(
            ("Variants", "Layers", "History", "Recipe", "Navigator"), self.panels, strict=True)]
        for behind in self.docks[3:]:
            window.tabifyDockWidget(self.docks[2], behind)
        self.docks[2].raise_()
        window.resizeDocks(self.docks, [300] * len(self.docks), Qt.Orientation.Horizontal)

    def add_bar(self, name: str, area: Qt.ToolBarArea) -> QToolBar:
        bar = QToolBar(name.capitalize(), self._window)
        bar.setObjectName(f"bar-{name}")
        bar.setMovable(False)
        self._window.addToolBar(area, bar)
        self._bars.append(bar)
        return bar

    def set_document(self, document: Document | None) -> None:
        for panel in self.panels:
            panel.set_document(document)

    def show(self, shown: bool) -> None:
        """Panels and tool bars have no place beside the start page."""
        if shown == self._shown:
            return
        self._shown = shown
        if not shown:
            self._layout = self._window.saveState()
        for part in (*self.docks, *self._bars):
            part.setVisible(shown)
        if shown:
            self._window.restoreState(self._layout)
            self._layout = None

    def layout(self) -> bytes:
        """Where everything is, to be remembered."""
        return (self._layout or self._window.saveState()).data()

    def _dock(self, title: str, panel: QWidget) -> QDockWidget:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock-{panel.objectName()}")
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetMovable
                         | QDockWidget.DockWidgetFeature.DockWidgetClosable)
        dock.setWidget(panel)
        dock.toggleViewAction().setObjectName(f"show-{panel.objectName()}")
        dock.toggleViewAction().setShortcut(QKeySequence(_KEYS[title]))
        self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        return dock
