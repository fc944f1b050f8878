"""Stage 1: a cartoon to grids, one pixel per cell, at up to three scales."""

from fractions import Fraction
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.cells.sizes import SCALES, grid_size, samples_per_side
from pixelization.networks.cells import sample_cells, size_of
from pixelization.networks.heads import Choice, SelectHead, plain_head
from pixelization.networks.layers import ConvBlock, Trunk
from pixelization.networks.rules.antialiasing import NEAR_END, contrast_toggle


class GridOutput(NamedTuple):
    """What GridNet proposes.

    Attributes:
        grids: by scale, ``(B, 3, h, w)`` in [-1, 1].
        features: the outputs of its blocks 1, 2, 3, for the mirror loss.
        choices: by scale, what the sample head chose from; empty with another head.
    """

    grids: dict[Fraction, Tensor]
    features: list[Tensor]
    choices: dict[Fraction, Choice]


class GridNet(nn.Module):
    """GridNet (Han et al. 2018, Sec. 3.2.1): features at 1/4 size, then a block and head per scale.

    The published code reaches 3/16 and 1/8 by unpadded convolutions that fit at 256 x 256 only.
    Here the features are resampled, so that every input of at least 32 x 32 pixels gives grids of
    ``max(1, round(side * scale))`` cells.

    Args:
        base_channels: width of the first block; the others have 2 and 4 times as many channels.
        num_blocks: residual blocks.
        norm: ``instance``, ``instance_affine`` or ``none``.
        dropout: of the residual blocks, in training.
        head: ``direct``, ``residual`` (adds to the area-resampled input) or ``sample`` (selects,
            per cell, one of k x k pixels of the source inside it; k = 4, 6, 8).
        scales: the scales to build heads for.
        temperature: of the selecting heads.
        sharpen: the sample head selects from a source whose anti-aliased pixels are gone (see
            :func:`~pixelization.networks.rules.antialiasing.contrast_toggle`), except those about
            halfway between two colours. Few of them, well placed, make a sprite's colours those of
            the source.
    """

    def __init__(
        self,
        *,
        base_channels: int,
        num_blocks: int,
        norm: str,
        head: str,
        scales: tuple[Fraction, ...] = SCALES,
        temperature: float = 0.25,
        sharpen: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        channels = 4 * base_channels
        self.head, self.scales, self.sharpen = head, tuple(scales), sharpen
        self.trunk = Trunk(
            base_channels=base_channels, num_blocks=num_blocks, norm=norm, dropout=dropout
        )
        # a block continues that of the scale above
        needed = [scale for scale in SCALES if scale >= min(self.scales)]
        self.blocks = nn.ModuleDict(
            {_key(scale): ConvBlock(channels, channels, norm=norm) for scale in needed}
        )
        self.heads = nn.ModuleDict(
            {
                _key(scale): (
                    SelectHead(channels, samples_per_side(scale) ** 2, temperature=temperature)
                    if head == "sample"
                    else plain_head(head, channels, "GridNet", "sample")
                )
                for scale in self.scales
            }
        )

    def forward(self, image: Tensor, scales: tuple[Fraction, ...] | None = None) -> GridOutput:
        """Make the grids of ``image (B, 3, H, W)``, H and W at least 32, in [-1, 1].

        Args:
            scales: of the grids; default: all it has.

        Raises:
            ValueError: the image is not ``(B, 3, >= 32, >= 32)``.
        """
        scales = self.scales if scales is None else scales
        blocks = self.trunk(image)
        x, colors = blocks[-1], self.sharpened(image, reach=NEAR_END)
        grids: dict[Fraction, Tensor] = {}
        choices: dict[Fraction, Choice] = {}
        for scale in SCALES:
            size = grid_size(size_of(image), scale)
            if size_of(x) != size:
                x = F.interpolate(x, size=size, mode="bilinear", align_corners=False)
            x = self.blocks[_key(scale)](x)
            if scale in scales:
                head = self.heads[_key(scale)]
                if isinstance(head, SelectHead):
                    candidates = sample_cells(colors, size, samples_per_side(scale))
                    choices[scale] = head(x, candidates)
                    grids[scale] = choices[scale].chosen
                else:
                    grids[scale] = head(x, F.interpolate(colors, size=size, mode="area"))
            if scale == min(scales):
                break
        return GridOutput(grids, blocks[:3], choices)

    def sharpened(self, image: Tensor, reach: float = 0.5) -> Tensor:
        """What the sample head chooses from, with ``reach`` as in ``contrast_toggle``.

        The image itself with another head, or without ``sharpen``.
        """
        if self.head == "sample" and self.sharpen:
            return contrast_toggle(image, reach=reach)
        return image


def _key(scale: Fraction) -> str:
    return f"r{scale.numerator}_{scale.denominator}"
