"""The encoder-decoder that PixelNet and DepixelNet share: all but the head."""

from typing import NamedTuple

from torch import Tensor, nn

from pixelization.networks.cells import size_of
from pixelization.networks.heads import Choice
from pixelization.networks.layers import Padding, Trunk, UpBlock


class TranslatorOutput(NamedTuple):
    """An image, and the blocks that the mirror loss compares.

    Attributes:
        image: ``(B, 3, H, W)`` in [-1, 1].
        encoder: the outputs of blocks 1, 2, 3.
        decoder: those of blocks N-1, N-2, N-3, which have the same shapes.
        choice: what PixelNet's selecting head chose from, at one pixel per cell; None with another
            head.
    """

    image: Tensor
    encoder: list[Tensor]
    decoder: list[Tensor]
    choice: Choice | None = None


class Translator(nn.Module):
    """Encoder-decoder of Han et al. 2018, Sec. 3.2.1, without its head.

    Three conv blocks, residual blocks, two up-blocks. Input and output have the same size, for
    every size of at least 32 x 32 pixels.

    Args:
        base_channels: width of the first and the last block.
        num_blocks: residual blocks; the paper has 9.
        norm: ``instance``, ``instance_affine`` or ``none``.
        upsampling: ``deconv`` or ``nearest``.
        strided_padding, dropout: see :class:`~pixelization.networks.layers.Trunk`.
    """

    def __init__(
        self,
        *,
        base_channels: int,
        num_blocks: int,
        norm: str,
        upsampling: str,
        strided_padding: Padding = "reflect",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        width = base_channels
        self.trunk = Trunk(
            base_channels=width,
            num_blocks=num_blocks,
            norm=norm,
            strided_padding=strided_padding,
            dropout=dropout,
        )
        self.up1 = UpBlock(4 * width, 2 * width, upsampling=upsampling, norm=norm)
        self.up2 = UpBlock(2 * width, width, upsampling=upsampling, norm=norm)

    def features(self, image: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Run all blocks on ``image (B, 3, H, W)`` in [-1, 1].

        Returns:
            ``encoder`` and ``decoder`` of :class:`TranslatorOutput`. The head takes the first of
            ``decoder``, ``(B, base_channels, H, W)``.

        Raises:
            ValueError: the image is not ``(B, 3, >= 32, >= 32)``.
        """
        blocks = self.trunk(image)
        half = self.up1(blocks[-1], size_of(blocks[1]))
        full = self.up2(half, size_of(blocks[0]))
        return blocks[:3], [full, half, blocks[-1]]
