"""OpenRaster projects read: ours as they were saved, those of Krita, GIMP, MyPaint and others as layers.

The standard parts are the truth. What our own entries add is used where it still fits them.
"""

import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from editor.document.document import PLANES, Snapshot
from editor.document.layers import Filtered, Layer, Recipe, mask_name
from editor.document.photo import Photo
from editor.document.picture import Sheet, merged
from editor.engines.contract import Progress, no_progress
from editor.errors import UserError
from editor.raster.adjustments import Adjustment
from editor.raster.blending import MODES, NORMAL
from editor.raster.colour import as_depth
from editor.raster.surface import Surface
from editor.storage import describe
from editor.storage.limits import machine_memory
from editor.storage.openraster_archive import Archive, open_archive
from editor.storage.openraster_manifest import Manifest, read_manifest
from editor.storage.openraster_masks import restore_mask
from editor.storage.openraster_stack import Node, Stack, parse_stack
from editor.storage.photos import profile_fault

ReadPhoto = Callable[[Path], Photo]

_STACK_XML = 16 << 20


def load_project(path: Path, read_photo: ReadPhoto, progress: Progress = no_progress) -> Snapshot:
    """Read an OpenRaster file into what a document is made of (Document.from_snapshot); for a background thread.

    ``read_photo`` decodes a PNG file, as photos.read_photo does. The photograph's notices say what was left out or
    changed. The same file gives the same layers, ids included. Raises UserError for whatever cannot be opened, and
    what ``read_photo`` and ``progress`` raise.
    """
    with open_archive(path) as archive:
        data = archive.read("stack.xml", _STACK_XML)
        try:
            stack = parse_stack(data)
        except UserError as error:
            raise archive.error(str(error)) from error
        archive.limit_pixels(stack.width, stack.height, 4, "it")
        manifest = read_manifest(archive, (stack.height, stack.width))
        return _Reader(archive, stack, manifest, read_photo, progress).load()


