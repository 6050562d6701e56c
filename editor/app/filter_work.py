"""What filters do of a document in the background: everything here is a value, or makes one."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from editor.document import filter_layers
from editor.document.document import Document
from editor.document.fills import digest
from editor.document.layers import Filtered, mask_name
from editor.document.snapshot import Snapshot
from editor.engines.contract import Cancelled, Progress
from editor.errors import UserError
from editor.jobs.latest import Work
from editor.raster import masks
from editor.raster.surface import Box, Surface
from editor.restoration.contract import Filter, Scan
from editor.restoration.filtering import PREPARING, filtered, part_of, tiles_in
from editor.restoration.registry import settings_from

_POLL = 0.05  # seconds between two looks at whether somebody else has prepared it
_HASTE = 0.5  # seconds after which a preview that is not wanted any more is given up before anything of it is seen


@dataclass(frozen=True, eq=False)
class Ground:
    """What a filter is to work on: a document as it is at one moment."""

    snapshot: Snapshot
    over: str | None  # the layer that the result goes above; None is the photograph
    below: str | None  # the layer that is above the result, or that it is made for again; None: there is none
    box: Box  # what is filtered
    mask: Surface | None = None  # what a new layer is limited to
    known: dict[str, tuple[Any, Any]] = field(default_factory=dict)  # by filter: what it has prepared, and for what
    alone: threading.Lock = field(default_factory=threading.Lock)  # whoever prepares

    @property
    def scan(self) -> Scan:
        """What lies beneath the result; may be read in any thread."""
        picture, photo = self.snapshot.picture(self.below), self.snapshot.photo
        return Scan(picture.read, picture.base.shape, picture.channels, photo.pixels.dtype, photo.profile)

    def prepared(self, filter: Filter, settings: Any, progress: Progress) -> Any:
        """As Filter.prepare, and once only for settings that it sees no difference between."""
        by = filter.prepared_by(settings) if hasattr(filter, "prepared_by") else settings
        while not self.alone.acquire(timeout=_POLL):  # a panel asks for it while the preview does
            progress(0.0, filter.title)
        try:
            if filter.name not in self.known or self.known[filter.name][0] != by:
                self.known[filter.name] = by, filter.prepare(self.scan, settings, progress)
            return self.known[filter.name][1]
        finally:
            self.alone.release()


@dataclass(frozen=True, eq=False)
class Made:
    """The pixels of a filter layer, and what made them."""

    pixels: Surface
    filtered: Filtered


def ground_of_new(document: Document, over: str | None) -> Ground:
    """For a new layer above ``over``; a mask that is painted limits it."""
    ids = [layer.id for layer in document.layers]
    at = 0 if over is None else ids.index(over) + 1 if over in ids else len(ids)
    mask = document.mask.snapshot() if document.mask.keys() else None
    return Ground(document.snapshot(), over, ids[at] if at < len(ids) else None,
                  document.base.bounds if mask is None else mask.content_box(), mask)


def ground_of_layer(document: Document, layer_id: str) -> Ground:
    """For a filter layer that is to be made again: where its mask shows it, if that has limited it."""
    layer, box = document.layer(layer_id), document.base.bounds
    if layer.filtered.box is not None and layer.masked:
        shown = masks.invert(document.surfaces[mask_name(layer_id)]).content_box()
        box = layer.filtered.box.intersect(box) if shown.empty else shown
    return Ground(document.snapshot(), None, layer_id, box)


def previewing(ground: Ground, filter: Filter, settings: Any, tiles: Sequence[Box],
               outdated: Callable[[], bool]) -> Work:
    """Yields (box, layer's pixels) of ``tiles``, in that order; no more than one of them once it is ``outdated``."""

    def work(progress: Progress) -> Iterator[tuple[Box, np.ndarray]]:
        began, scan = time.monotonic(), ground.scan

        def watch(fraction: float, words: str) -> None:
            progress(fraction, words)
            if outdated() and time.monotonic() - began > _HASTE:
                raise Cancelled

        prepared = ground.prepared(filter, settings, watch)
        for box, pixels in filtered(scan, filter, settings, ground.box, watch, prepared=prepared, tiles=tiles):
            yield box, _opaque(pixels, scan.colours)
            if outdated():
                return

    return work


def applying(ground: Ground, filter: Filter, settings: Any) -> Work:
    """Yields Made: all of it, with its mip levels, so that nothing of size is left to do in the window's thread."""

    def work(progress: Progress) -> Iterator[Made]:
        scan = ground.scan
        out = Surface(scan.shape, scan.colours + 1, scan.dtype)
        prepared = ground.prepared(filter, settings, part_of(progress, 0, PREPARING))
        tiles = filtered(scan, filter, settings, ground.box, part_of(progress, PREPARING, 1), prepared=prepared)
        for box, pixels in tiles:
            out.write(_opaque(pixels, scan.colours), box[:2])
        out.make_mips(lambda: progress(1.0, filter.title))
        whole = ground.box == scan.bounds
        yield Made(out, Filtered(filter.name, plain(settings), digest(ground.snapshot, ground.box, ground.below),
                                 None if whole else ground.box))

    return work


def plain(settings: Any) -> dict[str, Any]:
    """A filter's settings as a project keeps them."""
    return asdict(settings)


def nearest_first(box: Box, filter: Filter, at: tuple[float, float]) -> list[Box]:
    """The tiles of a filter that touch ``box``, those next to ``at`` (y, x) first."""
    def distance(tile: Box) -> float:
        return ((tile.top + tile.bottom) / 2 - at[0]) ** 2 + ((tile.left + tile.right) / 2 - at[1]) ** 2

    return sorted(tiles_in(box, filter), key=distance)


def land(document: Document, ground: Ground, filter: Filter, made: Made, layer_id: str | None) -> bool:
    """Put it on the canvas: a new layer, or other pixels for the layer it is made for. False where that is gone, or
    no filter layer any more.

    Raises UserError where that is locked.
    """
    if layer_id is None:
        filter_layers.add(document, filter.title, made.filtered, made.pixels, ground.over, ground.mask)
    elif (layer := document.layer(layer_id)) is None or layer.filtered is None:
        return False
    else:
        filter_layers.make_again(document, layer_id, filter.title, made.filtered, made.pixels)
    return True


def given(filter: Filter, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of kept settings that the filter still has, and takes."""
    fitting = {}
    for name, value in settings.items():
        try:
            fitting[name] = getattr(settings_from(filter, {name: value}), name)
        except UserError:
            continue
    return fitting


def _opaque(pixels: np.ndarray, colours: int) -> np.ndarray:
    """A scan's pixels as a layer's."""
    alpha = np.full_like(pixels[..., :1], np.iinfo(pixels.dtype).max)
    return np.concatenate([pixels[..., :colours], alpha], axis=2)
