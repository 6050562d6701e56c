"""Killed in the middle of work, the program offers the work back at the next start."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from doing import composite, mask_of, open_and_wait
from hands import Hands
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QPushButton

from editor.app.dialogs.recovery import RecoveryDialog
from editor.storage.recovery import RecoverableSession

HERE = Path(__file__).parent

VICTIM = textwrap.dedent("""
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[3])
    import numpy as np
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication
    from editor.app.settings import Settings
    from editor.app.window import Window
    from hands import Hands
    app = QApplication([])
    window = Window(Settings())
    window.show()
    window.files.open_path(Path(sys.argv[1]))
    while window.document is None:
        QTest.qWait(10)
    hands = Hands(window)
    window.engine_options.set_choice("telea", {}, 2)
    hands.stroke((200, 120), (240, 150))
    hands.click("fill")
    while window.filling.busy or not window.document.layers:
        QTest.qWait(10)
    window.tools.choose("paint-brush")
    window.document.activate(None)
    hands.stroke((60, 60), (120, 80))
    window.tools.choose("mask-brush")
    hands.stroke((300, 200), (330, 230))
    document = window.document
    np.savez(sys.argv[2], picture=document.picture().read(document.base.bounds),
             mask=document.mask.read(document.base.bounds), steps=document.history.position)
    hands.stroke((50, 200), (80, 230), release=False)  # the stroke under the pen
    QTest.qWait(int(sys.argv[4]))
    os.kill(os.getpid(), signal.SIGKILL)
""")


@pytest.fixture
def killed(new_window, photo, tmp_path):
    """What the program had when it was killed."""
    seen = tmp_path / "seen.npz"
    victim = subprocess.run([sys.executable, "-c", VICTIM, str(photo), str(seen), str(HERE), "300"],
                            cwd=HERE.parents[1], timeout=60, env=os.environ)
    assert victim.returncode == -signal.SIGKILL
    return np.load(seen)


def test_killed_work_comes_back_with_its_history(qtbot, killed, new_window):
    window = new_window()
    window.files.start(None)
    qtbot.waitUntil(lambda: window.findChild(QPushButton, "recovery-recover") is not None, timeout=10000)
    qtbot.mouseClick(window.findChild(QPushButton, "recovery-recover"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.document is not None, timeout=10000)
    assert (composite(window) == killed["picture"]).all()
    assert (mask_of(window) == killed["mask"][..., 0]).all()
    assert window.document.modified
    names = [command.name for command in window.document.history.commands]
    assert names == ["Paint mask", "Fill", "Paint", "Paint mask"]
    fill = next(layer for layer in window.document.layers if layer.is_fill)
    assert len(fill.recipe.variants) == 2, "a variant that arrived later is kept too"
    hands = Hands(window)
    window.activateWindow()  # the dialog had the keyboard
    qtbot.waitUntil(window.isActiveWindow)
    for _ in names:
        hands.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.document.history.position == 0
    assert (composite(window) == window.document.photo.pixels).all()
    for _ in names:
        hands.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert (composite(window) == killed["picture"]).all()


def test_nothing_is_offered_after_a_clean_end(qtbot, new_window, window, photo, hands):
    open_and_wait(qtbot, window, photo)
    hands.stroke((60, 60), (120, 80))
    window.files.forget_unsaved()
    window.close()
    again = new_window()
    offered = []
    again.files.controller.look_for_lost_work(offered.append)
    qtbot.waitUntil(lambda: len(offered) == 1)
    assert offered == [[]]


def test_all_documents_of_a_killed_session_come_back_at_once(qtbot, new_window, photo):
    first, second = new_window(), Path(shutil.copy(photo, photo.with_name("dog.png")))
    hands, masks = Hands(first), {}
    for path in (photo, second):
        open_and_wait(qtbot, first, path)
        hands.stroke((60, 60), (120, 80 + 40 * len(masks)))
        masks[path.name] = mask_of(first)
    for file in first.files.open_files.files:  # as a kill leaves them: on disk, and nobody's
        file.session.flush()
        file.session.close(discard=False)
    window = new_window()
    window.files.start(None)
    qtbot.waitUntil(lambda: window.findChild(QPushButton, "recovery-all") is not None, timeout=10000)
    assert window.findChild(QListWidget, "recovery-list").count() == 2
    qtbot.mouseClick(window.findChild(QPushButton, "recovery-all"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(window.files.open_files.files) == 2, timeout=20000)
    for file in list(window.files.open_files.files):
        window.files.open_files.show(file)
        assert (mask_of(window) == masks.pop(file.name)).all() and file.document.modified
    assert not masks


def test_one_is_recovered_one_thrown_away_one_kept_for_later(qtbot, window):
    sessions = [RecoverableSession(Path(f"/sessions/{name}"), name, datetime(2026, 1, day), day, False)
                for day, name in ((3, "cat"), (2, "dog"), (1, "eel"))]
    dialog = RecoveryDialog(sessions, window)
    recovered, discarded = [], []
    dialog.recover.connect(recovered.extend)
    dialog.discard.connect(discarded.append)
    dialog.open()
    for button in (dialog.recover_button, dialog.discard_button):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert dialog.isVisible() and dialog.list.count() == 1
    assert ([path.name for path in recovered], [path.name for path in discarded]) == (["cat"], ["dog"])
    dialog.reject()
    assert len(recovered) == len(discarded) == 1
