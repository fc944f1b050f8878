"""Stage 2: an enlarged grid to refined pixel art."""

import torch.nn.functional as F
from torch import Tensor

from pixelization.cells.sizes import Size
from pixelization.networks.cells import ITSELF, neighbour_cells, size_of, upsample_nearest
from pixelization.networks.heads import SelectHead, plain_head
from pixelization.networks.translator import Translator, TranslatorOutput


class PixelNet(Translator):
    """PixelNet (Han et al. 2018, Sec. 3.2.1): a :class:`Translator` whose head may select cells.

    Args:
        base_channels, num_blocks, norm, upsampling, dropout: see :class:`Translator`.
        head: ``direct``, ``residual`` (adds to the input) or ``select``: every cell takes the
            colour of one of the 3 x 3 cells around it, so cells stay flat and nothing blends.
        temperature: of the selecting head.
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
        dropout: float = 0.0,
    ) -> None:
        super().__init__(
            base_channels=base_channels,
            num_blocks=num_blocks,
            norm=norm,
            upsampling=upsampling,
            dropout=dropout,
        )
        self.head = (
            SelectHead(base_channels, 9, temperature=temperature, head_start=ITSELF)
            if head == "select"
            else plain_head(head, base_channels, "PixelNet", "select")
        )

    def forward(self, image: Tensor, grid: Size | None = None) -> TranslatorOutput:
        """Refine ``image (B, 3, H, W)`` in [-1, 1].

        Args:
            grid: size ``(h, w)`` in cells of the image; the ``select`` head needs it.

        Raises:
            ValueError: the image is not ``(B, 3, >= 32, >= 32)``, or the head needs ``grid``.
        """
        encoder, decoder = self.features(image)
        if not isinstance(self.head, SelectHead):
            return TranslatorOutput(self.head(decoder[0], image), encoder, decoder)
        if grid is None:
            raise ValueError("the 'select' head needs the size of the grid")
        around = neighbour_cells(upsample_nearest(image, grid))
        choice = self.head(F.interpolate(decoder[0], size=grid, mode="area"), around)
        refined = upsample_nearest(choice.chosen, size_of(image))
        return TranslatorOutput(refined, encoder, decoder, choice)
