"""The main window: puts canvas, panels, controllers and commands together."""

import logging
from types import TracebackType

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
)
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QStackedWidget,
    QToolBar,
    QWidget,
)

from editor.app import bars
from editor.app.canvas.canvas import Canvas
from editor.app.commands import GESTURES
from editor.app.dialogs.errors import show_error
from editor.app.dialogs.preferences import PreferencesDialog
from editor.app.dialogs.shortcuts import ShortcutsDialog
from editor.app.edge_commands import ENGINE, EdgeCommands
from editor.app.edit_commands import EditCommands
from editor.app.file_commands import FileCommands
from editor.app.file_controller import OpenFile
from editor.app.fill_controller import FillChoice, FillController
from editor.app.frame_commands import FrameCommands
from editor.app.model_commands import ModelCommands
from editor.app.panels.engine_options import EngineOptions
from editor.app.panels.history import HistoryPanel
from editor.app.panels.layers import LayersPanel
from editor.app.panels.recipe import RecipePanel
from editor.app.panels.variants import VariantsPanel
from editor.app.personalising import Personalising
from editor.app.settings import Settings
from editor.app.stale_watch import StaleWatch
from editor.app.start_page import StartPage
from editor.app.status_bar import StatusBar
from editor.app.theme import icon
from editor.app.thumbnails import variant_image, variants_box
from editor.app.tool_box import ToolBox
from editor.app.tool_options import ToolOptions
from editor.document import fills
from editor.document.document import COLOUR, MASK, PLANES, SKETCH, Document
from editor.document.layer_ops import can_merge_down
from editor.storage.photos import Decoder

log = logging.getLogger(__name__)

_WAITING_SIDE = 128  # pixels of a waiting fill's thumbnail
_KEY_EVENTS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_NOTE_FOR = 6000  # milliseconds that a note stays in the status bar


