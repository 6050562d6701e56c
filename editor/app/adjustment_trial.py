"""An adjustment tried out: the canvas shows what it makes of the picture, at once, as the layer would."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from editor.app.canvas.canvas import Canvas
from editor.document import adjustment_layers
from editor.document.document import Document
from editor.document.filter_layers import place_of_new, stack_with_over
from editor.document.layers import Layer, mask_name
from editor.document.picture import Picture
from editor.document.snapshot import composite
from editor.engines.contract import Progress
from editor.jobs.latest import Latest, Work
from editor.jobs.worker import Worker
from editor.raster import masks
from editor.raster.adjustments import Adjustment, Levels
from editor.raster.surface import Box, Surface, level_shape
from editor.raster.tone_points import histogram
from editor.restoration.contract import Scan

_TRIED = "tried"  # id of the layer that is no layer yet
_LOOKED_AT = 2048  # pixels: the longer side at which a histogram is counted
_SETTLED = 200  # milliseconds without another step before it is counted again
_AROUND = 2  # pixels round a picked one that count with it
_BLACK, _WHITE = (40, 90, 255), (255, 50, 40)  # what is lost to black is shown so, and to white
_STRIPE = 3  # pixels, on grey pictures


class AdjustmentTrial(QObject):
    """From the opening of an adjustment's dialog until it is closed.

    Signals: ``counted(histogram)``, (c, 256), of what lies beneath, whenever that is another; ``measured(Levels)`` when
    what was asked of ``measure`` is there; ``failed(words)``; ``lost()`` when there is nothing to adjust any more.
    """

    counted = Signal(object)
    measured = Signal(object)
    failed = Signal(str)
    lost = Signal()

    def __init__(self, canvas: Canvas, workers: tuple[Worker, Worker], layer_id: str | None,
                 parent: QObject | None = None):
        """``layer_id``: of the adjustment layer that is changed; None: there is to be a new one, above the active
        layer and limited to what is masked."""
        super().__init__(parent)
        self._canvas, self._layer_id = canvas, layer_id
        self._document: Document = canvas.document
        self._over, _ = place_of_new(self._document)
        self._mask = self._document.mask.snapshot() if layer_id is None and self._document.mask.keys() else None
        self._surfaces = {_TRIED: Surface(self._document.shape, self._document.colours + 1,
                                          self._document.photo.pixels.dtype)}
        if self._mask is not None:
            self._surfaces[mask_name(_TRIED)] = masks.invert(self._mask)
        self._adjustment: Adjustment = Levels()
        self._on, self._clipping = True, False
        self._counting = Latest("Counting tones", workers[0], self)
        self._counting.produced.connect(self.counted)
        self._measuring = Latest("Measuring the tone", workers[1], self)
        self._measuring.produced.connect(self.measured)
        self._measuring.failed.connect(self.failed)
        self._soon = QTimer(self, singleShot=True, interval=0)  # of many moves of a handle only the last is drawn
        self._soon.timeout.connect(self._show)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLED)
        self._settling.timeout.connect(self._count)
        self._document.history_changed.connect(self._on_change)
        self._document.reshaped.connect(self.lost)
        self._show()
        self._count()

    def take(self, adjustment: Adjustment) -> None:
        """Try another one."""
        self._adjustment = adjustment
        self._soon.start()

    def show(self, on: bool) -> None:
        """Show what it makes, or the picture without it."""
        self._on = on
        self._soon.start()

    def show_clipping(self, on: bool) -> None:
        """Mark what is black or white in a channel."""
        self._clipping = on
        self._soon.start()

    def measure(self, keep_sepia: bool, balance: bool, clipped: float) -> None:
        """Ask for the levels that the picture beneath needs; ``measured`` follows."""
        work = measuring(self._scan(), keep_sepia, balance, clipped)
        self._measuring.ask(lambda: work)

    def colour_at(self, x: float, y: float) -> np.ndarray | None:
        """(colours,) float 0..1: the mean colour beneath about a point of the photo; None beside it."""
        at = Box(int(np.floor(y)), int(np.floor(x)), int(np.floor(y)) + 1, int(np.floor(x)) + 1)
        if at.intersect(self._document.base.bounds).empty:
            return None
        scan = self._scan()
        part = at.grow(_AROUND).intersect(self._document.base.bounds)
        return scan.floats(part).reshape(-1, scan.colours).mean(axis=0).astype(float)

    def keep(self) -> None:
        """The layer is as it was tried. Raises UserError where it is locked or gone."""
        if self._layer_id is None:
            adjustment_layers.add(self._document, self._adjustment, self._over, self._mask)
        elif self._layer is not None:
            adjustment_layers.change(self._document, self._layer_id, self._adjustment)

    def end(self) -> None:
        """The canvas shows the document again, and nothing runs any more."""
        self._document.history_changed.disconnect(self._on_change)
        self._document.reshaped.disconnect(self.lost)
        for timer in (self._soon, self._settling):
            timer.stop()
        for latest in (self._counting, self._measuring):
            latest.stop()
        if self._canvas.document is self._document:
            self._canvas.show_instead(None)

    @property
    def _layer(self) -> Layer | None:
        return self._document.layer(self._layer_id)

    def _on_change(self) -> None:
        if self._layer_id is not None and self._layer is None:
            self.lost.emit()
        else:
            self._settling.start()

    def _stack(self, document: Document) -> list[Layer]:
        """The layers with the one that is tried."""
        if self._layer_id is not None:
            return [replace(layer, adjustment=self._adjustment, visible=True) if layer.id == self._layer_id else layer
                    for layer in document.layers]
        tried = Layer("", _TRIED, masked=self._mask is not None, adjustment=self._adjustment)
        return stack_with_over(document, tried, self._over)

    def _picture(self, document: Document) -> Picture:
        layers = document.layers if document.shape != self._surfaces[_TRIED].shape else self._stack(document)
        if not self._on:
            layers = [layer for layer in layers if layer.id not in (_TRIED, self._layer_id)]
        picture = composite(document.base, tuple(layers), {**document.surfaces, **self._surfaces}, None)
        return Marked(picture.base, picture.sheets) if self._clipping else picture

    def _show(self) -> None:
        self._canvas.show_instead(self._picture)

    def _scan(self) -> Scan:
        """What lies beneath, as it is now; may be read in any thread."""
        snapshot = self._document.snapshot()
        layers = self._stack(self._document)
        below = next((layer.id for layer in layers if layer.id in (_TRIED, self._layer_id)), None)
        picture = composite(snapshot.base, tuple(layers), {**snapshot.surfaces, **self._surfaces}, below)
        return scan_of(picture, snapshot.photo.profile)

    def _count(self) -> None:
        scan = self._scan()
        self._counting.ask(lambda: _counts(scan))


def scan_of(picture: Picture, profile: bytes | None) -> Scan:
    """A snapshot's picture, to be measured."""
    return Scan(picture.read, picture.base.shape, picture.channels, picture.base.dtype, profile)


