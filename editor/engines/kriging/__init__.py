"""Thin damage: each pixel is estimated from those near it."""

from editor.engines.kriging.engine import ENGINES

__all__ = ["ENGINES"]
