"""From features to colours: the last layer of a generator.

``DirectHead`` is the published one. The others give colour a path around the normalisation:
``ResidualHead`` adds to an image, ``MixHead`` blends neighbouring pixels, ``SelectHead`` chooses
among colours that exist and therefore cannot blend.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.networks.cells import pick, size_of
from pixelization.networks.layers import conv


class DirectHead(nn.Module):
    """7 x 7 convolution and tanh, as published: invents RGB."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = conv(channels, 3, 7)

    def forward(self, features: Tensor, base: Tensor) -> Tensor:
        """``(B, C, h, w) -> (B, 3, h, w)`` in [-1, 1]; ``base`` is not looked at."""
        return torch.tanh(_convolved(self.conv, features))


class ResidualHead(nn.Module):
    """Adds a 7 x 7 convolution of the features to an image of the same size."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = conv(channels, 3, 7)

    def forward(self, features: Tensor, base: Tensor) -> Tensor:
        """Features ``(B, C, h, w)`` and ``base (B, 3, h, w)`` -> ``(B, 3, h, w)`` in [-1, 1]."""
        image = base + _convolved(self.conv, features)
        # A plain clamp has no gradient outside: a pixel once too bright would never come back.
        return image + (image.clamp(-1, 1) - image).detach()


PLAIN_HEADS: dict[str, Callable[[int], nn.Module]] = {
    "direct": DirectHead,
    "residual": ResidualHead,
}


def plain_head(name: str, channels: int, network: str, own: str) -> nn.Module:
    """A head that any generator may have; ``network`` and the name of its own head for messages.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in PLAIN_HEADS:
        raise ValueError(f"unknown head '{name}' of {network}: {', '.join([*PLAIN_HEADS, own])}")
    return PLAIN_HEADS[name](channels)


class MixHead(nn.Module):
    """Every pixel becomes a weighted mean of 5 x 5 pixels around it, two apart.

    The network predicts the weights. So it can move an edge by up to four pixels and smooth it.
    It needs no memory of the colours, which instance norm takes away.

    Source: kernel prediction, as in Niklaus et al. 2017 (adaptive convolution) and Bako et al.
    2017.
    """

    TAPS, SPACING = 5, 2  # per side; pixels
    HEAD_START = 3.0  # of the pixel itself, before the softmax: the untrained head changes little

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = conv(channels, self.TAPS**2, 3)
        prior = torch.zeros(self.TAPS**2)
        prior[self.TAPS**2 // 2] = self.HEAD_START
        self.prior = nn.Parameter(prior)

    def forward(self, features: Tensor, base: Tensor) -> Tensor:
        """Features ``(B, C, h, w)`` and ``base (B, 3, h, w)`` -> ``(B, 3, h, w)``, in its range."""
        height, width = size_of(base)
        weights = F.softmax(self.conv(features) + self.prior[:, None, None], dim=1)
        margin = self.TAPS // 2 * self.SPACING
        padded = F.pad(base, (margin,) * 4, mode="replicate")
        shifts = [
            (dy * self.SPACING, dx * self.SPACING)
            for dy in range(self.TAPS)
            for dx in range(self.TAPS)
        ]
        mixed = torch.zeros_like(base)
        # one by one: 25 copies of a large image would fill the memory
        for index, (top, left) in enumerate(shifts):
            mixed = (
                mixed
                + weights[:, index : index + 1]
                * padded[..., top : top + height, left : left + width]
            )
        return mixed


class Choice(NamedTuple):
    """What a :class:`SelectHead` proposes for every cell.

    Attributes:
        candidates: what it chose from, ``(B, K, 3, h, w)``.
        scores: how much it wants each, ``(B, K, h, w)``.
        chosen: the best of them, ``(B, 3, h, w)``; its gradient is that of the softmax's mean.
    """

    candidates: Tensor
    scores: Tensor
    chosen: Tensor


class SelectHead(nn.Module):
    """Chooses one of K candidate colours for every cell.

    Every candidate is scored by a small network. It sees the features around the cell, the
    candidate's colour, its difference from the candidates' mean and its position. The forward pass
    takes the best candidate; the backward pass goes through the softmax of the scores
    (straight-through).

    Args:
        channels: C of the features.
        num_candidates: K.
        temperature: of the softmax; small is close to the hard choice.
        hidden: width of the scoring network.
        head_start: index of a candidate that the untrained head prefers, or None.
    """

    def __init__(
        self,
        channels: int,
        num_candidates: int,
        *,
        temperature: float,
        hidden: int = 16,
        head_start: int | None = None,
    ) -> None:
        super().__init__()
        self.temperature = temperature
        self.context = conv(channels, 2 * hidden, 3)
        self.color = nn.Linear(6, hidden)
        self.position = nn.Parameter(torch.empty(num_candidates, hidden))
        self.score = nn.Parameter(torch.empty(hidden))
        nn.init.normal_(self.position, std=0.5)
        nn.init.normal_(self.score, std=hidden**-0.5)
        prior = torch.zeros(num_candidates)
        if head_start is not None:
            prior[head_start] = 1.0
        self.prior = nn.Parameter(prior)

    def forward(self, features: Tensor, candidates: Tensor) -> Choice:
        """Choose.

        Args:
            features: ``(B, C, h, w)``.
            candidates: ``(B, K, 3, h, w)``.
        """
        scores = self.scores(features, candidates)
        hard = pick(candidates, scores.argmax(dim=1, keepdim=True))
        if not torch.is_grad_enabled():  # the same value, without the mean
            return Choice(candidates, scores, hard)
        weights = F.softmax(scores / self.temperature, dim=1)
        soft = (weights.unsqueeze(2) * candidates).sum(1)
        # in this order: the value is the hard choice to the last bit
        return Choice(candidates, scores, hard.detach() + (soft - soft.detach()))

    def scores(self, features: Tensor, candidates: Tensor) -> Tensor:
        """The score of every candidate: ``(B, K, h, w)``."""
        context = _convolved(self.context, features)
        # (B, 1, h, w, hidden)
        shift, query = context.permute(0, 2, 3, 1).unsqueeze(1).chunk(2, dim=-1)
        colors = candidates.permute(0, 1, 3, 4, 2)
        colors = torch.cat([colors, 2 * (colors - colors.mean(1, keepdim=True))], dim=-1)
        hidden = self.color(colors) + shift
        hidden = F.relu(hidden.add_(self.position[:, None, None, :]), inplace=True)
        return (hidden * (self.score + query)).sum(-1) + self.prior[:, None, None]


def _convolved(layer: nn.Module, features: Tensor) -> Tensor:
    """A convolution of a feature map, of up to 7 x 7.

    The edge of one that is too small for its padding is repeated, and cut off again.
    """
    height, width = size_of(features)
    missing = [max(0, 4 - side) for side in (width, height)]
    if any(missing):
        features = F.pad(features, (0, missing[0], 0, missing[1]), mode="replicate")
    return layer(features)[..., :height, :width]
