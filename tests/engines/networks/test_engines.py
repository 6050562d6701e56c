"""Networks as engines: what is offered, and what comes of a fill."""

import importlib
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from editor.engines.auto import Auto
from editor.engines.blending import paste
from editor.engines.contract import Cancelled, FillRequest, HoleShape
from editor.engines.filling import Fill, fill
from editor.engines.networks import engines as networks
from editor.engines.networks import store
from editor.engines.networks.cards import NETWORKS, Card
from editor.engines.networks.devices import choose
from editor.engines.networks.engines import EdgeConnect, Scene, ScFegan
from editor.engines.networks.inputs import Seen
from editor.engines.networks.store import LoadedModels, save_model, user_folder
from editor.engines.registry import describe, engines, find, settings_from
from editor.errors import UserError
from editor.raster.frame import Frame
from tests.engines.conftest import read_only
from tests.raster.test_colour import ADOBE_RGB

CONFIGS = {"sc-fegan": {"width": 8}, "scene": {"width": 8, "blocks": 1}, "edge-connect-edge": {"width": 4},
           "edge-connect-completion": {"width": 4}}
NAMES = ("scene", "sc-fegan", "edge-connect")


@pytest.fixture(scope="module")
def weights() -> dict[str, dict[str, torch.Tensor]]:
    """Of untrained networks."""
    torch.manual_seed(1)
    made = {}
    for network, config in CONFIGS.items():
        known = NETWORKS[network]
        made[network] = getattr(importlib.import_module(known.module), known.architecture)(**config).state_dict()
    return made


