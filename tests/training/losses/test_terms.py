"""Terms of CycleGANs, against values by hand."""

import math

import pytest
import torch

from pixelization.networks.discriminators import Verdict
from pixelization.training.losses.terms import (
    area_colors,
    edges,
    features,
    gradient_penalty,
    palette,
    perceptual,
    relativistic,
    sobel,
    ssim,
)
from tests.networks.make import noise


def flat(value, side=32):
    return torch.full((1, 3, side, side), float(value))


@pytest.mark.parametrize("term", [ssim, palette, edges, area_colors])
def test_equal_images_cost_nothing_and_others_have_a_gradient(term):
    image = noise(32, 32)
    assert term(image, image).item() == pytest.approx(0, abs=1e-6)
    other = noise(32, 32, seed=1).requires_grad_()
    term(other, image).backward()
    assert other.grad.abs().sum() > 0 and torch.isfinite(other.grad).all()


def test_similarity_of_flat_images_is_that_of_their_light():
    x, y = 0.25, 0.75
    light = (2 * x * y + 1e-4) / (x * x + y * y + 1e-4)
    assert ssim(flat(-0.5), flat(0.5)).item() == pytest.approx(1 - light, abs=1e-3)


def test_similarity_is_the_usual_one():
    metrics = pytest.importorskip("skimage.metrics")
    x, y = noise(24, 31), noise(24, 31, seed=1) * 0.3
    usual = metrics.structural_similarity(
        *((each[0].numpy() + 1) / 2 for each in (x, y)),
        channel_axis=0,
        data_range=1,
        gaussian_weights=True,
        use_sample_covariance=False,
    )
    assert ssim(x, y).item() == pytest.approx(1 - usual, abs=1e-4)


@pytest.mark.parametrize("ours, theirs", [(-1, 1), (0, 0.1), (-0.5, -0.45)])
def test_palettes_of_two_greys(ours, theirs):
    """A Gaussian over 16 levels, whose width is a sixteenth."""

    def shares(grey):
        counts = [math.exp(-0.5 * (16 * ((grey + 1) / 2 - n / 15)) ** 2) for n in range(16)]
        return [count / sum(counts) for count in counts]

    expected = sum(abs(a - b) for a, b in zip(shares(ours), shares(theirs), strict=True))
    assert palette(flat(ours), flat(theirs, side=16)).item() == pytest.approx(expected, abs=1e-5)


def test_palettes_do_not_see_places():
    image = noise(8, 8)
    assert palette(image.flip(-1), image).item() == pytest.approx(0, abs=1e-6)
    assert palette(image, image.roll(1, 1)).item() > 0.01


def test_a_ramp_has_its_slope_everywhere():
    ramp = torch.linspace(-1, 1, 33).expand(1, 3, 33, 33)
    assert edges(ramp, torch.zeros_like(ramp)).item() == pytest.approx(2 / 32, rel=1e-4)
    assert edges(ramp.transpose(2, 3), ramp).item() == pytest.approx(0, abs=1e-6)
    assert edges(ramp + 0.5, ramp).item() == pytest.approx(0, abs=1e-6)


def test_area_colors_see_means_only():
    board = flat(0)
    board[..., ::2] = 1
    assert area_colors(board, flat(0.5)).item() == pytest.approx(0, abs=1e-6)
    board[..., :16] += 0.5
    assert area_colors(board, flat(0.5)).item() == pytest.approx(0.25)


@pytest.mark.parametrize("term", [ssim, palette])
def test_values_of_bfloat16_images_are_sums_of_float32(term):
    x, y = noise(32, 32).bfloat16(), noise(32, 32, seed=1).bfloat16()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        low = term(x, y)
    assert low.dtype == torch.float32
    assert low.item() == pytest.approx(term(x.float(), y.float()).item(), rel=1e-5)


def test_sobel_of_a_ramp_and_of_a_step():
    """By a plain loop: slopes of the sum of three channels, with zeros around."""
    ramp = torch.arange(6.0).expand(1, 3, 6, 6)
    found = sobel(ramp, torch.zeros_like(ramp))
    edges = torch.nn.functional.pad(3 * torch.arange(6.0).expand(6, 6), (1, 1, 1, 1))
    across = torch.zeros(6, 6)
    down = torch.zeros(6, 6)
    for y in range(6):
        for x in range(6):
            around = edges[y : y + 3, x : x + 3]
            weights = torch.tensor([1.0, 2.0, 1.0])
            across[y, x] = (around[:, 2] - around[:, 0]) @ weights
            down[y, x] = (around[2] - around[0]) @ weights
    assert across[2, 2] == 3 * 8
    expected = 0.5 * (across.abs().mean() + down.abs().mean())
    assert found.item() == pytest.approx(expected.item())
    assert sobel(ramp, ramp) == 0
    opposite = torch.cat([ramp[:, :1], -ramp[:, :1], 0 * ramp[:, :1]], 1)
    assert sobel(opposite, torch.zeros_like(ramp)) == 0  # channels are summed first


