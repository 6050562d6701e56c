"""A filter tried out: the canvas shows what it would make, in sight first and there from the middle outwards."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.filter_work import Ground, nearest_first, previewing
from editor.document import filter_layers
from editor.document.document import MASK, Document
from editor.document.layers import Layer, mask_name
from editor.document.picture import Picture
from editor.document.snapshot import composite
from editor.jobs.latest import Latest
from editor.jobs.worker import Worker
from editor.raster import masks
from editor.raster.surface import Box, Surface
from editor.restoration.contract import Filter, Scan
from editor.restoration.filtering import tiles_in

_SETTLED = 80  # milliseconds without another change before it begins
_HELD = 256 * 2**20  # bytes of pixels that are shown, at most: a third of a hundred megapixels of 16 bits
_TRIED = "tried"  # id of the layer that is no layer yet


@dataclass(eq=False)
class _Run:
    """One look of the background thread at what is in sight."""

    ground: Ground
    settings: Any
    outdated: bool = False  # another one is asked for


class FilterTrial(QObject):
    """From the opening of a filter's dialog until it is closed.

    What is seen is computed from the photo's own pixels at full resolution, whatever the zoom, and drawn as the result
    would be: beneath the layers that will be above it, through its mask. So it is exactly what applying gives, only
    that it may not be there yet, and of what is in sight of a very large photo only the middle comes.

    Signals: ``told(done, wanted, left_out)``, tiles in sight; ``failed(words)``; ``ground_changed()`` when something
    beneath has changed; ``lost()`` when there is nothing to try it on any more.
    """

    told = Signal(int, int, int)
    failed = Signal(str)
    ground_changed = Signal()
    lost = Signal()

    def __init__(self, canvas: Canvas, workers: tuple[Worker, Worker], filter: Filter, layer_id: str | None,
                 ground_of: Callable[[], Ground], parent: QObject | None = None):
        """``workers``: for the preview, and for what else is done. ``layer_id``: of the filter layer that is to be made
        again; None: there is to be a new one."""
        super().__init__(parent)
        self.canvas, self.filter = canvas, filter
        self._layer_id, self._ground_of = layer_id, ground_of
        self._document: Document = canvas.document
        self._settings: Any = None
        self._on = True
        self._beside = workers[1]
        self._latest = Latest(f"Preview of {filter.title.lower()}", workers[0], self)
        self._backgrounds = [self._latest]
        self._latest.produced.connect(self._take)
        self._latest.failed.connect(self.failed)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLED)
        self._settling.timeout.connect(self._ask)
        self._take_ground()
        self._pixels = Surface(self._document.shape, self._document.colours + 1, self._document.photo.pixels.dtype)
        self._shown: set[Box] = set()  # the tiles of which there is something
        self._done: set[Box] = set()  # those of them that are as the settings are now
        self._wanted: frozenset[Box] = frozenset()  # those that are in sight, and not too many
        self._left_out = 0  # those that are too many
        self._run: _Run | None = None
        self._document.history_changed.connect(self._on_change)
        self._document.layers_changed.connect(self._on_layers)
        self._document.reshaped.connect(self.lost)
        canvas.view_changed.connect(self._settling.start)
        self._mask_shown = canvas.shows_plane(MASK)
        canvas.show_plane(MASK, False)  # what it limits is to be seen in its own colours
        canvas.show_instead(self._picture)

    @property
    def ground(self) -> Ground:
        """What is filtered, as it is now."""
        return self._ground

    def scan(self) -> Scan:
        """What lies beneath the result; may be read in any thread."""
        return self._ground.scan

    def background(self, name: str) -> Latest:
        """For work beside the preview that ends with the trial at the latest."""
        latest = Latest(name, self._beside, self)
        self._backgrounds.append(latest)
        return latest

    def take(self, settings: Any) -> None:
        """Try other settings."""
        self._settings = settings
        self._outdate()

    def show(self, on: bool) -> None:
        """Show what the filter makes, or the picture without it."""
        if on != self._on:
            self._on = on
            self.canvas.show_instead(self._picture if on else None)
            self._settling.start()

    def end(self) -> None:
        """The canvas shows the document again, and nothing runs any more."""
        self._document.history_changed.disconnect(self._on_change)
        self._document.layers_changed.disconnect(self._on_layers)
        self._document.reshaped.disconnect(self.lost)
        self.canvas.view_changed.disconnect(self._settling.start)
        self._settling.stop()
        for latest in self._backgrounds:
            latest.stop()
        if self.canvas.document is self._document:
            self.canvas.show_instead(None)
        self.canvas.show_plane(MASK, self._mask_shown)

    # What is shown

    def _picture(self, document: Document) -> Picture:
        """The document with the layer as it would be."""
        if document.shape != self._pixels.shape:
            return document.picture()  # it has just been turned or cropped
        if (layer := document.layer(self._layer_id)) is not None:
            surfaces = {**document.surfaces, layer.id: self._pixels}
            shown = tuple(replace(one, visible=True) if one is layer else one for one in document.layers)
            return composite(document.base, shown, surfaces, None)
        tried = Layer(self.filter.title, _TRIED, mode=filter_layers.mode_over(document.photo),
                      masked=self._hidden is not None)
        ids = [layer.id for layer in document.layers]
        at = ids.index(self._ground.below) if self._ground.below in ids else len(ids)
        layers = (*document.layers[:at], tried, *document.layers[at:])
        surfaces = {**document.surfaces, _TRIED: self._pixels, mask_name(_TRIED): self._hidden}
        return composite(document.base, layers, surfaces, None)

    def _take_ground(self) -> None:
        self._ground = self._ground_of()
        self._hidden = None if self._ground.mask is None else masks.invert(self._ground.mask)

    def _on_change(self) -> None:
        """Something in the document has changed: the photo beneath, the mask, the layers."""
        self._take_ground()
        self.canvas.show_instead(self._picture if self._on else None)
        self._outdate()
        self.ground_changed.emit()

    def _on_layers(self) -> None:
        layer = self._document.layer(self._layer_id)
        if self._layer_id is not None and (layer is None or layer.filtered is None):
            self.lost.emit()

    def _outdate(self) -> None:
        """All that is shown is to be computed anew. What is in sight stays until it is; the rest goes."""
        self._done.clear()
        self._look()
        self._forget(self._shown - self._wanted)
        self._settling.start()

    def _look(self) -> list[Box]:
        """The tiles in sight that are not there yet, the middle first."""
        box = self.canvas.view.photo_box().intersect(self._ground.box)
        tiles = [] if box.empty else nearest_first(
            box, self.filter, ((box.top + box.bottom) / 2, (box.left + box.right) / 2))
        self._left_out = max(0, len(tiles) - self._room)
        tiles = tiles[:self._room]
        self._wanted = frozenset(tiles)
        self._tell()
        return [tile for tile in tiles if tile not in self._done]

    @property
    def _room(self) -> int:
        """Tiles that may be held."""
        side = tiles_in(Box(0, 0, 1, 1), self.filter)[0].height
        return max(1, _HELD // (side * side * self._pixels.channels * self._pixels.dtype.itemsize))

    def _forget(self, tiles: set[Box]) -> None:
        for tile in tiles:
            self._pixels.edit(tile, lambda part, old: np.zeros_like(old))
            self.canvas.repaint_photo(tile)
        self._shown -= tiles
        self._done -= tiles

    def _ask(self) -> None:
        """For what is in sight and not there yet."""
        missing = self._look()
        if self._run is not None:
            self._run.outdated = True
        if not (self._on and missing):
            return
        if len(self._shown | self._wanted) > self._room:
            self._forget(self._shown - self._wanted)
        run = self._run = _Run(self._ground, self._settings)
        work = previewing(run.ground, self.filter, run.settings, missing, lambda: run.outdated)
        self._latest.ask(lambda: lambda progress: ((run, *found) for found in work(progress)))

    def _take(self, found: tuple["_Run", Box, np.ndarray]) -> None:
        run, box, pixels = found  # also of settings that are no longer wanted: it is nearer to what is than nothing
        self._pixels.write(pixels, box[:2])
        (tile,) = tiles_in(box, self.filter)
        self._shown.add(tile)
        if run.ground is self._ground and run.settings is self._settings:
            self._done.add(tile)
        self._tell()
        if self._on:
            self.canvas.repaint_photo(box)

    def _tell(self) -> None:
        self.told.emit(len(self._done & self._wanted), len(self._wanted), self._left_out)
