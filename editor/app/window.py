"""The main window: puts canvas, panels, controllers and commands together."""

import logging
from dataclasses import replace
from types import TracebackType

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QComboBox, QMainWindow, QPushButton, QStackedWidget

from editor.app import bars
from editor.app.availability import available
from editor.app.canvas.canvas import Canvas
from editor.app.commands import GESTURES
from editor.app.controllers import make_controllers
from editor.app.dialogs.errors import show_error
from editor.app.dialogs.preferences import SHOWN, PreferencesDialog
from editor.app.dialogs.shortcuts import ShortcutsDialog
from editor.app.document_page import DocumentPage
from editor.app.edge_commands import ENGINE, Proposal
from editor.app.file_controller import OpenFile
from editor.app.fill_controller import FillChoice
from editor.app.held_keys import HeldKeys
from editor.app.key_bindings import COMMAND, KeyBindings
from editor.app.panels.engine_options import EngineOptions
from editor.app.settings import Settings
from editor.app.stale_watch import StaleWatch
from editor.app.start_page import StartPage
from editor.app.status_bar import StatusBar
from editor.app.theme import icon
from editor.app.thumbnails import variant_image, variants_box
from editor.app.tool_box import ToolBox
from editor.app.tool_options import ToolOptions
from editor.app.workspace import Workspace
from editor.document import fills
from editor.document.document import Document
from editor.jobs.worker import Job
from editor.storage.photos import Decoder

log = logging.getLogger(__name__)

_WAITING_SIDE = 128  # pixels of a waiting fill's thumbnail
_NOTE_FOR = 6000  # milliseconds that a note stays in the status bar


