"""The engines that networks are: SC-FEGAN, EdgeConnect and the scene network.

Each is offered only where its weights and torch are there; torch is loaded when one is first used.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import Any, ClassVar

import numpy as np

from editor.engines.contract import FillRequest, FillResult, Finish, HoleShape, Progress
from editor.engines.networks.devices import Outcome, Place, choose, run_with_fallback
from editor.engines.networks.encoding import from_srgb
from editor.engines.networks.inputs import Seen, guided_input, see
from editor.engines.networks.lifting import lift
from editor.engines.networks.running import answer
from editor.engines.networks.store import LoadedModels, Model, find_model
from editor.engines.networks.varying import varied
from editor.engines.networks.view import SMALLEST, View, view_of, working_sizes
from editor.errors import UserError
from editor.raster.frame import Frame

STRUCTURE = 32.0  # pixels of thickness from which on a hole is a matter of structure rather than of its edge
SUITS = {  # how well each does, by what the hole is (contract.Engine.suits)
    "sc-fegan": {"face": 0.8, "structure": 0.0, "thin": 0.0, "guided": 0.2},
    "edge-connect": {"face": 0.5, "structure": 0.2, "thin": 0.0, "guided": 0.1},
    "scene": {"face": 0.3, "structure": 0.3, "thin": 0.0, "guided": 0.55},
}
"""``guided``: the least that a sketch or colours make of it, whatever the hole."""
SIZES = {"sc-fegan": 256, "edge-connect": 256, "scene": 256}
"""Up to what working size each is left to choose for itself: networks do best near the size they were trained at."""

FIRST_STAGE = "edge-connect-edge"
OTHERS = ("scene", "sc-fegan")
"""Networks whose pictures' edges stand in for EdgeConnect's first stage: of anything, and of a face."""

AUTO = "Auto"
GREY = np.array([0.299, 0.587, 0.114], np.float32)  # Rec. 601


@dataclass(frozen=True)
class NetworkSettings(Finish):
    working: str = field(default=AUTO, metadata={
        "choices": (AUTO, "256", "384", "512"), "title": "Working size", "unit": "px",
        "help": "the longer side of what the network sees, at most; smaller is quicker and coarser"})
    detail: float = field(default=1.0, metadata={
        "min": 0.0, "max": 1.0, "title": "Detail",
        "help": "how much of the surroundings' detail is copied into a fill that is larger than the working size"})


def _guidance(default: float) -> float:
    return field(default=default, metadata={
        "min": 1.0, "max": 2.0, "title": "Guidance",
        "help": "how closely lines are followed: above 1, what they change is exaggerated, in twice the time"})


@dataclass(frozen=True)
class GuidedSettings(NetworkSettings):
    guidance: float = _guidance(1.0)


@dataclass(frozen=True)
class SceneSettings(GuidedSettings):
    guidance: float = _guidance(1.3)


@dataclass(frozen=True)
class EdgeSettings(NetworkSettings):
    complete: bool = field(default=True, metadata={
        "title": "Complete the sketch",
        "help": "add edges that the network proposes to the drawn ones; off, a sketch is followed as it is"})


class NetworkEngine:
    """What all have in common: a network draws what it sees, and that is lifted to the crop's size."""

    name: ClassVar[str]
    title: ClassVar[str]
    order: ClassVar[int]
    uses: ClassVar[frozenset[str]]
    Settings: ClassVar[type[NetworkSettings]] = NetworkSettings
    about: ClassVar[str]  # what it is, its paper, what it is good at
    networks: ClassVar[tuple[str, ...]]  # that it needs, as in model cards
    max_working_side: ClassVar[int] = 6144
    group_side: ClassVar[int] = 1024
    min_context: ClassVar[int] = 112
    context: ClassVar[float] = 0.5
    square: ClassVar[bool] = True
    wants_frame: ClassVar[bool] = False

    def __init__(self, kept: LoadedModels):
        self._kept = kept

    @property
    def available(self) -> bool:
        """Whether its weights and what runs them are there."""
        return all(map(_there, self.networks)) and find_spec("torch") is not None

    @property
    def card(self) -> str:
        """What it is, and what its model's card says."""
        try:
            cards = [model.card for model in self._models()]
        except UserError as error:
            return f"{self.about} {error}"
        trained = [f"{card.title}: {card.data or 'trained on data that the card does not name'}"
                   + (f" ({card.licence})" if card.licence else "") for card in cards]
        return " ".join([self.about, *(line.rstrip(".") + "." for line in trained)])

    def suits(self, hole: HoleShape) -> float:
        scores = SUITS[self.name]
        kind = "face" if hole.face else "thin" if hole.thickness < STRUCTURE or hole.plain else "structure"
        return max(scores[kind], scores["guided"] if hole.guidance & self.uses else 0.0)

    def hasty(self, settings: NetworkSettings) -> NetworkSettings:
        return replace(settings, working=str(SMALLEST), detail=0.0)

    def _models(self) -> tuple[Model, ...]:
        return tuple(find_model(network) for network in self.networks)

    def fill(self, request: FillRequest, progress: Progress) -> Iterator[FillResult]:
        settings = request.settings or self.Settings()
        place = choose(request.device)
        for index in range(request.variants):
            started = time.perf_counter()

            def step(fraction: float, words: str, index: int = index) -> None:
                progress((index + fraction) / request.variants, words)

            image, hole, done = request.image, request.hole > 0, []
            # What of the hole lies outside a face's frame is filled after it, as a scene is.
            for frame in (request.frame, None) if request.frame else (None,):
                done.append(self._drawn(request, image, hole, frame, place, settings, index, step))
                view, seen, picture = done[-1].result
                image, hole = lift(image, hole, view, seen, picture, source=request.source, detail=settings.detail,
                                   seed=request.seed,
                                   step=lambda fraction, step=step: step(0.6 + 0.4 * fraction, "Adding detail"))
                if not hole.any():
                    break
            image.flags.writeable = False
            view, used = done[0].result[0], done[0].place
            notes = tuple(dict.fromkeys(note for outcome in done for note in outcome.notes))
            yield FillResult(image, request.hole, request.origin, self.name, request.seed,
                             time.perf_counter() - started, used.device, used.precision, view.size, notes, view.covers,
                             request.frame)

    def _drawn(self, request: FillRequest, image: np.ndarray, hole: np.ndarray, frame: Frame | None, place: Place,
               settings: NetworkSettings, variant: int,
               step: Callable[[float, str], None]) -> Outcome[tuple[View, Seen, np.ndarray]]:
        """What the network sees of ``image``, and draws, in the photo's encoding."""
        def attempt(size: int, here: Place) -> tuple[View, Seen, np.ndarray]:
            step(0.0, "Loading the network")
            modules = tuple(self._kept.get(model, here.device) for model in self._models())
            step(0.1, "Looking at the surroundings")
            view = view_of(hole.shape, frame, size)
            seen = see(request, image, hole, view)
            step(0.2, f"Filling at {max(view.size)} px")
            picture = self._draw(modules, seen, here, settings, variant_seed(request.seed, variant))
            if seen.grey:
                picture = np.repeat((picture @ GREY)[..., None], 3, axis=2)
            return view, seen, from_srgb(picture, request.profile)

        largest = SIZES[self.name] if settings.working == AUTO else int(settings.working)
        return run_with_fallback(attempt, working_sizes(hole.shape, frame, largest), place)

    def _draw(self, modules: tuple, seen: Seen, place: Place, settings: NetworkSettings, seed: int) -> np.ndarray:
        """The network's picture of what it sees, (h, w, 3) float32 0..1 sRGB."""
        raise NotImplementedError


