"""Layers, recipes, planes and metadata as values for JSON, and back.

Arrays go beside the JSON: ``put(array)`` keeps one and returns a reference for the JSON, ``get(reference)`` gives it
again, read-only. Whoever restores is given what others may have written: every function that restores raises one
of MALFORMED for what cannot be, and ignores fields that it does not know.
"""

import base64
import json
import math
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from editor.document.document import AVOID, COLOUR, MASK, PLANES, SKETCH, SOURCE
from editor.document.layers import Filtered, Layer, Patch, Recipe, Variant
from editor.document.photo import JPEG_SUBSAMPLINGS, Metadata, Photo
from editor.raster.adjustments import CHANNELS, Adjustment, Band, Curve, Curves, Levels
from editor.raster.blending import MODES
from editor.raster.frame import Frame
from editor.raster.rectangle import Rectangle
from editor.raster.surface import Box, Surface
from editor.raster.transforms import Crop, Cut, Flip, Rotate, Step, Turn

Put = Callable[[np.ndarray], int]
Get = Callable[[int], np.ndarray]

_GUIDES = (SKETCH, COLOUR, SOURCE, AVOID)  # planes that a recipe keeps besides its mask, by the names of its fields

MALFORMED = (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError)
"""What restoring raises."""


def to_json(value: Any) -> bytes:
    """Compact; numbers of numpy's become Python's. File names that are no Unicode survive, as lone surrogates."""
    return json.dumps(value, default=_plain, separators=(",", ":")).encode("ascii")


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else str(value)


def describe_surface(surface: Surface, put: Put) -> dict:
    return {"channels": surface.channels, "tiles": [[*key, put(surface.tile(key))] for key in sorted(surface.keys())]}


def restore_surface(value: dict, shape: tuple[int, int], dtype: np.dtype | type, channels: int, get: Get) -> Surface:
    """A surface of ``shape``; a tile that does not fit it is a ValueError."""
    surface = Surface(shape, channels, dtype)
    for row, column, reference in value["tiles"]:
        key = (int(row), int(column))
        if min(key) < 0 or min(surface.tile_shape(key)) <= 0:
            raise ValueError(f"there is no tile {key}")
        surface.put(key, get(reference))
    return surface


def describe_frame(frame: Frame | None) -> dict | None:
    return frame and {"centre": list(frame.centre), "side": frame.side, "angle": frame.angle}


def restore_frame(value: dict | None) -> Frame | None:
    if value is None:
        return None
    y, x = map(float, value["centre"])
    frame = Frame((y, x), float(value["side"]), float(value["angle"]))
    if not (abs(y) < 1 << 31 and abs(x) < 1 << 31 and 0 < frame.side < 1 << 31 and math.isfinite(frame.angle)):
        raise ValueError(f"there is no such face frame: {frame}")
    return frame


def describe_transform(step: Step) -> dict:
    """A step of the document's geometry."""
    match step:
        case Turn():
            return {"kind": "turn", "quarters": step.quarters}
        case Flip():
            return {"kind": "flip", "upright": step.upright}
        case Crop():
            return {"kind": "crop", "box": list(step.box)}
        case Cut(Rectangle(centre, height, width, angle)):
            return {"kind": "cut", "centre": list(centre), "height": height, "width": width, "angle": angle}
    return {"kind": "rotate", "angle": step.angle, "keep_all": step.keep_all}


def restore_transform(value: dict, shape: tuple[int, int]) -> Step:
    """A step of a document of ``shape`` (h, w)."""
    kind, step = value["kind"], None
    if kind == "turn" and value["quarters"] in (1, 2, 3):
        step = Turn(value["quarters"])
    elif kind == "flip":
        step = Flip(bool(value["upright"]))
    elif kind == "crop":
        box = Box(*map(int, value["box"]))
        step = None if box.empty or box.intersect(Box(0, 0, *shape)) != box else Crop(box)
    elif kind == "cut":
        y, x = map(float, value["centre"])
        rectangle = Rectangle((y, x), *(float(value[name]) for name in ("height", "width", "angle")))
        sides_fit = 1 <= rectangle.height <= 2 * max(shape) and 1 <= rectangle.width <= 2 * max(shape)
        if sides_fit and 0 <= y <= shape[0] and 0 <= x <= shape[1] and math.isfinite(rectangle.angle):
            step = Cut(rectangle)
    elif kind == "rotate" and math.isfinite(value["angle"]):
        step = Rotate(float(value["angle"]), bool(value["keep_all"]))
    if step is None:
        raise ValueError(f"there is no such transform: {value}")
    return step


