"""From the Fill button to a fill layer: snapshot, request, background job, result on the canvas."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from editor.document import fills
from editor.document.document import Document, Snapshot
from editor.document.history import Command
from editor.document.layers import Layer, Patch, Recipe, Variant
from editor.document.picture import Picture
from editor.engines.contract import FillResult, Progress
from editor.jobs.worker import Job, Worker
from editor.raster.colour import grey
from editor.raster.surface import Box, Surface


@dataclass(frozen=True)
class FillChoice:
    """What the user asks for besides what is on the planes."""

    engine: str
    settings: dict[str, Any]
    variants: int = 1
    seed: int = 0
    device: str = "auto"
    touch_up: bool = False  # extend the last fill where the mask is near it


@dataclass(eq=False)
class Run:
    """One fill on its way from the mask to a layer."""

    document: Document
    snapshot: Snapshot
    recipe: Recipe  # its variants are those that wait
    below: str | None  # the layer to fill again; None makes a new one
    used: Recipe | None  # what it takes from the planes; None: it was not filled by them
    stroke: Command | None = None  # the step that asked for it
    under: str | None = None  # what adjusts a new layer with the rest: fills.adjusting_on_top
    landed: bool = False
    geometry: object = field(init=False)  # of the document when it began

    def __post_init__(self) -> None:
        self.geometry = self.document.geometry

    @property
    def ground(self) -> str | None:
        """The layer beneath which it sees the picture; None sees all of it."""
        return self.below or self.under

    @property
    def misplaced(self) -> bool:
        """Whether the photograph has been turned or cropped since: what was filled lies elsewhere now."""
        return self.document.geometry is not self.geometry

    @property
    def orphaned(self) -> bool:
        """Whether the layer that it should fill again is no longer there, or is locked now."""
        return self.below is not None and self._refilled is None

    @property
    def _refilled(self) -> Layer | None:
        layer = self.document.layer(self.below)
        return None if layer is None or layer.locked else layer

    def land(self, variants: tuple[Variant, ...], surface: Surface | None = None) -> None:
        """Put it on the canvas: one step of the history, with the stroke that asked for it if nothing came after.
        surface: of the first variant, where it is made already."""
        recipe = replace(self.recipe, variants=variants)
        history = self.document.history
        if self.stroke is not None and history.position and history.commands[history.position - 1] is self.stroke:
            self.document.undo()
        if self._refilled is not None:
            fills.refill(self.document, self.below, recipe, self.used, surface)
        else:
            fills.add_fill_layer(self.document, recipe, surface, self.under)
        self.landed = True


class FillController(QObject):
    """Runs the fills of one window. A result becomes a layer, or waits if the picture under its hole has changed."""

    started = Signal(object)  # Job
    refused = Signal(str)  # why nothing is filled
    failed = Signal(str)
    noted = Signal(str)  # an engine's note
    waiting_changed = Signal()
    busy_changed = Signal(bool)
    landed_behind = Signal(object)  # Document that is not shown
    shown = Signal(object, object)  # box and pixels: how far the fill of the document that is shown is; None: no more

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._worker = Worker(self)
        self._worker.busy_changed.connect(self.busy_changed)
        self._jobs: list[tuple[Document, Job]] = []  # that are not over, and what they work on
        self.waiting: dict[str, Run] = {}  # results whose ground has changed: the user decides; by Recipe.run
        self._shown: Document | None = None
        self._deferred: list[tuple[Run, Variant, Surface]] = []  # results that came while a stroke was under the pen

    @property
    def busy(self) -> bool:
        return self._worker.current is not None

    def fill(self, document: Document, choice: FillChoice, stroke: Command | None = None) -> Job | None:
        """Fill the masked hole in the background, as sketch and colour strokes say. ``stroke``: the step that asked for
        it, and becomes one with the fill.

        None (and ``refused``) if there is nothing to fill.
        """
        document.end_change()
        self._deliver_deferred()
        guides = used = fills.recipe_of_planes(document, choice.engine)
        layer = fills.reopened(document)
        if layer is None and choice.touch_up and (layer := fills.touched(document, guides.mask)) is not None:
            guides, choice = fills.extended(layer.recipe, guides), replace(choice, seed=layer.recipe.seed)
        return self._start(document, choice, guides, layer and layer.id, used, stroke)

    def fill_again(self, document: Document, layer_id: str, choice: FillChoice) -> Job | None:
        """Fill a layer's hole once more as its recipe says, with another seed."""
        document.end_change()
        layer = document.layer(layer_id)
        return self._start(document, choice, layer.recipe, layer_id, layer.recipe if layer.reopened else None)

    def set_document(self, document: Document | None) -> None:
        """Another document is shown; fills of others go on."""
        self._shown = document
        self.waiting_changed.emit()

    def cancel(self) -> None:
        """What fills the document that is shown; if nothing does, all others."""
        self._cancel([job for document, job in self._jobs if document is self._shown] or [job for _, job in self._jobs])

    def forget(self, document: Document) -> None:
        """It is closed: nothing may land in it any more."""
        self._cancel([job for filled, job in self._jobs if filled is document])
        self.waiting = {key: run for key, run in self.waiting.items() if run.document is not document}
        self._deferred = [each for each in self._deferred if each[0].document is not document]
        self.waiting_changed.emit()

    def waiting_here(self) -> dict[str, Run]:
        """Of ``waiting``, what belongs to the document that is shown."""
        return {key: run for key, run in self.waiting.items() if run.document is self._shown}

    def close(self) -> None:
        self._worker.close()

    def _drop_misplaced(self) -> None:
        kept = {key: run for key, run in self.waiting.items() if not run.misplaced}
        if len(kept) < len(self.waiting):
            self.waiting = kept
            self.waiting_changed.emit()
            self.noted.emit("A fill that waited is gone: the photograph lies otherwise now.")

    def use_waiting(self, run: str) -> None:
        """Take a waiting fill after all."""
        waiting = self.waiting.pop(run)
        waiting.land(waiting.recipe.variants)
        self.waiting_changed.emit()

    def dismiss_waiting(self, run: str) -> None:
        self.waiting.pop(run).landed = True  # nor are its later variants wanted
        self.waiting_changed.emit()

    def _start(self, document: Document, choice: FillChoice, guides: Recipe, below: str | None, used: Recipe | None,
               stroke: Command | None = None) -> Job | None:
        """Fill with the mask and the guides of a recipe."""
        box = guides.mask.content_box()
        if box.empty:
            self.refused.emit("Paint over what should go first: the mask is empty.")
            return None
        layer = document.layer(below)
        if layer is not None and layer.locked:
            self.refused.emit(f"The layer “{layer.name}” is locked.")
            return None
        snapshot = document.snapshot()
        under = fills.adjusting_on_top(document.layers) if below is None else None
        recipe = replace(guides, engine=choice.engine, settings=choice.settings, seed=choice.seed, variants=(),
                         chosen=0, beneath=fills.digest(snapshot, box, below or under), run=uuid4().hex)
        run = Run(document, snapshot, recipe, below, used, stroke, under)
        job = Job(f"Fill with {choice.engine}", lambda progress: _variants(
            snapshot, run.ground, recipe, box, choice, lambda *seen: job.show(seen), progress))
        job.shown.connect(lambda seen: self._show(run, *seen))
        job.produced.connect(lambda made: self._deliver(run, *made))
        job.failed.connect(lambda words: self.failed.emit(words[:1].upper() + words[1:]))
        job.cancelled.connect(lambda: self.noted.emit("The fill was cancelled."))
        return self.submit(job, document)

    def submit(self, job: Job, document: Document) -> Job:
        """Run a job that works on a document in the background when its turn comes."""
        self._jobs.append((document, job))
        job.ended.connect(self._let_go)
        document.reshaped.connect(job.cancel)  # its result would lie where it was, not where it belongs
        self.started.emit(job)
        return self._worker.submit(job)

    def _let_go(self) -> None:
        self._jobs = [(document, job) for document, job in self._jobs if not job.over]

    def _cancel(self, jobs: list[Job]) -> None:
        for job in jobs:
            job.cancel()

    def _show(self, run: Run, box: Box, pixels: np.ndarray) -> None:
        if run.document is self._shown and not run.misplaced:
            self.shown.emit(box, fills.seen_through(run.document.layers, run.ground, pixels))

    def _deliver(self, run: Run, variant: Variant, surface: Surface) -> None:
        self.shown.emit(None, None)
        if run.document.changing:  # a stroke is under the pen: it must not be torn in two
            self._deferred.append((run, variant, surface))
            # Queued and once: whoever ends a step is in the middle of something.
            run.document.change_ended.connect(self._deliver_deferred, Qt.ConnectionType(
                Qt.ConnectionType.QueuedConnection.value | Qt.ConnectionType.SingleShotConnection.value))
            return
        if run.misplaced:
            return
        for note in variant.notes:
            self.noted.emit(note)
        if run.landed:
            fills.append_variant(run.document, run.recipe.run, variant)
        elif run.recipe.variants or run.orphaned or not fills.unchanged(
                run.document, run.snapshot, variant.box, run.ground):
            run.recipe = replace(run.recipe, variants=(*run.recipe.variants, variant))
            self.waiting[run.recipe.run] = run
            run.document.reshaped.connect(self._drop_misplaced, Qt.ConnectionType.SingleShotConnection)
            self.waiting_changed.emit()
        else:
            run.land((variant,), surface)
            if run.document is not self._shown:
                self.landed_behind.emit(run.document)

    def _deliver_deferred(self) -> None:
        deferred, self._deferred = self._deferred, []
        for each in deferred:
            self._deliver(*each)


