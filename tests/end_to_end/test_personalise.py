"""Personalise: a network learns in the background; it pauses, is ended, outlives the dialog, and goes on later."""

import shutil
import subprocess
import sys

import pytest
import torch
from doing import action, dialog, message, press, read_error
from PySide6.QtWidgets import QToolButton

from editor.app.dialogs.personalise import PersonaliseDialog
from editor.engines.networks import scene, store
from editor.engines.networks.cards import Card
from editor.training import personal

CHILD = """
import json, pathlib, sys, threading, time
told = []
def listen():
    for line in sys.stdin: told.append(line.strip())
    told.append("stop")
threading.Thread(target=listen, daemon=True).start()
def tell(**what): print(json.dumps(what), flush=True)
folder, step = pathlib.Path(sys.argv[1]), 0
tell(share=0.0, words="Reading photos")
tell(note="1 of 9 photos cannot be read and are left out: torn.jpg")
while not {"stop", "keep"} & set(told):
    orders = [word for word in told if word in ("pause", "go")]
    if orders[-1:] != ["pause"]:
        step += 1
        tell(learning=True)
        tell(share=step % 400 / 400, words=f"Step {step}, 9 min left, loss 1.000")
    time.sleep(0.02)
if "keep" in told:
    tell(model=MODEL)
else:
    (folder / "checkpoint.pt").touch()
"""


@pytest.fixture
def parent(tmp_path, monkeypatch) -> store.Model:
    """One small network comes with the program; the process that learns sees it among the user's own."""
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")
    monkeypatch.setenv("PENTIMENTO_DATA", str(tmp_path / "data"))
    torch.manual_seed(0)
    card = Card("small", "Small", "scene", {"width": 4, "blocks": 1})
    return store.save_model(store.user_folder(), card, scene.Generator(4, 1).state_dict())


def pretending(monkeypatch, program: str) -> None:
    """Another program runs in the place of the one that learns."""
    popen = subprocess.Popen

    def start(command, **options):
        mine = "editor.training.personal_child" in command
        return popen([sys.executable, "-c", program, command[-1]] if mine else command, **options)

    monkeypatch.setattr(subprocess, "Popen", start)


@pytest.fixture
def child(monkeypatch, parent):
    """In the place of the process that learns, one that pretends to: until it is told otherwise."""
    pretending(monkeypatch, CHILD.replace("MODEL", repr(str(parent.path))))


@pytest.fixture
def album(tmp_path, photo):
    folder = tmp_path / "Our home"
    folder.mkdir()
    shutil.copy(photo, folder)
    return folder


@pytest.fixture
def window(new_window):
    """What is still learning at the end is stopped without asking."""
    window = new_window()
    yield window
    window.personalising.close()


def opened(qtbot, window) -> PersonaliseDialog:
    action(window, "personalise").trigger()
    found = dialog(qtbot, window, "personalise")
    qtbot.waitUntil(lambda: found.network.count() > 0, timeout=20_000)
    return found


def started(qtbot, window, album) -> PersonaliseDialog:
    """Learning, some steps far."""
    found = opened(qtbot, window)
    found.folder.setText(str(album))
    press(found, "personalise-start")
    qtbot.waitUntil(lambda: "Step" in found.words.text(), timeout=20_000)
    return found


def over(qtbot, window) -> None:
    qtbot.waitUntil(lambda: not window.findChild(QToolButton, "personalising").isVisible(), timeout=20_000)


def test_it_rests_and_goes_on(qtbot, child, window, album):
    found = started(qtbot, window, album)
    assert "torn.jpg" in found.notes.text() and "Our home" in found.what.text()
    press(found, "personalise-pause")
    assert found.words.text().startswith("Paused.")
    qtbot.wait(150)
    step = found.words.text()
    qtbot.wait(150)
    assert found.words.text() == step
    press(found, "personalise-pause")
    qtbot.waitUntil(lambda: "Step" in found.words.text() and found.words.text() not in step)


