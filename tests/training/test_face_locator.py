"""Training the face locator: its pictures, its truth, and runs that are interrupted."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from skimage import data

from editor.engines.contract import Cancelled, no_progress
from editor.engines.networks import store
from editor.engines.networks.face_locator import Locator
from editor.engines.networks.framing import SIZE, detections, overlap
from editor.errors import UserError
from editor.raster.frame import Frame
from editor.training import face_locator
from editor.training.data import held_out
from editor.training.face_locator import Photos, Training
from editor.training.face_scenes import LARGEST, SMALLEST, FaceScene, compose
from editor.training.face_targets import Batch
from editor.training.loop import Schedule
from editor.training.runs import Order

SHORT = Schedule(steps=4, batch=2, rate=1e-3, average=0.9)


@pytest.fixture(scope="module")
def album(tmp_path_factory) -> Path:
    """faces/: the astronaut's face, mirrored and cut variously; scenes/: pictures without anybody."""
    root = tmp_path_factory.mktemp("album")
    for folder in ("faces", "scenes"):
        (root / folder).mkdir()
    face, scenes = data.astronaut(), [data.coffee(), data.rocket()]
    for index in range(16):
        crop = face[10 + index % 3:250, 100:340 + index % 5]
        cv2.imwrite(str(root / "faces" / f"face_{index}.png"), cv2.resize(crop, (256, 256))[..., ::-1])
        cv2.imwrite(str(root / "scenes" / f"scene_{index}.png"), scenes[index % 2][:, 10 * index:][..., ::-1])
    names = [path for path in root.rglob("*.png") if held_out(path)]
    assert {path.parent.name for path in names} == {"faces", "scenes"}, "some of each are to be held out"
    return root


@pytest.fixture
def photos(album) -> Photos:
    return Photos.of((album,))


def scene_of(photos: Photos, seed: int, empty: float = 0.0) -> FaceScene:
    return compose(np.random.default_rng(seed), photos.faces, photos.scenes, empty)


def test_people_that_are_held_out_are_never_trained_on(album, photos):
    tests = Photos.of((album,), test=True)
    assert tests.faces and tests.scenes
    assert not set(tests.faces) & set(photos.faces) and not set(tests.scenes) & set(photos.scenes)


def test_scenes_that_are_full_of_people_are_left_out(album, tmp_path):
    for folder in ("faces", "scenes"):
        (tmp_path / folder).mkdir()
        for name in ("coco_1.png", "coco_2.png", "coco_3.png"):
            (tmp_path / folder / name).write_bytes(next((album / folder).iterdir()).read_bytes())
    with pytest.raises(UserError, match="faces/ and scenes/"):
        Photos.of((tmp_path,))


def test_composed_pictures_are_of_any_kind_and_follow_from_their_seed_alone(photos):
    scenes = [scene_of(photos, seed, 0.2) for seed in range(60)]
    again = scene_of(photos, 7, 0.2)
    assert np.array_equal(scenes[7].image, again.image) and scenes[7].frames == again.frames
    frames = [frame for scene in scenes for frame in scene.frames]
    assert {len(scene.frames) for scene in scenes} >= {0, 1, 2}
    assert all(SMALLEST <= frame.side <= LARGEST for frame in frames)
    assert max(abs(frame.angle) for frame in frames) > 35
    assert any(scene.doubtful for scene in scenes) and any(scene.beyond.any() for scene in scenes)
    assert 0.5 < np.mean([scene.hole.any() for scene in scenes]) < 1
    for scene in scenes:
        assert scene.image.shape == (SIZE, SIZE, 3) and scene.image.dtype == np.uint8
        assert not scene.image[scene.beyond].any() and scene.hole[scene.beyond].all()


def test_the_face_is_where_its_frame_says(photos):
    """Seen through the frame, most pictures show the middle of the face that was laid in."""
    face = cv2.resize(cv2.imread(str(photos.faces[0]), cv2.IMREAD_GRAYSCALE), (48, 48))[12:36, 12:36].ravel()
    alike, elsewhere = [], []
    for seed in range(50):
        scene = scene_of(photos, seed)
        for frame in scene.frames:
            for into, where in ((alike, frame), (elsewhere, Frame(frame.centre, frame.side, frame.angle + 180))):
                seen = cv2.warpAffine(cv2.cvtColor(scene.image, cv2.COLOR_RGB2GRAY), where.sampling(48), (48, 48),
                                      flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)[12:36, 12:36]
                pair = [np.corrcoef(face, one.ravel() + np.arange(one.size) * 1e-9)[0, 1]
                        for one in (seen, seen[:, ::-1])]
                into.append(max(pair))
    print(np.median(alike), np.median(elsewhere))
    assert np.median(alike) > np.median(elsewhere) + 0.3


