"""Where the work of a running program is kept, so that it outlives it."""

import contextlib
import fcntl
import os
import secrets
import shutil
import time
from pathlib import Path

LOG = "log"
_LOCK = "lock"


def sessions_root() -> Path:
    """Where session folders are: in the folder that PENTIMENTO_STATE names, or the user's own state folder."""
    if state := os.environ.get("PENTIMENTO_STATE"):
        return Path(state) / "sessions"
    from platformdirs import user_state_path

    return user_state_path("pentimento", appauthor=False) / "sessions"


def new_folder(root: Path) -> Path:
    """Make a folder for a new session, for its user's eyes only. Raises OSError."""
    root.mkdir(parents=True, exist_ok=True)
    folder = root / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{secrets.token_hex(3)}"
    folder.mkdir(mode=0o700)
    return folder


class Lock:
    """Marks a session folder as in use by a living program; the system itself takes the mark off when it ends."""

    def __init__(self, folder: Path):
        """Raises BlockingIOError where another program, or this one, has the folder; OSError where it cannot be."""
        self._file = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        os.close(self._file)


def is_live(folder: Path) -> bool:
    """Whether a program is working in the folder."""
    try:
        Lock(folder).release()
    except OSError:
        return True
    return False


def remove(folder: Path) -> None:
    """Delete a session's folder; what cannot be deleted stays."""
    # The log first: without it a folder that is half gone is never taken for work to be recovered.
    with contextlib.suppress(OSError):
        (folder / LOG).unlink()
    shutil.rmtree(folder, ignore_errors=True)
