"""The training loop: it resumes exactly, stops when told, and says what is wrong."""

import math
import pickle
import resource
from dataclasses import replace

import numpy as np
import pytest
import torch

from editor.engines.contract import Cancelled
from editor.errors import UserError
from editor.training.data import Album, whole_squares
from editor.training.loop import Schedule, Training, load_checkpoint
from editor.training.runs import TASKS

SCHEDULE = Schedule(steps=4, batch=2, size=32, adversarial_from=0.25, precision="float32")


@pytest.fixture(scope="module")
def album(photographs) -> Album:
    squares = [square for picture in photographs.values() for square in whole_squares(picture, 48)]
    return Album(torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2))


def training(network: str = "scene", schedule: Schedule = SCHEDULE, seed: int = 0) -> Training:
    torch.manual_seed(seed)
    task = TASKS[network](**({"width": 4, "blocks": 1} if network == "scene" else {"width": 4}))
    channels = {"edge-connect-edge": (2,), "edge-connect-completion": (3,)}.get(network, ())
    if task.critic is not None:
        task.critic = type(task.critic)(*channels, 4)
    return Training(task, schedule)


def keep_quiet(training: Training, terms: dict) -> None:
    pass


def stop_after(steps: int):
    def report(training: Training, terms: dict) -> None:
        if training.step == steps:
            raise Cancelled
    return report


def tensors(value) -> list[torch.Tensor]:
    """All that a checkpoint holds, in order."""
    if isinstance(value, dict):
        return [found for key in sorted(value, key=str) for found in tensors(value[key])]
    if isinstance(value, list | tuple):
        return [found for each in value for found in tensors(each)]
    return [value] if isinstance(value, torch.Tensor) else [torch.tensor(float(value))] if isinstance(
        value, int | float) else []


@pytest.mark.parametrize("network", TASKS)
def test_resuming_is_exact_to_the_bit(network, album, tmp_path):
    straight, halted = tmp_path / "straight.pt", tmp_path / "halted.pt"
    training(network).run(album, None, straight, keep_quiet)
    with pytest.raises(Cancelled):
        training(network).run(album, None, halted, stop_after(2))
    resumed = training(network, seed=99)  # its own weights are others
    resumed.load(halted)
    assert resumed.step == 2 and resumed.share == 0.5
    resumed.run(album, None, halted, keep_quiet)
    one, two = load_checkpoint(straight), load_checkpoint(halted)
    for part in ("generator", "averaged", "optimisers", *["critic"] * (network != "damage-finder")):
        pairs = list(zip(tensors(one[part]), tensors(two[part]), strict=True))
        assert len(pairs) > 10 and all(torch.equal(*pair) for pair in pairs), part
    assert one["step"] == two["step"] == 4
    moved = training(network)
    assert any(not torch.equal(value, one["generator"][name])
               for name, value in moved.task.generator.state_dict().items()), "it has learned something"


def test_another_seed_trains_otherwise(album, tmp_path):
    losses = []
    for seed in (0, 1):
        training(schedule=replace(SCHEDULE, steps=1, seed=seed)).run(
            album, None, tmp_path / "x.pt", lambda training, terms: losses.append(terms["loss"]))
    assert losses[0] != losses[1]


def test_the_critic_joins_at_its_share_of_the_steps(album, tmp_path):
    told = []
    training(schedule=replace(SCHEDULE, adversarial_from=0.5)).run(
        album, None, tmp_path / "x.pt", lambda training, terms: told.append("critic" in terms))
    assert told == [False, False, True, True]


def test_what_is_kept_is_the_average_of_the_weights(album, tmp_path):
    run = training()
    name, weight = next((name, value) for name, value in run.task.generator.named_parameters() if value.dim() == 4)
    expected, step = weight.detach().clone(), 0

    def follow(training: Training, terms: dict) -> None:
        nonlocal expected, step
        keep = min(SCHEDULE.average, (1 + step) / (10 + step))
        expected, step = expected * keep + weight.detach() * (1 - keep), step + 1

    run.run(album, None, tmp_path / "x.pt", follow)
    averaged = dict(run.averaged.named_parameters())[name]
    assert torch.allclose(averaged, expected, atol=1e-6) and not torch.allclose(averaged, weight, atol=1e-6)
    assert not averaged.requires_grad and not run.averaged.training