class Window(QMainWindow):
    """One document at a time, or the start page."""

    def __init__(self, settings: Settings, decoder: Decoder | None = None):
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Pentimento")
        self.setAcceptDrops(True)
        self.resize(1440, 900)
        self._file: OpenFile | None = None
        self._layout: QByteArray | None = None  # of the panels, while the start page is shown
        self._bars: list[QToolBar] = []
        self.canvas = Canvas(self)
        self.tools = ToolBox(self.canvas, settings.brushes, settings.tool_options)
        self.filling = FillController(self)
        self.files = FileCommands(self, settings, decoder or Decoder())
        self.editing = EditCommands(self.canvas, self.filling, self._choice)
        self.frames = FrameCommands(self.canvas, self.tools, self.filling)
        self.edges = EdgeCommands(self.canvas, self.tools, self.files)
        self.modelling = ModelCommands(self, self.files)
        self.personalising = Personalising(self, self.files)
        self._stale = StaleWatch(self)
        self._assemble()
        # The window first: "cancel" is its own, whatever others call so.
        self._actions = bars.make_menus(self.menuBar(), (
            self, self.files, self.editing, self.frames, self.edges, self.modelling, self.personalising))
        bars.add_to_menu(self.menuBar(), "&View", [dock.toggleViewAction() for dock in self._docks])
        bars.add_to_menu(self.menuBar(), "&File", [self.files.recent_menu().menuAction()], after="open")
        self._make_bars()
        self._connect()
        self.apply_settings(settings)
        self.engine_options.set_choice(settings.engine, settings.engine_settings, settings.variants)
        self.restoreGeometry(settings.geometry)
        self.restoreState(settings.layout)
        self.tools.choose("mask-brush")
        self.show_file(None)
        QApplication.instance().installEventFilter(self)

    # Putting it together

    def _assemble(self) -> None:
        self.start_page = StartPage(self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.start_page)
        self._pages.addWidget(self.canvas)
        self.setCentralWidget(self._pages)
        self.status = StatusBar(self.canvas, self)
        self.setStatusBar(self.status)
        self.status.addPermanentWidget(self.personalising.button)
        self.variants, self.layers = VariantsPanel(self), LayersPanel(self)
        self.history, self.recipe = HistoryPanel(self), RecipePanel(self)
        self.panels = (self.variants, self.layers, self.history, self.recipe)
        docks = [self._dock(title, panel) for title, panel in zip(
            ("Variants", "Layers", "History", "Recipe"), self.panels, strict=True)]
        self._docks = docks
        self.tabifyDockWidget(docks[2], docks[3])
        docks[2].raise_()
        self.resizeDocks(docks, [300] * 4, Qt.Orientation.Horizontal)

    def _dock(self, title: str, panel: QWidget) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock-{panel.objectName()}")
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetMovable
                         | QDockWidget.DockWidgetFeature.DockWidgetClosable)
        dock.setWidget(panel)
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        return dock

    def _make_bars(self) -> None:
        tools = self._tool_bar("tools", Qt.ToolBarArea.LeftToolBarArea)
        bars.add_tools(tools, self.tools)
        bars.add_brush_keys(self, self.tools)
        top = self._tool_bar("options", Qt.ToolBarArea.TopToolBarArea)
        self.tool_options = ToolOptions(self.tools, self)
        self.engine_options = EngineOptions(self)
        self.fill_button = QPushButton(icon("fill"), "Fill", self)
        self.fill_button.setObjectName("fill")
        self.fill_button.setToolTip("Fill the mask (Enter)")
        self.fill_button.clicked.connect(self.fill_now)
        top.addWidget(bars.TopRow(self.tool_options, (self.engine_options, self.fill_button), self))

    def _tool_bar(self, name: str, area: Qt.ToolBarArea) -> QToolBar:
        bar = QToolBar(name.capitalize(), self)
        bar.setObjectName(f"bar-{name}")
        bar.setMovable(False)
        self.addToolBar(area, bar)
        self._bars.append(bar)
        return bar

    def _connect(self) -> None:
        self.files.file_shown.connect(self.show_file)
        self.files.recent_changed.connect(self.start_page.set_recent)
        self.start_page.open_requested.connect(self.files.open)
        self.start_page.chosen.connect(self.files.open_path)
        self.start_page.forgotten.connect(self.files.forget_recent)
        for source in (self.files.controller, self.filling, self.edges):
            source.started.connect(self.status.follow)
            source.started.connect(lambda job: job.ended.connect(self._update_actions))
            source.failed.connect(self.fail)
            source.noted.connect(self.note)
        for source in (self.editing, self.frames):
            source.failed.connect(self.fail)
            source.noted.connect(self.note)
        self.modelling.started.connect(self.status.follow)
        self.modelling.noted.connect(self.note)
        self.personalising.noted.connect(self.note)
        self.personalising.models_changed.connect(self.modelling.refresh)
        self.modelling.changed.connect(self.engine_options.refresh)
        self.filling.refused.connect(self.note)
        self.engine_options.edges_wanted.connect(self.edges.propose_edges)
        self.edges.taken.connect(self._follow_edges)
        self.tools.refused.connect(self.note)
        self.status.cancel_wanted.connect(self.cancel)
        self.canvas.stroking_changed.connect(self._update_actions)
        for panel in (self.layers, self.variants, self.history):
            panel.failed.connect(self.fail)
        self.layers.reopen_requested.connect(self.editing.reopen_layer)
        self.recipe.reopen_requested.connect(self.editing.reopen_layer)
        self.recipe.refill_requested.connect(self.editing.fill_layer_again)
        self.filling.waiting_changed.connect(self._show_waiting)
        self.variants.waiting_chosen.connect(self.filling.use_waiting)
        self.variants.waiting_dismissed.connect(self.filling.dismiss_waiting)
        for combo in self.findChildren(QComboBox):
            combo.activated.connect(self.canvas.setFocus)  # letters choose tools again, not entries
        self.tool_options.own.used.connect(self.canvas.setFocus)
        self._stale.found.connect(self._show_stale)

    # What is shown

    @property
    def file(self) -> OpenFile | None:
        return self._file

    @property
    def document(self) -> Document | None:
        return self._file.document if self._file else None

    def show_file(self, file: OpenFile | None) -> None:
        """Show a document, or the start page."""
        if self.document is not None:
            self.filling.forget()
            self.document.history_changed.disconnect(self._on_change)
            self.document.layers_changed.disconnect(self._update_actions)
            self.document.layers_changed.disconnect(self._show_stale)
        self._file = file
        document = self.document
        for shown in (self.canvas, self.frames, self.status, *self.panels, self._stale):
            shown.set_document(document)
        self._pages.setCurrentWidget(self.canvas if file else self.start_page)
        self._show_workspace(file is not None)
        if document is not None:
            document.history_changed.connect(self._on_change)
            document.layers_changed.connect(self._update_actions)
            document.layers_changed.connect(self._show_stale)
            document.history.budget = self.files.settings.history_budget * 2**20
            self.canvas.setFocus()
            for notice in document.photo.notices:
                self.note(notice)
        self._on_change()

    def _show_workspace(self, shown: bool) -> None:
        """Panels and tool bars have no place beside the start page."""
        if not shown and self._layout is None:
            self._layout = self.saveState()
        for part in (*self._docks, *self._bars):
            part.setVisible(shown)
        if shown and self._layout is not None:
            self.restoreState(self._layout)
            self._layout = None

    def apply_settings(self, settings: Settings) -> None:
        """Bring preferences to where they matter."""
        self.canvas.set_colours(settings.overlay_colour, settings.overlay_opacity, settings.ground)
        if self.document is not None:
            self.document.history.budget = settings.history_budget * 2**20

    def note(self, words: str) -> None:
        """A line for the user that wants no answer."""
        self.statusBar().showMessage(words, _NOTE_FOR)

    def fail(self, message: str) -> None:
        """Something could not be done."""
        show_error(self, message)

    def report_defect(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """An error that nobody expected: said, logged, and the work goes on."""
        log.error("Unexpected error", exc_info=(kind, error, trace))
        self.fail(f"Something went wrong that should not have: {kind.__name__}: {error}. "
                  "The document is as it was; please save it.")

    def _follow_edges(self) -> None:
        """The lines that EdgeConnect proposed are to be filled as the user changes them."""
        self.engine_options.choose(ENGINE, complete=False)
        self.note("EdgeConnect will follow these lines as they are: change them with pen and eraser, then press Fill.")

    def _choice(self) -> FillChoice:
        return FillChoice(*self.engine_options.choice(), device=self.files.settings.device)

    def _on_change(self) -> None:
        document = self.document
        self.setWindowTitle(f"{self._file.name}[*] – Pentimento" if self._file else "Pentimento[*]")
        self.setWindowModified(document is not None and document.modified)
        self._update_actions()

    def _update_actions(self) -> None:
        document = self.document
        layer = document.layer(document.active) if document else None
        there = {"": True, "document": document is not None, "layer": layer is not None,
                 **{plane: document is not None and bool(document.surfaces[plane].keys()) for plane in PLANES},
                 "frame": document is not None and document.frame is not None,
                 "fill-layer": layer is not None and layer.is_fill}
        enabled = {name: there[entry.needs] for name, (entry, _) in self._actions.items()}
        if document is not None:
            enabled["undo"] = document.history.position > 0 or self.canvas.stroking or self.tools.busy
            enabled["redo"] = document.history.position < len(document.history.commands)
            enabled["merge_down"] = can_merge_down(document, document.active)
            enabled["flatten"] = bool(document.layers)
            enabled["leave_fill"] = fills.reopened(document) is not None
        for name, (_, action) in self._actions.items():
            action.setEnabled(enabled[name])
        self.fill_button.setEnabled(document is not None)
        self.fill_button.setText("Fill again" if document and fills.reopened(document) else "Fill")

    def _show_stale(self) -> None:
        self.layers.set_stale(self._stale.stale)
        self.recipe.set_stale(self.document.active in self._stale.stale)

    def _show_waiting(self) -> None:
        waiting = []
        for key, run in self.filling.waiting.items():
            first = run.recipe.variants[0]
            box = variants_box(self.document, (first,))
            picture = variant_image(self.document, first, box, run.below, _WAITING_SIDE)
            waiting.append((f"Fill with {first.engine}", picture, key))
        self.variants.set_waiting(waiting)

    # Commands that concern the window itself

    def zoom_in(self) -> None:
        self.canvas.zoom(1.5)

    def zoom_out(self) -> None:
        self.canvas.zoom(1 / 1.5)

    def fit(self) -> None:
        self.canvas.fit()

    def actual_size(self) -> None:
        self.canvas.actual_size()

    def toggle_mask(self, shown: bool) -> None:
        self.canvas.show_plane(MASK, shown)

    def toggle_sketch(self, shown: bool) -> None:
        self.canvas.show_plane(SKETCH, shown)

    def toggle_colour(self, shown: bool) -> None:
        self.canvas.show_plane(COLOUR, shown)

    def fill(self) -> None:
        """Enter: what the tool is preparing comes first."""
        if not self.tools.finish():
            self.editing.fill()

    def fill_now(self) -> None:
        """The button: with what the tool was preparing."""
        self.tools.finish()
        self.editing.fill()

    def undo(self) -> None:
        if self.canvas.stroking or not self.tools.step_back():
            self.editing.undo()

    def cancel(self) -> None:
        """Esc: the stroke under the pen, else what the tool is preparing, else what runs in the background."""
        if self.canvas.stroking:
            self.canvas.cancel()
        elif not self.tools.cancel():
            self.filling.cancel()
            self.edges.cancel()
            self.modelling.cancel()
            self.files.controller.cancel()

    def preferences(self) -> None:
        dialog = PreferencesDialog(self.files.settings, self)
        dialog.changed.connect(self.files.change_settings)
        dialog.changed.connect(self.apply_settings)
        dialog.open()

    def show_shortcuts(self) -> None:
        ShortcutsDialog(self.findChildren(QAction), GESTURES, self).open()

    def about(self) -> None:
        from editor.app.dialogs.about import show_about

        show_about(self)

    def quit(self) -> None:
        self.close()

    # Events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Space and backslash act while held, wherever in the window the focus is, but for text.

        Enter ends what is typed into a field, and fills nothing.
        """
        if event.type() in _KEY_EVENTS and self.document is not None and isinstance(watched, QWidget) \
                and watched.window() is self and self.isActiveWindow():
            typing = isinstance(QApplication.focusWidget(), QLineEdit | QAbstractSpinBox)
            if event.type() == QEvent.Type.ShortcutOverride:
                if typing and event.key() in _ENTER:
                    event.accept()
                    return True
            elif not typing:
                return self._held_key(event)
            elif event.type() == QEvent.Type.KeyRelease and event.key() in _ENTER:
                self.canvas.setFocus()  # what was typed has been taken: keys are the tools' again
        return super().eventFilter(watched, event)

    def _held_key(self, event: QKeyEvent) -> bool:
        if event.key() not in (Qt.Key.Key_Space, Qt.Key.Key_Backslash):
            return False
        held = event.type() == QEvent.Type.KeyPress
        if event.key() == Qt.Key.Key_Space and not (self.canvas.space_held or held and (
                self.canvas.pointer is not None or self.canvas.hasFocus())):
            return False  # it presses the button, or hides the layer, that has the focus
        if not event.isAutoRepeat():
            if event.key() == Qt.Key.Key_Space:
                self.canvas.hold_space(held)
            else:
                self.canvas.show_original(held)
        return True

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.canvas.hold_space(False)
            self.canvas.show_original(False)
            self.canvas.let_go()
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.files.take(event.mimeData())
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not (self.personalising.may_close() and self.files.may_close()):
            event.ignore()
            return
        QApplication.instance().removeEventFilter(self)
        self.filling.close()
        self.edges.close()
        self.modelling.close()
        self.personalising.close()
        name, _, variants = self.engine_options.choice()
        self.files.close(brushes=self.tools.brushes, tool_options=self.tools.options, engine=name, variants=variants,
                         engine_settings=self.engine_options.settings_by_engine(),
                         geometry=self.saveGeometry().data(), layout=(self._layout or self.saveState()).data())
        event.accept()
