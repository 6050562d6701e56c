"""Film grain and noise: measured in the picture itself, and taken out of it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from editor.engines.contract import Progress
from editor.raster.surface import Box
from editor.restoration.contract import Scan

if TYPE_CHECKING:
    from editor.restoration.denoising.noise import Noise


@dataclass(frozen=True)
class DenoiseSettings:
    amount: float = field(default=1.0, metadata={
        "min": 0.0, "max": 2.0, "title": "Amount",
        "help": "how strong grain is taken to be, in multiples of what was measured; 0 leaves brightness alone"})
    colour: float = field(default=1.0, metadata={
        "min": 0.0, "max": 2.0, "title": "Colour noise",
        "help": "the same for specks of colour; 0 leaves colours alone"})
    keep_grain: float = field(default=0.2, metadata={
        "min": 0.0, "max": 1.0, "title": "Keep grain",
        "help": "how much of the removed grain comes back, as brightness only: a picture without any looks like wax"})


class Denoise:
    """Shrinks what is noise in every block, at three scales."""

    name = "denoise"
    title = "Denoise"
    order = 20
    card = ("Takes out film grain and noise. How strong grain is at each brightness, and how coarse, is measured where "
            "the picture is flat; blocks of 16 x 16 are freed of it in their cosine transform, at three scales. Yu "
            "and Sapiro, “DCT image denoising”, IPOL 2011; Pierazzo et al., “Multi-scale DCT denoising”, IPOL 2017.")
    Settings = DenoiseSettings
    tile = 512
    grid = True

    def reach(self, settings: DenoiseSettings) -> int:
        from editor.restoration.denoising.shrinking import REACH

        return REACH

    def prepared_by(self, settings: DenoiseSettings) -> None:
        """The noise is there whatever is wanted."""

    def prepare(self, scan: Scan, settings: DenoiseSettings, progress: Progress) -> "tuple[Noise | None, ...]":
        """The noise of each level, finest first; None where there is none."""
        from editor.restoration.denoising.noise import measure

        return measure(scan, progress)

    def apply(self, pixels: np.ndarray, prepared: "tuple[Noise | None, ...]", settings: DenoiseSettings,
              box: Box) -> np.ndarray:
        from editor.restoration.denoising.planes import apart, together
        from editor.restoration.denoising.shrinking import cleaned

        if prepared[0] is None:
            return pixels
        planes = apart(pixels)
        # The cell in the middle; what lies round it serves the coarser levels.
        wanted = Box(-box.top % self.tile, -box.left % self.tile, -box.top % self.tile + self.tile,
                     -box.left % self.tile + self.tile).intersect(Box(0, 0, *planes.shape[:2]))
        clean = cleaned(planes, prepared, (settings.amount, settings.colour, settings.colour)[:planes.shape[2]], wanted)
        if settings.keep_grain:
            clean[..., 0] += settings.keep_grain * (planes[wanted.slices][..., 0] - clean[..., 0])
        out = pixels.copy()
        out[wanted.slices] = together(clean)
        return out


FILTERS = (Denoise(),)
