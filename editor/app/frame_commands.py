"""What the Fill menu does to the face frame: find it, take it away."""

from collections.abc import Iterator

from PySide6.QtCore import QObject, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.canvas.frame_overlay import FrameOverlay
from editor.app.fill_controller import FillController, reader
from editor.app.tool_box import ToolBox
from editor.app.tools.face_frame import FaceFrame
from editor.document.document import Document
from editor.engines.contract import Progress
from editor.jobs.worker import Job
from editor.raster.frame import Frame


class FrameCommands(QObject):
    """Methods are named as the commands of editor.app.commands. Owns what shows the frame on the canvas."""

    failed = Signal(str)
    noted = Signal(str)

    def __init__(self, canvas: Canvas, tools: ToolBox, filling: FillController):
        super().__init__(canvas)
        self._canvas = canvas
        self._filling = filling
        self._overlay = FrameOverlay(canvas)
        tools.chosen.connect(lambda name: self._overlay.show_handles(name == FaceFrame.name))

    def set_document(self, document: Document | None) -> None:
        self._overlay.set_document(document)

    def propose_frame(self) -> None:
        """Look for the face that the mask lies in, in the background; what is found is one step of the history."""
        document = self._canvas.document
        document.end_change()
        box = document.mask.content_box()
        snapshot = document.snapshot()

        def work(progress: Progress) -> Iterator[Frame | None]:
            from editor.engines.networks.framing import locator, propose_frame

            locator()  # where there is none, that is another thing to say than that there is no face
            mask = snapshot.surfaces["mask"].read(box)[..., 0]
            yield propose_frame(reader(snapshot.picture()), snapshot.base.shape, mask, (box.top, box.left),
                                progress=progress)

        job = Job("Look for the face", work)
        job.produced.connect(lambda frame: self._show(document, frame))
        job.failed.connect(self.failed)
        self._filling.submit(job, document)

    def clear_frame(self) -> None:
        with self._canvas.document.change("Clear face frame") as change:
            change.set_frame(None)

    def _show(self, document: Document, frame: Frame | None) -> None:
        if frame is None:
            self.noted.emit("No face was found round the mask: draw its frame with the face frame tool (F).")
        elif document.changing:
            self.noted.emit("The face was found while a stroke was under the pen: ask again.")
        else:
            with document.change("Propose face frame") as change:
                change.set_frame(frame)
