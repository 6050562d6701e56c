"""How large a picture may be that is opened here, whatever its file says."""

import contextlib
import mmap
import os
from pathlib import Path

MAX_PIXELS = 400_000_000


def machine_memory() -> int:
    """Bytes of memory that this machine, or the container it pretends to be, has."""
    memory = os.sysconf("SC_PHYS_PAGES") * mmap.PAGESIZE
    with contextlib.suppress(OSError, ValueError):  # "max", or no such file
        memory = min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return memory


def is_too_large(width: int, height: int, pixel: int) -> bool:
    """Whether a picture of ``pixel`` bytes a pixel is more than can be opened here."""
    return width * height > MAX_PIXELS or width * height * pixel > machine_memory() // 3
