"""``auto``: the engine that says it suits the hole best."""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from editor.engines.contract import Engine, FillRequest, FillResult, Finish, HoleShape, Progress


def _candidates() -> tuple[Engine, ...]:
    from editor.engines.registry import engines

    return tuple(engine for engine in engines() if hasattr(engine, "suits"))


class Auto:
    """Picks by what the engines declare; its variants are the pick first, then what the others make of the hole."""

    name = "auto"
    title = "Automatic"
    order = 0
    uses: ClassVar[frozenset[str]] = frozenset({"sketch", "colour", "source", "variants"})
    Settings = Finish
    card = ("Picks an engine for each hole by its shape and by the guidance given: thin damage, texture, structure. "
            "Further variants come from the engines that suit the hole next best.")
    max_working_side: ClassVar[int] = 1024
    context: ClassVar[float] = 0.25

    def delegates(self, hole: HoleShape) -> tuple[Engine, ...]:
        """The engines for such a hole, best first; those that can use the guidance given come before all others."""
        scored = [(engine, engine.suits(hole)) for engine in _candidates()]
        able = [(len(hole.guidance & engine.uses), score, engine) for engine, score in scored if score > 0]
        return tuple(engine for _, _, engine in sorted(able, key=lambda entry: entry[:2], reverse=True))

    def fill(self, request: FillRequest, progress: Progress) -> Iterator[FillResult]:
        """One result of each engine, for callers that have a request rather than a photo (see filling.py)."""
        from editor.engines.holes import thickness

        guidance = frozenset(name for name in ("sketch", "colour", "source") if getattr(request, name) is not None)
        hole = HoleShape(int((request.hole > 0).sum()), thickness(request.hole > 0), guidance)
        chosen = self.delegates(hole)[:request.variants]
        finish = request.settings or Finish()
        for index, engine in enumerate(chosen):

            def share(fraction: float, words: str, index: int = index) -> None:
                progress((index + fraction) / len(chosen), words)

            settings = engine.Settings(grain=finish.grain, spread=finish.spread)
            yield next(iter(engine.fill(replace(request, variants=1, settings=settings), share)))


ENGINES = (Auto(),)