def test_relativistic_average_by_hand():
    real = Verdict(torch.tensor([2.0, 4.0]), torch.tensor([1.0]))
    fake = Verdict(torch.tensor([1.0, 2.0]), torch.tensor([-1.0, 0.0]))
    # patches: 2 - 1.5 and 4 - 1.5 against 1; the image: 1 + 0.5
    patch = ((0.5 - 1) ** 2 + (2.5 - 1) ** 2) / 2
    whole = -math.log(1 / (1 + math.exp(-1.5)))
    assert relativistic(real, fake, real=True).item() == pytest.approx(0.7 * patch + 0.3 * whole)
    # 1 - 3 and 2 - 3 against 0; -1 - 1 and 0 - 1
    patch = ((-2) ** 2 + (-1) ** 2) / 2
    whole = sum(-math.log(1 - 1 / (1 + math.exp(-x))) for x in (-2, -1)) / 2
    assert relativistic(fake, real, real=False).item() == pytest.approx(0.7 * patch + 0.3 * whole)


def test_gradient_penalty_of_a_plane_and_of_a_parabola():
    """A verdict of slope 3 everywhere; one whose slope is twice the place."""
    steep = torch.tensor([0.0, 3.0, 0.0]).view(1, 3, 1, 1)
    real, fake = torch.rand(2, 3, 1, 1), torch.rand(2, 3, 1, 1)
    shares = torch.tensor([0.25, 0.75])
    plane = gradient_penalty(lambda x: (x * steep).sum(1), real, fake, shares)
    assert plane.item() == pytest.approx((3 - 1) ** 2)
    ones, zeros = torch.ones(2, 3, 1, 1), torch.zeros(2, 3, 1, 1)
    parabola = gradient_penalty(lambda x: (x**2).sum(1), ones, zeros, shares)
    norms = [2 * share * math.sqrt(3) for share in (0.25, 0.75)]
    assert parabola.item() == pytest.approx(sum((norm - 1) ** 2 for norm in norms) / 2)


def test_gradient_penalty_of_two_heads_weighs_them():
    def judge(x):
        patch = 10 * x.mean(1, keepdim=True).expand(-1, -1, 4, 4)
        return Verdict(patch, x.flatten(1).sum(1)[:, None])

    real, fake = torch.rand(1, 3, 1, 1), torch.rand(1, 3, 1, 1)
    slope = (0.7 * 10 / 3 + 0.3 * 1) * math.sqrt(3)
    value = gradient_penalty(judge, real, fake, torch.tensor([0.5]))
    assert value.item() == pytest.approx((slope - 1) ** 2, rel=1e-5)


def test_gradient_penalty_trains_the_judge_in_float32_under_autocast():
    judge = torch.nn.Conv2d(3, 1, 3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = gradient_penalty(judge, noise(8, 8), noise(8, 8, seed=1), torch.tensor([0.5]))
    assert value.dtype == torch.float32
    value.backward()
    assert judge.weight.grad.abs().sum() > 0


def test_features_are_a_mean_over_layers_and_the_target_is_fixed():
    made = [torch.tensor([1.0, 3.0], requires_grad=True), torch.zeros(5, requires_grad=True)]
    target = [torch.tensor([0.0, 0.0], requires_grad=True), torch.ones(5, requires_grad=True)]
    value = features(made, target)
    assert value.item() == pytest.approx((2 + 1) / 2)
    value.backward()
    assert made[0].grad is not None and target[0].grad is None


def test_perceptual_looks_after_the_second_and_the_fifth_pooling():
    class Times(torch.nn.Module):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def forward(self, x):
            return x * self.factor

    layers = torch.nn.Sequential(*[Times({5: 2, 36: 3}.get(index, 1)) for index in range(37)])
    # a difference of 0.5, doubled before layer 9 and six times as large at layer 36
    assert perceptual(layers, flat(0.5), flat(0)).item() == pytest.approx(1**2 + 3**2)