def measuring(scan: Scan, *settings: object) -> Work:
    """Yields the Levels that a picture needs; ``settings`` as tone.unfaded takes them."""
    def work(progress: Progress) -> Iterator[Levels]:
        from editor.restoration.tone import unfaded

        yield unfaded(scan, *settings, progress=progress)

    return work


def _counts(scan: Scan) -> Work:
    """Yields the histogram of a picture, reduced if it is large."""
    def work(progress: Progress) -> Iterator[np.ndarray]:
        level = max((max(scan.shape) - 1) // _LOOKED_AT, 0).bit_length()
        height, width = level_shape(scan.shape, level)
        total = np.zeros((scan.colours, 256), np.int64)
        for top in range(0, height, 128):
            progress(top / height, "Counting tones")
            total += histogram(scan.read(Box(top, 0, min(top + 128, height), width), level))
        yield total

    return work


@dataclass(frozen=True)
class Marked(Picture):
    """A picture on which what is black or white in a channel, and so lost, is marked: in blue and red, on a grey one by
    stripes.
    """

    def read(self, box: Box, level: int = 0) -> np.ndarray:
        pixels = super().read(box, level)
        colour, full = pixels[..., :self.colours], self.base.max_value
        rows, columns = np.arange(box.top, box.bottom)[:, None], np.arange(box.left, box.right)[None, :]
        stripes = ((rows + columns) // _STRIPE % 2).astype(bool)
        for lost, mark in (((colour == 0).any(axis=2), _BLACK), ((colour == full).any(axis=2), _WHITE)):
            if self.colours == 3:
                colour[lost] = np.array(mark) * (full // 255)
            else:
                colour[lost & stripes] = full - colour[lost & stripes]
        return pixels
