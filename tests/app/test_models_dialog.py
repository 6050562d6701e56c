"""The Models dialog shows what there is and tells what the user wants."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton

from editor.app.dialogs.model_card import model_html
from editor.app.dialogs.models import ModelsDialog
from editor.engines.networks.cards import Card
from editor.engines.networks.devices import Device
from editor.engines.networks.store import Model

CARD = Card("faces", "Faces", "sc-fegan", {"width": 24}, data="Portraits", licence="CC BY", command="pentimento train",
            steps=12000, seconds=7300, device="2 cores", held_out={"eyes": {"PSNR": 24.3125}}, sha256="ab" * 32,
            bytes=5 * 2**20)
BUNDLED = Model(Path("/models/faces.safetensors"), True, CARD)
OWN = Model(Path("/own/album.safetensors"), False, replace(CARD, name="album", title="Album", parent="faces"))
TORN = Model(Path("/own/torn.safetensors"), fault="/own/torn.json: no model card: it is not JSON")
ALL = (BUNDLED, OWN, TORN)


@pytest.fixture
def dialog(window):
    dialog = ModelsDialog("auto", window)
    dialog.open()
    dialog.show_models(ALL, {"sc-fegan": BUNDLED})
    return dialog


def rows(dialog) -> list[tuple[str, ...]]:
    model = dialog.list.model()
    return [tuple(model.index(row, column).data() for column in range(model.columnCount()))
            for row in range(model.rowCount())]


def press(qtbot, parent, name: str) -> None:
    qtbot.mouseClick(parent.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def test_all_models_are_listed_with_whose_they_are_and_which_is_used(dialog):
    assert rows(dialog) == [("Faces", "SC-FEGAN", "Pentimento", "5.0 MiB", "In use"),
                            ("Album", "SC-FEGAN", "You", "5.0 MiB", ""),
                            ("torn", "", "You", "", "Damaged")]


def test_the_card_of_the_chosen_one_is_shown(dialog):
    words = dialog.card.toPlainText()
    for part in ("Faces", "Portraits", "CC BY", "12 000 steps in 2.0 h on 2 cores", "eyes · PSNR", "24.31",
                 "ab" * 32, "width 24", "/models/faces.safetensors"):
        assert part in words
    dialog.list.selectRow(2)
    assert TORN.fault in dialog.card.toPlainText() and "Portraits" not in dialog.card.toPlainText()


def test_a_cards_words_are_no_markup():
    evil = replace(OWN, card=replace(CARD, title="<img src='file:///etc/passwd'>", notes="<script>x</script>",
                                     held_out={"<b>": "<i>"}, config={"<u>": "<s>"}))
    html = model_html(evil)
    for tag in ("<img", "<script", "<b>", "<i>", "<u>", "<s>"):
        assert tag not in html


def test_what_is_in_use_or_damaged_cannot_be_used_and_the_bundled_not_removed(dialog):
    states = []
    for row in range(3):
        dialog.list.selectRow(row)
        states.append((dialog.use_button.isEnabled(), dialog.remove_button.isEnabled(), dialog.use_button.text()))
    assert states == [(False, False, "Use for SC-FEGAN"), (True, True, "Use for SC-FEGAN"), (False, True, "Use")]


def test_using_another(qtbot, dialog):
    dialog.list.selectRow(1)
    with qtbot.waitSignal(dialog.use_wanted) as told:
        press(qtbot, dialog, "model-use")
    assert told.args == [OWN]
    dialog.show_models(ALL, {"sc-fegan": OWN})
    assert [row[-1] for row in rows(dialog)] == ["", "In use", "Damaged"]
    assert dialog.chosen() == OWN, "the list may be shown anew under the user's hand"


def test_removing_asks_first(qtbot, dialog):
    told = []
    dialog.remove_wanted.connect(told.append)
    dialog.list.selectRow(1)
    press(qtbot, dialog, "model-remove")
    qtbot.keyClick(dialog.findChild(QMessageBox, "model-remove-asked"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.findChild(QMessageBox) is None)
    assert told == [], "Enter keeps it"
    press(qtbot, dialog, "model-remove")
    assert "“Album”" in dialog.findChild(QMessageBox).text()
    press(qtbot, dialog, "model-remove-yes")
    assert told == [OWN]


def test_a_list_that_gets_shorter_and_empty(dialog):
    dialog.list.selectRow(2)
    dialog.show_models((BUNDLED,), {})
    assert dialog.chosen() == BUNDLED
    dialog.show_models((), {})
    assert dialog.chosen() is None and not dialog.use_button.isEnabled() and not dialog.card.toPlainText()


def test_the_device_is_chosen_from_what_there_is(qtbot, dialog):
    assert [dialog.device.itemText(item) for item in range(dialog.device.count())] == ["Automatic"]
    dialog.show_devices((Device("cuda", "Graphics card: Card 0"), Device("cpu", "Processor")))
    assert [dialog.device.itemData(item) for item in range(dialog.device.count())] == ["auto", "cuda", "cpu"]
    assert dialog.device.currentData() == "auto"
    with qtbot.waitSignal(dialog.device_chosen) as told:
        qtbot.keyClick(dialog.device, Qt.Key.Key_P)
    assert told.args == ["cpu"]


def test_a_device_that_is_gone_is_still_shown_as_chosen(window):
    dialog = ModelsDialog("cuda:1", window)
    assert dialog.device.currentData() == "cuda:1"
    dialog.show_devices((Device("cpu", "Processor"),))
    assert dialog.device.currentData() == "cuda:1" and "not on this machine" in dialog.device.currentText()
