"""A filter's dialog is made from what the filter declares, and takes its own panel in."""

from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QPushButton, QSlider, QWidget

from editor.app import filter_panels
from editor.app.dialogs.filter import FilterDialog


@dataclass(frozen=True)
class Settings:
    kind: str = field(default="disc", metadata={"choices": ("disc", "motion"), "help": "what blurs"})
    radius: float = field(default=2.0, metadata={
        "min": 0.0, "max": 10.0, "unit": "px", "help": "of the disc", "when": ("kind", ("disc",))})
    angle: int = field(default=0, metadata={"min": -90, "max": 90, "help": "of motion", "when": ("kind", ("motion",))})
    gentle: bool = field(default=True, metadata={"help": "less of it"})
    drawn: str = field(default="", metadata={"hidden": True})


class Unblur:
    name, title, card = "unblur", "Unblur", "Takes blur away."
    Settings = Settings


class Panel(QWidget):
    settings_changed = Signal(object)

    def __init__(self, trial=None, tools=None, parent=None):
        super().__init__(parent)
        self.followed, self.ended = [], False

    def follow(self, settings):
        self.followed.append(settings)

    def end(self):
        self.ended = True


@pytest.fixture
def dialog(qtbot):
    box = FilterDialog(Unblur(), {"gentle": False})
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(box)
    box.show()
    return box


def test_controls_stand_where_the_settings_are_and_tell_of_every_change(qtbot, dialog):
    assert dialog.settings == Settings(gentle=False)
    assert not dialog.findChild(QCheckBox, "setting-gentle").isChecked()
    with qtbot.waitSignal(dialog.changed):
        dialog.findChild(QDoubleSpinBox, "setting-radius").setValue(3.5)
    assert dialog.settings == Settings(radius=3.5, gentle=False)
    with qtbot.waitSignal(dialog.changed):
        dialog.findChild(QCheckBox, "setting-gentle").click()
    assert dialog.settings.gentle
    with qtbot.waitSignal(dialog.changed):
        QTest.mouseClick(dialog.findChild(QPushButton, "filter-defaults"), Qt.MouseButton.LeftButton)
    assert dialog.settings == Settings()


def test_a_numbers_slider_and_field_go_together(qtbot, dialog):
    slider, number = dialog.findChild(QSlider, "slide-radius"), dialog.findChild(QDoubleSpinBox, "setting-radius")
    slider.setValue(700)
    assert number.value() == pytest.approx(7.0) and dialog.settings.radius == pytest.approx(7.0)
    number.setValue(1.0)
    assert slider.value() == 100


def test_only_what_matters_for_the_choice_is_there(dialog):
    radius, angle = dialog.findChild(QWidget, "setting-radius"), dialog.findChild(QWidget, "setting-angle")
    assert radius.isVisible() and not angle.isVisible()
    dialog.findChild(QComboBox, "setting-kind").setCurrentIndex(1)
    assert angle.isVisible() and not radius.isVisible()
    assert dialog.findChild(QWidget, "setting-drawn") is None


def test_a_panel_of_its_own_sets_plain_and_hidden_settings(qtbot, dialog):
    panel = Panel(parent=dialog)
    dialog.add_panel(panel)
    assert panel.followed == [Settings(gentle=False)]
    told = []
    dialog.changed.connect(lambda: told.append(dialog.settings))
    panel.settings_changed.emit({"kind": "motion", "angle": 30, "drawn": "1,2;3,4"})
    expected = Settings("motion", angle=30, gentle=False, drawn="1,2;3,4")
    assert dialog.settings == expected and told == [expected] and panel.followed[-1] == expected
    assert dialog.findChild(QComboBox, "setting-kind").currentText() == "motion"
    dialog.reject()
    assert panel.ended


def test_it_says_how_far_the_preview_is(dialog):
    note = dialog.findChild(QLabel, "filter-note")
    dialog.tell(2, 40)
    assert "2 of 40" in note.text() and "full resolution" in note.text()
    dialog.tell(40, 40)
    assert note.text() == "The canvas shows the result."
    dialog.tell(40, 40, 9)
    assert note.text().startswith("The middle of the canvas shows the result")
    dialog.tell(0, 0)
    assert "not in sight" in note.text()
    dialog.preview.setChecked(False)
    dialog.tell(3, 40)
    assert "without it" in note.text()


def test_a_filter_without_a_module_has_no_panel():
    assert filter_panels.panel_of("no-such-filter", None, None, None) is None