def describe_layer(layer: Layer) -> dict:
    """Everything but the recipe."""
    return {"id": layer.id, "name": layer.name, "opacity": layer.opacity, "visible": layer.visible,
            "mode": layer.mode, "locked": layer.locked, "reopened": layer.reopened, "masked": layer.masked,
            "mask_on": layer.mask_on, "adjustment": describe_adjustment(layer.adjustment),
            "filtered": describe_filtered(layer.filtered)}


def restore_layer(value: dict, recipe: Recipe | None) -> Layer:
    if value["mode"] not in MODES:
        raise ValueError(f"there is no blend mode {value['mode']}")
    return Layer(str(value["name"]), str(value["id"]), float(value["opacity"]), bool(value["visible"]), value["mode"],
                 bool(value["locked"]), recipe, bool(value["reopened"]) and recipe is not None,
                 bool(value.get("masked", False)), bool(value.get("mask_on", True)),
                 restore_adjustment(value.get("adjustment")), restore_filtered(value.get("filtered")))


def describe_filtered(filtered: Filtered | None) -> dict | None:
    return None if filtered is None else {
        "name": filtered.name, "settings": filtered.settings, "beneath": filtered.beneath,
        "box": filtered.box and list(filtered.box)}


def restore_filtered(value: dict | None) -> Filtered | None:
    if value is None:
        return None
    box = None if value["box"] is None else Box(*map(int, value["box"]))
    return Filtered(str(value["name"]), dict(value["settings"]), str(value["beneath"]), box)


def describe_adjustment(adjustment: Adjustment | None) -> dict | None:
    return None if adjustment is None else {
        "kind": type(adjustment).__name__.lower(), **{name: asdict(getattr(adjustment, name)) for name in CHANNELS}}


def restore_adjustment(value: dict | None) -> Adjustment | None:
    if value is None:
        return None
    if value["kind"] == "levels":
        return Levels(**{name: Band(**{key: float(number) for key, number in value[name].items()})
                         for name in CHANNELS})
    if value["kind"] == "curves":
        return Curves(**{name: Curve(tuple((float(x), float(y)) for x, y in value[name]["points"]))
                         for name in CHANNELS})
    raise ValueError(f"there is no adjustment {value['kind']}")


def describe_recipe(recipe: Recipe, put: Put) -> dict:
    return {
        "engine": recipe.engine, "settings": recipe.settings, "seed": recipe.seed, "chosen": recipe.chosen,
        "beneath": recipe.beneath, "run": recipe.run, "mask": describe_surface(recipe.mask, put),
        **{plane: surface and describe_surface(surface, put) for plane in _GUIDES
           for surface in [getattr(recipe, plane)]},
        "frame": describe_frame(recipe.frame),
        "variants": [_describe_variant(variant, put) for variant in recipe.variants],
    }


def restore_recipe(value: dict, shape: tuple[int, int], colours: int, dtype: np.dtype, get: Get) -> Recipe:
    """A recipe of a document of ``shape`` (h, w), with so many colour channels of ``dtype``."""
    variants = tuple(_restore_variant(variant, colours, dtype, get) for variant in value["variants"])
    chosen = int(value["chosen"])
    if not 0 <= chosen < max(len(variants), 1):
        raise ValueError("the chosen variant is missing")
    guides = {plane: restore_surface(value[plane], shape, np.uint8, PLANES[plane], get) for plane in _GUIDES
              if value.get(plane) is not None}
    mask = restore_surface(value[MASK], shape, np.uint8, PLANES[MASK], get)
    return Recipe(mask, str(value["engine"]), dict(value["settings"]), int(value["seed"]), variants=variants,
                  chosen=chosen, beneath=str(value["beneath"]), run=str(value["run"]),
                  frame=restore_frame(value.get("frame")), **guides)