@dataclass
class _Reader:
    """One project on its way into memory."""

    archive: Archive
    stack: Stack
    manifest: Manifest
    read_photo: ReadPhoto
    progress: Progress
    notices: list[str] = field(default_factory=list)
    surfaces: dict[str, Surface] = field(default_factory=dict)
    profiles: list[bytes | None] = field(default_factory=list)  # of the pictures, bottom first; the first one counts
    seen: int = 0
    held: int = 0  # bytes of the layers' tiles

    def load(self) -> Snapshot:
        self.notices += [*self.stack.notices, *self.manifest.notices]
        self.shape = (self.stack.height, self.stack.width)
        self.shapes = {node.source: self.archive.png_shape(node.source) for node in _leaves(self.stack.nodes)}
        self.colours = 3 if not self.shapes or any(shape.channels > 2 for shape in self.shapes.values()) else 1
        deep = any(shape.depth == 16 for shape in self.shapes.values())
        self.dtype = np.dtype(np.uint16 if deep else np.uint8)
        nodes = self.stack.nodes
        photo = self.photograph(nodes[0] if nodes else None)
        layers = [pair for node in (nodes[1:] if photo else nodes) for pair in self.layers(node)]
        active = next((layer.id for layer, selected in reversed(layers) if selected), None)
        if active is None and layers and not (photo and nodes[0].selected):
            active = layers[-1][0].id
        for name, channels in PLANES.items():
            self.surfaces[name] = self.manifest.planes.get(name) or Surface(self.shape, channels, np.uint8)
        photo = self.with_sound_profile(photo or self.empty_photograph())
        photo = replace(photo, source=self.archive.path, notices=tuple(dict.fromkeys(self.notices)))
        return Snapshot(photo, tuple(layer for layer, _ in layers), active, self.surfaces,
                        Surface.from_array(photo.pixels), self.manifest.frame)

    def empty_photograph(self) -> Photo:
        """Transparent, in the layers' colours."""
        self.notices.append("No layer fills the whole canvas: the photograph underneath is transparent.")
        pixels = np.zeros((*self.shape, self.colours + 1), self.dtype)
        pixels.flags.writeable = False
        return Photo(pixels, self.profiles[0] if self.profiles else None)

    def with_sound_profile(self, photo: Photo) -> Photo:
        """Without its profile where that is for grey and the layers have brought colours."""
        fault = photo.profile and profile_fault(photo.profile, photo.pixels.shape[2])
        if not fault:
            return photo
        self.notices.append(f"The colour profile was left out: {fault}.")
        return replace(photo, profile=None)

    def photograph(self, node: Node | None) -> Photo | None:
        """The bottom layer as the photograph, where it can be one: the whole canvas, shown as it is."""
        if node is None or node.is_group or (node.opacity, node.visible, node.mode) != (1, True, NORMAL):
            return None
        shape = self.shapes[node.source]
        if (node.x, node.y, shape.height, shape.width) != (0, 0, *self.shape):
            return None
        photo = self.decode(node)
        own = self.manifest.photo if self.manifest.photo_source == node.source else None
        if own is not None:
            photo = replace(photo, metadata=own.metadata, format=own.format)
            if zlib.crc32(photo.pixels) == self.manifest.photo_crc:
                photo = replace(photo, profile=own.profile)
            else:
                self.notices.append("The photograph was changed in another program.")
        pixels = self.fitted(photo.pixels, photo.has_alpha)
        pixels.flags.writeable = False
        return replace(photo, pixels=pixels)

    def layers(self, node: Node) -> Iterator[tuple[Layer, bool]]:
        """What a node becomes, with whether it is selected: a layer, or those of a group that need not be there."""
        if node.is_group and not node.isolated:
            for child in node.children:
                yield from self.layers(child)
        elif node.is_group:
            self.notices.append(f"The group {node.name} was made one layer.")
            layer = self.new_layer(node, f"{self.seen}:{node.name}", None)
            self.surfaces[layer.id] = self.flattened(node.children)
            yield layer, any(inner.selected for inner in (node, *_leaves(node.children)))
        else:
            yield self.layer(node), node.selected

    def layer(self, node: Node) -> Layer:
        photo = self.decode(node)
        own = self.manifest.layers.get(node.source)
        recipe = self.recipe(node, own, zlib.crc32(photo.pixels)) if own else None
        layer = self.new_layer(node, f"{self.seen}:{node.source}", own and own.get("id"))
        layer = replace(layer, recipe=recipe, reopened=recipe is not None and own.get("reopened") is True)
        self.surfaces[layer.id] = self.surface(node, photo)
        if own:
            layer = replace(layer, adjustment=self.adjustment(layer, own),
                            filtered=self.filtered(layer, own, zlib.crc32(photo.pixels)))
        return self.masked(layer, own, photo) if own and own.get("mask") is not None else layer

    def adjustment(self, layer: Layer, own: dict) -> Adjustment | None:
        """What one of our layers does to those beneath it, unless it has been painted on."""
        if own.get("adjustment") is None:
            return None
        if not self.surfaces[layer.id].content_box().empty:
            self.notices.append(f"The layer {layer.name} was painted on in another program: "
                                "it is no adjustment any more.")
            return None
        try:
            return describe.restore_adjustment(own["adjustment"])
        except describe.MALFORMED as error:
            self.notices.append(f"The adjustment of the layer {layer.name} could not be read ({error}).")
            return None

    def filtered(self, layer: Layer, own: dict, crc: int) -> Filtered | None:
        """What made the pixels of one of our layers, unless they are others now."""
        if own.get("filtered") is None:
            return None
        if crc != own.get("pixels"):
            self.notices.append(f"The layer {layer.name} was changed in another program: it is a paint layer now.")
            return None
        try:
            return describe.restore_filtered(own["filtered"])
        except describe.MALFORMED as error:
            self.notices.append(f"The filter of the layer {layer.name} could not be read ({error}).")
            return None

    def masked(self, layer: Layer, own: dict, photo: Photo) -> Layer:
        """The layer with its mask, unless its picture is no longer the one that the mask was laid on."""
        if zlib.crc32(photo.pixels) != own["pixels"]:
            self.notices.append(f"The layer {layer.name} was changed in another program: its mask is part of it now.")
            return layer
        try:
            hidden = restore_mask(own["mask"], self.surfaces[layer.id], self.manifest.arrays.__getitem__)
        except describe.MALFORMED as error:
            self.notices.append(f"The mask of the layer {layer.name} could not be read ({error}).")
            return layer
        self.surfaces[mask_name(layer.id)] = hidden
        return replace(layer, masked=True, mask_on=own.get("mask_on") is not False)

    def recipe(self, node: Node, own: dict, crc: int) -> Recipe | None:
        """The recipe of one of our layers, unless its pixels are no longer those that the recipe made."""
        if own.get("recipe") is None:
            return None
        try:
            if crc != own["pixels"] or [node.y, node.x] != own["box"][:2]:
                self.notices.append(f"The layer {node.name} was changed in another program: its recipe was left out.")
                return None
            return describe.restore_recipe(own["recipe"], self.shape, self.colours, self.dtype,
                                           self.manifest.arrays.__getitem__)
        except describe.MALFORMED as error:
            self.notices.append(f"The recipe of the layer {node.name} could not be read ({error}).")
            return None

    def new_layer(self, node: Node, seed: str, own_id: object) -> Layer:
        """A layer with the node's properties. The id is our own or follows from the file alone."""
        layer_id = own_id if _is_id(own_id) else uuid.uuid5(uuid.NAMESPACE_OID, seed).hex
        while layer_id in self.surfaces:
            layer_id = uuid.uuid5(uuid.NAMESPACE_OID, layer_id).hex
        self.seen += 1
        mode = node.mode
        if mode not in MODES:
            self.notices.append(f"The layer {node.name} has a blend mode that is not known here ({mode[:60]}): "
                                "it is Normal now.")
            mode = NORMAL
        return Layer(node.name, layer_id, node.opacity, node.visible, mode, node.locked)

    def hold(self, nbytes: int) -> None:
        """Account for tiles that have come, or gone where ``nbytes`` is below 0."""
        self.held += nbytes
        if self.held > machine_memory() // 2:
            raise self.archive.error("its layers need more memory than this machine has")

    def surface(self, node: Node, photo: Photo) -> Surface:
        surface = Surface(self.shape, self.colours + 1, self.dtype)
        surface.write(self.fitted(photo.pixels, True), (node.y, node.x))
        self.hold(surface.nbytes)
        if photo.profile != self.profiles[0]:
            self.notices.append(f"The layer {node.name} has another colour profile than those below: "
                                "its colours may look different.")
        return surface

    def flattened(self, nodes: tuple[Node, ...]) -> Surface:
        """The layers of a group as one: composited over nothing, as isolated groups are."""
        sheets = []
        for node in nodes:
            if node.visible and node.opacity > 0:
                surface = self.flattened(node.children) if node.is_group else self.surface(node, self.decode(node))
                sheets.append(Sheet(surface, node.opacity, node.mode if node.mode in MODES else NORMAL))
        out = merged(sheets, self.shape, self.colours + 1, self.dtype)
        self.hold(out.nbytes - sum(sheet.surface.nbytes for sheet in sheets))
        return out

    def decode(self, node: Node) -> Photo:
        self.progress(min(self.seen / max(len(self.shapes), 1), 1.0), f"Opening {node.name}")
        photo = self.archive.decode(node.source, self.read_photo)
        self.notices += [f"{node.name}: {words}" for words in photo.notices]
        self.profiles.append(photo.profile)
        return photo

    def fitted(self, pixels: np.ndarray, alpha: bool) -> np.ndarray:
        """(h, w, c) with the document's colours and dtype, with or without alpha."""
        pixels = as_depth(pixels, self.dtype)
        channels = self.colours + alpha
        if pixels.shape[2] == channels:
            return pixels
        opaque = pixels.shape[2] in (1, 3)
        colour = pixels if opaque else pixels[..., :-1]
        if colour.shape[2] < self.colours:
            colour = cv2.cvtColor(np.ascontiguousarray(colour), cv2.COLOR_GRAY2RGB)
        if not alpha:
            return colour
        full = np.iinfo(self.dtype).max
        return np.concatenate([colour, np.full_like(colour[..., :1], full) if opaque else pixels[..., -1:]], axis=2)


def _leaves(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        if node.is_group:
            yield from _leaves(node.children)
        else:
            yield node


def _is_id(value: object) -> bool:
    """Whether a layer of ours may be called that; other names could be those of planes."""
    return isinstance(value, str) and len(value) == 32 and set(value) <= set("0123456789abcdef")
