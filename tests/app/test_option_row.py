"""Tools' options: controls, and what is remembered of them."""

from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QSpinBox, QWidget

from editor.app.option_row import OptionRow
from editor.app.tools.options import OptionTool, differing, fitting


@dataclass(frozen=True)
class _Options:
    mode: str = field(default="Add", metadata={"choices": ("Add", "Take"), "help": "What it does"})
    size: int = field(default=8, metadata={"title": "Size", "min": 1, "max": 90, "unit": "px"})
    soft: bool = True


class _Tool(OptionTool):
    name, title, key = "one", "One", "1"
    Options = _Options


class _Plain:
    name, title, key = "plain", "Plain", "2"


@pytest.fixture
def row(qtbot):
    widget = OptionRow()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_every_option_has_a_control_that_changes_it_and_follows_it(qtbot, row):
    tool = _Tool()
    row.follow(tool)
    mode, size = row.findChild(QComboBox, "option-mode"), row.findChild(QSpinBox, "option-size")
    soft = row.findChild(QCheckBox, "option-soft")
    assert mode.toolTip() == "What it does" and size.suffix() == " px" and soft.text() == "Soft"
    with qtbot.waitSignal(tool.options_changed):
        size.setValue(20)
    with qtbot.waitSignal(row.used):
        mode.setFocus()
        qtbot.keyClick(mode, Qt.Key.Key_Down)
    qtbot.keyClick(soft, Qt.Key.Key_Space)
    assert tool.options == _Options("Take", 20, False)
    tool.set_options(size=33, soft=True)
    assert size.value() == 33 and soft.isChecked()


def test_another_tool_has_its_own_and_a_plain_one_none(row):
    first, second = _Tool(), _Tool()
    row.follow(first)
    row.follow(second)
    row.findChild(QSpinBox, "option-size").setValue(50)
    assert (first.options.size, second.options.size) == (8, 50)
    assert len(row.findChildren(QSpinBox)) == 1
    row.follow(_Plain())
    assert not row.isVisible() and not row.findChildren(QWidget)
    second.set_options(size=9)  # nobody follows it any more


def test_what_is_remembered_is_what_differs_and_what_fits():
    assert differing(_Options(size=9)) == {"size": 9}
    assert fitting(_Options, {"size": 9, "mode": "Burn", "soft": 0, "unknown": 1}) == {"size": 9, "soft": False}
    assert fitting(_Options, {"size": 1000}) == fitting(_Options, {"size": [3]}) == {}
