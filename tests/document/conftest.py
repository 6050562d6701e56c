"""Documents to work on."""

from collections.abc import Callable

import numpy as np
import pytest

from editor.document.document import Document
from editor.document.photo import Photo


@pytest.fixture
def make_document() -> Callable[..., Document]:
    """make_document(shape, channels, dtype): a document with a photograph of noise."""

    def make(shape: tuple[int, int] = (300, 520), channels: int = 3, dtype: type = np.uint8) -> Document:
        pixels = np.random.default_rng(9).integers(0, np.iinfo(dtype).max, (*shape, channels), dtype, endpoint=True)
        return Document(Photo(pixels))

    return make