def test_the_rate_falls_along_a_cosine(album, tmp_path):
    rates = []
    run = training(schedule=replace(SCHEDULE, steps=3, rate=0.1))
    run.step = 0
    run.run(album, None, tmp_path / "x.pt",
            lambda training, terms: rates.append(training._optimisers[0].param_groups[0]["lr"]))
    expected = [0.1 * (step + 1) / 100 * (0.05 + 0.95 * (1 + math.cos(math.pi * step / 3)) / 2) for step in range(3)]
    assert rates == pytest.approx(expected), "warmed up over a hundred steps"


def test_time_ends_a_training_that_steps_would_not(album, tmp_path):
    run = training(schedule=replace(SCHEDULE, steps=10**9, seconds=0.05))
    run.run(album, None, tmp_path / "x.pt", keep_quiet)
    assert 1 <= run.step < 1000 and run.seconds >= 0.05 and run.share == 1
    later = training(schedule=replace(SCHEDULE, steps=10**9, seconds=2 * run.seconds))
    later.load(tmp_path / "x.pt")
    assert later.share == 0.5, "what was spent before counts"


def test_finishing_makes_the_present_step_the_last(album, tmp_path):
    run = training(schedule=replace(SCHEDULE, steps=10**9))
    run.run(album, None, tmp_path / "x.pt", lambda training, terms: training.step == 2 and training.finish())
    assert run.step == 2 and load_checkpoint(tmp_path / "x.pt")["step"] == 2


def test_checkpoints_are_written_meanwhile(album, tmp_path):
    seen = []
    run = training(schedule=replace(SCHEDULE, save_seconds=0.0))
    run.run(album, None, tmp_path / "x.pt", lambda training, terms: seen.append(
        load_checkpoint(tmp_path / "x.pt")["step"] if training.step > 1 else 0))
    assert seen == [0, 1, 2, 3]
    assert [path.name for path in tmp_path.iterdir()] == ["x.pt"], "nothing is left beside it"


def test_divergence_is_told_and_the_last_checkpoint_stays(album, tmp_path):
    run = training()
    run.save(tmp_path / "x.pt")
    with torch.no_grad():
        next(run.task.generator.parameters()).fill_(math.nan)
    with pytest.raises(UserError, match="diverged at step 1.*loss.*nan.*--rate"):
        run.run(album, None, tmp_path / "x.pt", keep_quiet)
    assert load_checkpoint(tmp_path / "x.pt")["step"] == 0


def test_too_little_memory_is_told(album, tmp_path, monkeypatch):
    run = training()

    def no_room(*arguments):
        raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried …")

    monkeypatch.setattr(run.task, "generator_loss", no_room)
    with pytest.raises(UserError, match="not enough memory.*2 pictures of 32 px"):
        run.run(album, None, tmp_path / "x.pt", keep_quiet)


def test_a_checkpoint_with_code_is_refused_and_not_run(tmp_path):
    class Code:
        def __reduce__(self):
            return (tmp_path.joinpath("was-run").touch, ())

    path = tmp_path / "x.pt"
    torch.save({"averaged": Code(), "network": "scene"}, path)
    with pytest.raises(UserError, match="x.pt: holds more than weights"):
        load_checkpoint(path)
    path.write_bytes(pickle.dumps(Code(), protocol=2))
    with pytest.raises(UserError, match="x.pt"):
        load_checkpoint(path)
    assert not (tmp_path / "was-run").exists()


def test_what_is_no_checkpoint_of_this_network_is_refused(album, tmp_path):
    path = tmp_path / "x.pt"
    run = training()
    run.save(path)
    state = torch.load(path, weights_only=True)
    with pytest.raises(UserError, match="checkpoint of scene .*not of sc-fegan"):
        training("sc-fegan").load(path)
    wrong = [{"averaged": {}}, state | {"network": "nothing"}, state | {"config": {"width": 10**9}},
             state | {"step": "1"}, state | {"averaged": dict(list(state["averaged"].items())[1:])}, [1, 2], {}]
    for each in wrong:
        torch.save(each, path)
        with pytest.raises(UserError, match="x.pt"):
            load_checkpoint(path)
    for part in ("critic", "optimisers", "generator"):
        torch.save({key: value for key, value in state.items() if key != part}, path)
        with pytest.raises(UserError, match="x.pt is no checkpoint"):
            training().load(path)
    path.write_bytes(path.read_bytes()[:5000])
    for missing in (path, tmp_path / "nowhere.pt"):
        with pytest.raises(UserError, match=missing.name):
            load_checkpoint(missing)


def test_a_full_disk_is_told_and_the_checkpoint_before_stays(tmp_path):
    path = tmp_path / "x.pt"
    run = training()
    run.save(path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(UserError, match="x.pt: cannot be written"):
            run.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]
