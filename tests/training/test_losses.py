"""Loss terms by hand, the L1 target, and the objective's bookkeeping."""

import math
from dataclasses import asdict, replace
from types import SimpleNamespace

import pytest
import torch

from pixelization.color.luma import ALIKE_LEVELS
from pixelization.config import check_ranges
from pixelization.errors import UserError
from pixelization.networks.discriminators import Verdict
from pixelization.training.losses.adversarial import AdversarialLoss
from pixelization.training.losses.objective import (
    Adversarial,
    Objective,
    Term,
    table,
    weights_section,
)
from pixelization.training.losses.targets import resize_to_grid
from pixelization.training.losses.terms import (
    adversarial,
    gradient,
    isolation,
    l1,
    mirror_features,
    relative_l1,
)


def image(rows):
    return torch.tensor(rows, dtype=torch.float32).expand(1, 3, -1, -1)


def test_l1_by_hand():
    assert l1(image([[0, 1], [2, 3]]), image([[0, 0], [0, 0]])) == 1.5
    assert l1(
        torch.zeros(2, 3, 2, 2), torch.tensor([1.0, 3.0]).view(2, 1, 1, 1), per_sample=True
    ).tolist() == [1, 3]


def test_gradient_by_hand():
    ramp, flat = image([[0, 1, 3], [0, 1, 3]]), image([[5, 5, 5], [5, 5, 5]])
    assert gradient(ramp, flat) == 1.5  # |1| and |2| in x, nothing in y
    assert gradient(ramp, -ramp) == 0  # Eq. 15 compares magnitudes


def test_gradient_sees_an_edge_of_equal_luma():
    edge = torch.zeros(1, 3, 1, 2)
    edge[0, 0, 0, 1], edge[0, 1, 0, 1] = 1, -1  # more red, less green
    assert gradient(edge, torch.zeros_like(edge)) == pytest.approx(2 / 3)


def test_isolation_by_hand():
    grid = torch.zeros(1, 3, 4, 4)
    grid[0, 1, 1, 1] = 0.5  # a stray green cell, 0.5 from all eight around it
    # alike as the measure of stray pixels has it
    assert isolation(grid) == pytest.approx((0.5 - ALIKE_LEVELS / 127.5) / 16)
    grid[0, 1, 2, 2] = 0.5  # now it has company, over the corner
    assert isolation(grid) == 0


def test_adversarial_by_hand():
    logits = torch.tensor([0.0, 1.0])
    assert adversarial(logits, True, "lsgan") == 0.5
    assert adversarial(logits, False, "lsgan") == 0.5
    assert adversarial(torch.zeros(3), True, "vanilla") == pytest.approx(0.6931, abs=1e-4)
    heads = (torch.zeros(1, 1, 4, 4), torch.zeros(1, 1))
    assert adversarial(heads, False, "vanilla") == pytest.approx(2 * 0.6931, abs=1e-4)
    with pytest.raises(ValueError, match="wgan"):
        adversarial(logits, True, "wgan")


@pytest.mark.parametrize("term", [l1, gradient])
def test_terms_pass_gradcheck(term):
    generator = torch.Generator().manual_seed(0)
    output, target = (
        torch.rand(2, 3, 4, 5, generator=generator, dtype=torch.float64) for _ in range(2)
    )
    assert torch.autograd.gradcheck(lambda x: term(x, target), output.requires_grad_())


def test_mirror_trains_the_mirroring_network_only():
    reference, mirrored = (
        torch.ones(1, 2, 3, 3, requires_grad=True),
        torch.zeros(1, 2, 3, 3, requires_grad=True),
    )
    loss = mirror_features([reference, reference], [mirrored, mirrored])
    assert loss == 2
    loss.backward()
    assert reference.grad is None and mirrored.grad.abs().sum() > 0
    with pytest.raises(ValueError, match="base_channels"):
        mirror_features([reference], [torch.zeros(1, 4, 3, 3)])


def test_target_methods_by_hand():
    picture = image([[0, 1], [2, 5]])
    assert resize_to_grid(picture, (1, 1), "area")[0, 0].item() == 2
    assert resize_to_grid(picture, (1, 1), "nearest")[0, 0].item() == 5
    with pytest.raises(ValueError, match="bicubic"):
        resize_to_grid(picture, (1, 1), "bicubic")


@pytest.mark.parametrize("background, stroke", [(1.0, -1.0), (-1.0, 1.0)])
@pytest.mark.parametrize("offset", range(4))
def test_stroke_target_keeps_a_thin_stroke_whole(background, stroke, offset):
    picture = torch.full((1, 3, 32, 32), background)
    picture[..., 12 + offset, :] = stroke  # one pixel thick: a quarter of a cell's area
    grid = resize_to_grid(picture, (8, 8), "stroke")
    assert (grid[0, 0, 3] == stroke).all()
    assert (grid[0, 0] == stroke).sum() == 8  # and one cell thick


def test_stroke_target_keeps_an_outline_beside_narrow_gaps():
    picture = torch.full((1, 3, 32, 32), 1.0)
    picture[..., 28:30, :] = -1  # an outline, two pixels from the border
    # two lines with three light pixels between them
    picture[..., 8:10, :] = picture[..., 13:15, :] = -1
    grid = resize_to_grid(picture, (8, 8), "stroke")[0, 0]
    assert (grid[[2, 3, 7]] == -1).all() and (grid[[0, 1, 4, 5, 6]] == 1).all()


