"""What a pretrained network, loaded from a local file, says about sprites.

FID, KID, Inception Score.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from pixelization.networks.pretrained import optional_packages
from pixelization.networks.structure import network_input

BATCH = 16  # images that go through a network at once
SUBSET = 1000  # images per subset of the kernel distance, as Binkowski et al. 2018


class Spread(NamedTuple):
    """Mean and standard deviation of a metric over random parts of the sets.

    The deviation is over parts, not an error of the mean; NaN where there is one part only.
    """

    mean: float
    deviation: float


class Features(NamedTuple):
    """What a network says about ``n`` images; rows in the order of the images."""

    pooled: Tensor
    """float32 ``(n, d)``: input of the classifier."""
    logits: Tensor
    """float32 ``(n, classes)``: its output; equal to ``pooled`` if the network has none."""


def image_features(images: Sequence[np.ndarray], network: Any) -> Features:
    """Let a network look at images.

    Each image is centred on a white square, which is then resized to the network's input: enlarged
    by nearest neighbour, so that pixels stay pixels, or reduced bilinearly with anti-aliasing.

    Args:
        images: uint8 ``(h, w, 3)`` on white, of any sizes, at least one.
        network: of timm, in evaluation mode.
    """
    pooled, logits = [], []
    for start in range(0, len(images), BATCH):
        with torch.inference_mode():
            found = network.forward_features(network_input(images[start : start + BATCH], network))
            pooled.append(network.forward_head(found, pre_logits=True))
            logits.append(network.forward_head(found))
    return Features(torch.cat(pooled), torch.cat(logits))


def frechet_distance(sprites: Features, reals: Features) -> float:
    """Frechet (Inception) distance, FID: of two sets of images, seen as normal distributions of
    features.

    Args:
        sprites, reals: of one network, two images each at least; ``image_features(reals, network)``
            serves many methods.

    Returns:
        At least 0. Biased upwards in small sets: compare sets of equal size only.

    Raises:
        UserError: torchmetrics is not installed.
        ValueError: a set has fewer than two images.

    Source: Heusel et al. 2017, Eq. 6.
    """
    with optional_packages():
        from torchmetrics.image.fid import FrechetInceptionDistance  # noqa: PLC0415
    first, second = sprites.pooled.double(), reals.pooled.double()
    _check_sizes(first, second)
    # Rotated into the space that both sets span, they are as far apart, and a hundred images cost
    # milliseconds instead of the square root of a 2048 x 2048 matrix.
    first, second = (torch.cat([first, second]) - second.mean(dim=0)).split(
        [len(first), len(second)]
    )
    basis = torch.linalg.qr(torch.cat([first, second]).T).Q
    metric = FrechetInceptionDistance(feature=_PassOn(basis.shape[1]))
    metric.update(second @ basis, real=True)
    metric.update(first @ basis, real=False)
    # rounding may leave a set a hair below zero from itself
    return max(0.0, float(metric.compute()))


def kernel_distance(sprites: Features, reals: Features, *, subset: int = SUBSET) -> Spread:
    """Kernel (Inception) distance, KID: squared maximum mean discrepancy of features under a cubic
    kernel.

    Args:
        sprites, reals: of one network, two images each at least.
        subset: images of each of 100 random (seeded) subsets, at most as many as the smaller set
            has; Ekpete 2023 takes 45.

    Returns:
        About 0 for sets of one distribution, also slightly below: the estimate is unbiased.

    Raises:
        UserError: torchmetrics is not installed.
        ValueError: a set has fewer than two images.

    Source: Binkowski et al. 2018, Sec. 4.
    """
    with optional_packages():
        from torchmetrics.image.kid import KernelInceptionDistance  # noqa: PLC0415
    first, second = sprites.pooled.double(), reals.pooled.double()
    _check_sizes(first, second)
    size = min(len(first), len(second), subset)
    with _quiet_and_seeded():
        metric = KernelInceptionDistance(feature=nn.Identity(), subset_size=size)
        metric.update(second, real=True)
        metric.update(first, real=False)
        mean, deviation = metric.compute()
        return Spread(float(mean), float(deviation))


def inception_score(sprites: Features, *, splits: int = 1) -> Spread:
    """Inception Score: how surely the network names each image, and how many different names it
    gives.

    Args:
        sprites: of a network with a classifier.
        splits: random (seeded) parts of the set that are scored by themselves, at most one an
            image. Sets of sprites are small, so the default is one; Salimans et al. take ten.

    Returns:
        From 1, all alike or all unsure, to the number of classes.

    Raises:
        UserError: torchmetrics is not installed.

    Source: Salimans et al. 2016, Sec. 4.
    """
    with optional_packages():
        from torchmetrics.image.inception import InceptionScore  # noqa: PLC0415
    with _quiet_and_seeded():
        splits = min(splits, len(sprites.logits))
        metric = InceptionScore(feature=nn.Identity(), splits=splits)
        metric.update(sprites.logits.double())
        mean, deviation = metric.compute()
        # of these splits, as torch-fidelity; torchmetrics estimates that of all
        return Spread(float(mean), float(deviation) * ((splits - 1) / splits) ** 0.5)


def quality_ratio(fid: float, score: float) -> float:
    """The GMS of CS424: the geometric mean of FID and 1 / Inception Score; less is better.

    Its name there is that of another metric, the similarity of gradient magnitudes. Its tables say
    what it is: sqrt(46.70193 / 2.41466) is the 4.39783 that they print.
    """
    return (fid / score) ** 0.5


class _PassOn(nn.Identity):
    """Lets torchmetrics take features for images; it wants to know how many there are."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features


@contextmanager
def _quiet_and_seeded() -> Iterator[None]:
    """torchmetrics warns of memory for large sets and of the deviation of one split, and draws from
    the global generator.
    """
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        torch.manual_seed(0)
        warnings.simplefilter("ignore", UserWarning)
        yield


def _check_sizes(first: Tensor, second: Tensor) -> None:
    if min(len(first), len(second)) < 2:
        raise ValueError(
            f"two images at least are needed in each set, got {len(first)} and {len(second)}"
        )
