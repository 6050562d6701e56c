"""Controls of a filter's own in its dialog: what plain fields cannot do, such as drawing on the canvas.

A filter may have a module here that is called as it is (``local_contrast`` for ``local-contrast``) with a class
``Panel``, a QWidget that the dialog shows beneath the plain controls:

    class Panel(QWidget):
        settings_changed = Signal(object)           # {setting's name: its value}, plain or hidden ones

        def __init__(self, trial: FilterTrial, tools: ToolBox, parent: QWidget | None = None): ...
        def follow(self, settings: Any) -> None:    # the filter's Settings, at first and whenever they have changed
        def end(self) -> None:                      # the dialog is closed: give back the canvas, forget what runs

What it emits goes into the plain controls, the preview and the result; ``follow`` then comes back with it. Settings
that only a panel shows have ``"hidden": True`` in their metadata and are texts. ``trial`` tells what is filtered
(``trial.scan()``, which may be read in any thread, and ``trial.canvas``), and ``trial.background(name)`` gives a Latest
for work of the panel's own, which ends with the dialog. To have the pointer on the canvas, ``tools.lend(tool)`` and
``tools.take_back(tool)``; Qt moves and paints by canvas.veils.
"""

import importlib
import importlib.util
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from editor.app.filter_trial import FilterTrial
    from editor.app.tool_box import ToolBox


def panel_of(name: str, trial: "FilterTrial", tools: "ToolBox", parent: QWidget) -> QWidget | None:
    """The panel of the filter called ``name``, where it has one."""
    module = f"{__name__}.{name.replace('-', '_')}"
    if importlib.util.find_spec(module) is None:
        return None
    return importlib.import_module(module).Panel(trial, tools, parent)
