"""The command line around the commands."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import editor
from editor.cli.progress import Bar


def test_engines_as_json_are_a_list_of_objects(pentimento):
    status, out, err = pentimento("engines", "--json")
    listed = json.loads(out)
    assert (status, err) == (0, "")
    assert all(set(engine) == {"name", "title", "uses", "settings", "card"} for engine in listed)
    assert {"auto", "telea", "ns", "biharmonic"} <= {engine["name"] for engine in listed}


def test_engines_are_listed_with_their_settings(pentimento):
    _, out, _ = pentimento("engines")
    assert "telea" in out and "--set radius=5 (1 to 64 px)" in out


def test_help_and_version(pentimento):
    status, out, _ = pentimento("--help")
    assert status == 0 and "fill" in out and "engines" in out
    status, out, _ = pentimento("fill", "--help")
    assert status == 0 and "--mask" in out and "white is the hole" in out.replace("\n", " ").replace("  ", "")
    status, out, _ = pentimento("--version")
    assert status == 0 and out.startswith("pentimento ")


def test_a_command_without_its_arguments_is_one_line(pentimento, one_line):
    assert "PHOTO" in one_line(pentimento("fill"))


def test_help_loads_nothing_heavy():
    code = ("import sys; from editor.main import main; main(['fill', '--help']); "
            "print([m for m in ('PySide6', 'cv2', 'numpy', 'skimage', 'torch') if m in sys.modules], file=sys.stderr)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          cwd=Path(editor.__file__).parents[1])
    assert done.stderr.strip() == "[]"


def test_a_reader_that_goes_away_is_no_error():
    python = shlex.quote(sys.executable)
    done = subprocess.run(f"{python} -m editor engines --json | head -c 1; echo ${{PIPESTATUS[0]}}", shell=True,
                          executable="/bin/bash", capture_output=True, text=True, cwd=Path(editor.__file__).parents[1])
    assert done.stderr == "" and done.stdout.strip().endswith("0")


def test_the_bar_is_drawn_on_a_terminal_only(capsys, monkeypatch):
    Bar()(0.5, "working")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    bar = Bar()
    bar.title = "photo.jpg"
    bar(0.5, "working")
    assert "photo.jpg [############............]  50% working" in capsys.readouterr().err
    bar.clear()
    assert capsys.readouterr().err == "\r\033[K"
