"""Stage 3: enlarged pixel art to a cartoon."""

from torch import Tensor

from pixelization.networks.heads import MixHead, plain_head
from pixelization.networks.translator import Translator, TranslatorOutput


class DepixelNet(Translator):
    """DepixelNet (Han et al. 2018, Sec. 3.2.2): a :class:`Translator` whose head may blend pixels.

    Args:
        base_channels, num_blocks, norm, upsampling, dropout: see :class:`Translator`.
        head: ``direct``, ``residual`` (adds to the input) or ``mix`` (blends neighbouring pixels
            of the input).
    """

    def __init__(
        self,
        *,
        base_channels: int,
        num_blocks: int,
        norm: str,
        upsampling: str,
        head: str,
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
            MixHead(base_channels)
            if head == "mix"
            else plain_head(head, base_channels, "DepixelNet", "mix")
        )

    def forward(self, image: Tensor) -> TranslatorOutput:
        """Smooth ``image (B, 3, H, W)`` in [-1, 1].

        Raises:
            ValueError: the image is not ``(B, 3, >= 32, >= 32)``.
        """
        encoder, decoder = self.features(image)
        return TranslatorOutput(self.head(decoder[0], image), encoder, decoder)
