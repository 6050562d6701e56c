"""Layers and the recipes that fill layers keep. Values only: changing one makes another.

Those that hold arrays compare by identity.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import numpy as np

from editor.raster.adjustments import Adjustment
from editor.raster.blending import NORMAL
from editor.raster.frame import Frame
from editor.raster.surface import Box, Surface

MAX_VARIANTS = 8
"""How many variants a fill layer keeps; the oldest unchosen ones go first."""


@dataclass(frozen=True, eq=False)
class Patch:
    """The content of one region of a fill, in the photograph's depth."""

    pixels: np.ndarray  # (h, w, c), read-only, c = 1 or 3
    alpha: np.ndarray  # (h, w), same dtype, read-only
    origin: tuple[int, int]  # (y, x) in the photograph

    @property
    def box(self) -> Box:
        height, width = self.alpha.shape
        return Box(self.origin[0], self.origin[1], self.origin[0] + height, self.origin[1] + width)

    @property
    def nbytes(self) -> int:
        return self.pixels.nbytes + self.alpha.nbytes


@dataclass(frozen=True, eq=False)
class Variant:
    """One plausible fill: a patch for each region, and how it was made."""

    patches: tuple[Patch, ...]
    engine: str
    seed: int
    seconds: float = 0.0
    device: str = "cpu"
    precision: str = "float32"
    notes: tuple[str, ...] = ()
    worked_at: int = 0  # longest side the engine worked at, of the region that was reduced most; 0 is not known
    worked_on: int = 0  # the same side in pixels of the photograph
    frame: Frame | None = None  # of the face, where a network saw one

    @property
    def scale(self) -> float:
        """How finely it was filled: 1 at the photograph's own resolution, less where a region was reduced."""
        return min(1.0, self.worked_at / self.worked_on) if self.worked_on else 1.0

    @property
    def box(self) -> Box:
        box = Box(0, 0, 0, 0)
        for patch in self.patches:
            box = box.union(patch.box)
        return box

    @property
    def nbytes(self) -> int:
        return sum(patch.nbytes for patch in self.patches)


@dataclass(frozen=True, eq=False)
class Recipe:
    """Everything needed to fill a fill layer again."""

    mask: Surface  # (1 channel, uint8); a snapshot, as are the others
    engine: str  # as asked for; a variant names the engine that made it
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    sketch: Surface | None = None  # 1 channel, uint8
    colour: Surface | None = None  # 4 channels, uint8
    variants: tuple[Variant, ...] = ()
    chosen: int = 0
    beneath: str = ""  # digest of what the fill saw beneath its layer
    run: str = ""  # the fill that made it; variants that arrive later join by it
    frame: Frame | None = None  # of the face, as the user had laid it
    source: Surface | None = None  # 1 channel, uint8: what alone was copied from
    avoid: Surface | None = None  # the same: what was not

    @property
    def nbytes(self) -> int:
        return sum(variant.nbytes for variant in self.variants)


@dataclass(frozen=True)
class Filtered:
    """What made a filter layer's pixels: enough to make them again."""

    name: str  # of the filter
    settings: dict[str, Any] = field(default_factory=dict, hash=False)  # as plain values, by name
    beneath: str = ""  # digest of what the filter saw beneath its layer
    box: Box | None = None  # what was filtered; None is all of the photograph


def mask_name(layer_id: str) -> str:
    """The name of a layer's mask among the document's surfaces: 1 channel, uint8, of how much of the layer is hidden.

    Hidden and not shown: so a mask that hides nothing has no tiles.
    """
    return f"{layer_id}.mask"


def is_mask(surface: str) -> bool:
    """Whether a surface of that name is a layer's mask."""
    return surface.endswith(".mask")


def new_id() -> str:
    """An id that no layer has had: 32 hexadecimal digits."""
    return uuid4().hex


@dataclass(frozen=True)
class Layer:
    """A layer's properties; its pixels are the document's surface of the same id."""

    name: str
    id: str = field(default_factory=new_id)
    opacity: float = 1.0  # 0..1
    visible: bool = True
    mode: str = NORMAL  # one of editor.raster.blending.MODES
    locked: bool = False  # neither painted on nor filled again
    recipe: Recipe | None = None
    reopened: bool = False  # its recipe is on the planes, and the next fill is its own
    masked: bool = False  # it has a mask of its own
    mask_on: bool = True  # which counts
    adjustment: Adjustment | None = None  # what it does to all beneath it, which it has instead of pixels
    filtered: Filtered | None = None  # what made its pixels, where a filter did

    @property
    def is_fill(self) -> bool:
        return self.recipe is not None

    @property
    def hidden_by(self) -> str | None:
        """The surface of its mask, where it has one that counts."""
        return mask_name(self.id) if self.masked and self.mask_on else None
