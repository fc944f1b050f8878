"""Stage 1: a cartoon to grids, one pixel per cell, at up to three scales."""

from fractions import Fraction
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.cells.sizes import SCALES, grid_size, samples_per_side
from pixelization.networks.cells import sample_cells
from pixelization.networks.heads import DirectHead, ResidualHead, SelectHead
from pixelization.networks.layers import ConvBlock, Trunk
from pixelization.networks.rules.antialiasing import NEAR_END, contrast_toggle
from pixelization.networks.rules.strokes import stroke_choice


class GridOutput(NamedTuple):
    """What GridNet returns.

    The grids by scale, and the outputs of its blocks 1, 2, 3 for the mirror loss.
    """

    grids: dict[Fraction, Tensor]
    features: list[Tensor]


class GridNet(nn.Module):
    """GridNet (Han et al. 2018, Sec. 3.2.1): features at 1/4 size, then one conv block and head per
    scale.

    The published code reaches 3/16 and 1/8 by unpadded convolutions that fit at 256 x 256 only;
    here the features are resampled, so that every input of at least 32 x 32 pixels gives grids of
    ``max(1, round(side * r))`` cells.

    Args:
        base_channels: width of the first block; the others have 2 and 4 times as many channels.
        num_blocks: residual blocks.
        norm: ``instance``, ``instance_affine`` or ``none``.
        head: ``direct``, ``residual`` (adds to the area-resampled input) or ``sample`` (selects,
            per cell, one of k x k pixels of the source inside it; k = 4, 6, 8).
        scales: the scales to build heads for.
        temperature: of the selecting heads.
        sharpen: the sample head selects from a source whose anti-aliased pixels are gone (see
            ``cells.contrast_toggle``), except those about halfway between two colours: few of them,
            well placed, make a sprite's colours those of the source.
        margin: in evaluation mode, by how much another sample's score must beat that of
            :func:`~pixelization.networks.rules.strokes.stroke_choice`.
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
        margin: float = 0.0,
    ) -> None:
        super().__init__()
        channels = 4 * base_channels
        self.head, self.scales, self.sharpen = head, tuple(scales), sharpen
        self.trunk = Trunk(base_channels=base_channels, num_blocks=num_blocks, norm=norm)
        # a block continues that of the scale above
        needed = [scale for scale in SCALES if scale >= min(self.scales)]
        self.blocks = nn.ModuleDict(
            {_key(scale): ConvBlock(channels, channels, norm=norm) for scale in needed}
        )
        builders = {
            "direct": lambda scale: DirectHead(channels),
            "residual": lambda scale: ResidualHead(channels),
            "sample": lambda scale: SelectHead(
                channels, samples_per_side(scale) ** 2, temperature=temperature, margin=margin
            ),
        }
        if head not in builders:
            raise ValueError(f"unknown head '{head}' of GridNet: {', '.join(builders)}")
        self.heads = nn.ModuleDict({_key(scale): builders[head](scale) for scale in self.scales})

    def forward(self, image: Tensor, scales: tuple[Fraction, ...] | None = None) -> GridOutput:
        """Make the grids of ``image (B, 3, H, W)``, H and W at least 32, at ``scales`` (default:
        all it has).
        """
        scales = self.scales if scales is None else scales
        blocks = self.trunk(image)
        x, grids, colors = blocks[-1], {}, self._sharpened(image, reach=NEAR_END)
        for scale in SCALES:
            size = grid_size(image.shape[-2:], scale)
            if x.shape[-2:] != size:
                x = F.interpolate(x, size=size, mode="bilinear", align_corners=False)
            x = self.blocks[_key(scale)](x)
            if scale in scales:
                grids[scale] = self._grid(x, image, colors, scale)
            if scale == min(scales):
                break
        return GridOutput(grids, blocks[:3])

    def _grid(self, features: Tensor, image: Tensor, colors: Tensor, scale: Fraction) -> Tensor:
        head, size = self.heads[_key(scale)], features.shape[-2:]
        if self.head != "sample":
            return head(features, F.interpolate(colors, size=size, mode="area"))
        k = samples_per_side(scale)
        favourites = stroke_choice(self._sharpened(image), size, k) if head.lenient else None
        return head(features, sample_cells(colors, size, k), favourites)

    def _sharpened(self, image: Tensor, reach: float = 0.5) -> Tensor:
        return (
            contrast_toggle(image, reach=reach) if self.head == "sample" and self.sharpen else image
        )


def _key(scale: Fraction) -> str:
    return f"r{scale.numerator}_{scale.denominator}"