class GuidedEngine(NetworkEngine):
    """A network that takes lines and colours besides the picture."""

    uses: ClassVar[frozenset[str]] = frozenset({"sketch", "colour", "variants"})
    Settings = GuidedSettings

    def hasty(self, settings: GuidedSettings) -> GuidedSettings:
        return replace(super().hasty(settings), guidance=1.0)

    def _draw(self, modules: tuple, seen: Seen, place: Place, settings: GuidedSettings, seed: int) -> np.ndarray:
        module, = modules
        return guided_picture(module, seen, place, seed, settings.guidance)


class ScFegan(GuidedEngine):
    name = "sc-fegan"
    title = "SC-FEGAN (faces)"
    order = 12
    about = ("Redraws parts of faces after a sketch and strokes of colour: eyes, mouth, hair. Jo and Park, “SC-FEGAN: "
             "face editing generative adversarial network with user's sketch and color”, ICCV 2019.")
    networks = ("sc-fegan",)
    wants_frame = True


class Scene(GuidedEngine):
    name = "scene"
    title = "Scene network"
    order = 10
    Settings = SceneSettings
    about = ("Fills large holes in scenes: what stood behind a person, how a shore or a wall goes on. Follows a sketch "
             "and strokes of colour.")
    networks = ("scene",)


