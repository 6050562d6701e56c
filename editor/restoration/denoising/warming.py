"""Compiles the kernel and keeps it on disk, so that the first use of the denoiser does not wait: run during set-up.

python -m editor.restoration.denoising.warming
"""

import numpy as np

from editor.restoration.contract import Scan
from editor.restoration.denoising import Denoise
from editor.restoration.filtering import restored


def warm() -> None:
    """Denoise something that is all noise."""
    restored(Scan.of(np.random.default_rng(0).integers(100, 150, (128, 128, 3)).astype(np.uint8)), Denoise())


if __name__ == "__main__":
    warm()