def test_the_dialog_is_closed_and_found_again_while_the_window_is_used(qtbot, child, window, hands, photo, album):
    found = started(qtbot, window, album)
    found.reject()
    button = window.findChild(QToolButton, "personalising")
    assert button.isVisible() and button.text().startswith("Personalising ")
    window.cancel()  # Esc is for fills
    window.files.open_path(photo)
    qtbot.waitUntil(lambda: window.document is not None, timeout=15_000)
    before = button.text()
    qtbot.waitUntil(lambda: button.text() != before)
    button.click()
    again = dialog(qtbot, window, "personalise")
    assert "Our home" in again.what.text() and "torn.jpg" in again.notes.text() and "Step" in again.words.text()


def test_what_there_is_so_far_becomes_a_model_and_is_used(qtbot, child, window, album):
    found = started(qtbot, window, album)
    press(found, "personalise-cancel")
    press(dialog(qtbot, window, "personalise-ending"), "ending-make")
    over(qtbot, window)
    assert "has learned" in message(window) and "has learned" in found.note.text()
    press(found, "personalise-use")
    assert store.defaults() == {"scene": "small"}


@pytest.mark.parametrize("how", ["ending-keep", "ending-discard"])
def test_it_is_ended_and_kept_for_later_or_thrown_away(qtbot, child, window, album, how):
    found = started(qtbot, window, album)
    press(found, "personalise-cancel")
    press(dialog(qtbot, window, "personalise-ending"), how)
    over(qtbot, window)
    if how == "ending-discard":
        assert personal.unfinished() == () and not list(store.user_folder().glob("*.training"))
        return
    qtbot.waitUntil(lambda: found.unfinished.isVisible())
    press(found, "personalise-go-on")
    qtbot.waitUntil(lambda: "Step" in found.words.text(), timeout=20_000)
    press(found, "personalise-cancel")
    press(dialog(qtbot, window, "personalise-ending"), "ending-stay")
    assert found.end_button.isEnabled() and window.personalising._run is not None


@pytest.mark.parametrize("how", ["ending-keep", "ending-discard"])
def test_closing_the_window_asks_and_waits(qtbot, child, window, album, how):
    started(qtbot, window, album)
    window.close()
    assert window.isVisible()
    press(dialog(qtbot, window, "personalise-ending"), how)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    assert [wish.title for wish in personal.unfinished()] == (["Our home"] if how == "ending-keep" else [])


def test_the_window_stays_if_that_is_wanted(qtbot, child, window, album):
    started(qtbot, window, album)
    window.close()
    press(dialog(qtbot, window, "personalise-ending"), "ending-stay")
    assert window.isVisible() and window.personalising._run is not None


def test_what_goes_wrong_is_told_and_leaves_nothing(qtbot, parent, monkeypatch, window, album):
    pretending(monkeypatch, "import json; print(json.dumps({'error': 'there are no photos in it'}))")
    found = opened(qtbot, window)
    found.folder.setText(str(album))
    press(found, "personalise-start")
    assert read_error(qtbot, window) == "There are no photos in it"
    assert found.start_button.isVisible() and found.folder.text() == str(album) and personal.unfinished() == ()
    assert not list(store.user_folder().glob("*.training"))


def test_a_network_learns_from_an_album(qtbot, parent, window, album, monkeypatch):
    """All of it, with the process itself, for a second."""
    monkeypatch.setattr("editor.app.dialogs.personalise.MINUTES", (0.02,) * 14)
    found = opened(qtbot, window)
    found.folder.setText(str(album))
    found.title.setText("Cat")
    press(found, "personalise-start")
    qtbot.waitUntil(lambda: window.findChild(QToolButton, "personalising").isVisible())
    qtbot.waitUntil(lambda: not window.findChild(QToolButton, "personalising").isVisible(), timeout=100_000)
    model = store.find_model("scene", "Cat")
    assert model.card.parent == "small" and model.card.steps >= 1
    assert not model.path.with_suffix(".training").exists()
    assert "“Cat”" in found.note.text()
    store.load(model)
