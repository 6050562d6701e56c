"""``python -m editor`` is the same program as ``pentimento``."""

import sys

from editor.main import main

sys.exit(main())
