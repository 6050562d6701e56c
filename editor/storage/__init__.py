"""Photographs in and out, OpenRaster projects, the session folder."""