def _describe_variant(variant: Variant, put: Put) -> dict:
    return {
        "engine": variant.engine, "seed": variant.seed, "seconds": variant.seconds, "device": variant.device,
        "precision": variant.precision, "notes": list(variant.notes),
        "worked_at": variant.worked_at, "worked_on": variant.worked_on, "frame": describe_frame(variant.frame),
        "patches": [{"pixels": put(patch.pixels), "alpha": put(patch.alpha), "origin": list(patch.origin)}
                    for patch in variant.patches],
    }


def _restore_variant(value: dict, colours: int, dtype: np.dtype, get: Get) -> Variant:
    return Variant(tuple(_restore_patch(patch, colours, dtype, get) for patch in value["patches"]),
                   str(value["engine"]), int(value["seed"]), float(value["seconds"]), str(value["device"]),
                   str(value["precision"]), tuple(map(str, value["notes"])),
                   *(_restore_side(value.get(name, 0)) for name in ("worked_at", "worked_on")),
                   restore_frame(value.get("frame")))


def _restore_side(value: int) -> int:
    side = int(value)
    if not 0 <= side < 1 << 31:
        raise ValueError(f"there is no picture {side} pixels wide")
    return side


def _restore_patch(value: dict, colours: int, dtype: np.dtype, get: Get) -> Patch:
    pixels, alpha = get(value["pixels"]), get(value["alpha"])
    top, left = map(int, value["origin"])
    if pixels.shape != (*alpha.shape, colours) or pixels.dtype != dtype or alpha.dtype != dtype:
        raise ValueError("a variant does not fit its picture")
    return Patch(pixels, alpha, (top, left))


def describe_photo(photo: Photo) -> dict:
    """Everything but the pixels and where they came from."""
    return {"format": photo.format, "profile": _from_bytes(photo.profile),
            "metadata": _describe_metadata(photo.metadata)}


def restore_photo(value: dict, pixels: np.ndarray) -> Photo:
    return Photo(pixels, _to_bytes(value["profile"]), _restore_metadata(value["metadata"]), format=str(value["format"]))


def _describe_metadata(metadata: Metadata) -> dict:
    out = {}
    for field in fields(metadata):
        value = getattr(metadata, field.name)
        out[field.name] = _from_bytes(value) if isinstance(value, bytes) else value
    return out


def _restore_metadata(value: dict) -> Metadata:
    return Metadata(**{field.name: _RESTORE.get(field.name, _to_bytes)(value[field.name])
                       for field in fields(Metadata) if value.get(field.name) is not None})


def _restore_resolution(value: list) -> tuple[float, float]:
    x, y = map(float, value)
    if not (0 < x < math.inf and 0 < y < math.inf):
        raise ValueError(f"there is no resolution of {x} x {y}")
    return x, y


def _restore_tables(value: dict) -> dict[int, tuple[int, ...]]:
    tables = {int(number): tuple(map(int, table)) for number, table in value.items()}
    if sorted(tables) != list(range(len(tables))) or not all(
            len(table) == 64 and min(table) >= 0 and max(table) <= 0xFFFF for table in tables.values()):
        raise ValueError("a quantisation table is damaged")
    return tables


def _restore_subsampling(value: str) -> str:
    if value not in JPEG_SUBSAMPLINGS:
        raise ValueError(f"there is no JPEG subsampling {value}")
    return value


_RESTORE = {"resolution": _restore_resolution, "jpeg_quantisation": _restore_tables,
            "jpeg_subsampling": _restore_subsampling}  # all others are bytes


def _from_bytes(value: bytes | None) -> dict | None:
    return None if value is None else {"base64": base64.b64encode(value).decode("ascii")}


def _to_bytes(value: dict | None) -> bytes | None:
    return None if value is None else base64.b64decode(value["base64"])
