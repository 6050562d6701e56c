"""Photographs on a scanner's bed: where each of them lies, to a fraction of a pixel."""

from editor.restoration.geometry.finding_photographs import find_photographs

__all__ = ["find_photographs"]
