"""Terms of CycleGANs, against values by hand."""

import math

import pytest
import torch

from pixelization.training.losses.terms import area_colors, edges, palette, ssim
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


def test_palettes_of_black_and_white():
    """A Gaussian over 16 levels, and its mirror image."""
    counts = [math.exp(-0.5 * (16 * level / 15) ** 2) for level in range(16)]
    shares = [count / sum(counts) for count in counts]
    expected = sum(abs(a - b) for a, b in zip(shares, reversed(shares), strict=True))
    assert palette(flat(-1), flat(1, side=16)).item() == pytest.approx(expected, abs=1e-5)


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
