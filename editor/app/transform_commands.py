"""What the Picture menu, the crop tool and the straightening line do: turn, flip, crop, rotate."""

from collections.abc import Iterator

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.view import View
from editor.app.dialogs.rotation import RotationDialog
from editor.app.tool_box import ToolBox
from editor.app.tools.crop import Crop as CropTool
from editor.app.tools.straighten import Straighten
from editor.app.wait_cursor import wait_cursor
from editor.document.document import Document, Snapshot
from editor.document.transforms import transform, transformed
from editor.engines.contract import Progress
from editor.jobs.worker import Job, Worker
from editor.raster.surface import Box, keys_in, level_shape
from editor.raster.transforms import SAMPLING, Crop, Flip, Rotate, Step, Turn

_BESIDE = QColor(0, 0, 0, 130)  # laid over what a crop takes away


class TransformCommands(QObject):
    """Methods are named as the commands of editor.app.commands. Rotations by an odd angle run in the background."""

    failed = Signal(str)
    noted = Signal(str)
    started = Signal(object)  # Job

    def __init__(self, canvas: Canvas, tools: ToolBox):
        super().__init__(canvas)
        self._canvas = canvas
        self._worker = Worker(self)
        self._crop: CropTool = tools.tools[CropTool.name]
        self._crop.crop_wanted.connect(self._crop_to)
        tools.tools[Straighten.name].rotation_wanted.connect(self.rotate)
        canvas.veils.append(self._darken_beside)

    def cancel(self) -> None:
        self._worker.cancel_all()

    def close(self) -> None:
        self._worker.close()

    def turn_left(self) -> None:
        self._now("Turn left", Turn(3))

    def turn_right(self) -> None:
        self._now("Turn right", Turn(1))

    def turn_over(self) -> None:
        self._now("Turn upside down", Turn(2))

    def flip_horizontally(self) -> None:
        self._now("Flip horizontally", Flip())

    def flip_vertically(self) -> None:
        self._now("Flip vertically", Flip(upright=True))

    def crop_to_mask(self) -> None:
        """To the box round the mask."""
        self._crop_to(self._canvas.document.mask.content_box())

    def rotate_by(self) -> None:
        dialog = RotationDialog(self._canvas.window())
        dialog.chosen.connect(self.rotate)
        dialog.open()

    def rotate(self, angle: float, keep_all: bool) -> None:
        """By ``angle`` degrees clockwise; in the background, for it takes seconds on the largest photographs."""
        angle = 180 - (180 - angle) % 360
        if angle % 90 == 0:
            if angle:
                self._now("Rotate", Turn(int(angle // 90) % 4))
            return
        self._in_background(f"Rotate {angle:+.2f}°".replace("-", "−"), Rotate(angle, keep_all))

    def carry_out(self, name: str, step: Step) -> None:
        """Any step; in the background where it samples pixels."""
        if isinstance(step, SAMPLING):
            self._in_background(name, step)
        elif not isinstance(step, Crop) or step.box != self._canvas.document.base.bounds:
            self._now(name, step)

    def _in_background(self, name: str, step: Step) -> None:
        document = self._canvas.document
        document.end_change()
        snapshot, state = document.snapshot(), document.state()
        view = View(step.shape(document.shape), self._canvas.view.canvas).fitted()

        def work(progress: Progress) -> Iterator[Snapshot]:
            ready = transformed(snapshot, step, lambda share: progress(share, "Rotating"))
            picture = ready.picture()
            for key in keys_in(Box(0, 0, *level_shape(view.photo, view.level))):
                progress(1.0, "Rotating")
                picture.tile(key, view.level)  # else the window would stand still while it is reduced to be shown
            yield ready

        job = Job("Rotating", work)
        job.produced.connect(lambda ready: self._take(document, snapshot, state, name, step, ready))
        job.failed.connect(self.failed)
        job.cancelled.connect(lambda: self.noted.emit("The rotation was cancelled."))
        self.started.emit(job)
        self._worker.submit(job)

    def _take(self, document: Document, snapshot: Snapshot, state: object, name: str, step: Step,
              ready: Snapshot) -> None:
        if document.changing or document.state() is not state or document.layers != snapshot.layers:
            self.noted.emit("The photograph was changed meanwhile and is not rotated: ask again.")
            return
        transform(document, name, step, ready)

    def _crop_to(self, box: Box) -> None:
        self.carry_out("Crop", Crop(box))

    def _now(self, name: str, step: Step) -> None:
        with wait_cursor():
            transform(self._canvas.document, name, step)

    def _darken_beside(self, painter: QPainter, rect: QRect) -> None:
        """What the crop would take away."""
        if not self._crop.busy:
            return
        view, ratio, box = self._canvas.view, self._canvas.devicePixelRatioF(), self._crop.box
        path = QPainterPath()
        for inner in (Box(0, 0, *view.photo), box):
            left, top = view.to_device(inner.left, inner.top)
            path.addRect(left / ratio, top / ratio, inner.width * view.scale / ratio, inner.height * view.scale / ratio)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(path, _BESIDE)  # odd-even: all but the inner one
