"""Engine, settings, number of variants: all made from what the engines declare."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSpinBox, QWidget

from editor.app.panels import engine_options
from editor.app.panels.engine_options import EngineOptions, SettingsPopup
from editor.engines.contract import Finish
from editor.engines.registry import engines, find, settings_fields, settings_from

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def options(qtbot):
    widget = EngineOptions()
    qtbot.addWidget(widget)
    widget.show()
    return widget


def open_settings(qtbot, options) -> SettingsPopup:
    qtbot.mouseClick(options.settings, LEFT)
    return options.findChild(SettingsPopup)


def test_every_engine_can_be_chosen_by_its_title(options):
    assert [options.engine.itemText(row) for row in range(options.engine.count())] == [e.title for e in engines()]


def test_keys_choose_another_engine(qtbot, options):
    first = options.choice()[0]
    with qtbot.waitSignal(options.changed):
        qtbot.keyClick(options.engine, Qt.Key.Key_Down)
    assert options.choice()[0] == engines()[1].name != first


def test_variants_are_asked_only_of_engines_that_make_them(qtbot, monkeypatch):
    class Single:
        name, title, uses, Settings, card = "single", "Single answer", frozenset(), Finish, None

    monkeypatch.setattr(engine_options, "engines", lambda: (*engines(), Single()))
    options = EngineOptions()
    qtbot.addWidget(options)
    options.set_choice("auto", {}, 4)
    assert options.choice() == ("auto", {}, 4)
    options.set_choice("single", {}, 4)
    assert options.choice() == ("single", {}, 1)
    assert not options.variants.isEnabled() and "one answer" in options.variants.toolTip()


def test_an_engine_whose_weights_have_come_is_listed_and_the_choice_stays(qtbot, monkeypatch, options):
    class Late:
        name, title, uses, Settings, card, order = "late", "Late", frozenset(), Finish, None, 1

    options.set_choice("ns", {"ns": {"radius": 9}}, 2)
    monkeypatch.setattr(engine_options, "engines", lambda: (Late(), *engines()))
    options.refresh()
    assert options.engine.findText("Late") == 0 and options.choice()[:2] == ("ns", {"radius": 9})
    options.set_choice("late", {}, 1)
    monkeypatch.undo()
    options.refresh()
    assert options.choice()[0] == engines()[0].name, "gone again"


def test_settings_are_changed_in_the_popup_and_kept_for_each_engine(qtbot, options):
    options.set_choice("telea", {}, 1)
    popup = open_settings(qtbot, options)
    radius = popup.findChild(QSpinBox, "setting-radius")
    assert radius.suffix() == " px" and radius.toolTip()
    radius.setValue(11)
    popup.close()
    options.set_choice("ns", options.settings_by_engine(), 1)
    assert options.choice() == ("ns", {}, 1)
    options.set_choice("telea", options.settings_by_engine(), 1)
    assert options.choice() == ("telea", {"radius": 11}, 1)


def test_defaults_button_puts_all_settings_back(qtbot, options):
    options.set_choice("telea", {"telea": {"radius": 11, "grain": 0.25}}, 1)
    popup = open_settings(qtbot, options)
    qtbot.mouseClick(popup.findChild(QPushButton, "settings-defaults"), LEFT)
    popup.close()
    assert options.choice() == ("telea", {}, 1)


@pytest.mark.parametrize("engine", engines(), ids=lambda engine: engine.name)
def test_every_setting_of_every_engine_has_a_control_within_its_limits(qtbot, engine):
    popup = SettingsPopup(engine, {})
    qtbot.addWidget(popup)
    told = []
    popup.changed.connect(told.append)
    for field in settings_fields(engine):
        control = popup.findChild(QWidget, f"setting-{field.name}")
        assert control.toolTip() == field.metadata.get("help", "")
        for step in (lambda one: one.setValue(one.minimum()), lambda one: one.setValue(one.maximum())):
            if hasattr(control, "setValue"):
                step(control)
                settings_from(engine, told[-1] if told else {})  # raises for what the engine does not take
    assert told or not settings_fields(engine)


def test_what_was_remembered_wrongly_is_left_out(options):
    options.set_choice("telea", {"telea": {"radius": 10**9, "grain": 0.5, "colour": "red"}}, 1)
    assert options.choice() == ("telea", {"grain": 0.5}, 1)
    options.set_choice("gone", {}, 1)
    assert options.choice()[0] == engines()[0].name


def test_the_engines_card_is_its_tooltip(options):
    options.set_choice("telea", {}, 1)
    assert find("telea").card in options.engine.toolTip()
