"""Metrics of pretrained networks, with tiny random ones in their place."""

import subprocess
import sys
from typing import ClassVar

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from pixelization.evaluation.metrics.features import (
    Features,
    frechet_distance,
    image_features,
    inception_score,
    kernel_distance,
    quality_ratio,
)
from pixelization.networks.torchvision_import import import_torchvision

import_torchvision()


def toy(values):
    values = torch.as_tensor(values, dtype=torch.float32)
    return Features(values, values)


def normal(seed, count=40, size=6, shift=0.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, size)) @ rng.normal(size=(size, size)) + shift


# --- distances of sets


def formula(first, second):
    means = first.mean(axis=0), second.mean(axis=0)
    covariances = np.cov(first.T), np.cov(second.T)
    root = sqrtm(covariances[0] @ covariances[1]).real
    return ((means[0] - means[1]) ** 2).sum() + np.trace(covariances[0] + covariances[1] - 2 * root)


def test_frechet_distance_is_the_formula():
    first, second = normal(0), normal(1, count=50, shift=1)
    assert frechet_distance(toy(first), toy(second)) == pytest.approx(
        formula(first, second), rel=1e-4
    )
    assert frechet_distance(toy(first), toy(first)) == pytest.approx(0, abs=1e-4)
    # a shift of 2 in 6 dimensions
    assert frechet_distance(toy(first), toy(first + 2)) == pytest.approx(4 * 6, rel=1e-4)


def test_frechet_distance_with_fewer_images_than_features():
    # Both sets lie in 6 of 200 dimensions, turned out of the axes: the distance is the one within
    # the 6.
    directions = np.linalg.qr(np.random.default_rng(2).normal(size=(200, 6)))[0].T
    first, second = normal(0), normal(1, shift=1)
    assert frechet_distance(toy(first @ directions), toy(second @ directions)) == pytest.approx(
        formula(first, second), rel=1e-3
    )


def test_kernel_distance_is_the_unbiased_estimate():
    first, second = normal(0, 20) / 3, normal(1, 20) / 3

    def kernel(x, y):
        return (x @ y.T / 6 + 1) ** 3

    def within(x):
        return (kernel(x, x).sum() - np.trace(kernel(x, x))) / (20 * 19)

    expected = within(first) + within(second) - 2 * kernel(first, second).mean()
    assert kernel_distance(toy(first), toy(second)).mean == pytest.approx(expected, rel=1e-4)
    near = normal(0, 600) / 3
    assert (
        abs(kernel_distance(toy(near[:300]), toy(near[300:])).mean)
        < 0.05 * kernel_distance(toy(near[:300]), toy(near[300:] + 1)).mean
    )


def test_kernel_distance_of_uneven_sets_repeats_and_leaves_the_generator_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    values = {kernel_distance(toy(normal(0, 12)), toy(normal(1, 30))) for _ in range(2)}
    assert len(values) == 1 and torch.rand(1) == expected


def test_one_image_is_no_set():
    for metric in (frechet_distance, kernel_distance):
        with pytest.raises(ValueError, match="two images"):
            metric(toy(normal(0, 1)), toy(normal(0, 5)))


def test_inception_score():
    sure = 50 * torch.eye(4)
    assert inception_score(toy(sure[[2] * 8])).mean == pytest.approx(1)  # one name for all
    assert inception_score(toy(torch.zeros(8, 4))).mean == pytest.approx(1)  # sure of none
    assert inception_score(toy(sure.repeat(3, 1))).mean == pytest.approx(4)
    assert inception_score(toy(sure[[0, 0, 0, 1]])).mean == pytest.approx(
        np.exp(-0.75 * np.log(0.75) - 0.25 * np.log(0.25))
    )


def test_splits_of_the_score_are_scored_by_themselves():
    """Parts that are all alike or all different: whatever the order, ten of ten images."""
    sure = 50 * torch.eye(4)
    alike = inception_score(toy(sure[[1] * 100]), splits=10)
    assert alike == pytest.approx((1, 0))
    mixed = inception_score(toy(sure.repeat(25, 1)), splits=10)
    assert 1 < mixed.mean < 4 and mixed.deviation > 0
    single = inception_score(toy(sure), splits=10)  # one image a part
    assert single == pytest.approx((1, 0))
    assert np.isnan(inception_score(toy(sure)).deviation)


def test_subsets_of_the_kernel_distance():
    first, second = toy(normal(0, 60)), toy(normal(1, 60))
    whole, parts = kernel_distance(first, second), kernel_distance(first, second, subset=45)
    assert whole.deviation == pytest.approx(0, abs=1e-6) and parts.deviation > 0
    assert parts.mean == pytest.approx(whole.mean, abs=3 * parts.deviation)


@pytest.mark.parametrize(
    "fid, score, printed", [(46.70193, 2.41466, 4.39783), (39.83461, 3.62382, 3.31548)]
)
def test_the_ratio_is_what_cs424_prints(fid, score, printed):
    assert quality_ratio(fid, score) == pytest.approx(printed, abs=2e-5)


# --- images through a network


class Averages(torch.nn.Module):
    """The mean of each channel before normalisation (0.5, 0.5), and twice that as logits."""

    pretrained_cfg: ClassVar = {"input_size": (3, 12, 12), "mean": (0.5,) * 3, "std": (0.5,) * 3}

    def forward_features(self, images):
        self.seen = images / 2 + 0.5
        return self.seen.mean(dim=(2, 3))

    def forward_head(self, features, pre_logits=False):
        return features if pre_logits else 2 * features


def test_sprites_go_in_whole_and_with_hard_pixels():
    network = Averages()
    sprite = np.random.default_rng(0).integers(0, 256, (4, 2, 3)).astype(np.uint8)
    found = image_features([sprite], network)
    assert torch.equal(found.logits, 2 * found.pooled)
    seen = (network.seen[0] * 255).round().permute(1, 2, 0).numpy()
    assert (seen[:, :3] == 255).all() and (seen[:, 9:] == 255).all()
    assert np.array_equal(seen[:, 3:9], sprite.repeat(3, axis=0).repeat(3, axis=1))


def test_large_images_are_reduced_without_aliasing():
    network = Averages()
    checked = np.indices((48, 48)).sum(axis=0) % 2 * 255
    image_features([checked.astype(np.uint8)[..., None].repeat(3, axis=2)], network)
    assert (network.seen - 0.5).abs().max() < 0.1


def test_many_images_keep_their_order():
    images = [np.full((3, 3, 3), value, np.uint8) for value in range(40)]
    pooled = image_features(images, Averages()).pooled
    assert torch.allclose(pooled, torch.arange(40.0)[:, None].expand(40, 3) / 255, atol=1e-5)


def test_the_module_needs_none_of_its_packages_to_be_imported():
    code = (
        "import sys, pixelization.evaluation.metrics.features; "
        "print({'timm', 'torchmetrics', 'torchvision'} & set(sys.modules))"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        == "set()\n"
    )
