"""Attention: features that look at features elsewhere."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SelfAttention(nn.Module):
    """Every place adds what similar places hold (Zhang et al. 2019, SAGAN).

    Queries and keys have an eighth of the channels, and their products are not scaled. The sum is
    weighed by a number that begins at zero, so an untrained network is as without attention.

    Args:
        channels: in and out.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        narrow = max(1, channels // 8)
        self.query, self.key = nn.Conv2d(channels, narrow, 1), nn.Conv2d(channels, narrow, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        """The shape ``(B, C, h, w)`` stays."""
        query, key, value = (
            each(x).flatten(2).transpose(1, 2) for each in (self.query, self.key, self.value)
        )
        seen = F.scaled_dot_product_attention(query, key, value, scale=1.0)
        return x + self.gamma * seen.transpose(1, 2).reshape(x.shape)