class EdgeConnect(NetworkEngine):
    """In two stages: edges, then the colours between them."""

    name = "edge-connect"
    title = "EdgeConnect (edges first)"
    order = 14
    uses: ClassVar[frozenset[str]] = frozenset({"sketch", "variants"})
    Settings = EdgeSettings
    about = ("Completes the edges in the hole, then the colours between them; a sketch counts as edges. As long as its "
             "first stage has no weights, edges are taken from what SC-FEGAN or the scene network draw. Nazeri et al., "
             "“EdgeConnect: generative image inpainting with adversarial edge learning”, ICCV workshops 2019.")
    networks = ("edge-connect-completion",)
    wants_frame = True

    @property
    def available(self) -> bool:
        return super().available and (self.proposes or all(map(_there, OTHERS)))

    @property
    def proposes(self) -> bool:
        """Whether there are weights of its own first stage. Where not, edges are those of what OTHERS make of it."""
        return _there(FIRST_STAGE)

    def proposed_lines(self, request: FillRequest, seed: int, width: int) -> np.ndarray:
        """Its first step alone: the edges that it proposes besides the request's sketch, as the sketch pen would draw
        them, ``width`` pixels wide: (h, w) uint8 coverage of the request's crop. Errors are those of ``fill``."""
        from editor.engines.networks.edges import pen_lines

        def attempt(size: int, here: Place) -> np.ndarray:
            view = view_of(request.hole.shape, request.frame, size)
            seen = see(request, request.image, request.hole > 0, view)
            edges = self._proposed(seen, _drawn(seen), here, seed)
            return pen_lines(edges, request.hole.shape, view.matrix, width)

        sizes = working_sizes(request.hole.shape, request.frame, SIZES[self.name])
        return run_with_fallback(attempt, sizes, choose(request.device)).result

    def _draw(self, modules: tuple, seen: Seen, place: Place, settings: EdgeSettings, seed: int) -> np.ndarray:
        from editor.engines.networks.edges import borrowed_edges, canny, grey_of

        completion, = modules
        drawn = _drawn(seen)
        inside = drawn
        if settings.complete or not drawn.any():
            inside = drawn | self._proposed(seen, drawn, place, seed)
        edges = borrowed_edges(canny(grey_of(seen.image), seen.hole), inside, seen.hole)
        planes = np.dstack([seen.image, edges, seen.hole]).astype(np.float32)
        return np.clip(answer(completion, planes.transpose(2, 0, 1), place).transpose(1, 2, 0), 0, 1)

    def _proposed(self, seen: Seen, drawn: np.ndarray, place: Place, seed: int) -> np.ndarray:
        """Edges (h, w) bool in the hole, one pixel wide, besides those ``drawn``."""
        from editor.engines.networks.edges import added_edges

        if self.proposes:
            return proposal(self._kept.get(find_model(FIRST_STAGE), place.device), seen, drawn, place, seed)
        other = self._kept.get(find_model(OTHERS[seen.face]), place.device)
        return added_edges(seen.image, guided_picture(other, seen, place, seed), seen.hole, drawn)


def guided_picture(module: Any, seen: Seen, place: Place, seed: int, guidance: float = 1.0) -> np.ndarray:
    """What a network that takes lines and colours makes of what it sees, (h, w, 3) float32 0..1 sRGB."""
    noise = np.random.default_rng(seed).standard_normal(seen.hole.shape, np.float32)

    def drawn(view: Seen) -> np.ndarray:
        return answer(module, guided_input(view, noise), place).transpose(1, 2, 0)

    view, undo = varied(seen, seed)
    picture = drawn(view)
    if guidance > 1 and seen.sketch.any():
        # Classifier-free guidance (Ho and Salimans 2022), away from what it would have drawn without the lines.
        bare = drawn(replace(view, sketch=np.zeros_like(view.sketch)))
        picture = np.clip(bare + guidance * (picture - bare), -1, 1)
    return undo((picture + 1) / 2)


def _there(network: str) -> bool:
    """Whether there are weights of a network."""
    try:
        find_model(network)
    except UserError:
        return False
    return True


def _drawn(seen: Seen) -> np.ndarray:
    """The user's lines in the hole as edges (h, w) bool."""
    from editor.engines.networks.edges import drawn_edges

    return drawn_edges(np.rint(255 * seen.sketch).astype(np.uint8), seen.hole.shape) & seen.hole


def proposal(edge_generator: Any, seen: Seen, drawn: np.ndarray, place: Place, seed: int) -> np.ndarray:
    """Edges (h, w) bool that the edge generator proposes in the hole, one pixel wide, besides those ``drawn``."""
    from editor.engines.networks.edges import propose_edges, proposed_edges

    def predict(grey: np.ndarray, edges: np.ndarray, hole: np.ndarray, lines: np.ndarray) -> np.ndarray:
        planes = np.stack([grey * (1 - hole), edges * (1 - hole) + lines * hole, hole])
        return answer(edge_generator, planes, place)[0]

    probability, = propose_edges(predict, seen.image, seen.hole, drawn, (seed,))
    return proposed_edges(probability)


def variant_seed(seed: int, variant: int) -> int:
    """A seed of its own for each variant; the first of seed 0 has 0, which EdgeConnect takes for "as it is"."""
    return seed * 64 + variant
