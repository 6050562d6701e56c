"""OpenRaster projects in and out."""

from editor.storage.openraster_read import load_project
from editor.storage.openraster_write import save_project

__all__ = ["load_project", "save_project"]
