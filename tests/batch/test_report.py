"""The report is one HTML file that a browser can open anywhere."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from editor.batch import report as reports
from editor.batch.manifest import Entry
from editor.batch.report import duration, report, write_report
from editor.batch.thumbnails import SIDE, thumbnail

_EMPTY = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """What an HTML file says, and whether every element that begins also ends."""

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.images: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        if tag not in _EMPTY:
            self.open.append(tag)
        self.images += [value for name, value in attrs if tag == "img" and name == "src"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data.strip())


def a_thumbnail(side: int = 900) -> bytes:
    return thumbnail(np.random.default_rng(0).integers(0, 256, (side, side, 3)).astype(np.uint8), None)


def test_failures_first_then_each_before_and_after():
    picture = a_thumbnail()
    entries = [Entry("in/a.tif", ("out/a-1.tif", "out/a-2.tif"), words=("Unfade",), notes=("a note",), seconds=3.21,
                     before=picture, after=(picture, picture)),
               Entry("in/<b>&\udcff.png", error="in/<b>: it is <damaged> & short"),
               Entry("in/c.png", ("out/c.png",), again=True, seconds=99.0)]
    page = Page(report(entries, ["Unfade"], left=4))
    words = " ".join(page.words)
    assert words.index("<damaged> & short") < words.index("a.tif") < words.index("c.png")
    assert "1 done in 3.2 s" in words and "1 done before" in words and "1 failed" in words and "4 not begun" in words
    assert "After: a-2.tif" in words and "a note" in words
    assert len(page.images) == 3 and all(source.startswith("data:image/jpeg;base64,/9j/") for source in page.images)


def test_nothing_in_it_comes_from_elsewhere():
    text = report([Entry("a.png", ("b.png",), before=a_thumbnail(), after=(a_thumbnail(),))], [])
    assert not re.search(r"https?:|//|@import|url\(|<script|<link", re.sub(r"base64,[^\"]*", "", text).lower())


def test_it_stays_small_enough_to_open(monkeypatch):
    picture = a_thumbnail()
    monkeypatch.setattr(reports, "_ROOM", 5 * len(picture))
    entries = [Entry(f"{number}.png", ("out.png",), before=picture, after=(picture,)) for number in range(20)]
    text = report(entries, [])
    page = Page(text)
    assert len(page.images) == 4 and len(text) < 10 * len(picture) and "19.png" in page.words


def test_it_is_written_whole(tmp_path):
    write_report(tmp_path / "r.html", [Entry("ü\udcff.png", error="no")], ["Mend damage"])
    assert Page((tmp_path / "r.html").read_text(encoding="utf-8")).words


@pytest.mark.parametrize(("shape", "dtype"), [((2000, 30, 3), np.uint8), ((40, 50, 1), np.uint16),
                                              ((500, 700, 4), np.uint16), ((1, 1, 2), np.uint8)])
def test_thumbnails_are_small_upright_and_of_any_photo(shape, dtype):
    import cv2

    pixels = np.full(shape, np.iinfo(dtype).max // 2, dtype)
    seen = cv2.imdecode(np.frombuffer(thumbnail(pixels, None), np.uint8), cv2.IMREAD_COLOR)
    assert max(seen.shape[:2]) <= SIDE and abs(seen.shape[0] / seen.shape[1] / (shape[0] / shape[1]) - 1) < 0.5
    assert abs(int(seen.mean()) - (191 if shape[2] in (2, 4) else 127)) < 4, "what is transparent lies on white"


@pytest.mark.parametrize(("seconds", "words"), [(0.04, "0.0 s"), (9.4, "9.4 s"), (12.3, "12 s"), (60, "1 min 0 s"),
                                                (3700, "1 h 1 min")])
def test_durations(seconds, words):
    assert duration(seconds) == words
