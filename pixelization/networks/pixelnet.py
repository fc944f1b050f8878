"""Stages 2 and 3: PixelNet and DepixelNet, one encoder-decoder structure with different heads."""

from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.networks.cells import neighbour_cells, upsample_nearest
from pixelization.networks.heads import DirectHead, MixHead, ResidualHead, SelectHead
from pixelization.networks.layers import Trunk, UpBlock
from pixelization.networks.rules.company import with_company


class TranslatorOutput(NamedTuple):
    """The image, and for the mirror loss the outputs of blocks 1, 2, 3 and N-1, N-2, N-3, in that
    order.
    """

    image: Tensor
    encoder: list[Tensor]
    decoder: list[Tensor]


class Translator(nn.Module):
    """Encoder-decoder of Han et al. 2018, Sec. 3.2.1: three conv blocks, residual blocks, two
    up-blocks, head.

    Input and output have the same size, for every size of at least 32 x 32 pixels.

    Args:
        base_channels: width of the first and the last block.
        num_blocks: residual blocks; the paper has 9.
        norm: ``instance``, ``instance_affine`` or ``none``.
        upsampling: ``deconv`` or ``nearest``.
        head: ``direct``, ``residual`` (adds to the input), ``mix`` (blends neighbouring pixels of
            the input) or ``select`` (PixelNet: every cell takes the colour of one of the 3 x 3
            cells around it, so cells stay flat and nothing blends; in evaluation mode only where
            ``with_company`` lets it).
        temperature, margin: of the selecting head.
    """

    def __init__(
        self,
        *,
        base_channels: int,
        num_blocks: int,
        norm: str,
        upsampling: str,
        head: str,
        temperature: float = 0.25,
        margin: float = 0.0,
    ) -> None:
        super().__init__()
        width = base_channels
        self.trunk = Trunk(base_channels=width, num_blocks=num_blocks, norm=norm)
        self.up1 = UpBlock(4 * width, 2 * width, upsampling=upsampling, norm=norm)
        self.up2 = UpBlock(2 * width, width, upsampling=upsampling, norm=norm)
        builders = {
            "direct": lambda: DirectHead(width),
            "residual": lambda: ResidualHead(width),
            "mix": lambda: MixHead(width),
            "select": lambda: SelectHead(
                width, 9, temperature=temperature, favourite=4, margin=margin
            ),
        }
        if head not in builders:
            raise ValueError(f"unknown head '{head}': {', '.join(builders)}")
        self.head = builders[head]()

    def forward(self, image: Tensor, grid: tuple[int, int] | None = None) -> TranslatorOutput:
        """Translate ``image (B, 3, H, W)`` in [-1, 1].

        Args:
            grid: size ``(h, w)`` in cells of the image; the ``select`` head needs it.

        Raises:
            ValueError: the image is not ``(B, 3, >= 32, >= 32)``, or the head needs ``grid``.
        """
        blocks = self.trunk(image)
        half = self.up1(blocks[-1], blocks[1].shape[-2:])
        full = self.up2(half, blocks[0].shape[-2:])
        if isinstance(self.head, SelectHead):
            if grid is None:
                raise ValueError("the 'select' head needs the size of the grid")
            cells = upsample_nearest(image, grid)
            around = neighbour_cells(cells)
            chosen = self.head(F.interpolate(full, size=grid, mode="area"), around)
            cells = chosen if self.training else with_company(cells, around, chosen)
            output = upsample_nearest(cells, image.shape[-2:])
        else:
            output = self.head(full, image)
        return TranslatorOutput(output, blocks[:3], [full, half, blocks[-1]])
