"""Documents written as OpenRaster projects.

OpenRaster 0.0.6, baseline: a zip archive with stack.xml, one PNG a layer, the merged image and a thumbnail, which
Krita, GIMP and MyPaint open. The photograph is the bottom layer. What only this program knows (recipes, guidance
planes, metadata, the photograph's own file) stands in further entries under ``pentimento/``.
"""

import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

import cv2
import numpy as np

from editor.atomic import replacing
from editor.document.document import PLANES, Snapshot
from editor.document.layers import Layer
from editor.document.photo import Photo
from editor.document.picture import Picture, shown
from editor.engines.contract import Progress, no_progress
from editor.raster.blending import NORMAL
from editor.raster.colour import to_8_bit, to_srgb8
from editor.raster.surface import TILE, Box, Surface, level_shape
from editor.storage import describe
from editor.storage.openraster_masks import describe_mask
from editor.storage.openraster_parts import ARRAYS, BASE, FORMAT, MANIFEST, MERGED, MIMETYPE, THUMBNAIL
from editor.storage.originals import ENTRY, Original, open_original
from editor.storage.packing import pack
from editor.storage.png_chunks import metadata_chunks
from editor.storage.png_strips import ROWS, Strip, write_png

_ZIP64 = 2**31 - 2**26  # entries that may become larger need zip64's longer fields from the start
_CHUNK = 1 << 20

assert ROWS == TILE  # strips are rows of tiles


def save_project(snapshot: Snapshot, path: Path, progress: Progress = no_progress,
                 original: Path | None = None) -> tuple[str, ...]:
    """Write a project, whole or not at all; for a background thread.

    The photograph's own file goes in verbatim: ``original`` is a copy of it, None means the file that the
    photograph was opened from. Returns notices for the user. Raises UserError where it cannot be written, and
    whatever ``progress`` raises.
    """
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        return _Writer(archive, file, snapshot, progress).write(original or snapshot.photo.source)


class _Writer:
    """One project on its way to the disk."""

    def __init__(self, archive: zipfile.ZipFile, file: BinaryIO, snapshot: Snapshot, progress: Progress):
        self.archive = archive
        self.file = file
        self.snapshot = snapshot
        self.progress = progress
        self.colour_chunks = metadata_chunks(profile=_profile(snapshot.photo),
                                             density=snapshot.photo.metadata.resolution)
        self.boxes = {layer.id: _box(snapshot.surfaces[layer.id]) for layer in snapshot.layers}
        self.done = 0
        self.all = 2 * _area(snapshot.base.bounds) + sum(_area(box) for box in self.boxes.values())

    def write(self, source: Path | None) -> tuple[str, ...]:
        self.archive.writestr(_info("mimetype"), MIMETYPE)
        self.archive.writestr(_info("stack.xml", zipfile.ZIP_DEFLATED), self.stack())
        base, crc = self.png(BASE, "photograph", self.snapshot.base, self.snapshot.base.bounds)
        layers = []
        for layer in self.snapshot.layers:
            box, surface = self.boxes[layer.id], self.snapshot.surfaces[layer.id]
            if layer.hidden_by:  # other programs know no such masks: they see what is shown
                surface = shown(surface, self.snapshot.surfaces[layer.hidden_by], colours_stay=True)
            _, pixels = self.png(_source(layer), layer.name, surface, box)
            layers.append({**describe.describe_layer(layer), "src": _source(layer), "pixels": pixels, "box": list(box)})
        self.merged(base)
        self.thumbnail()
        notices = self.original(source)
        self.manifest(layers, crc)
        return notices

    def stack(self) -> bytes:
        """stack.xml: top layer first."""
        height, width = self.snapshot.base.shape
        image = ElementTree.Element("image", version="0.0.6", w=str(width), h=str(height))
        if resolution := self.snapshot.photo.metadata.resolution:
            image.attrib.update(xres=str(max(round(resolution[0]), 1)), yres=str(max(round(resolution[1]), 1)))
        stack = ElementTree.SubElement(image, "stack")
        for layer in reversed(self.snapshot.layers):
            box = self.boxes[layer.id]
            self.element(stack, layer.id, {
                "name": _clean(layer.name), "src": _source(layer), "x": str(box.left), "y": str(box.top),
                "opacity": repr(float(layer.opacity)), "visibility": "visible" if layer.visible else "hidden",
                "composite-op": layer.mode, "edit-locked": "true" if layer.locked else "false"})
        self.element(stack, None, {"name": "Photograph", "src": BASE, "x": "0", "y": "0", "opacity": "1.0",
                                   "visibility": "visible", "composite-op": NORMAL, "edit-locked": "true"})
        return ElementTree.tostring(image, encoding="UTF-8", xml_declaration=True)

    def element(self, stack: ElementTree.Element, layer_id: str | None, attributes: dict[str, str]) -> None:
        if self.snapshot.active == layer_id:
            attributes["selected"] = "true"
        ElementTree.SubElement(stack, "layer", attributes)

    def png(self, name: str, words: str, surface: Surface, box: Box) -> tuple[list[Strip], int]:
        """Write a part of a surface; returns its strips and the CRC-32 of its pixels."""
        crc = 0

        def strips() -> Iterator[np.ndarray]:
            nonlocal crc
            for part in _bands(box):
                pixels = surface.read(part)
                crc = zlib.crc32(pixels, crc)
                yield pixels
                self.step(part, f"Saving {words}")

        size = (box.height, box.width)
        with self.entry(name, _area(box) * surface.channels * surface.dtype.itemsize) as entry:
            written = write_png(entry, self.file, size, surface.channels, surface.dtype, strips(), self.colour_chunks)
        return written, crc

    def merged(self, base: list[Strip]) -> None:
        """The merged image; where no layer has a tile it is the photograph, already deflated."""
        picture = self.snapshot.picture()
        touched = {row for row, _ in picture.touched()}
        repeats = picture.channels == picture.base.channels

        def strips() -> Iterator[np.ndarray | Strip]:
            for row, part in enumerate(_bands(picture.base.bounds)):
                yield base[row] if repeats and row not in touched else picture.read(part)
                self.step(part, "Saving the merged image")

        bytes_ = _area(picture.base.bounds) * picture.channels * picture.base.dtype.itemsize
        with self.entry(MERGED, bytes_) as entry:
            write_png(entry, self.file, picture.base.shape, picture.channels, picture.base.dtype, strips(),
                      self.colour_chunks)

    def thumbnail(self) -> None:
        pixels = thumbnail(self.snapshot.picture(), self.snapshot.photo.profile)
        with self.entry(THUMBNAIL, pixels.nbytes) as entry:
            write_png(entry, self.file, pixels.shape[:2], pixels.shape[2], pixels.dtype, [pixels], metadata_chunks())

    def original(self, source: Path | None) -> tuple[str, ...]:
        try:
            with open_original(self.snapshot.photo, source) as original:
                if original is not None:
                    self.copy(original)
        except OSError as error:
            # The pixels are safe all the same; the project is worth more than the file they came from.
            if error.filename != str(source):
                raise
            return (f"The photograph's own file could not be put into the project: {source}: {error.strerror}.",)
        return ()

    def copy(self, original: Original) -> None:
        with self.entry(ENTRY + original.suffix, original.size) as entry:
            while data := original.stream.read(_CHUNK):
                entry.write(data)
                self.progress(self.done / self.all, "Saving the photograph's own file")

    def manifest(self, layers: list[dict], crc: int) -> None:
        """The arrays of recipes and planes, one after the other, and the JSON that refers to them by number."""
        snapshot, photo = self.snapshot, self.snapshot.photo
        numbers: dict[int, int] = {}  # by identity: recipes and planes share arrays
        size = sum(layer.recipe.nbytes for layer in snapshot.layers if layer.recipe)
        with self.entry(ARRAYS, 2 * size) as entry:
            def put(array: np.ndarray) -> int:
                if id(array) not in numbers:
                    numbers[id(array)] = len(numbers)
                    entry.write(pack(array))
                    self.progress(min(self.done / self.all, 1.0), "Saving recipes")
                return numbers[id(array)]

            for layer, value in zip(snapshot.layers, layers, strict=True):
                value["recipe"] = layer.recipe and describe.describe_recipe(layer.recipe, put)
                if layer.masked:
                    value["mask"] = describe_mask(self.snapshot, layer, put)
            planes = {name: describe.describe_surface(snapshot.surfaces[name], put) for name in PLANES}
        self.archive.writestr(_info(MANIFEST, zipfile.ZIP_DEFLATED), describe.to_json({
            "format": FORMAT, "size": list(snapshot.base.shape), "active": snapshot.active, "layers": layers,
            "planes": planes, "frame": describe.describe_frame(snapshot.frame),
            "photo": {"src": BASE, "pixels": crc, **describe.describe_photo(photo)}}))

    def entry(self, name: str, size: int) -> BinaryIO:
        return self.archive.open(_info(name), "w", force_zip64=size > _ZIP64)

    def step(self, part: Box, words: str) -> None:
        self.done += _area(part)
        self.progress(self.done / self.all, words)


