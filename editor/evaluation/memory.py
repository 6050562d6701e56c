"""How much memory this process has needed."""

import sys
from pathlib import Path


def peak_memory() -> float:
    """The most memory this process has held so far, MiB."""
    try:
        # Not getrusage: its figure starts at what the parent process held.
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / 2 ** 20 if sys.platform == "darwin" else peak / 2 ** 10