def perfect(batch: Batch) -> torch.Tensor:
    """The output that says what the batch's truth says."""
    heat = batch.heat.clamp(1e-4, 1 - 1e-4)
    return torch.cat([torch.logit(heat)[:, None], batch.values], dim=1)


def test_what_is_asked_for_reads_back_as_the_frames(photos):
    scenes = [scene_of(photos, seed) for seed in range(30)]
    maps = perfect(Batch.of(scenes)).numpy()
    for scene, answer in zip(scenes, maps, strict=True):
        found = [one.frame for one in detections(answer, 0.9)]
        assert len(found) == len(scene.frames)
        for frame in scene.frames:
            assert max(overlap(frame, other) for other in found) > 0.97


def test_the_right_answer_costs_least_and_doubtful_faces_nothing(photos):
    scenes = [scene_of(photos, seed) for seed in range(30)]
    batch = Batch.of(scenes)
    right = batch.loss(perfect(batch))
    turned = perfect(batch)
    turned[:, 2:4] *= -1
    missed = perfect(batch)
    missed[:, 0] = -9
    assert right < 0.3 * batch.loss(turned) and right < 0.3 * batch.loss(missed)
    doubtful = next(scene for scene in scenes if scene.doubtful and not scene.frames)
    batch = Batch.of([doubtful])
    claimed = torch.zeros(1, 6, SIZE // 8, SIZE // 8)
    claimed[:, 0] = torch.where(batch.counts == 0, 5.0, -9.0)
    assert batch.loss(claimed) < 1e-3


def test_training_makes_the_network_better(photos):
    torch.manual_seed(1)
    training = Training(Schedule(steps=20, batch=4, rate=3e-3, average=0.9), Locator(8))
    losses: list[float] = []
    training.run(photos, Path("unused"), losses.append)
    assert training.step == 20 and np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])


def test_a_training_that_was_interrupted_goes_on_as_if_it_had_not_been(photos, tmp_path):
    def stop_after(count: int):
        def report(loss: float) -> None:
            nonlocal count
            count -= 1
            if not count:
                raise Cancelled

        return report

    def fresh() -> Training:
        torch.manual_seed(2)
        return Training(SHORT, Locator(8))

    whole = fresh()
    whole.run(photos, tmp_path / "unused.pt", lambda loss: None)
    with pytest.raises(Cancelled):
        fresh().run(photos, tmp_path / "checkpoint.pt", stop_after(2))
    resumed = Training.resumed(SHORT, tmp_path / "checkpoint.pt")
    assert resumed.step == 2
    resumed.run(photos, tmp_path / "unused.pt", lambda loss: None)
    for mine, other in ((resumed.model, whole.model), (resumed.averaged, whole.averaged)):
        for name, tensor in other.state_dict().items():
            assert torch.equal(mine.state_dict()[name], tensor), name


def test_a_trained_locator_is_a_model_with_a_card_and_can_be_gone_on_from(album, tmp_path):
    order = Order("face-locator", (album,), tmp_path / "one.safetensors", replace(SHORT, steps=2), {"width": 8},
                  command="as it was typed")
    model = face_locator.train(order, no_progress)
    network = store.load(store.model_at(tmp_path / "one.safetensors"))
    assert isinstance(network, Locator) and network.width == 8
    assert model.card.network == "face-locator" and model.card.steps == 2 and model.card.command == "as it was typed"
    assert 0 <= model.card.held_out["found at IoU 0.5"] <= 1
    again = face_locator.train(replace(order, out=tmp_path / "two.safetensors", resume=model.path), no_progress)
    assert again.card.parent == "one" and again.card.config == {"width": 8}


def test_a_folder_without_faces_is_a_plain_error(tmp_path):
    with pytest.raises(UserError, match="there is no folder"):
        Photos.of((tmp_path,))
