import numpy as np
import pytest

from editor.engines.contract import FillRequest
from editor.engines.patches.filling import fills


@pytest.fixture(scope="session")
def filled():
    """Fills ``hole`` (h, w) bool of an image whose pixels there are wiped out; the pixels of every variant."""

    def fill(image, hole, *, threads=2, picture=None, **more):
        wiped = np.where(hole[..., None], 0, image).astype(image.dtype)
        request = FillRequest(wiped, hole.astype(np.float32), **more)
        results = list(fills(request, hole, picture, lambda fraction: None, threads))
        for pixels, _ in results:
            assert pixels.dtype == image.dtype and np.array_equal(pixels[~hole], image[~hole])
        return results

    return fill
