"""The Models menu: weights from a file become a model, are looked at, chosen and removed."""

import pytest
import torch
from doing import action, message
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from editor.app import settings as settings_file
from editor.app.dialogs.models import ModelsDialog
from editor.engines.networks import edge_connect, store
from editor.engines.networks.cards import Card
from editor.engines.networks.store import find_model, save_model

TITLE = "EdgeConnect: edges"


@pytest.fixture
def bundled(tmp_path, monkeypatch):
    """One small model comes with the program."""
    folder = tmp_path / "bundled"
    monkeypatch.setattr(store, "BUNDLED", folder)
    torch.manual_seed(1)
    network = edge_connect.EdgeGenerator(width=4)
    return save_model(folder, Card("edges", "Edges", "edge-connect-edge", {"width": 4}), network.state_dict())


@pytest.fixture
def checkpoint(tmp_path):
    """As the authors of EdgeConnect publish them."""
    path = tmp_path / "EdgeModel_gen.pth"
    torch.save({"iteration": 1, "generator": edge_connect.EdgeGenerator(width=4).state_dict()}, path)
    return path


def states(dialog) -> dict[str, str]:
    rows = dialog.list.model()
    return {rows.index(row, 0).data(): rows.index(row, 4).data() for row in range(rows.rowCount())}


def opened(qtbot, window) -> ModelsDialog:
    """The Models dialog, when it has looked at everything."""
    qtbot.waitUntil(lambda: window.findChild(ModelsDialog) is not None, timeout=20_000)
    dialog = window.findChild(ModelsDialog)
    qtbot.waitUntil(lambda: dialog.list.model().rowCount() > 0 and not dialog.note.text(), timeout=30_000)
    return dialog


def test_a_checkpoint_is_added_chosen_and_removed(qtbot, bundled, checkpoint, window, hands):
    action(window, "add_model").trigger()
    asked = window.findChild(QFileDialog, "add-model-dialog")
    asked.selectFile(str(checkpoint))
    asked.accept()
    dialog = opened(qtbot, window)
    assert "Added" in message(window) and TITLE in message(window)
    assert states(dialog) == {"Edges": "In use", f"{TITLE} (EdgeModel_gen.pth)": ""}
    assert dialog.chosen().name == "EdgeModel_gen", "what was added is shown"
    dialog.use_button.click()
    qtbot.waitUntil(lambda: states(dialog)["Edges"] == "")
    assert find_model("edge-connect-edge").name == "EdgeModel_gen", "the command line sees it too"
    dialog.remove_button.click()
    dialog.findChild(QMessageBox, "model-remove-asked").findChild(
        type(dialog.remove_button), "model-remove-yes").click()
    qtbot.waitUntil(lambda: states(dialog) == {"Edges": "In use"})
    assert not any(store.user_folder().iterdir())
    dialog.reject()


def test_weights_that_were_changed_are_shown_as_damaged(qtbot, bundled, window):
    data = bytearray(bundled.path.read_bytes())
    data[-1] ^= 1
    bundled.path.write_bytes(data)
    action(window, "show_models").trigger()
    dialog = opened(qtbot, window)
    qtbot.waitUntil(lambda: states(dialog) == {"Edges": "Damaged"})
    assert "SHA-256" in dialog.card.toPlainText() and not dialog.use_button.isEnabled()
    assert dialog.device.findData("cpu") > 0
    dialog.reject()


def test_a_file_that_is_none_is_refused_in_a_plain_line(qtbot, bundled, window, tmp_path):
    (tmp_path / "x.pth").write_bytes(b"no weights")
    window.modelling.add_path(tmp_path / "x.pth")
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "error") is not None, timeout=20_000)
    error = window.findChild(QMessageBox, "error")
    assert "x.pth" in error.text() and "\n" not in error.text()
    qtbot.keyClick(error, Qt.Key.Key_Return)
    assert not store.user_folder().exists() and window.findChild(ModelsDialog) is None


def test_the_device_is_remembered_and_asked_for(qtbot, bundled, window):
    action(window, "show_models").trigger()
    dialog = opened(qtbot, window)
    dialog.device.setFocus()
    qtbot.keyClick(dialog.device, Qt.Key.Key_P)  # Processor
    dialog.reject()
    assert window._choice().device == settings_file.load().device == "cpu"


def test_closing_the_window_meanwhile_leaves_nothing_running(qtbot, bundled, checkpoint, new_window):
    window = new_window()
    window.modelling.add_path(checkpoint)
    window.close()
