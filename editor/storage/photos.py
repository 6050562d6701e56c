"""Photographs in: decoded in a child process under limits, their pixels handed over in shared memory."""

import contextlib
import fcntl
import json
import mmap
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

import editor
from editor.document.photo import Metadata, Photo
from editor.engines.contract import Cancelled, Progress, no_progress
from editor.errors import UserError

TIMEOUT = 30.0
"""Seconds a file may take until it is known how many pixels it has; then the decoder says how long it may."""

START_TIMEOUT = 60.0
"""Seconds the decoder may take to load its libraries, from a slow disk too."""


class Decoder:
    """A child process that decodes photographs, started ahead and used again and again.

    One thread reads at a time; any thread may cancel. Whatever a file does to the child, `read` raises and the
    next `read` starts a new one.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen | None = None
        self._link: socket.socket | None = None
        self._folder: tempfile.TemporaryDirectory | None = None
        self._cancelled = threading.Event()
        self._ready = False  # whether the child has loaded its libraries and said so
        self._reading = False
        self._lock = threading.Lock()

    def __enter__(self) -> "Decoder":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the child, unless one is there; returns at once, while it loads its libraries. May raise OSError."""
        if self._child is not None and self._child.poll() is None:
            return
        self.close()
        room = Path(editor.__file__).parent.parent
        self._folder = tempfile.TemporaryDirectory(prefix="pentimento-", ignore_cleanup_errors=True)
        self._link, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ready = False
        search = os.pathsep.join(filter(None, (str(room), os.environ.get("PYTHONPATH"))))
        with there:
            child = subprocess.Popen(
                # -P: a folder of photographs with a json.py in it must not become part of the program.
                [sys.executable, "-P", "-m", "editor.storage.decoder", str(there.fileno()), self._folder.name],
                pass_fds=[there.fileno()],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                # Few arenas and threads: each would take address space, which is what is limited.
                env={**os.environ, "PYTHONPATH": search, "MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"})
        with self._lock:
            self._child = child

    @property
    def child(self) -> int | None:
        """The child's process number, while there is one."""
        return None if self._child is None else self._child.pid

    def read(self, path: Path, *, progress: Progress = no_progress, timeout: float | None = None) -> Photo:
        """Decode a file.

        ``timeout`` is in seconds, by default as long as so many pixels may need. Raises UserError for whatever
        cannot be opened, Cancelled when `cancel` was called or ``progress`` raised it.
        """
        path = Path(path)
        _check(path)
        self._cancelled.clear()
        self._reading = True
        try:
            try:
                self.start()
            except OSError as error:
                raise UserError(f"{path}: the decoder cannot be started: {error.strerror or error}") from error
            answer, descriptor = self._converse(path, progress, timeout)
        except BaseException:
            self.close()
            raise
        finally:
            self._reading = False
        if "error" in answer:
            raise UserError(f"{path}: {answer['error']}")
        return _photo(path, answer["photo"], descriptor)

    def cancel(self) -> None:
        """End the read under way, from any thread: it raises Cancelled within milliseconds."""
        if not self._reading:
            return
        self._cancelled.set()
        with self._lock:
            if self._child is not None:
                self._child.kill()

    def close(self) -> None:
        """End the child. The photographs it decoded stay."""
        with self._lock:
            child, link, self._child, self._link = self._child, self._link, None, None
            if child is not None:
                child.kill()
                child.wait()
        if link is not None:
            link.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _converse(self, path: Path, progress: Progress, timeout: float | None) -> tuple[dict, int]:
        """Send the request and wait for its answer; the descriptor is -1 with an answer that is an error."""
        if not self._ready:
            self._receive(path, time.monotonic() + START_TIMEOUT, START_TIMEOUT)
            self._ready = True
        request = {"path": os.path.abspath(path), "link": os.path.join(self._folder.name, "photo")}
        start, allowed = time.monotonic(), timeout or TIMEOUT
        with contextlib.suppress(BrokenPipeError):  # it died while idle: receiving will say so
            self._link.send(json.dumps(request).encode())
        while True:
            answer, descriptor = self._receive(path, start + allowed, allowed)
            if "error" in answer or "photo" in answer:
                return answer, descriptor
            allowed = timeout or answer.get("seconds", allowed)
            progress(answer.get("progress", 0.0), "Opening")

    def _receive(self, path: Path, deadline: float, allowed: float) -> tuple[dict, int]:
        ready = select.poll()
        ready.register(self._link, select.POLLIN)
        while not self._cancelled.is_set() and not ready.poll(50):
            if time.monotonic() > deadline:
                raise UserError(f"{path}: it was given up after {allowed:.0f} seconds of decoding; "
                                "the file is damaged or far too large")
        if self._cancelled.is_set():
            raise Cancelled
        with contextlib.suppress(ConnectionResetError):
            message, descriptors, _, _ = socket.recv_fds(self._link, 1 << 17, 1)
            if message:
                return json.loads(message), descriptors[0] if descriptors else -1
        if self._cancelled.is_set():
            raise Cancelled
        raise UserError(f"{path}: it made the decoder fail ({self._last_words()}); "
                        "the file is damaged, or needs more memory than there is")

    def _last_words(self) -> str:
        try:
            code = self._child.wait(1)
        except subprocess.TimeoutExpired:
            return "it closed the connection"
        return signal.strsignal(-code) or f"signal {-code}" if code < 0 else f"exit {code}"