def test_stroke_target_makes_no_color():
    picture = torch.rand(2, 3, 48, 40, generator=torch.Generator().manual_seed(1)) * 2 - 1
    grid = resize_to_grid(picture, (9, 7), "stroke")
    for source, result in zip(picture, grid, strict=True):
        assert {tuple(c) for c in result.flatten(1).T.tolist()} <= {
            tuple(c) for c in source.flatten(1).T.tolist()
        }


def test_stroke_target_draws_a_border_with_the_majority_color():
    picture = torch.full((1, 3, 32, 32), 1.0)
    # the edge runs through a column of cells, three quarters of it light
    picture[..., :, 15:] = -0.5
    assert (resize_to_grid(picture, (8, 8), "stroke")[0, 0, :, 3] == 1.0).all()


def test_faint_and_strong_edges_count_alike():
    cells = torch.zeros(1, 3, 8, 8)
    cells[..., 4:] = 1
    picture = torch.zeros(1, 3, 32, 32)
    strong = relative_l1(picture + 0.1, picture, cells)
    faint = relative_l1(picture + 0.01, picture, 0.1 * cells)
    flat = relative_l1(picture + 0.01, picture, 0 * cells)
    assert relative_l1(picture, picture, cells) == 0
    assert 0.1 < faint / strong < 1 and flat == pytest.approx(0.05)  # 0.01 / 0.2


def test_both_sides_of_an_adversarial_loss():
    judge, loss = torch.nn.Identity(), AdversarialLoss("lsgan")
    assert loss.of_generator(judge, torch.tensor([0.0]), list) == 1
    verdicts = loss.of_discriminator(
        judge, [torch.tensor([1.0])], [torch.tensor([0.0]), torch.tensor([2.0])]
    )
    assert verdicts == {"real": 0, "fake": 2}


def test_a_relativistic_generator_hears_both_sides():
    def judge(x):
        return Verdict(x, x)

    loss = AdversarialLoss("relativistic")
    fake, real = torch.tensor([0.0]), torch.tensor([1.0])
    value = loss.of_generator(judge, fake, lambda: [real])
    # fake - real = -1 wants to be real, real - fake = 1 wants to be fake
    cross = math.log(1 + math.exp(1))
    assert value.item() == pytest.approx((0.7 * 2**2 + 0.7 * 1 + 2 * 0.3 * cross) / 2)
    verdicts = loss.of_discriminator(judge, [real], [fake])
    assert verdicts["real"].item() == pytest.approx(0.3 * math.log(1 + math.exp(-1)))
    assert verdicts["fake"].item() == pytest.approx(0.7 + 0.3 * math.log(1 + math.exp(-1)))


def test_a_discriminator_descends_on_half_of_the_verdicts_and_on_the_whole_penalty():
    loss = AdversarialLoss("lsgan", penalty=10.0, shares=torch.tensor([0.5]))
    judge = torch.nn.Conv2d(3, 1, 1, bias=False)
    torch.nn.init.constant_(judge.weight, 1.0)
    real, fake = torch.ones(1, 3, 1, 1), torch.zeros(1, 3, 1, 1)
    values = loss.of_discriminator(judge, [real], [fake])
    penalty = (math.sqrt(3) - 1) ** 2
    assert values["penalty"].item() == pytest.approx(penalty)
    assert loss.total(values).item() == pytest.approx((4 + 0) / 2 + 10 * penalty)


def test_adaptive_weights_are_shares_of_running_means():
    objective = Objective(terms(), {"one": 3.0, "two": 0.0, "old": 0.0, "new": 0.0}, adaptive=True)
    objective.observe({"one": -4.0})
    assert objective.total({"one": torch.tensor(-4.0)}) == -3
    objective.observe({"one": 8.0})
    assert objective.means["one"] == pytest.approx(0.99 * 4 + 0.01 * 8)
    total = objective.total({"one": torch.tensor(8.0)}).item()
    assert total == pytest.approx(3 * 8 / 4.04)


def terms():
    """Two plain terms and two against a judge, of a step that is its images by name."""
    common = {"meaning": "m", "formula": "|a|", "source": "ours", "trains": "g"}
    return (
        Term(name="one", compute=lambda step: step.images["a"].sum(), **common),
        Term(name="two", weight=0.0, compute=lambda step: 1 / 0, **common),
        Adversarial(name="old", judge="d", fakes=lambda s: {"a": s.images["a"]}, **common),
        Adversarial(name="new", judge="d", fakes=lambda s: {"b": s.images["b"]}, **common),
    )


def test_terms_without_weight_are_not_computed():
    step = SimpleNamespace(
        images={"a": torch.tensor([2.0]), "b": torch.tensor([1.0])},
        judges={"d": torch.nn.Identity()},
        adversarial=AdversarialLoss("lsgan"),
    )
    objective = Objective(terms(), {"one": 3.0, "two": 0.0, "old": 1.0, "new": 2.0})
    values = objective.compute(step)
    assert {name: value.item() for name, value in values.items()} == {"one": 2, "old": 1, "new": 0}
    assert objective.total(values) == 3 * 2 + 1 + 0
    assert [term.name for term in objective.judged()["d"]] == ["new", "old"]
    assert Objective(terms(), dict.fromkeys(("one", "two", "old", "new"), 0.0)).judged() == {}


def test_a_term_is_declared_once():
    """Its key, default and range, and its line in the table come from the declaration."""
    weights = weights_section(terms())()
    assert asdict(weights) == {"one": 1.0, "two": 0.0, "old": 1.0, "new": 1.0}
    with pytest.raises(UserError, match="two=-1.0 must be at least 0"):
        check_ranges(replace(weights, two=-1.0))
    assert "| `two` | \\|a\\| | ours | 0 |\n" in table(terms())
