"""Loss terms by hand, the L1 target, and the objective's bookkeeping."""

import pytest
import torch

from pixelization.cells.sizes import SCALES
from pixelization.color.luma import ALIKE_LEVELS
from pixelization.networks.build import build_cascade
from pixelization.networks.schema import GeneratorConfig, ModelConfig, TranslatorConfig
from pixelization.training.config import LossConfig, WeightsConfig
from pixelization.training.losses import objective as objective_module
from pixelization.training.losses.objective import FORWARD_TERMS, PAIR_TERMS, Objective
from pixelization.training.losses.targets import resize_to_grid
from pixelization.training.losses.terms import (
    adversarial,
    gradient,
    isolation,
    l1,
    mirror_features,
    relative_l1,
)
from pixelization.training.systems.passes import backward_pass, forward_pass


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


def test_gradient_sees_an_edge_of_equal_luminance():
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
    for source, result in zip(picture, grid):
        assert {tuple(c) for c in result.flatten(1).T.tolist()} <= {
            tuple(c) for c in source.flatten(1).T.tolist()
        }


def test_stroke_target_draws_a_border_with_the_majority_color():
    picture = torch.full((1, 3, 32, 32), 1.0)
    # the edge runs through a column of cells, three quarters of it light
    picture[..., :, 15:] = -0.5
    assert (resize_to_grid(picture, (8, 8), "stroke")[0, 0, :, 3] == 1.0).all()


class Judge(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 1, 3)

    def forward(self, x):
        return self.conv(x)


def passes(scales=SCALES):
    torch.manual_seed(0)
    net = {"base_channels": 4, "num_blocks": 1, "norm": "instance_affine"}
    cascade = build_cascade(
        ModelConfig(
            gridnet=GeneratorConfig(head="sample", **net),
            pixelnet=TranslatorConfig(head="select", upsampling="nearest", **net),
            depixelnet=TranslatorConfig(head="residual", upsampling="nearest", **net),
        )
    )
    cartoon, pixel_art = torch.rand(2, 2, 3, 32, 32) * 2 - 1
    return (
        cascade,
        forward_pass(cascade, cartoon, SCALES[0]),
        backward_pass(cascade, pixel_art, scales),
    )


def only(**weights):
    zero = {name: 0.0 for name in WeightsConfig.__dataclass_fields__}
    return Objective(LossConfig(weights=WeightsConfig(**(zero | weights))))


def test_every_weight_has_a_term_and_a_weight_of_zero_none():
    _, forward, backward = passes()
    objective = Objective(
        LossConfig(
            weights=WeightsConfig(
                depixel_adversarial_forward=1.0, grid_isolation=1.0, pixel_isolation=1.0
            )
        )
    )
    terms = objective.forward_terms(forward, Judge(), Judge(), Judge())
    assert set(terms) == FORWARD_TERMS
    terms |= objective.backward_terms(backward, Judge())
    assert set(terms) == set(WeightsConfig.__dataclass_fields__) - set(PAIR_TERMS)
    assert all(term.ndim == 0 and term.isfinite() for term in terms.values())
    alone = only(grid_l1=2.0)
    terms = alone.forward_terms(forward, Judge(), Judge(), Judge())
    assert list(terms) == ["grid_l1"] and alone.backward_terms(backward, Judge()) == {}
    assert alone.total(terms) == 2 * terms["grid_l1"]
    assert not alone.needs_backward_pass and only(pixel_mirror_output=1.0).needs_backward_pass
    assert alone.needs_forward_pass and alone.pair_terms == ()
    supervised = only(depixel_drawn_output=1.0)
    assert supervised.pair_terms == ("depixel_drawn_output",)
    assert not supervised.needs_forward_pass and not supervised.needs_backward_pass


def test_targets_are_made_for_terms_that_compare_with_them(monkeypatch):
    _, forward, _ = passes()

    def fail(*_):
        raise AssertionError("nobody looks at this target")

    monkeypatch.setattr(objective_module, "resize_to_grid", fail)
    terms = only(grid_adversarial=1.0, depixel_mirror_output=1.0).forward_terms(
        forward, Judge(), Judge(), Judge()
    )
    assert set(terms) == {"grid_adversarial", "depixel_mirror_output"}


def test_faint_and_strong_edges_count_alike():
    cells = torch.zeros(1, 3, 8, 8)
    cells[..., 4:] = 1
    picture = torch.zeros(1, 3, 32, 32)
    strong = relative_l1(picture + 0.1, picture, cells)
    faint = relative_l1(picture + 0.01, picture, 0.1 * cells)
    flat = relative_l1(picture + 0.01, picture, 0 * cells)
    assert relative_l1(picture, picture, cells) == 0
    assert 0.1 < faint / strong < 1 and flat == pytest.approx(0.05)  # 0.01 / 0.2


def test_terms_and_weights_must_match():
    with pytest.raises(ValueError, match="pixel_l1"):
        only(grid_l1=1.0, pixel_l1=1.0).total({"grid_l1": torch.tensor(1.0)})


def test_backward_mirror_takes_the_smallest_of_the_scales_per_sample():
    _, _, backward = passes()
    errors = torch.stack(
        [
            l1(image, backward.pixel_art, per_sample=True)
            for image in backward.rec_pixel_art.values()
        ]
    )
    term = (
        only(pixel_mirror_output=1.0)
        .backward_terms(backward, Judge())["pixel_mirror_output"]
        .item()
    )
    assert term == pytest.approx(errors.min(0).values.mean().item())
    known = passes(scales=SCALES[1:2])[2]
    term = (
        only(pixel_mirror_output=1.0).backward_terms(known, Judge())["pixel_mirror_output"].item()
    )
    assert term == pytest.approx(l1(known.rec_pixel_art[SCALES[1]], known.pixel_art).item())


@pytest.mark.parametrize(
    "term", [name for name in WeightsConfig.__dataclass_fields__ if name not in PAIR_TERMS]
)
def test_a_term_trains_the_network_whose_objective_it_is_in(term):
    cascade, forward, backward = passes()
    objective = only(**{term: 1.0})
    judge = Judge().requires_grad_(False)
    terms = objective.forward_terms(forward, judge, judge, judge) | objective.backward_terms(
        backward, judge
    )
    objective.total(terms).backward()
    moved = {
        name
        for name, network in cascade.named_children()
        if any(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
    }
    assert moved == {term.split("_")[0] + "net"}