def read_photo(path: Path, *, progress: Progress = no_progress, decoder: Decoder | None = None) -> Photo:
    """Decode a photograph with ``decoder``, or with one made for it alone; raises as Decoder.read does."""
    if decoder is not None:
        return decoder.read(path, progress=progress)
    with Decoder() as own:
        return own.read(path, progress=progress)


def _check(path: Path) -> None:
    """Raise UserError where there is no file to be read: told here, no child is needed for it."""
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise UserError(f"{path}: this is a folder, not a photograph")
        if not stat.S_ISREG(kind):
            raise UserError(f"{path}: this is not a file")
        with open(path, "rb"):
            pass
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise UserError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _photo(path: Path, answer: dict, descriptor: int) -> Photo:
    """The photograph in a decoder's memory file, mapped for as long as its pixels are in use."""
    shape, dtype = tuple(answer["shape"]), np.dtype(answer["depth"])
    count = int(np.prod(shape, dtype=np.int64))
    try:
        _trust(descriptor)
        size = os.fstat(descriptor).st_size
        mapped = mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)
    finally:
        os.close(descriptor)
    pixels = np.frombuffer(mapped, dtype, count).reshape(shape)
    blocks = {name: mapped[start : start + length] for name, (start, length) in answer["blocks"].items()}
    profile = blocks.pop("profile", None)
    notices = list(answer["notices"])
    if profile is not None and (fault := profile_fault(profile, shape[2])):
        notices.append(f"its colour profile was ignored: {fault}")
        profile = None
    tables = answer["tables"]
    metadata = Metadata(
        **blocks, resolution=tuple(answer["resolution"]) if answer["resolution"] else None,
        jpeg_quantisation={int(key): tuple(table) for key, table in tables.items()} if tables else None,
        jpeg_subsampling=answer["subsampling"])
    return Photo(pixels, profile, metadata, path, answer["format"], tuple(notices))


def _trust(descriptor: int) -> None:
    """A sealed memory file can no longer be cut under the parent's map, which would kill it."""
    wanted = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_WRITE
    if fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & wanted != wanted:
        raise UserError("the decoder's answer is not sealed")


def profile_fault(profile: bytes, channels: int) -> str | None:
    """Why an ICC profile cannot belong to a picture with so many channels, by its header (ICC.1, 7.2); or None."""
    if len(profile) < 132 or profile[36:40] != b"acsp":
        return "it is damaged"
    if int.from_bytes(profile[:4], "big") > len(profile):
        return "it is cut short"
    wanted = b"GRAY" if channels < 3 else b"RGB "
    space = profile[16:20]
    if space != wanted:
        return f"it is for {space.decode('latin-1').strip()}, the picture is {wanted.decode().strip()}"
    return None