class Window(QMainWindow):
    """Documents in tabs, or the start page."""

    def __init__(self, settings: Settings, decoder: Decoder | None = None):
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Pentimento")
        self.setAcceptDrops(True)
        self.resize(1440, 900)
        self._shown: OpenFile | None = None
        self.canvas = Canvas(self)
        self.tools = ToolBox(self.canvas, settings)
        self.controllers = make_controllers(self, self.canvas, self.tools, settings, decoder or Decoder(), self._choice)
        self.filling, self.files, self.editing = (
            self.controllers.filling, self.controllers.files, self.controllers.editing)
        self.edges, self.modelling, self.personalising = (
            self.controllers.edges, self.controllers.modelling, self.controllers.personalising)
        self._held_keys = HeldKeys(self.canvas, self)
        self._stale = StaleWatch(self)
        self._assemble()
        # The window first: "cancel" is its own, whatever others call so.
        self._actions = bars.make_menus(self.menuBar(), (self, self.page, *self.controllers.all))
        bars.add_to_menu(self.menuBar(), "&View", [dock.toggleViewAction() for dock in self.workspace.docks])
        bars.add_to_menu(self.menuBar(), "&File", [self.files.recent_menu().menuAction()], after="open")
        self._make_bars()
        self._keys = KeyBindings(self.findChildren(QAction), self)
        self._connect()
        self.apply_settings(settings)
        self.engine_options.set_choice(settings.engine, settings.engine_settings, settings.variants)
        for name in ("fill_on_release", "touch_up", "live_preview"):
            self._actions[f"toggle_{name}"][1].setChecked(getattr(settings, name))
        self.restoreGeometry(settings.geometry)
        self.restoreState(settings.layout)
        self.tools.choose("mask-brush")
        self.show_file(None)

    # Putting it together

    def _assemble(self) -> None:
        self.start_page = StartPage(self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.start_page)
        self.page = DocumentPage(self.canvas, self.files.open_files, self)
        self._pages.addWidget(self.page)
        self.setCentralWidget(self._pages)
        self.status = StatusBar(self.canvas, self)
        self.setStatusBar(self.status)
        self.status.addPermanentWidget(self.personalising.button)
        self.status.addPermanentWidget(self.controllers.batching.button)
        self.status.addPermanentWidget(self.controllers.changes.label)
        self.workspace = Workspace(self, self.canvas)
        self.variants, self.layers = self.workspace.variants, self.workspace.layers
        self.history, self.recipe = self.workspace.history, self.workspace.recipe

    def _make_bars(self) -> None:
        tools = self.workspace.add_bar("tools", Qt.ToolBarArea.LeftToolBarArea)
        bars.add_tools(tools, self.tools)
        bars.add_brush_keys(self, self.tools)
        top = self.workspace.add_bar("options", Qt.ToolBarArea.TopToolBarArea)
        self.tool_options = ToolOptions(self.tools, self)
        self.engine_options = EngineOptions(self)
        self.fill_button = QPushButton(icon("fill"), "Fill", self)
        self.fill_button.setObjectName("fill")
        self.fill_button.setToolTip("Fill the mask")
        self.fill_button.setProperty(COMMAND, "fill")
        self.fill_button.clicked.connect(self.fill_now)
        quick = bars.toggles(self._actions, ("toggle_fill_on_release", "toggle_touch_up", "toggle_live_preview"), self)
        top.addWidget(bars.TopRow(self.tool_options, (self.engine_options, *quick, self.fill_button), self))

    def _connect(self) -> None:
        self.files.open_files.shown.connect(self.show_file)
        self.files.open_files.closed.connect(self._on_closed)
        self.page.tabs.close_wanted.connect(self.files.close_file)
        self.files.recent_changed.connect(self.start_page.set_recent)
        self.start_page.open_requested.connect(self.files.open)
        self.start_page.chosen.connect(self.files.open_path)
        self.start_page.forgotten.connect(self.files.forget_recent)
        for signal, slot in (("started", self._follow), ("failed", self.fail), ("noted", self.note)):
            self.controllers.connect(signal, slot)
            getattr(self.files.controller, signal).connect(slot)
        self.personalising.models_changed.connect(self.modelling.refresh)
        self.modelling.changed.connect(self.engine_options.refresh)
        self.filling.refused.connect(self.note)
        self.filling.landed_behind.connect(self._tell_of_landing)
        self.engine_options.changed.connect(self.controllers.previewing.refresh)
        self.engine_options.edges_wanted.connect(self.edges.propose_edges)
        self.edges.taken.connect(self._follow_edges)
        self.tools.refused.connect(self.note)
        self.tools.presets.changed.connect(self._remember_tools)
        self.status.cancel_wanted.connect(self.cancel)
        self.canvas.stroking_changed.connect(self._update_actions)
        for panel in (self.layers, self.variants, self.history):
            panel.failed.connect(self.fail)
        self.layers.reopen_requested.connect(self.editing.reopen_layer)
        self.layers.edit_requested.connect(self.controllers.filters.edit_layer)
        self.layers.edit_requested.connect(self.controllers.adjusting.edit_layer)
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
        return self._shown

    @property
    def document(self) -> Document | None:
        return self._shown.document if self._shown else None

    def show_file(self, file: OpenFile | None) -> None:
        """Show a document, or the start page."""
        if self.document is not None:
            self.canvas.let_go()
            if self.tools.busy:
                self.tools.current.leave(self.document)
            self._shown.view = self.canvas.chosen_view
            self.document.history_changed.disconnect(self._on_change)
            self.document.layers_changed.disconnect(self._update_actions)
            self.document.layers_changed.disconnect(self._show_stale)
        self._shown = file
        document = self.document
        self.canvas.set_document(document, file and file.view)
        for one in (self.page, self.controllers, self.status, self.workspace, self._stale):
            one.set_document(document)
        self._pages.setCurrentWidget(self.page if file else self.start_page)
        self.workspace.show(file is not None)
        if document is not None:
            document.history_changed.connect(self._on_change)
            document.layers_changed.connect(self._update_actions)
            document.layers_changed.connect(self._show_stale)
            self._share_memory()
            self.canvas.setFocus()
        self._on_change()

    def apply_settings(self, settings: Settings) -> None:
        """Bring preferences to where they matter."""
        self.canvas.set_colours(settings.overlay_colour, settings.overlay_opacity, settings.ground)
        self._share_memory()
        self._keys.apply(settings.shortcuts)

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

    def _follow_edges(self, proposal: Proposal) -> None:
        """Proposed lines are to be filled as the user changes them."""
        if proposal.followed:
            self.engine_options.choose(ENGINE, complete=False)
        self.note("The fill will follow these lines as they are: change them with pen and eraser, then press Fill.")

    def _tell_of_landing(self, document: Document) -> None:
        name = next(file.name for file in self.files.open_files.files if file.document is document)
        self.note(f"{name} has been filled.")

    def _remember_tools(self) -> None:
        self.files.change_settings(replace(self.files.settings, **self.tools.remembered()))

    def _choice(self) -> FillChoice:
        settings = self.files.settings
        return FillChoice(*self.engine_options.choice(), device=settings.device, touch_up=settings.touch_up)

    def _on_change(self) -> None:
        document = self.document
        self.setWindowTitle(f"{self._shown.name}[*] – Pentimento" if self._shown else "Pentimento[*]")
        self.setWindowModified(document is not None and document.modified)
        self._update_actions()

    def _on_closed(self, file: OpenFile) -> None:
        self.filling.forget(file.document)
        self._share_memory()

    def _share_memory(self) -> None:
        self.files.open_files.share(self.files.settings.history_budget * 2**20)

    def _follow(self, job: Job) -> None:
        self.status.follow(job)
        job.ended.connect(self._update_actions)

    def _update_actions(self) -> None:
        document = self.document
        enabled = available((entry for entry, _ in self._actions.values()), document,
                            self.canvas.stroking or self.tools.busy)
        for name, (_, action) in self._actions.items():
            action.setEnabled(enabled[name])
        self.fill_button.setEnabled(document is not None)
        self.fill_button.setText("Fill again" if document and fills.reopened(document) else "Fill")

    def _show_stale(self) -> None:
        self.layers.set_stale(self._stale.stale)
        self.recipe.set_stale(self.document.active in self._stale.stale)

    def _show_waiting(self) -> None:
        waiting = []
        for key, run in self.filling.waiting_here().items():
            first = run.recipe.variants[0]
            box = variants_box(self.document, (first,))
            picture = variant_image(self.document, first, box, run.ground, _WAITING_SIDE)
            waiting.append((f"Fill with {first.engine}", picture, key))
        self.variants.set_waiting(waiting)

    # Commands that concern the window itself

    def fill(self) -> None:
        """Enter: what the tool is preparing comes first."""
        if not self.tools.finish():
            self._fill_when_masked()

    def fill_now(self) -> None:
        """The button: with what the tool was preparing."""
        self.tools.finish()
        self._fill_when_masked()

    def _fill_when_masked(self) -> None:
        """What is still to come into the mask comes first; by then another document may be shown."""
        document = self.document
        self.tools.mask_work.when_idle(lambda: self.document is document and self.editing.fill())

    def undo(self) -> None:
        if self.canvas.stroking or not self.tools.step_back():
            self.editing.undo()

    def cancel(self) -> None:
        """Esc: the stroke under the pen, else what the tool is preparing, else what runs in the background."""
        if self.canvas.stroking:
            self.canvas.cancel()
        elif not self.tools.cancel():
            self.controllers.cancel()

    def preferences(self) -> PreferencesDialog:
        dialog = PreferencesDialog(self.files.settings, self, self._keys.bindings)
        dialog.device.wanted.connect(lambda: self.modelling.find_devices(dialog.device.show_devices))
        dialog.changed.connect(self._take_preferences)
        dialog.open()
        return dialog

    def _take_preferences(self, chosen: Settings) -> None:
        """What the dialog shows; the rest may have changed since it was opened."""
        self.files.change_settings(replace(self.files.settings, **{name: getattr(chosen, name) for name in SHOWN}))
        self.apply_settings(self.files.settings)

    def _change_keys(self) -> None:
        dialog = self.preferences()
        dialog.pages.setCurrentWidget(dialog.keys)

    def show_guide(self) -> None:
        from editor.app.dialogs.guide import GuideDialog

        GuideDialog(self._keys.first(), self).show()

    def show_shortcuts(self) -> None:
        dialog = ShortcutsDialog(self.findChildren(QAction), GESTURES, self)
        dialog.change_wanted.connect(self._change_keys)
        dialog.open()

    def about(self) -> None:
        from editor.app.dialogs.about import show_about

        show_about(self)

    def quit(self) -> None:
        self.close()

    # Events

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._held_keys.let_go()
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.files.take(event.mimeData())
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not (self.personalising.may_close() and self.controllers.batching.may_close() and self.files.may_close()):
            event.ignore()
            return
        self._held_keys.close()
        self.controllers.close()
        name, _, variants = self.engine_options.choice()
        self.files.end(**self.tools.remembered(), engine=name, variants=variants,
                       engine_settings=self.engine_options.settings_by_engine(),
                       geometry=self.saveGeometry().data(), layout=self.workspace.layout())
        event.accept()
