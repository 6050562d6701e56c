"""Keys as data: the program's own, the user's choices, and that no key does two things."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from editor.app.shortcuts import Binding, assigned, binding_of, effective, holder, reset, title_of, written

BINDINGS = (Binding("open", "File: Open", ("Ctrl+O",)), Binding("redo", "Edit: Redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
            Binding("invert", "Mask: Invert", ("Ctrl+I",)), Binding("flatten", "Layer: Flatten", ()),
            Binding("zoom", "Zoom", ("Z",)))


def test_without_choices_each_has_its_own():
    assert effective(BINDINGS, {}) == {one.name: one.own for one in BINDINGS}


def test_a_choice_takes_the_place_of_the_own_keys():
    keys = effective(BINDINGS, {"redo": ("F4",), "flatten": ("Ctrl+Alt+M", "M")})
    assert keys["redo"] == ("F4",) and keys["flatten"] == ("Ctrl+Alt+M", "M")
    assert keys["open"] == ("Ctrl+O",)


@pytest.mark.parametrize("chosen", [
    {"flatten": ("nonsense",)}, {"flatten": ("Ctrl+K, Ctrl+C",)}, {"flatten": ("",)}, {"flatten": ("Ctrl+",)},
    {"flatten": ("Space",)}, {"flatten": ("\\",)}, {"no such command": ("Ctrl+O",)}])
def test_what_is_no_key_or_held_or_of_nothing_does_not_count(chosen):
    assert effective(BINDINGS, chosen) == effective(BINDINGS, {})


def test_no_key_is_had_twice_whatever_a_file_says():
    keys = effective(BINDINGS, {"zoom": ("Ctrl+O", "Ctrl+O", "ctrl+o"), "flatten": ("Ctrl+O", "F2")})
    every = [key for had in keys.values() for key in had]
    assert len(every) == len(set(every))
    assert keys["flatten"] == ("Ctrl+O", "F2"), "the first in the list that chose it"
    assert keys["zoom"] == () and keys["open"] == (), "a choice comes before a key that is somebody's own"


def test_assigning_takes_the_key_from_what_had_it_and_nothing_else():
    chosen = assigned(BINDINGS, {}, "flatten", ("Ctrl+Y",))
    assert chosen == {"flatten": ("Ctrl+Y",), "redo": ("Ctrl+Shift+Z",)}
    keys = effective(BINDINGS, chosen)
    assert keys["redo"] == ("Ctrl+Shift+Z",) and keys["flatten"] == ("Ctrl+Y",) and keys["open"] == ("Ctrl+O",)


def test_what_is_as_the_program_has_it_is_no_choice():
    chosen = assigned(BINDINGS, {}, "zoom", ("F3",))
    assert assigned(BINDINGS, chosen, "zoom", ("Z",)) == {}


def test_resetting_takes_the_own_keys_back():
    chosen = assigned(BINDINGS, {}, "zoom", ("Ctrl+I",))
    assert effective(BINDINGS, chosen)["invert"] == ()
    chosen = reset(BINDINGS, chosen, "invert")
    assert effective(BINDINGS, chosen)["invert"] == ("Ctrl+I",) and effective(BINDINGS, chosen)["zoom"] == ()
    assert reset(BINDINGS, chosen, "zoom") == {}


def test_choices_of_another_version_are_kept():
    chosen = assigned(BINDINGS, {"of tomorrow": ("F12",)}, "zoom", ())
    assert chosen == {"of tomorrow": ("F12",), "zoom": ()}


def test_who_has_a_key():
    assert holder(BINDINGS, {}, "Ctrl+Y") == "Edit: Redo" and holder(BINDINGS, {}, "F11") == ""
    assert holder(BINDINGS, {"redo": ()}, "Ctrl+Y") == "" and "held" in holder(BINDINGS, {}, "Space")


def test_keys_are_written_alike():
    assert written("shift+ctrl+p") == written("Ctrl+Shift+P") == "Ctrl+Shift+P"


def test_an_action_is_named_with_its_menu(window):
    menu = QMenu("&Mask", window)
    action = QAction("&Grow…", window, objectName="grow", shortcut="Ctrl+G")
    menu.addAction(action)
    assert title_of(action) == "Mask: Grow" and binding_of(action) == Binding("grow", "Mask: Grow", ("Ctrl+G",))
