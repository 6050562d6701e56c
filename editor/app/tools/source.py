"""The tool that paints where a fill may copy from."""

from dataclasses import dataclass, field

from editor.app.tools.brushes import BrushTool
from editor.app.tools.options import OptionTool
from editor.document.document import AVOID, SOURCE, Document, Transaction
from editor.raster.painting import add_coverage, fade

ONLY, NOT, ANYWHERE = "only from here", "not from here", "as elsewhere"
_STEPS = {ONLY: "Copy from here", NOT: "Do not copy from here", ANYWHERE: "Copy as elsewhere"}


@dataclass(frozen=True)
class SourceOptions:
    """What painting says."""

    say: str = field(default=ONLY, metadata={
        "title": "Copy", "choices": (ONLY, NOT, ANYWHERE),
        "help": "What a fill by patches may copy: only this, never this; or paint both away"})


class SourceBrush(BrushTool, OptionTool):
    """Paints one of the two planes, and takes the other away; the pen's other end takes both away."""

    name, title, key = "source-brush", "Where to copy from", "G"
    Options = SourceOptions

    def _begin(self, document: Document) -> tuple[Transaction, str]:
        return document.change(_STEPS[ANYWHERE if self._erases else self.options.say]), SOURCE

    def _show(self, document: Document) -> None:
        if not self._change.open:
            return
        boxes = self._stroke.take_changed()
        for plane, own in ((SOURCE, ONLY), (AVOID, NOT)):
            paint = add_coverage if self.options.say == own and not self._erases else fade
            before = self._change.before(plane)
            self._change.edit(plane, boxes, lambda part, now, before=before, paint=paint: paint(
                before.read(part), self._stroke.coverage(part), self.brush.opacity))
