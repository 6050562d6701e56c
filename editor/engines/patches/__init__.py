"""Guided multi-scale patch fill at the photo's own size."""

from editor.engines.patches.engine import Patches

ENGINES = (Patches(),)
