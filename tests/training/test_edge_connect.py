"""What EdgeConnect's two stages are trained on, and that they learn."""

from math import log

import numpy as np
import pytest
import torch
from scipy.ndimage import distance_transform_edt

from editor.engines.networks.edge_connect import EdgeGenerator
from editor.engines.networks.edges import canny, grey_of
from editor.training import edge_connect, hints
from editor.training.data import Album
from editor.training.loop import Schedule, Training, load_checkpoint


@pytest.fixture
def album(pictures) -> Album:
    return Album(((pictures + 1) * 127.5).round().byte())


def on_a_line(size: int = 16) -> tuple[torch.Tensor, torch.Tensor]:
    """Edges down a column, and a hole that covers its upper half."""
    edges, hole = torch.zeros(1, 1, size, size), torch.zeros(1, 1, size, size)
    edges[..., 5] = 1
    hole[..., :size // 2, :] = 1
    return edges, hole


def test_training_edges_are_those_that_the_engine_finds(pictures):
    found = hints.edges(pictures, 2.0, torch.full((len(pictures),), edge_connect.STRENGTH))[:, 0].numpy() > 0
    wanted = np.stack([canny(grey_of((picture.permute(1, 2, 0).numpy() + 1) / 2), sigma=2.0) for picture in pictures])
    for ones, others in ((found, wanted), (wanted, found)):
        near = np.stack([distance_transform_edt(~other) < 1.5 for other in others])
        assert near[ones].mean() > 0.9


def test_training_edges_differ_from_time_to_time(random, pictures):
    four = pictures[:1].expand(4, -1, -1, -1)
    edges = edge_connect.true_edges(random, four)
    assert set(edges.unique().tolist()) == {0.0, 1.0}
    assert all((edges[0] != other).any() for other in edges[1:])


def test_gaps_take_edges_away_and_sometimes_all(random):
    edges = torch.ones(64, 1, 32, 32)
    left = edge_connect.with_gaps(random, edges, none=0.5)
    share = left.mean((1, 2, 3))
    assert 20 <= (share == 0).sum() <= 44
    assert ((share > 0.05) & (share < 0.95)).sum() >= 8
    assert (share > 0.95).sum() >= 2


def test_a_proposal_is_thinned_to_its_ridge():
    probability = torch.zeros(1, 1, 32, 32)
    probability[..., 10:15] = torch.tensor([0.3, 0.8, 0.99, 0.8, 0.3])
    probability[..., 24:27] = 0.2

    found = edge_connect.ridges(probability)

    assert (found[0, 0, 1:-1].nonzero()[:, 1] == 12).all()
    assert found.sum() == 32


def test_entropy_counts_the_hole_most_and_edges_twice():
    edges, hole = on_a_line()
    sure = torch.full_like(edges, 0.5)
    mean = (1 * 2 + 15 * 1) / 16 * log(2)
    assert float(edge_connect.hole_entropy(sure, edges, hole, outside=0.0)) == pytest.approx(mean, rel=1e-5)
    assert float(edge_connect.hole_entropy(sure, edges, hole, outside=0.1)) == pytest.approx(1.1 * mean, rel=1e-5)
    assert float(edge_connect.hole_entropy(edges, edges, hole)) < 1e-3 < float(
        edge_connect.hole_entropy(1 - edges, edges, hole))


def test_the_edge_generator_sees_lines_of_the_hole_and_nothing_else_of_it(random, album):
    task = edge_connect.edges(width=4)
    examples = task.examples(random, album, 8, 64)
    hole, lines = examples["hole"], examples["lines"]

    assert not (lines * (1 - hole)).any()
    assert not (lines * (1 - examples["edges"])).any(), "they are true edges"
    drawn = lines.sum((1, 2, 3)) > 0
    assert drawn.any() and not drawn.all()
    assert 0 <= examples["grey"].min() < examples["grey"].max() <= 1

    shown: list[torch.Tensor] = []
    handle = task.generator.register_forward_pre_hook(lambda _, inputs: shown.append(inputs[0]))
    task.generator_loss(examples, None, adversarial=False)
    changed = {**examples, "edges": torch.where(hole > 0, 1 - examples["edges"], examples["edges"]),
               "grey": torch.where(hole > 0, 0.3, examples["grey"])}
    task.generator_loss(changed, None, adversarial=False)
    handle.remove()
    assert torch.equal(*shown)


def test_the_completion_generator_sees_proposed_edges_in_about_half_of_the_holes(random, album):
    class Stripes(EdgeGenerator):
        def forward(self, x):
            found = torch.zeros_like(x[:, :1])
            found[..., ::4] = 0.9
            return found

    proposer = Stripes(width=4)
    task = edge_connect.completion(width=4, proposer=proposer)
    assert not proposer.training and not any(each.requires_grad for each in proposer.parameters())

    examples = task.examples(random, album, 24, 64)

    striped = torch.zeros(1, 64, 64)
    striped[..., ::4] = 1
    proposed = [torch.equal(edges * hole, striped * hole)
                for edges, hole in zip(examples["edges"], examples["hole"], strict=True)]
    assert 5 <= sum(proposed) <= 19
    assert set(examples["edges"].unique().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("make", [edge_connect.edges, edge_connect.completion])
def test_a_stage_learns_on_the_cpu(make, random, album, tmp_path):
    torch.manual_seed(0)
    task = make(width=8)  # with shortcuts it begins near its goal where pictures are smooth
    held = task.examples(random, album, 8, 32)
    name = "entropy" if make is edge_connect.edges else "l1"

    def loss() -> float:
        with torch.no_grad():
            return float(task.generator_loss(held, None, adversarial=False)[2][name])

    before, critic = loss(), [each.clone() for each in task.critic.parameters()]
    told: list[dict[str, float]] = []
    # The rate rises for a hundred steps: of so few, none comes near this one.
    training = Training(task, Schedule(steps=24, batch=4, size=32, rate=0.03, adversarial_from=0.75,
                                       precision="float32"))
    training.run(album, None, tmp_path / "checkpoint.pt", lambda _, terms: told.append(terms))

    assert loss() < 0.92 * before
    assert [("critic" in terms) for terms in told] == [False] * 18 + [True] * 6
    assert any((one != two).any() for one, two in zip(critic, task.critic.parameters(), strict=True))


@pytest.mark.parametrize("make", [edge_connect.edges, edge_connect.completion])
def test_one_with_shortcuts_goes_on_with_them_and_the_authors_without(make, album, tmp_path):
    for given, config in (({"width": 4}, {"width": 4}), ({"width": 4, "shortcuts": True},) * 2):
        training = Training(make(**given), Schedule(steps=1, batch=2, size=32, precision="float32"))
        training.run(album, None, tmp_path / "checkpoint.pt", lambda _, terms: None)
        state = load_checkpoint(tmp_path / "checkpoint.pt")
        assert state["config"] == config
        again = Training(make(**state["config"]), training.schedule)
        again.load(tmp_path / "checkpoint.pt")
        assert again.task.generator.shortcuts == ("shortcuts" in config)


@pytest.mark.parametrize(("make", "rows"), [(edge_connect.edges, 4), (edge_connect.completion, 4)])
def test_a_stage_shows_samples_and_says_what_it_is_worth(make, rows, random, album):
    task = make(width=4)
    examples = task.examples(random, album, 3, 32)
    with torch.inference_mode():
        sheet = task.rows(task.generator.eval(), examples)
        figures = task.figures(task.generator, examples)

    assert len(sheet) == rows
    assert all(row.shape == (3, 3, 32, 32) and row.min() >= -1 and row.max() <= 1 for row in sheet)
    assert figures and all(np.isfinite(value) for value in figures.values())


def test_edges_found_are_measured_to_a_pixel():
    edges, hole = on_a_line()
    task = edge_connect.edges(width=4)
    examples = {"edges": edges, "hole": hole, "grey": edges, "lines": torch.zeros_like(edges)}

    def worth(found: torch.Tensor) -> float:
        value, = task.figures(lambda x: found, examples).values()
        return value

    assert worth(edges) == pytest.approx(1)
    assert worth(edges.roll(1, dims=-1)) == pytest.approx(1)
    assert worth(edges.roll(4, dims=-1)) < 1e-3
    assert worth(torch.ones_like(edges)) < 0.5
