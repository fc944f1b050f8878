"""Attention: features that look at features elsewhere, or are weighed by a look at all of them."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

REDUCTION = 16  # of channels between the two layers of a gate (Hu et al., Woo et al. 2018)
PLACE_KERNEL = 7  # of the convolution that weighs places (Woo et al. 2018)


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
            each(x).flatten(2).transpose(1, 2).unsqueeze(1)  # one head
            for each in (self.query, self.key, self.value)
        )
        seen = F.scaled_dot_product_attention(query, key, value, scale=1.0).squeeze(1)
        return x + self.gamma * seen.transpose(1, 2).reshape(x.shape)


class SqueezeExcite(nn.Module):
    """Weighs every channel by what the means of all channels say (Hu et al. 2018).

    Args:
        channels: in and out.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gate = _channel_gate(channels)

    def forward(self, x: Tensor) -> Tensor:
        """The shape ``(B, C, h, w)`` stays."""
        return x * self.gate(x.mean((2, 3), keepdim=True)).sigmoid()


class BlockAttention(nn.Module):
    """Weighs every channel, then every place (Woo et al. 2018, CBAM).

    One small network looks at the means and at the maxima of all channels. Places are weighed by a
    convolution that sees mean and maximum over the channels.

    Args:
        channels: in and out.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gate = _channel_gate(channels)
        self.place = nn.Conv2d(2, 1, PLACE_KERNEL, padding=PLACE_KERNEL // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """The shape ``(B, C, h, w)`` stays."""
        mean, most = x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        x = x * (self.gate(mean) + self.gate(most)).sigmoid()
        seen = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], dim=1)
        return x * self.place(seen).sigmoid()


def _channel_gate(channels: int) -> nn.Module:
    """Two layers without bias, from the channels to a sixteenth of them and back."""
    narrow = max(1, channels // REDUCTION)
    return nn.Sequential(
        nn.Conv2d(channels, narrow, 1, bias=False),
        nn.ReLU(inplace=True),
        nn.Conv2d(narrow, channels, 1, bias=False),
    )
