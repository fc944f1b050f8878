"""Undo anti-aliasing: pixels between two colours take one of them."""

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.networks.cells import luma

# of a ramp between two colours, from either end: pixels in the middle quarter stay mixtures
NEAR_END = 0.38


def contrast_toggle(image: Tensor, threshold: float = 0.1, reach: float = 0.5) -> Tensor:
    """Undo anti-aliasing: every pixel takes the darkest or lightest of its 3 x 3 surroundings.

    The one nearer in luma wins. A ramp of up to two pixels between two colours becomes a step,
    a thin stroke keeps its core, and no colour is made that the image does not have. Surroundings
    whose luma spans less than ``threshold`` stay as they are, so that shading survives.

    Args:
        image: ``(B, 3, H, W)`` in [-1, 1].
        reach: share of the surroundings' range, from either end, within which a pixel takes that
            end; 0.5: every pixel does.

    Returns:
        The same shape; differentiable, each output pixel being a copy of an input pixel.

    Source: the toggle contrast operator of Kramer & Bruckner 1975, ordered by luma.
    """
    light = luma(image.detach())
    maximum, brightest = F.max_pool2d(light, 3, stride=1, padding=1, return_indices=True)
    minimum, darkest = F.max_pool2d(-light, 3, stride=1, padding=1, return_indices=True)
    minimum = -minimum
    itself = torch.arange(light[0].numel(), device=image.device).view_as(light[0])
    span = maximum - minimum
    chosen = torch.where(maximum - light < light - minimum, brightest, darkest)
    far = torch.minimum(maximum - light, light - minimum) > reach * span
    chosen = torch.where((span < threshold) | far, itself, chosen)
    pixels = image.flatten(2)
    return pixels.gather(2, chosen.flatten(2).expand_as(pixels)).view(image.shape)
