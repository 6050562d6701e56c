"""The tools of one window and the colour they share."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal

from editor.app.brush_presets import BrushPresets
from editor.app.canvas.canvas import Canvas
from editor.app.canvas.colour_ring import ColourRing
from editor.app.canvas.tool_overlay import ToolOverlay
from editor.app.mask_work import MaskWork
from editor.app.settings import Settings
from editor.app.tools.brushes import (
    BrushTool,
    ColourEraser,
    ColourStroke,
    Eraser,
    MaskBrush,
    MaskEraser,
    PaintBrush,
    SketchEraser,
    SketchPen,
)
from editor.app.tools.cloning import CloneStamp, HealingBrush
from editor.app.tools.crop import Crop
from editor.app.tools.damage_finder import DamageFinder
from editor.app.tools.face_frame import FaceFrame
from editor.app.tools.lasso import Lasso
from editor.app.tools.marquee import Marquee
from editor.app.tools.navigation import Hand, Zoom
from editor.app.tools.options import differing, fitting
from editor.app.tools.palette import Palette
from editor.app.tools.pickers import Eyedropper
from editor.app.tools.scissors import Scissors
from editor.app.tools.smart_select import SmartSelect
from editor.app.tools.source import SourceBrush
from editor.app.tools.straighten import Straighten
from editor.app.tools.tool import LastingTool, Tool
from editor.app.tools.wand import Wand
from editor.document.document import Document
from editor.raster.brush import Brush

_PAINTING: dict[type[BrushTool], Brush] = {
    MaskBrush: Brush(size=60, hardness=0.9),
    MaskEraser: Brush(size=60, hardness=0.9),
    SketchPen: Brush(size=3, hardness=1.0, smoothing=4.0),  # about as wide as the lines that the networks know
    SketchEraser: Brush(size=20, hardness=1.0),
    ColourStroke: Brush(size=20, hardness=0.9),
    ColourEraser: Brush(size=30, hardness=0.9),
    SourceBrush: Brush(size=120, hardness=1.0),
    PaintBrush: Brush(size=30, hardness=0.6, pressure_opacity=True),
    Eraser: Brush(size=40, hardness=0.6),
    CloneStamp: Brush(size=60, hardness=0.6),
    HealingBrush: Brush(size=40, hardness=0.8),
}
"""The tools that paint, in the order of their buttons, and what each begins with."""


class ToolBox(QObject):
    """Holds the tools and says which of them has the canvas."""

    chosen = Signal(str)  # the tool's name
    brush_changed = Signal()  # of the chosen tool
    refused = Signal(str)  # why a tool does nothing here

    def __init__(self, canvas: Canvas, settings: Settings):
        super().__init__(canvas)
        self._canvas = canvas
        self.palette = Palette(settings.recent_colours, self)
        self.presets = BrushPresets(settings.brush_presets, self)
        painting = [kind(settings.brushes.get(kind.name, brush), self.palette, self)
                    for kind, brush in _PAINTING.items()]
        self._eyedropper = Eyedropper(self)
        face_frame = FaceFrame(canvas, self)
        self.mask_work = MaskWork(self)
        selecting = [kind(canvas, self.mask_work, self) for kind in (
            Lasso, Marquee, Scissors, Wand, SmartSelect, DamageFinder)]
        tools: list[Tool] = [Hand(canvas, self), Zoom(canvas, self), *painting, *selecting, face_frame,
                             self._eyedropper, Crop(canvas, self), Straighten(canvas, self)]
        self.tools = {tool.name: tool for tool in tools}
        self._current = ""
        self._lent: LastingTool | None = None
        self.overlay = ToolOverlay(canvas)
        ColourRing(canvas, self.palette)
        for tool in tools:
            if hasattr(tool, "options"):
                tool.set_options(**fitting(tool.Options, settings.tool_options.get(tool.name, {})))
            if hasattr(tool, "drawing_changed"):
                tool.drawing_changed.connect(
                    lambda drawing, tool=tool: tool is self.current and self.overlay.show_drawing(drawing))
        for tool in painting:
            tool.brush_changed.connect(self._on_brush)
            tool.refused.connect(self.refused)
        self.chosen.connect(face_frame.follow)
        self._eyedropper.picked.connect(self.palette.choose)
        canvas.colour_wanted.connect(self._pick)
        canvas.hovered.connect(self._hover)
        canvas.brush_dragged.connect(self._drag)
        canvas.installEventFilter(self)

    @property
    def current(self) -> Tool:
        return self._lent or self.tools[self._current]

    @property
    def document(self) -> Document | None:
        """What they work on."""
        return self._canvas.document

    @property
    def brush_tool(self) -> BrushTool | None:
        """The chosen tool, if it paints."""
        return self.current if isinstance(self.current, BrushTool) else None

    def remembered(self) -> dict[str, Any]:
        """What of the settings is in the tools' keeping, as it is now; of options what is not as it began."""
        return {
            "brushes": {name: tool.brush for name, tool in self.tools.items() if isinstance(tool, BrushTool)},
            "brush_presets": self.presets.own, "recent_colours": self.palette.recent,
            "tool_options": {name: changed for name, tool in self.tools.items()
                             if hasattr(tool, "options") and (changed := differing(tool.options))}}

    def lend(self, tool: LastingTool) -> None:
        """A tool of somebody else's has the canvas, until another is chosen or it is taken back."""
        tool.drawing_changed.connect(self.overlay.show_drawing)
        self._canvas.set_tool(tool)
        self._lent = tool
        self.overlay.show_drawing(None)
        self.chosen.emit(tool.name)

    def take_back(self, tool: LastingTool) -> None:
        """The tool that had the canvas before has it again, if that one has it still."""
        if self._lent is tool:
            self.choose(self._current)

    def choose(self, name: str) -> None:
        if name != self._current or self._lent is not None:
            self._lent = None
            self._canvas.set_tool(self.tools[name])
            self._current = name
            self.overlay.show_drawing(None)
            self.palette.hovered.emit(None)
            self.chosen.emit(name)

    @property
    def busy(self) -> bool:
        """Whether the chosen tool is in the middle of something that goes on between presses."""
        return self._canvas.document is not None and getattr(self.current, "busy", False)

    def finish(self) -> bool:
        """Enter: the tool that goes on between presses does what it was preparing; whether there was one."""
        if busy := self.busy:
            self.current.finish(self._canvas.document)
        return busy

    def cancel(self) -> bool:
        """Esc: it gives up what it was preparing; whether there was one."""
        if busy := self.busy:
            self.current.cancel(self._canvas.document)
        return busy

    def step_back(self) -> bool:
        """Undo, Backspace: it takes back its last step; whether there was one."""
        if busy := self.busy:
            self.current.step_back(self._canvas.document)
        return busy

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.palette.hovered.emit(None)
        return event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Backspace and self.step_back()

    def resize_brush(self, factor: float) -> None:
        """At least by one pixel, so that small brushes grow too."""
        if tool := self.brush_tool:
            step = tool.brush.size * (factor - 1)
            tool.set_brush(size=round(tool.brush.size + (step if abs(step) > 1 else 1 if step > 0 else -1)))

    def harden_brush(self, step: float) -> None:
        if tool := self.brush_tool:
            tool.set_brush(hardness=round(tool.brush.hardness + step, 2))

    def _drag(self, size: float, hardness: float) -> None:
        if tool := self.brush_tool:
            tool.set_brush(size=tool.brush.size + size, hardness=tool.brush.hardness + hardness)

    def _pick(self, x: float, y: float) -> None:
        if isinstance(self.current, CloneStamp):
            self.current.set_source(self._canvas.document, x, y)
            return
        colour = self._eyedropper.look(self._canvas.document, x, y)
        if colour is not None:
            self.palette.choose(colour)

    def _hover(self, x: float, y: float) -> None:
        if isinstance(self.current, CloneStamp):
            self.current.hover(self._canvas.document, x, y)
        elif self.current is self._eyedropper:
            self.palette.hovered.emit(self._eyedropper.look(self._canvas.document, x, y))

    def _on_brush(self) -> None:
        self._canvas.update_outline()
        self.brush_changed.emit()
