"""Name what the system lacks for ``tools``, a ``window`` or ``tests``: exit 1 and one line on stdout."""

import ctypes
import os
import sys
from pathlib import Path


def missing(level: str) -> str:
    """Load what ``level`` will load; return the first complaint, or an empty string."""
    # Asked for before the variable below is changed: the platform that the window will use.
    platform = os.environ.get("QT_QPA_PLATFORM", "xcb").split(";")[0].split(":")[0]
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        import cv2  # noqa: F401
        import OpenImageIO  # noqa: F401
        import PySide6.QtCore

        if level == "tools":
            return ""
        from PySide6.QtGui import QFontDatabase, QGuiApplication

        if sys.platform == "linux":
            ctypes.CDLL(str(Path(PySide6.__file__).parent / f"Qt/plugins/platforms/libq{platform}.so"))
    except (ImportError, OSError) as error:
        return str(error)
    application = QGuiApplication([])
    found = QFontDatabase.families()
    del application
    return "" if found else "no font is installed"


if __name__ == "__main__":
    complaint = missing(sys.argv[1])
    print(complaint, end="")
    sys.exit(bool(complaint))
