"""A fill from start to end: several beginnings, the best of them brought to the photo's own size."""

from collections.abc import Callable, Iterator

import numpy as np

from editor.engines.contract import FillRequest
from editor.engines.membrane import harmonic
from editor.engines.patches.crew import Crew, crew, stretches
from editor.engines.patches.guidance import guided
from editor.engines.patches.levels import REACH, Level, pyramid
from editor.engines.patches.lighting import evened
from editor.engines.patches.starting import usual_offsets
from editor.engines.patches.synthesis import Draft, Start, drafted, refined, settled

_STARTS = 4  # beginnings for one variant
_DRAFT = 2500  # pixels of hole at the size at which beginnings are compared, at most

_NOTHING = "There is nothing large enough to copy from: filled with a membrane."


def fills(request: FillRequest, hole: np.ndarray, step: Callable[[float], None], threads: int | None = None
          ) -> Iterator[tuple[np.ndarray, tuple[str, ...]]]:
    """The request's image with ``hole`` (h, w) bool filled, once a variant, best first; with notes for the user."""
    levels = pyramid(request.image, hole, request.source) if min(hole.shape) > 2 * REACH + 1 else ()
    if not levels or not levels[0].valid.any():
        yield _membrane(request.image, hole, step), (_NOTHING,)
        return
    levels, ways = guided(levels, request)
    with crew(lambda: step(0.5), threads) as team:
        for draft in _drafts(levels, request, ways, team):
            final = refined(levels, draft, 0, request.seed, team)
            offsets, _ = settled(levels, final, team)
            yield _copied(request.image, levels[0], offsets, team), ()


def _drafts(levels: tuple[Level, ...], request: FillRequest, ways: np.ndarray, team: Crew) -> list[Draft]:
    """The best beginnings, one a variant."""
    count = len(levels) - 1
    low = min(count, next((index for index, level in enumerate(levels) if len(level.holes) <= _DRAFT), count))
    starts = [Start(request.seed * 1000 + number, max(low, count - number % 2)) for number in
              range(_STARTS * request.variants)]
    # Along a line that goes on, at every size.
    jumps = {top: np.concatenate([usual_offsets(levels[top], request.seed, team),
                                  np.rint(ways / 2 ** top).astype(np.int32)]) for top in {start.top for start in starts}}
    drafts = [drafted(levels, start, jumps[start.top], low, team) for start in starts]
    energies = [settled(levels, draft, team)[1] for draft in drafts]
    return [drafts[index] for index in np.argsort(energies, kind="stable")[:request.variants]]


def _copied(image: np.ndarray, level: Level, offsets: np.ndarray, team: Crew) -> np.ndarray:
    """The image with its hole copied together, without steps in the light."""
    light = evened(image, (~level.hole).view(np.uint8), level.holes, offsets, stretches(level.holes[:, 0]), team)
    highest = np.iinfo(image.dtype).max
    y, x = level.holes.T
    copies = image[y + offsets[y, x, 0], x + offsets[y, x, 1]]
    out = image.copy()
    out[y, x] = np.rint(np.clip(copies + light * np.float32(highest / 255), 0, highest))
    return out


def _membrane(image: np.ndarray, hole: np.ndarray, step: Callable[[float], None]) -> np.ndarray:
    film = harmonic(image.astype(np.float32), hole, step)
    out = image.copy()
    out[hole] = np.rint(np.clip(film[hole], 0, np.iinfo(image.dtype).max))
    return out
