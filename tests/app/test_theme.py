"""Icons and colours."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QPalette

from editor.app import icons, theme


def drawn(icon: QIcon, mode=QIcon.Mode.Normal, side: int = 20, ratio: float = 1.0) -> list[int]:
    """The grey of every pixel that the icon covers fully."""
    image = icon.pixmap(QSize(side, side), ratio, mode, QIcon.State.Off).toImage()
    colours = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return [colour.red() for colour in colours if colour.alpha() > 250]


@pytest.mark.parametrize("name", icons.GLYPHS)
def test_every_icon_is_drawn_and_dimmer_when_disabled(qapp, name):
    icon = theme.icon(name)
    normal, disabled = drawn(icon, side=32), drawn(icon, QIcon.Mode.Disabled, side=32)
    assert len(normal) > 10
    assert max(disabled) < min(normal) or max(disabled) < 0x80 < max(normal)


def test_icons_are_sharp_on_a_dense_screen(qapp):
    pixmap = theme.icon("mask-brush").pixmap(QSize(20, 20), 2.0)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (40, 2.0)
    assert len(drawn(theme.icon("mask-brush"), ratio=2.0)) > len(drawn(theme.icon("mask-brush")))


def test_an_unknown_icon_is_a_mistake(qapp):
    with pytest.raises(KeyError):
        theme.icon("no such thing")


def test_the_program_has_an_icon_of_its_own(qapp):
    assert not icons.application_icon().pixmap(64, 64).isNull()
    assert len(set(drawn(icons.application_icon(), side=64))) > 4


def test_greys_have_no_tint():
    palette = theme.palette()
    for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base, QPalette.ColorRole.Button,
                 QPalette.ColorRole.Text, QPalette.ColorRole.WindowText):
        colour = palette.color(role)
        assert colour.red() == colour.green() == colour.blue()


def contrast(one, other) -> float:
    """As WCAG 2 defines it."""
    def luminance(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
                  for c in (colour.redF(), colour.greenF(), colour.blueF())]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("text", "ground"), [
    (theme.TEXT, theme.WINDOW), (theme.TEXT, theme.SUNKEN), (theme.TEXT, theme.BUTTON), (theme.MUTED, theme.WINDOW),
    (theme.WARNING, theme.WINDOW), (QPalette().brightText().color(), theme.ACCENT)])
def test_words_can_be_read_on_their_ground(text, ground):
    assert contrast(text, ground) >= 4.5


def test_applying_the_theme_says_nothing_and_loads_no_icon_package():
    program = ("from PySide6.QtWidgets import QApplication; app = QApplication([]); "
               "from editor.app import theme; theme.apply(app); theme.icon('undo').pixmap(20, 20); "
               "import sys; print(*(name for name in ('qtawesome', 'qtpy') if name in sys.modules))")
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(theme.__file__).parents[2], capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.strip() == "" and done.stderr == ""