def thumbnail(picture: Picture, profile: bytes | None, side: int = 256) -> np.ndarray:
    """(h, w, 3) or with alpha (h, w, 4) uint8 sRGB, its longer side ``side`` or the picture's if that is less."""
    longest = max(picture.base.shape)
    level = max((longest // (2 * side)).bit_length() - 1, 0)
    height, width = level_shape(picture.base.shape, level)
    pixels = picture.read(Box(0, 0, height, width), level)
    scale = min(side / longest, 1.0)
    size = tuple(max(round(length * scale), 1) for length in reversed(picture.base.shape))
    if (width, height) != size:
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1)
    colour = to_srgb8(np.ascontiguousarray(pixels[..., :picture.colours]), profile)
    if not picture.has_alpha:
        return colour
    return np.concatenate([colour, to_8_bit(np.ascontiguousarray(pixels[..., -1:]))], axis=2)


def _profile(photo: Photo) -> bytes | None:
    """The profile for the pictures. Krita asks about each one of 16 bits a channel that has none."""
    if photo.profile is not None or photo.depth == 8 or photo.is_grey:
        return photo.profile
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _box(surface: Surface) -> Box:
    """The box round all that is not 0, transparent or not; one pixel where there is nothing."""
    box = surface.content_box(hidden=True)
    return Box(0, 0, 1, 1) if box.empty else box


def _bands(box: Box) -> Iterator[Box]:
    for top in range(box.top, box.bottom, ROWS):
        yield Box(top, box.left, min(top + ROWS, box.bottom), box.right)


def _area(box: Box) -> int:
    return box.height * box.width


def _source(layer: Layer) -> str:
    return f"data/{layer.id}.png"


def _info(name: str, method: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, time.localtime()[:6])
    info.compress_type = method
    info.external_attr = 0o644 << 16
    return info


def _clean(text: str) -> str:
    """Without what XML 1.0 cannot hold."""
    return "".join(c if c in "\t\n\r" or c >= " " and not 0xD800 <= ord(c) <= 0xDFFF and c not in "\ufffe\uffff"
                   else "\ufffd" for c in text)