@pytest.fixture(autouse=True)
def none_bundled(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")


@pytest.fixture
def models(weights) -> None:
    """Small untrained networks are installed."""
    for network, tensors in weights.items():
        card = Card(network, network.title(), network, CONFIGS[network], data="chance alone")
        save_model(user_folder(), card, tensors)


def fills(photo: np.ndarray, mask: np.ndarray, engine, **options) -> tuple[list[Fill], list[np.ndarray]]:
    engine = find(engine) if isinstance(engine, str) else engine
    done, pictures = [], []
    for one in fill(lambda box: photo[box.slices], photo.shape[:2], mask, engine, **options):
        picture = photo.copy()
        for result in one.results:
            paste(picture, result)
        done.append(one)
        pictures.append(picture)
    return done, pictures


def disc(shape: tuple[int, int], centre: tuple[int, int], radius: int) -> np.ndarray:
    return read_only(cv2.circle(np.zeros(shape, np.uint8), centre[::-1], radius, 255, -1))


class Painter(ScFegan):
    """Draws what it sees, the hints over it: what a perfect network would do on an even ground."""

    def _models(self):
        return ()

    def _draw(self, modules, seen, place, settings, seed):
        picture = np.where(seen.hole[..., None], np.median(seen.image[~seen.hole], axis=0), seen.image)
        picture = np.where(seen.given[..., None], seen.colour, picture)
        return (picture * (1 - seen.sketch[..., None])).astype(np.float32)


@pytest.fixture
def painter() -> Painter:
    return Painter(LoadedModels())


def test_engines_are_offered_only_where_their_weights_are(weights):
    assert not {*NAMES} & {engine.name for engine in engines()}
    with pytest.raises(UserError, match="Models"):
        find("edge-connect")

    def offered_with(*networks: str) -> set[str]:
        for network in networks:
            save_model(user_folder(), Card(network, network, network, CONFIGS[network]), weights[network])
        return {*NAMES} & {engine.name for engine in engines()}

    assert offered_with("edge-connect-edge") == set()
    assert offered_with("edge-connect-completion") == {"edge-connect"}
    (user_folder() / "edge-connect-edge.safetensors").unlink()
    assert offered_with("scene") == {"scene"}, "something has to stand in for the first stage, whatever the hole"
    assert offered_with("sc-fegan") == {"scene", "sc-fegan", "edge-connect"}
    assert not find("edge-connect").proposes


def test_the_card_says_what_the_weights_are(models):
    for name in NAMES:
        described = describe(find(name))
        assert "chance alone" in described["card"] and "variants" in described["uses"]


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_outside_the_mask_changes_by_a_bit(models, coffee, name, depth):
    photo = coffee if depth == 8 else read_only(coffee.astype(np.uint16) * 257)
    mask = disc(photo.shape[:2], (200, 300), 50)
    done, (picture,) = fills(photo, mask, name, frame=Frame((200, 300), 300, 20))
    assert picture.dtype == photo.dtype and np.array_equal(picture[mask == 0], photo[mask == 0])
    assert (picture[mask > 0] != photo[mask > 0]).mean() > 0.9
    result, = done[0].results
    assert (result.engine, result.device, result.precision) == (name, "cpu", choose("cpu").precision)
    assert max(result.working_size) <= 512


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_pixels_and_variants_differ(models, coffee, name):
    photo = read_only(np.tile(coffee[:200, 200:500], (1, 3, 1)))
    mask = read_only(disc(photo.shape[:2], (100, 100), 20) | disc(photo.shape[:2], (100, 780), 20))
    settings = settings_from(find(name), {"working": "256"})
    done, one = fills(photo, mask, name, seed=5, variants=2, threads=1, settings=settings)
    _, two = fills(photo, mask, name, seed=5, variants=2, threads=2, settings=settings)
    assert len(done[0].results) == 2
    assert np.array_equal(one[0], two[0]) and np.array_equal(one[1], two[1])
    if name != "edge-connect":  # an untrained one may well propose no edges at all
        assert not np.array_equal(one[0], one[1])
        assert not np.array_equal(one[0], fills(photo, mask, name, seed=6, settings=settings)[1][0])


def test_a_line_and_a_colour_come_out_where_they_were_drawn(painter):
    """However far the face is turned and reduced."""
    photo = read_only(np.full((1400, 1400, 3), 180, np.uint8))
    mask = disc(photo.shape[:2], (800, 700), 300)
    sketch, colour = np.zeros(photo.shape[:2], np.uint8), np.zeros((*photo.shape[:2], 4), np.uint8)
    cv2.line(sketch, (560, 700), (840, 760), 255, 5, cv2.LINE_AA)
    cv2.circle(colour, (760, 940), 50, (200, 40, 30, 255), -1)
    _, (picture,) = fills(photo, mask, painter, frame=Frame((760, 690), 1300, 25),
                          sketch=lambda box: sketch[box.slices], colour=lambda box: colour[box.slices])
    dark = picture.max(axis=2) < 90
    drawn = cv2.dilate(sketch, np.ones((9, 9), np.uint8)) > 0
    assert dark.any() and not (dark & ~drawn).any()
    assert dark[:, 600:800].any(axis=0).mean() > 0.95  # without gaps
    assert np.abs(picture[930:950, 750:770].astype(int) - (200, 40, 30)).max() < 12
    assert np.abs(picture[600:650, 680:760].astype(int) - 180).max() < 6


class Faint(torch.nn.Module):
    """Answers hints faintly; counts how often it is asked."""

    asked = 0

    def forward(self, x):
        self.asked += 1
        return (0.4 * x[:, 4:5] + 0.2 * x[:, 5:8]).expand(-1, 3, -1, -1)


@pytest.mark.parametrize("seed", [0, 3])
def test_guidance_exaggerates_what_lines_change(seed):
    hole, sketch, given, colour = (np.zeros(shape, np.float32) for shape in ((32, 32),) * 3 + ((32, 32, 3),))
    hole[8:24, 8:24] = sketch[12, 8:24] = given[18:22, 8:24] = 1
    colour[18:22, 8:24] = 1
    grey = np.full((32, 32, 3), 0.5, np.float32) * (1 - hole[..., None])
    hinted = Seen(grey, hole > 0, grey, sketch, colour, given > 0, grey=False, face=False)
    engine = Scene(LoadedModels())

    def drawn(seen: Seen, guidance: float) -> tuple[np.ndarray, int]:
        faint = Faint()
        picture = engine._draw((faint,), seen, choose("cpu"), engine.Settings(guidance=guidance), seed)
        return 2 * picture - 1, faint.asked

    plain, once = drawn(hinted, 1.0)
    guided, twice = drawn(hinted, 1.5)
    unguided, still_once = drawn(replace(hinted, sketch=np.zeros_like(sketch)), 1.5)

    assert (once, twice, still_once) == (1, 2, 1)
    np.testing.assert_allclose(plain[12, 8:24], 0.4, atol=0.01)
    np.testing.assert_allclose(guided[12, 8:24], 0.6, atol=0.01)
    for picture in (plain, guided, unguided):
        np.testing.assert_allclose(picture[18:22, 8:24], 0.2, atol=0.01)
    assert engine.hasty(engine.Settings()).guidance == 1, "a preview has no time to be drawn twice"


class Told(LoadedModels):
    """Networks that leave everything grey, but for a step in the middle of what SC-FEGAN or the scene network draws;
    what EdgeConnect's second stage is shown is kept."""

    def get(self, model, device):
        def drawn(planes):
            out = planes[:, :3] * 0
            out[..., planes.shape[-1] // 2:] = 0.8
            return out

        def completed(planes):
            self.planes = planes
            return planes[:, :3]

        self.asked = [*getattr(self, "asked", ()), model]
        return completed if model == "edge-connect-completion" else drawn


@pytest.mark.parametrize(("face", "other"), [(True, "sc-fegan"), (False, "scene")])
def test_without_a_first_stage_edgeconnect_takes_the_edges_that_another_network_draws(monkeypatch, face, other):
    def found(network):
        if network == "edge-connect-edge":
            raise UserError("no weights")
        return network

    monkeypatch.setattr(networks, "find_model", found)
    kept = Told()
    photo = read_only(np.full((256, 256, 3), 128, np.uint8))
    sketch = np.zeros((256, 256), np.uint8)
    sketch[:, 90] = 255
    fills(photo, disc((256, 256), (128, 128), 60), EdgeConnect(kept), sketch=lambda box: sketch[box.slices],
          frame=Frame((128, 128), 256) if face else None)

    edges, hole = kept.planes[0, 3].numpy() > 0, kept.planes[0, 4].numpy() > 0
    inner = cv2.erode(hole.astype(np.uint8), np.ones((9, 9))) > 0
    across = np.nonzero((edges & inner).any(axis=0))[0]
    assert kept.asked == ["edge-connect-completion", other]
    assert ((np.abs(across - 90) <= 1) | (np.abs(across - 128) <= 1)).all() and np.ptp(across) > 30


def test_the_network_sees_the_face_upright_and_the_fill_says_which_frame_it_saw(painter, coffee):
    views = []
    painter._draw = lambda modules, seen, *others: views.append(seen) or np.zeros((*seen.hole.shape, 3), np.float32)
    frame = Frame((200, 260), 280, 90)
    mask = disc(coffee.shape[:2], (200, 320), 20)  # right of the centre: above it, for the face
    done, _ = fills(coffee, mask, painter, frame=frame)
    y, x = np.argwhere(views[0].hole).mean(axis=0) / views[0].hole.shape[0]
    assert y == pytest.approx(0.5 - 60 / 280, abs=0.02) and x == pytest.approx(0.5, abs=0.02)
    result, = done[0].results
    assert np.allclose((*result.frame.centre, result.frame.side, result.frame.angle), (200, 260, 280, 90))
    assert result.covers == (280, 280)


def test_a_hole_beside_the_frame_is_filled_without_it(painter, coffee):
    mask = read_only(disc(coffee.shape[:2], (60, 60), 20) | disc(coffee.shape[:2], (250, 480), 20))
    done, (picture,) = fills(coffee, mask, painter, frame=Frame((250, 480), 220, 0))
    assert {result.frame is None for result in done[0].results} == {True, False}
    assert (picture != coffee).any(axis=2)[mask > 0].mean() > 0.9


def test_what_of_a_hole_lies_outside_the_frame_is_filled_too(painter):
    photo = read_only(np.full((600, 700, 3), 120, np.uint8))
    photo_with_object = photo.copy()
    mask = np.zeros(photo.shape[:2], np.uint8)
    mask[250:350, 200:480] = 255
    photo_with_object[mask > 0] = (250, 10, 10)
    _, (picture,) = fills(read_only(photo_with_object), mask, painter, frame=Frame((300, 300), 260, 0))
    assert np.abs(picture.astype(int) - 120).max() <= 2


def test_grey_photos_stay_grey(models):
    from skimage import data

    photo = read_only(np.repeat(data.camera()[..., None], 3, axis=2))
    for name in NAMES:
        _, (picture,) = fills(photo, disc(photo.shape[:2], (250, 250), 40), name)
        assert not np.ptp(picture, axis=2).any()


def test_colours_are_drawn_in_srgb_and_come_back_in_the_photo_s_own(painter):
    """A colour stroke is sRGB; a photo in Adobe RGB has other numbers for it."""
    from editor.raster.colour import to_srgb8

    photo = read_only(np.full((400, 400, 3), 128, np.uint8))
    colour = np.zeros((400, 400, 4), np.uint8)
    colour[150:250, 150:250] = (180, 90, 60, 255)
    mask = disc((400, 400), (200, 200), 80)
    _, (picture,) = fills(photo, mask, painter, profile=ADOBE_RGB, colour=lambda box: colour[box.slices])
    assert np.abs(to_srgb8(picture[200:201, 200:201], ADOBE_RGB).astype(int) - (180, 90, 60)).max() <= 4
    assert np.abs(picture[200, 200].astype(int) - (180, 90, 60)).max() > 8


@pytest.mark.parametrize("photo", [(1, 40), (7, 5), (30, 900)])
def test_the_smallest_photos_are_filled(models, photo):
    pixels = read_only(np.random.default_rng(1).integers(0, 256, (*photo, 3), np.uint8))
    mask = np.zeros(photo, np.uint8)
    mask[0, : photo[1] // 2] = 255
    for name in NAMES:
        _, (picture,) = fills(pixels, mask, name)
        assert np.array_equal(picture[mask == 0], pixels[mask == 0])


def test_without_memory_it_is_done_smaller_and_the_user_is_told(painter, coffee):
    sizes = []

    def draw(modules, seen, *others):
        sizes.append(max(seen.hole.shape))
        if sizes[-1] > 256:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
        return np.zeros((*seen.hole.shape, 3), np.float32)

    painter._draw = draw
    done, _ = fills(coffee, disc(coffee.shape[:2], (200, 300), 120), painter, settings=painter.Settings(working="512"))
    assert sizes[0] > 256 and sizes[-1] == 256 and max(done[0].results[0].working_size) == 256
    assert any("256 px" in note for note in done[0].notes)


def test_an_answer_that_is_no_picture_is_refused_in_words(painter, coffee, models):
    class Broken(Scene):
        def _draw(self, modules, seen, *others):
            raise FloatingPointError

    with pytest.raises(UserError, match="damaged"):
        fills(coffee, disc(coffee.shape[:2], (200, 300), 30), Broken(LoadedModels()))


@pytest.mark.parametrize("words", ["Loading the network", "Filling at", "Adding detail"])
def test_a_cancel_is_heard_at_every_step(models, words):
    photo = read_only(np.random.default_rng(1).integers(0, 256, (600, 600, 3), np.uint8))

    def progress(fraction: float, said: str) -> None:
        if said.startswith(words):
            raise Cancelled

    request = FillRequest(photo, (disc((600, 600), (300, 300), 80) > 0).astype(np.float32))
    with pytest.raises(Cancelled):
        list(find("scene").fill(request, progress))


def test_the_working_size_is_the_user_s_to_choose(painter):
    photo = read_only(np.full((600, 600, 3), 90, np.uint8))
    mask = disc((600, 600), (300, 300), 130)
    for given, size in (("Auto", 256), ("512", 512), ("384", 384)):
        done, _ = fills(photo, mask, painter, settings=painter.Settings(working=given))
        assert max(done[0].results[0].working_size) == size
    with pytest.raises(UserError, match="one of Auto, 256"):
        settings_from(painter, {"working": "1024"})


def test_auto_is_not_broken_by_weights_that_are_not_there(coffee):
    _, (picture,) = fills(coffee, disc(coffee.shape[:2], (200, 300), 60), "auto", frame=Frame((200, 300), 300))
    assert not np.array_equal(picture, coffee)


SMALL, LARGE = HoleShape(600, 6.0), HoleShape(90_000, 200.0)
SKETCH = frozenset({"sketch"})


@pytest.mark.parametrize("hole, name", [
    (SMALL, "kriging"), (LARGE, "patches"), (replace(LARGE, plain=True), "membrane"),
    (replace(LARGE, face=True), "sc-fegan"),
    (replace(SMALL, guidance=SKETCH), "scene"), (replace(LARGE, guidance=SKETCH, face=True), "sc-fegan"),
    (replace(LARGE, guidance=frozenset({"colour"})), "scene"), (replace(SMALL, face=True), "kriging"),
])
def test_auto_takes_a_network_where_a_face_or_hints_ask_for_it(models, hole, name):
    assert Auto().delegates(hole)[0].name == name


def test_auto_tells_a_plain_ground_and_a_face(models):
    y, x = np.mgrid[:500, :500]
    random = np.random.default_rng(2)
    sky = read_only(np.clip(120 + y[..., None] / 10 + random.normal(0, 2, (500, 500, 3)), 0, 255).astype(np.uint8))
    bricks = sky.copy()
    bricks[(y // 20 + x // 40 % 2) % 2 == 0] //= 2
    mask = disc((500, 500), (250, 250), 60)
    engine_of = {name: fills(photo, mask, "auto", frame=frame)[0][0].results[0].engine for name, photo, frame in (
        ("sky", sky, None), ("bricks", read_only(bricks), None), ("face", sky, Frame((250, 250), 300)))}
    assert engine_of == {"sky": "membrane", "bricks": "patches", "face": "sc-fegan"}
