"""The terms of the objective: pure, unweighted functions of tensors.

With ``per_sample=True`` a term keeps the batch dimension and returns ``(B,)``; otherwise it is a
scalar.
"""

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import reduce

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.color.luma import ALIKE
from pixelization.networks.cells import (
    luma,
    neighbour_cells,
    other_cells,
    size_of,
    upsample_nearest,
)
from pixelization.networks.discriminators import Verdict

# added to the contrast that errors are divided by, or nothing but flat areas would count
FLAT = 0.2
SSIM_WINDOW, SSIM_SIGMA = 11, 1.5  # pixels (Wang et al. 2004)
PALETTE_LEVELS = 16  # of each channel
AREA = 16  # pixels per side
VGG19_LAYERS = (9, 36)  # its second and fifth pooling
PATCH_SHARE, WHOLE_SHARE = 0.7, 0.3  # of the heads in the relativistic loss (CS424, Eq. 1.2)


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


def sobel(output: Tensor, target: Tensor) -> Tensor:
    """The published code's stand-in for :func:`gradient`: slopes of the sum of the channels.

    Half the mean difference of Sobel's 3 x 3 slopes in x, plus half of that in y; zeros lie around.

    Args:
        output, target: ``(B, C, H, W)``.
    """
    change = F.conv2d((output - target).sum(1, keepdim=True), _sobel_kernels(output), padding=1)
    return 0.5 * (change[:, 0].abs().mean() + change[:, 1].abs().mean())


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