def _variants(snapshot: Snapshot, below: str | None, recipe: Recipe, box: Box, choice: FillChoice,
              show: Callable[[Box, np.ndarray], None], progress: Progress) -> Iterator[tuple[Variant, Surface]]:
    """The background thread's part: everything it touches is a value. Each variant with its pixels as a layer's."""
    from editor.engines.filling import fill
    from editor.engines.registry import find, settings_from

    engine = find(choice.engine)
    picture = snapshot.picture(below)
    sketch = recipe.sketch and (lambda part: recipe.sketch.read(part)[..., 0])
    colour = recipe.colour and recipe.colour.read
    source, source_box = fills.copied_from(recipe) or (None, None)
    mask = recipe.mask.read(box)[..., 0]
    done = fill(reader(picture), snapshot.base.shape, mask, engine, mask_origin=(box.top, box.left),
                profile=snapshot.photo.profile, sketch=sketch, colour=colour, source=source, source_box=source_box,
                variants=choice.variants, seed=choice.seed, settings=settings_from(engine, choice.settings),
                device=choice.device, frame=recipe.frame, show=show, progress=progress)
    for result in done:
        patches = tuple(patch for part in result.results if (patch := _patch(part, picture.colours)) is not None)
        first = result.results[0]
        used = " + ".join(sorted({part.engine for part in result.results}))
        coarsest = min(result.results, key=lambda part: max(part.working_size) / max(part.covers))
        frame = next((part.frame for part in result.results if part.frame is not None), None)
        variant = Variant(patches, used, result.seed, result.seconds, first.device, first.precision, result.notes,
                          max(coarsest.working_size), max(coarsest.covers), frame)
        yield variant, fills.surface_of(snapshot, variant)


def reader(picture: Picture) -> Callable[..., np.ndarray]:
    """Gives (h, w, 3) of a box of a composite, or of a mip level of it, grey repeated thrice: how filling reads it."""
    def read(part: Box, level: int = 0) -> np.ndarray:
        pixels = picture.read(part, level)[..., :picture.colours]
        return np.repeat(pixels, 3, axis=2) if picture.colours == 1 else pixels

    return read


def _patch(result: FillResult, colours: int) -> Patch | None:
    """A region's result cut to what it covers, at the photograph's depth; None if it covers nothing."""
    rows, columns = np.flatnonzero(result.alpha.any(axis=1)), np.flatnonzero(result.alpha.any(axis=0))
    if not rows.size:
        return None
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    pixels = result.pixels[part]
    full = np.iinfo(pixels.dtype).max
    pixels = grey(pixels) if colours == 1 else pixels.copy()
    alpha = np.rint(result.alpha[part] * full).astype(pixels.dtype)
    pixels.flags.writeable = alpha.flags.writeable = False
    return Patch(pixels, alpha, (result.origin[0] + int(rows[0]), result.origin[1] + int(columns[0])))
