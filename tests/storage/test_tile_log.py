"""The session's log: what is put in comes out, and whatever happens to the file, an earlier part of it does."""

import os
import resource

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from editor.errors import UserError
from editor.storage import tile_log
from editor.storage.packing import pack, unpack
from editor.storage.tile_log import TileLog, read_notes

TILES = st.lists(arrays.arrays(st.sampled_from([np.uint8, np.uint16]),
                               arrays.array_shapes(min_dims=2, max_dims=3, max_side=5)), max_size=6)


def reopened(path):
    log, notes = TileLog.reopen(path)
    log.close()
    return notes


@given(TILES)
@settings(max_examples=30, deadline=None)
def test_arrays_are_packed_bit_for_bit(tiles):
    for tile in tiles:
        again = unpack(pack(tile))
        assert again.dtype == tile.dtype and np.array_equal(again, tile)
        assert not again.flags.writeable


@given(TILES)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_put_can_be_had_at_once_and_after_reopening(tmp_path, tiles):
    path = tmp_path / "log"
    path.unlink(missing_ok=True)
    log = TileLog(path)
    references = [log.put(tile) for tile in tiles]
    log.note({"references": references})
    assert all(np.array_equal(log.get(number), tile) for number, tile in zip(references, tiles, strict=True))
    log.close()
    log, notes = TileLog.reopen(path)
    assert notes == [{"references": references}]
    assert all(np.array_equal(log.get(number), tile) for number, tile in zip(references, tiles, strict=True))
    more = log.put(np.ones((2, 2), np.uint8))
    log.flush()
    assert more == len(tiles) and log.get(more).sum() == 4
    log.close()


def test_an_array_is_written_once_however_often_it_is_put(tmp_path):
    log = TileLog(tmp_path / "log")
    tile = np.random.default_rng(1).integers(0, 255, (200, 200), np.uint8)
    first = log.put(tile)
    log.flush()
    size = (tmp_path / "log").stat().st_size
    assert [log.put(tile), log.put(log.get(first))] == [first, first]
    again = log.get(first)
    assert log.put(again) == first
    log.flush()
    assert (tmp_path / "log").stat().st_size == size
    log.close()


def test_a_log_torn_at_any_byte_gives_the_notes_before_the_tear(tmp_path):
    log = TileLog(tmp_path / "log")
    ends = []
    for number in range(2):
        reference = log.put(np.full((3, 3), number, np.uint8))
        log.note({"number": number, "tile": reference})
        log.flush()
        ends.append((tmp_path / "log").stat().st_size)
    log.close()
    whole = (tmp_path / "log").read_bytes()
    torn = tmp_path / "torn"
    for size in range(len(whole) + 1):
        torn.write_bytes(whole[:size])
        expected = [number for number, end in enumerate(ends) if end <= size]
        assert [note["number"] for note in read_notes(torn)] == expected
        log, notes = TileLog.reopen(torn)
        assert [note["number"] for note in notes] == expected
        assert all(log.get(note["tile"])[0, 0] == note["number"] for note in notes)
        log.note({"number": "next"})
        log.close()
        assert [note["number"] for note in reopened(torn)] == [*expected, "next"]


def test_a_damaged_byte_costs_what_comes_after_it_and_nothing_else(tmp_path):
    log = TileLog(tmp_path / "log")
    for number in range(2):
        log.note({"number": number, "tile": log.put(np.full((4, 4), number, np.uint8))})
    log.close()
    whole = bytearray((tmp_path / "log").read_bytes())
    for place in range(len(whole)):
        damaged = whole.copy()
        damaged[place] ^= 0x41
        (tmp_path / "log").write_bytes(damaged)
        log, notes = TileLog.reopen(tmp_path / "log")
        assert [note["number"] for note in notes] == list(range(len(notes)))
        assert len(notes) < 2
        assert all(log.get(note["tile"])[0, 0] == note["number"] for note in notes)
        log.close()


def test_an_array_damaged_behind_the_programs_back_is_a_plain_error(tmp_path):
    log = TileLog(tmp_path / "log")
    number = log.put(np.arange(10000, dtype=np.uint16).reshape(100, 100))
    log.flush()
    with open(tmp_path / "log", "r+b") as file:
        file.seek(60)
        file.write(b"\xff" * 20)
    with pytest.raises(UserError, match="cannot be read back"):
        log.get(number)
    log.close()


def test_a_full_disk_is_told_once_and_work_goes_on_in_memory(tmp_path, monkeypatch):
    log = TileLog(tmp_path / "log")
    words = []
    log.on_fault(words.append)
    kept = np.full((50, 50), 7, np.uint8)
    log.note({"kept": log.put(kept)})
    log.flush()
    size = (tmp_path / "log").stat().st_size
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    noise = np.random.default_rng(2).integers(0, 255, (300, 300), np.uint8)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 1000, limit[1]))  # a disk with so much room, and no more
    try:
        lost = log.put(noise)
        log.note({"lost": lost})
        log.flush()
        late = log.put(noise + 1)
        log.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert len(words) == 1 and str(tmp_path) in words[0] and "larger" in words[0]
    assert np.array_equal(log.get(lost), noise) and np.array_equal(log.get(late), noise + 1)
    log.on_fault(words.append)
    assert len(words) == 2  # whoever comes later is told as well
    log.close()
    assert reopened(tmp_path / "log") == [{"kept": 0}]


def test_a_rush_of_arrays_is_written_without_deflating_them(tmp_path, monkeypatch):
    monkeypatch.setattr(tile_log, "_HURRY", 100)
    log = TileLog(tmp_path / "log")
    for number in range(20):
        log.put(np.full((100, 100), number, np.uint8))
    log.flush()
    assert (tmp_path / "log").stat().st_size > 100_000
    assert log.get(3)[0, 0] == 3
    log.close()


def test_a_note_that_cannot_be_written_ends_the_log_and_is_told(tmp_path):
    log, words = TileLog(tmp_path / "log"), []
    log.on_fault(words.append)
    log.note({(1, 2): "keys must be words"})
    log.note({"after": 1})
    log.flush()
    assert len(words) == 1 and "keys must be" in words[0]
    log.close()
    assert reopened(tmp_path / "log") == []


def test_the_log_is_its_users_own(tmp_path):
    log = TileLog(tmp_path / "log")
    log.close()
    assert os.stat(tmp_path / "log").st_mode & 0o077 == 0