def ssim(output: Tensor, target: Tensor) -> Tensor:
    """One minus the structural similarity (Wang et al. 2004), the mean over channels and places.

    Gaussian windows of 11 x 11 pixels with sigma 1.5 that lie whole in the image, k1 = 0.01,
    k2 = 0.03.

    Args:
        output, target: ``(B, C, >= 11, >= 11)`` in [-1, 1].
    """
    place = torch.arange(SSIM_WINDOW, device=output.device, dtype=torch.float32)
    line = torch.exp(-((place - SSIM_WINDOW // 2) ** 2) / (2 * SSIM_SIGMA**2))
    line = line / line.sum()

    def blurred(image: Tensor) -> Tensor:
        channels = image.shape[1]
        down = line.view(1, 1, -1, 1).expand(channels, 1, -1, 1)
        across = line.view(1, 1, 1, -1).expand(channels, 1, 1, -1)
        return F.conv2d(F.conv2d(image, down, groups=channels), across, groups=channels)

    x, y = (output.float() + 1) / 2, (target.float() + 1) / 2
    # differences of squares need the bits that bfloat16 lacks
    with torch.autocast(output.device.type, enabled=False):
        mean_x, mean_y = blurred(x), blurred(y)
        variance = blurred(x * x) - mean_x**2 + blurred(y * y) - mean_y**2
        covariance = blurred(x * y) - mean_x * mean_y
    light = (2 * mean_x * mean_y + 0.01**2) / (mean_x**2 + mean_y**2 + 0.01**2)
    return 1 - (light * (2 * covariance + 0.03**2) / (variance + 0.03**2)).mean()


def palette(output: Tensor, target: Tensor) -> Tensor:
    """Mean difference of soft histograms of each channel, summed over 16 levels (Ozyegin, 2024).

    Levels are 1/15 of the range apart. A pixel counts for a level as a Gaussian of their distance,
    whose width is ours: 1/16 of the range.

    Args:
        output, target: ``(B, C, H, W)`` in [-1, 1]; sizes may differ.
    """
    shares = []
    for image in (output, target):
        values = ((image.float() + 1) / 2).flatten(2)
        # level by level: all at once would take 16 times an image's memory
        levels = [index / (PALETTE_LEVELS - 1) for index in range(PALETTE_LEVELS)]
        counts = torch.stack(
            [
                torch.exp(-0.5 * ((values - level) * PALETTE_LEVELS) ** 2).sum(-1)
                for level in levels
            ],
            dim=-1,
        )
        shares.append(counts / (counts.sum(-1, keepdim=True) + 1e-8))
    return (shares[0] - shares[1]).abs().sum(-1).mean()


def edges(output: Tensor, target: Tensor) -> Tensor:
    """Mean difference of the slopes of luma: Sobel's, per pixel (our reading of CS424's heading).

    Args:
        output, target: ``(B, 3, >= 3, >= 3)`` in [-1, 1].
    """
    kernels = _sobel_kernels(output) / 8

    def slope(image: Tensor) -> Tensor:
        # the root of zero has no gradient
        return ((F.conv2d(luma(image), kernels) ** 2).sum(1) + 1e-12).sqrt()

    return (slope(output) - slope(target)).abs().mean()


def area_colors(output: Tensor, target: Tensor) -> Tensor:
    """Mean difference of the mean colours of areas of 16 x 16 pixels (our reading of CS424's).

    Args:
        output, target: ``(B, 3, >= 16, >= 16)`` in [-1, 1].
    """
    return l1(F.avg_pool2d(output, AREA), F.avg_pool2d(target, AREA))


def adversarial(logits: Tensor | Sequence[Tensor], real: bool, mode: str) -> Tensor:
    """How far the logits are from the verdict "real" or "fake" (Eq. 10).

    Args:
        logits: of a discriminator, any shape; of several heads, whose distances are added.
        real: the verdict wanted. A generator wants True for its fakes (the non-saturating form).
        mode: ``vanilla`` (cross entropy, Goodfellow et al. 2014) or ``lsgan`` (squared distance to
            1 or 0, Mao et al. 2017).

    Raises:
        ValueError: unknown mode.
    """
    if not isinstance(logits, Tensor):
        return summed(adversarial(each, real, mode) for each in logits)
    wanted = torch.full_like(logits, float(real))
    if mode == "vanilla":
        return F.binary_cross_entropy_with_logits(logits, wanted)
    if mode == "lsgan":
        return F.mse_loss(logits, wanted)
    raise ValueError(f"unknown gan_mode '{mode}': lsgan or vanilla")


def relativistic(first: Verdict, second: Verdict, *, real: bool) -> Tensor:
    """How far ``first`` is from looking more real than ``second`` does on the whole, or less.

    Squared distance of the patches' logits, cross entropy of the images' (CS424, Eq. 1.2): the
    relativistic average (Jolicoeur-Martineau 2019).

    Args:
        first, second: of images of one domain, real ones and fakes or the other way round.
        real: the verdict wanted of ``first``.

    Returns:
        A scalar.
    """
    patch = first.patch - second.patch.mean()
    whole = first.whole - second.whole.mean()
    return PATCH_SHARE * adversarial(patch, real, "lsgan") + WHOLE_SHARE * adversarial(
        whole, real, "vanilla"
    )


def gradient_penalty(
    judge: Callable[[Tensor], Tensor | Verdict], real: Tensor, fake: Tensor, shares: Tensor
) -> Tensor:
    """How far the slope of a discriminator between real images and fakes is from one.

    Its verdict of an image is the mean of the logits; of two heads, weighed as in
    :func:`relativistic`.

    Args:
        judge: the discriminator.
        real, fake: ``(B, 3, h, w)``.
        shares: how much of the real image is in the one between, ``(B,)`` in [0, 1].

    Returns:
        The mean squared difference from one of the gradient's norm, a scalar.

    Source: Gulrajani et al. 2017, Eq. 3.
    """
    shares = shares.view(-1, 1, 1, 1)
    # norms of gradients need the bits that bfloat16 lacks
    with torch.autocast(real.device.type, enabled=False), torch.enable_grad():
        between = (shares * real.float() + (1 - shares) * fake.float()).detach().requires_grad_()
        verdict = judge(between)
        if isinstance(verdict, Verdict):
            score = PATCH_SHARE * verdict.patch.flatten(1).mean(1)
            score = score + WHOLE_SHARE * verdict.whole[:, 0]
        else:
            score = verdict.flatten(1).mean(1)
        (slope,) = torch.autograd.grad(score.sum(), between, create_graph=True)
        return ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()


def features(output: Sequence[Tensor], target: Sequence[Tensor]) -> Tensor:
    """Mean over layers of the L1 of features; those of the target are fixed (CS424, Sec. 1.5.2).

    Args:
        output, target: of one network, equally many; shapes agree layer by layer.
    """
    differences = [l1(a, b.detach()) for a, b in zip(output, target, strict=True)]
    return summed(differences) / len(differences)


def perceptual(layers: nn.Module, output: Tensor, target: Tensor) -> Tensor:
    """Squared differences of VGG19's features, means summed over two pooling layers.

    Images go in as they are, without the network's normalisation (Ekpete 2023, Exp. 2.5: his text
    and code).

    Args:
        layers: of :func:`~pixelization.networks.pretrained.load_vgg19`.
        output, target: ``(B, 3, >= 32, >= 32)`` in [-1, 1].
    """
    values = []
    for index, layer in enumerate(layers.children()):
        output, target = layer(output), layer(target)
        if index in VGG19_LAYERS:
            values.append(F.mse_loss(output, target))
    return summed(values)


def summed(values: Iterable[Tensor]) -> Tensor:
    """The sum of at least one tensor, from left to right."""
    return reduce(operator.add, values)


def _sobel_kernels(image: Tensor) -> Tensor:
    """Of slopes in x and in y, ``(2, 1, 3, 3)``, on the image's device."""
    kernel = image.new_tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    return torch.stack([kernel, kernel.T]).unsqueeze(1)


def _mean(values: Tensor, per_sample: bool) -> Tensor:
    return values.flatten(1).mean(1) if per_sample else values.mean()
