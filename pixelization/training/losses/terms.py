"""The terms of the objective: pure, unweighted functions of tensors.

With ``per_sample=True`` a term keeps the batch dimension and returns ``(B,)``; otherwise it is a
scalar.
"""

import operator
from collections.abc import Iterable, Sequence
from functools import reduce

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.color.luma import ALIKE
from pixelization.networks.cells import neighbour_cells, other_cells, size_of, upsample_nearest

# added to the contrast that errors are divided by, or nothing but flat areas would count
FLAT = 0.2


def l1(output: Tensor, target: Tensor, *, per_sample: bool = False) -> Tensor:
    """Mean absolute difference of two tensors ``(B, C, H, W)`` (Han et al. 2018, Eq. 14, 6, 9)."""
    return _mean((output - target).abs(), per_sample)


def relative_l1(output: Tensor, target: Tensor, cells: Tensor) -> Tensor:
    """Mean absolute difference, relative to the contrast of the 3 x 3 cells around (ours).

    So a faint highlight counts as much as an outline; under plain L1 it stays a row of cells.

    Args:
        output, target: ``(B, 3, H, W)`` in [-1, 1].
        cells: what the output was made of, ``(B, 3, h, w)`` in [-1, 1].

    Returns:
        A scalar.
    """
    contrast = (F.max_pool2d(cells, 3, 1, 1) + F.max_pool2d(-cells, 3, 1, 1)).amax(1, keepdim=True)
    return (
        (output - target).abs() * upsample_nearest(1 / (FLAT + contrast), size_of(output))
    ).mean()


def gradient(output: Tensor, target: Tensor) -> Tensor:
    """Mean difference of the absolute forward differences in x, plus the same in y (Eq. 15).

    Each channel counts by itself: an edge of more red and less green is an edge.

    Args:
        output, target: ``(B, C, H, W)``; a side of one pixel has no differences and adds nothing.
    """
    total = output.new_zeros(())
    for dim in (2, 3):
        if output.shape[dim] > 1:
            change = output.diff(dim=dim).abs() - target.diff(dim=dim).abs()
            total = total + change.abs().mean()
    return total


def isolation(grid: Tensor) -> Tensor:
    """How far cells are from the nearest of their eight neighbours: stray pixels (ours).

    Distances are largest differences of a channel; up to ``ALIKE`` two colours are one.

    Args:
        grid: ``(B, 3, h, w)`` in [-1, 1], one pixel per cell; it goes on beyond its border as it
            ends.

    Returns:
        The mean over cells, a scalar in [0, 2].
    """
    nearest = (other_cells(neighbour_cells(grid)) - grid.unsqueeze(1)).abs().amax(dim=2).amin(dim=1)
    return F.relu(nearest - ALIKE).mean()


def mirror_features(
    reference: Sequence[Tensor], mirrored: Sequence[Tensor], *, per_sample: bool = False
) -> Tensor:
    """Cycle consistency of features: block l of a network against N-l of another (Eq. 5, 8).

    The term belongs to the objective of the network that mirrors (Eq. 3 for DepixelNet, Eq. 2 for
    PixelNet), so the reference is cut from the graph; otherwise both could agree by shrinking to
    zero.

    Args:
        reference: outputs of blocks 1, 2, 3.
        mirrored: outputs of blocks N-1, N-2, N-3, of the same shapes.

    Raises:
        ValueError: the shapes differ.
    """
    shapes = [tuple(x.shape[1:]) for x in reference], [tuple(x.shape[1:]) for x in mirrored]
    if shapes[0] != shapes[1]:
        unequal = f"{shapes[0]} and {shapes[1]}"
        raise ValueError(
            f"mirrored blocks differ in shape: {unequal}; give the networks the same base_channels"
        )
    return summed(
        l1(b, a.detach(), per_sample=per_sample) for a, b in zip(reference, mirrored, strict=True)
    )


def adversarial(logits: Tensor, real: bool, mode: str) -> Tensor:
    """How far the logits are from the verdict "real" or "fake" (Eq. 10).

    Args:
        logits: of a discriminator, any shape.
        real: the verdict wanted. A generator wants True for its fakes (the non-saturating form).
        mode: ``vanilla`` (cross entropy, Goodfellow et al. 2014) or ``lsgan`` (squared distance to
            1 or 0, Mao et al. 2017).

    Raises:
        ValueError: unknown mode.
    """
    wanted = torch.full_like(logits, float(real))
    if mode == "vanilla":
        return F.binary_cross_entropy_with_logits(logits, wanted)
    if mode == "lsgan":
        return F.mse_loss(logits, wanted)
    raise ValueError(f"unknown gan_mode '{mode}': lsgan or vanilla")


def summed(values: Iterable[Tensor]) -> Tensor:
    """The sum of at least one tensor, from left to right."""
    return reduce(operator.add, values)


def _mean(values: Tensor, per_sample: bool) -> Tensor:
    return values.flatten(1).mean(1) if per_sample else values.mean()
