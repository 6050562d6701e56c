"""A fill from start to end: several beginnings, the best of them brought to the photo's own size."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from editor.engines.contract import FillRequest
from editor.engines.membrane import harmonic
from editor.engines.patches.crew import Alone, Crew, crew, stretches
from editor.engines.patches.guidance import guided
from editor.engines.patches.levels import REACH, Level, pyramid
from editor.engines.patches.lighting import CHOSEN, LARGE, evened
from editor.engines.patches.starting import usual_offsets
from editor.engines.patches.synthesis import (
    AT_ONCE,
    INWARDS,
    Draft,
    Start,
    drafted,
    judged,
    picture_of,
    refined,
    settled,
)

_STARTS = 2  # beginnings for one variant
_HANDICAP = 1.3  # how much better a beginning has to be that is made at once
_DRAFT = 2500  # pixels of hole at the size at which beginnings are compared, at most
_UNLIKE = 8.0  # levels of 255 by which variants differ on average, where there are such
_BEGUN = 0.3  # of the work of one variant is done when the beginnings are

_NOTHING = "There is nothing large enough to copy from: filled with a membrane."


class _Watch:
    """How far the fill has come; told to the user whenever a crew waits for its work."""

    def __init__(self, step: Callable[[float], None], total: int):
        self._step, self._total, self.done, self.fraction = step, total, 0, 0.0

    def __call__(self) -> None:
        self._step((self.done + self.fraction) / self._total)


def fills(request: FillRequest, hole: np.ndarray, picture: np.ndarray | None, step: Callable[[float], None],
          threads: int | None = None) -> Iterator[tuple[np.ndarray, tuple[str, ...]]]:
    """The request's image with ``hole`` (h, w) bool filled, once a variant, best first; with notes for the user.

    picture: (rows, columns, 3) uint8, what the whole should look like when small, or None. step: told the fraction
    done of all variants, every 100 ms or oftener.
    """
    watch = _Watch(step, request.variants)
    levels = pyramid(request.image, hole, request.source, watch) if min(hole.shape) > 2 * REACH + 1 else ()
    if not levels or not levels[0].valid.any():
        yield _membrane(request.image, hole, step), (_NOTHING,)
        return
    levels, ways = guided(levels, request, picture)
    with crew(watch, threads) as team:
        for draft in _drafts(levels, request, ways, team):
            work = sum(len(level.holes) for level in levels[:draft.level]) or 1
            done = 0
            while draft.level:
                watch.fraction = _BEGUN + 0.5 * done / work
                if request.show is not None:
                    request.show(picture_of(draft))
                draft = refined(levels, draft, request.seed, team)
                done += len(levels[draft.level].holes)
            watch.fraction = 0.8
            offsets = settled(levels, draft, team)
            watch.fraction = 0.9
            yield _copied(request, levels[0], offsets, team), ()
            watch.done += 1
            watch.fraction = _BEGUN


def _drafts(levels: tuple[Level, ...], request: FillRequest, ways: np.ndarray, team: Crew) -> list[Draft]:
    """The best beginnings, one a variant; further ones as far as they are unlike those before."""
    top = len(levels) - 1
    low = min(top, next((index for index, level in enumerate(levels) if len(level.holes) <= _DRAFT), top))
    jumps = np.concatenate([usual_offsets(levels[top], request.seed, team), np.rint(ways / 2 ** top).astype(np.int32)])
    kinds = (INWARDS, INWARDS, AT_ONCE)  # among several there is one of another kind
    starts = [Start(request.seed * 1009 + number, top, jumps, kinds[number % len(kinds)])
              for number in range(_STARTS * request.variants)]

    def begun(start: Start, team: Alone) -> tuple[Draft, float, np.ndarray]:
        draft = drafted(levels, start, low, team)
        energy, picture = judged(levels, draft, team)
        return draft, energy if start.manner == INWARDS else energy * _HANDICAP, picture

    left = sorted(team.apart([partial(begun, start) for start in starts]), key=lambda each: each[1])
    chosen: list[tuple[Draft, float, np.ndarray]] = []
    while left and len(chosen) < request.variants:
        new = (index for index, each in enumerate(left)
               if all(np.abs(each[2] - other[2]).mean() > _UNLIKE for other in chosen))
        chosen.append(left.pop(next(new, 0)))
    return [draft for draft, _, _ in chosen]


def _copied(request: FillRequest, level: Level, offsets: np.ndarray, team: Crew) -> np.ndarray:
    """The image with its hole copied together, without steps in the light."""
    image = request.image
    light = evened(image, (~level.hole).view(np.uint8), level.holes, offsets, stretches(level.holes[:, 0]), team,
                   LARGE if request.source is None else CHOSEN)
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
