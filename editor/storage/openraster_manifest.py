"""What a project says besides what every OpenRaster program reads: recipes, planes, metadata."""

import json
from dataclasses import dataclass, field

import numpy as np

from editor.document.document import PLANES
from editor.document.photo import Photo
from editor.errors import UserError
from editor.raster.frame import Frame
from editor.raster.surface import Surface
from editor.storage import describe
from editor.storage.limits import machine_memory
from editor.storage.openraster_archive import DAMAGED, Archive
from editor.storage.openraster_parts import ARRAYS, FORMAT, MANIFEST
from editor.storage.packing import unpack_all

_JSON = 64 << 20


@dataclass(frozen=True)
class Manifest:
    """Our own entries, as far as they can be read; what they say of layers is to be held against the layers."""

    photo: Photo | None = None  # without pixels
    photo_source: str = ""  # the name of the photograph's picture
    photo_crc: int = 0  # CRC-32 of its pixels
    layers: dict[str, dict] = field(default_factory=dict)  # by the name of a layer's picture
    planes: dict[str, Surface] = field(default_factory=dict)
    arrays: tuple[np.ndarray, ...] = ()
    frame: Frame | None = None
    notices: tuple[str, ...] = ()


def read_manifest(archive: Archive, shape: tuple[int, int]) -> Manifest:
    """The manifest of a project whose canvas is ``shape`` (h, w).

    Nothing in it can stop a project from opening: what cannot be read is left out, with a notice.
    """
    if MANIFEST not in archive:
        return Manifest()
    try:
        value = json.loads(archive.read(MANIFEST, _JSON))
        if value["format"] > FORMAT:
            return Manifest(notices=(
                "The project was saved by a newer version of this program: only its layers were read. "
                "Saving it here would lose its recipes and masks.",))
        own = value["photo"]
        photo = describe.restore_photo(own, np.empty((0, 0, 3), np.uint8)), str(own["src"]), int(own["pixels"])
        layers = {layer["src"]: layer for layer in value["layers"]}
        if tuple(value["size"]) != shape:
            return Manifest(*photo, notices=(
                "The picture was given another size by another program: recipes and masks were left out.",))
        arrays = ()
        if ARRAYS in archive:
            with archive.stream(ARRAYS, 1 << 40) as stream:
                arrays = tuple(unpack_all(stream, machine_memory() // 3))
        planes = {name: describe.restore_surface(value["planes"][name], shape, np.uint8, channels, arrays.__getitem__)
                  for name, channels in PLANES.items() if name in value["planes"]}
        return Manifest(*photo, layers, planes, arrays, describe.restore_frame(value.get("frame")))
    except (UserError, *describe.MALFORMED, *DAMAGED) as error:
        return Manifest(notices=(f"Recipes, masks and metadata of the project could not be read ({error}).",))
