"""The Personalise dialog shows what there is to choose and how far it is, and tells what the user wants."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton

from editor.app.dialogs.ending import EndingDialog
from editor.app.dialogs.personalise import MINUTES, PersonaliseDialog
from editor.engines.networks.cards import Card
from editor.engines.networks.store import Model
from editor.training.personal import Wish

FACES = Model(Path("/models/faces.safetensors"), True, Card("faces", "Faces", "sc-fegan"))
SCENES = Model(Path("/models/scenes.safetensors"), True, Card("scenes", "Scenes", "scene"))
WISH = Wish("scene", "scenes", "/photos/Home", "Our home", 60, name="Our home")


@pytest.fixture
def dialog(window):
    dialog = PersonaliseDialog(window)
    dialog.show_choices((FACES, SCENES), ())
    dialog.show()
    yield dialog
    dialog.close()


def press(qtbot, dialog, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button.isVisible() and button.isEnabled(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_it_starts_when_there_is_a_folder_and_is_called_like_it(qtbot, dialog):
    assert not dialog.start_button.isEnabled()
    qtbot.keyClicks(dialog.folder, "/photos/Our home")
    with qtbot.waitSignal(dialog.start_wanted) as told:
        press(qtbot, dialog, "personalise-start")
    assert told.args == [FACES, Path("/photos/Our home"), "Our home", 60]
    dialog.network.setCurrentIndex(1)
    dialog.title.setText("  Garden ")
    dialog.minutes.setValue(0)
    with qtbot.waitSignal(dialog.start_wanted) as told:
        press(qtbot, dialog, "personalise-start")
    assert told.args == [SCENES, Path("/photos/Our home"), "Garden", MINUTES[0]]


def test_a_folder_is_chosen_in_a_dialog(qtbot, dialog, tmp_path):
    press(qtbot, dialog, "personalise-choose")
    asked = dialog.findChild(QFileDialog, "personalise-folder-dialog")
    asked.fileSelected.emit(str(tmp_path))
    asked.reject()
    assert dialog.folder.text() == str(tmp_path) and dialog.start_button.isEnabled()


def test_a_machine_with_a_card_takes_less_time_unless_the_user_has_said_how_long(dialog):
    assert dialog._minutes_words.text() == "1 h"
    dialog.suggest_minutes(5)
    assert MINUTES[dialog.minutes.value()] == 5 and dialog._minutes_words.text() == "5 min"
    dialog.minutes.setValue(MINUTES.index(90))
    dialog.suggest_minutes(60)
    assert dialog._minutes_words.text() == "1 h 30 min"


def test_what_is_unfinished_can_go_on_or_be_thrown_away(qtbot, dialog):
    assert not dialog.unfinished.isVisible()
    dialog.network.setCurrentIndex(1)
    dialog.show_choices((FACES, SCENES), (WISH,))
    assert dialog.network.currentData() == SCENES, "the choice stays"
    assert dialog.unfinished.currentText() == "Our home (Scene network, Home)"
    with qtbot.waitSignal(dialog.go_on_wanted) as told:
        press(qtbot, dialog, "personalise-go-on")
    assert told.args == [WISH]
    with qtbot.waitSignal(dialog.discard_wanted) as told:
        press(qtbot, dialog, "personalise-discard")
    assert told.args == [WISH]
    dialog.show_choices((FACES, SCENES), ())
    assert not dialog.unfinished.isVisible()


def test_without_weights_there_is_nothing_to_start(dialog):
    dialog.show_choices((), ())
    dialog.folder.setText("/photos")
    assert not dialog.start_button.isEnabled() and "no weights" in dialog.note.text()


def test_a_training_is_shown_paused_and_ended(qtbot, dialog, tmp_path):
    dialog.show_training(WISH)
    assert "Our home" in dialog.what.text() and "/photos/Home" in dialog.what.text()
    dialog.show_progress(0.25, "Step 9, 40 min left, loss 1.2")
    dialog.add_note("one photo left out")
    dialog.add_note("another")
    assert dialog.progress.value() == 250 and dialog.words.text().startswith("Step 9")
    assert dialog.notes.text() == "one photo left out\nanother"
    for paused, text in ((True, "Go on"), (False, "Pause")):
        with qtbot.waitSignal(dialog.pause_wanted) as told:
            press(qtbot, dialog, "personalise-pause")
        assert told.args == [paused] and dialog.pause_button.text() == text
    with qtbot.waitSignal(dialog.end_wanted):
        press(qtbot, dialog, "personalise-cancel")
    cv2.imwrite(str(tmp_path / "sheet.png"), np.full((512, 1280, 3), 200, np.uint8))
    dialog.show_sheet(tmp_path / "sheet.png")
    assert dialog.sheet.pixmap().width() == 560
    dialog.show_sheet(tmp_path / "none.png")
    dialog.set_ending(True)
    assert not dialog.pause_button.isEnabled() and not dialog.end_button.isEnabled()
    dialog.show_training(WISH)
    assert dialog.pause_button.isEnabled() and not dialog.notes.text() and dialog.sheet.pixmap().isNull()


def test_what_has_come_of_it_can_be_used(qtbot, dialog):
    dialog.show_training(WISH)
    dialog.show_choosing("It is in Models.", SCENES)
    assert dialog.note.text() == "It is in Models."
    with qtbot.waitSignal(dialog.use_wanted) as told:
        press(qtbot, dialog, "personalise-use")
    assert told.args == [SCENES]
    dialog.show_choosing()
    assert not dialog.use_button.isVisible() and not dialog.note.isVisible()


@pytest.mark.parametrize(("closing", "learned", "names"), [
    (False, True, {"ending-make", "ending-keep", "ending-discard", "ending-stay"}),
    (False, False, {"ending-keep", "ending-discard", "ending-stay"}),
    (True, True, {"ending-keep", "ending-discard", "ending-stay"})])
def test_the_question_before_it_ends(qtbot, window, closing, learned, names):
    told = []
    for chosen in sorted(names):
        told.clear()
        question = EndingDialog("Our home", closing, learned, window)
        for name, signal in (("ending-make", question.make_wanted), ("ending-keep", question.keep_wanted),
                             ("ending-discard", question.discard_wanted)):
            signal.connect(lambda name=name: told.append(name))
        question.open()
        assert {button.objectName() for button in question.buttons()} == names
        press(qtbot, question, chosen)
        assert told == ([chosen] if chosen != "ending-stay" else [])
    question = EndingDialog("Our home", closing, learned, window)
    question.keep_wanted.connect(lambda: pytest.fail("Esc lets it go on"))
    question.open()
    qtbot.keyClick(question, Qt.Key.Key_Escape)
