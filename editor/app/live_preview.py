"""What the chosen engine may make of the hole, shown over it while mask, lines and colours are drawn, and how far a
fill under way is."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.file_commands import FileCommands
from editor.app.fill_controller import FillChoice, FillController, reader
from editor.document import fills
from editor.document.document import PLANES, Document
from editor.document.picture import Picture
from editor.engines.contract import Progress
from editor.engines.previewing import Memory, Preview
from editor.jobs.latest import Latest, Work
from editor.jobs.worker import Worker
from editor.raster.surface import Box, Key, Surface


class LivePreview(QObject):
    """Methods are named as the commands of editor.app.commands. Nothing of it enters the history, and painting never
    waits for it; while a hole is really filled there is none.
    """

    noted = Signal(str)

    def __init__(self, canvas: Canvas, filling: FillController, files: FileCommands, choice: Callable[[], FillChoice]):
        super().__init__(canvas)
        self._canvas, self._filling, self._files, self._choice = canvas, filling, files, choice
        self._document: Document | None = None
        self._near: tuple[float, float] | None = None  # where the hand is, (y, x)
        self._picture: Picture | None = None  # without what is drawn; None once it has changed
        self._memory: Memory = {}
        self._shown = False  # whether a preview of the hole is; how far a fill is, is left alone
        self._worker = Worker(self)
        self._latest = Latest("Preview", self._worker, self)
        self._latest.produced.connect(self._show)
        self._latest.failed.connect(self._fail)
        filling.busy_changed.connect(self.refresh)
        filling.shown.connect(self._show_filling)

    def toggle_live_preview(self, on: bool) -> None:
        self._files.change_settings(replace(self._files.settings, live_preview=on))
        self.refresh()

    def set_document(self, document: Document | None) -> None:
        if self._document is not None:
            self._document.tiles_changed.disconnect(self._on_tiles)
            self._document.layers_changed.disconnect(self._on_picture)
            self._document.frame_changed.disconnect(self.refresh)
            self._document.change_ended.disconnect(self._on_step)
            self._document.reshaped.disconnect(self._on_reshaped)
        self._hide()
        self._document, self._near = document, None
        self._forget_picture()
        if document is not None:
            document.tiles_changed.connect(self._on_tiles)
            document.layers_changed.connect(self._on_picture)
            document.frame_changed.connect(self.refresh)
            document.change_ended.connect(self._on_step)
            document.reshaped.connect(self._on_reshaped)
            self.refresh()

    def refresh(self) -> None:
        """What a preview depends on has changed."""
        if self._document is None or not self._files.settings.live_preview or not self._document.mask.keys():
            self._hide()
        elif self._filling.busy:
            self._latest.stop()
        else:
            self._latest.ask(self._work)

    @property
    def busy(self) -> bool:
        """Whether another preview is to come."""
        return self._latest.busy

    def cancel(self) -> None:
        self._latest.stop()
        self._show_filling(None, None)  # which is cancelled too

    def close(self) -> None:
        self._latest.stop()
        self._worker.close()

    def _on_tiles(self, surface: str, keys: frozenset[Key], box: Box) -> None:
        if surface not in PLANES:
            self._forget_picture()  # another look once the step has ended: it is no guide that is being drawn
        elif not box.empty:
            self._near = ((box.top + box.bottom) / 2, (box.left + box.right) / 2)
            self.refresh()

    def _on_reshaped(self) -> None:
        self._hide()
        self._on_picture()

    def _on_picture(self) -> None:
        self._forget_picture()
        self.refresh()

    def _on_step(self) -> None:
        if self._picture is None:
            self.refresh()

    def _forget_picture(self) -> None:
        self._picture, self._memory = None, {}

    def _hide(self) -> None:
        self._latest.stop()
        self._show(())

    def _show(self, found: tuple[Preview, ...]) -> None:
        if self._shown:
            self._canvas.clear_previews()
        self._shown = bool(found)
        for one in found:
            self._canvas.show_preview(one.box, one.pixels)

    def _show_filling(self, box: Box | None, pixels: np.ndarray | None) -> None:
        """How far the fill under way is."""
        if box is None:
            self._canvas.clear_previews()
            self._shown = False
        else:
            self._canvas.show_preview(box, pixels)

    def _fail(self, words: str) -> None:
        self._show(())
        self.noted.emit(f"No preview: {words}")

    def _work(self) -> Work:
        """The background thread's part: everything it touches is a value."""
        document, choice, near, memory = self._document, self._choice(), self._near, self._memory
        if self._picture is None:
            below = fills.reopened(document)
            # Kept: its reduced pixels are made once, not for every look.
            self._picture = document.snapshot().picture(below and below.id)
        picture, profile, snapshot = self._picture, document.photo.profile, document.snapshot()

        def work(progress: Progress) -> Iterator[tuple[Preview, ...]]:
            from editor.engines.previewing import Guides, previews
            from editor.engines.registry import find, settings_from

            engine, recipe = find(choice.engine), fills.recipe_of_planes(snapshot, choice.engine)
            source, source_box = fills.copied_from(recipe) or (None, None)
            guides = Guides(_coverage(recipe.mask), recipe.sketch and _coverage(recipe.sketch),
                            recipe.colour and recipe.colour.read, source, source_box, recipe.frame)
            yield tuple(previews(reader(picture), picture.base.shape, guides, recipe.mask.content_box(), engine,
                                 settings=settings_from(engine, choice.settings), profile=profile,
                                 device=choice.device, near=near, memory=memory, progress=progress))

        return work


def _coverage(plane: Surface) -> Callable[[Box, int], np.ndarray]:
    return lambda box, level: plane.read(box, level)[..., 0]
