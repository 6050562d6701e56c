"""Finding what is damaged in the whole photo: a command for it, and the tool's way to what it needs."""

from PySide6.QtCore import QObject, Signal

from editor.app.canvas.canvas import Canvas
from editor.app.file_commands import FileCommands
from editor.app.tool_box import ToolBox
from editor.app.tools.damage_finder import DamageFinder


class DamageCommands(QObject):
    """Methods are named as the commands of editor.app.commands."""

    noted = Signal(str)

    def __init__(self, canvas: Canvas, tools: ToolBox, files: FileCommands):
        super().__init__(canvas)
        self._tools = tools
        self._finder: DamageFinder = tools.tools[DamageFinder.name]
        self._finder.device = lambda: files.settings.device
        self._finder.noted.connect(self.noted)

    def find_damage(self) -> None:
        """Take the tool, and search the whole photo."""
        self._tools.choose(DamageFinder.name)
        self._finder.find()

    def cancel(self) -> None:
        """A search that goes on behind another tool."""
        self._finder.stop()

    def close(self) -> None:
        self._finder.close()
