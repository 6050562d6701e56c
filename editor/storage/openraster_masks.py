"""Layers' own masks in projects.

OpenRaster has none. A layer's picture is written as it is seen, so that every program shows it rightly; beside it, in
our own entries, stand the mask and the alpha that it has changed. Where another program has changed the picture, the
mask is part of it and gone.
"""

import numpy as np

from editor.document.document import Snapshot
from editor.document.layers import Layer, mask_name
from editor.raster.surface import Surface
from editor.storage import describe


def describe_mask(snapshot: Snapshot, layer: Layer, put: describe.Put) -> dict:
    """The mask, and where it counts the alpha without it."""
    surface, hidden = snapshot.surfaces[layer.id], snapshot.surfaces[mask_name(layer.id)]
    alpha = Surface(surface.shape, 1, surface.dtype)
    for key in surface.keys() & hidden.keys() if layer.mask_on else ():
        alpha.put(key, surface.tile(key)[..., -1:].copy())
    return {"hidden": describe.describe_surface(hidden, put), "alpha": describe.describe_surface(alpha, put)}


def restore_mask(value: dict, surface: Surface, get: describe.Get) -> Surface:
    """The mask; ``surface``, read from its picture, has its alpha back. Raises one of describe.MALFORMED."""
    hidden = describe.restore_surface(value["hidden"], surface.shape, np.uint8, 1, get)
    alpha = describe.restore_surface(value["alpha"], surface.shape, surface.dtype, 1, get)
    for key in alpha.keys():
        tile = surface.tile(key)
        tile = np.zeros((*surface.tile_shape(key), surface.channels), surface.dtype) if tile is None else tile.copy()
        tile[..., -1:] = alpha.tile(key)
        surface.put(key, tile)
    return hidden
