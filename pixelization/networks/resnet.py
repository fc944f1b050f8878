"""The ResNet generator of CycleGAN (Zhu et al. 2017, after Johnson et al. 2016)."""

from torch import Tensor

from pixelization.networks.attention import SelfAttention
from pixelization.networks.heads import DirectHead
from pixelization.networks.translator import Translator


class ResNetGenerator(Translator):
    """A :class:`Translator` with the published head, whose strided convolutions pad with zeros.

    Biases that a normalisation takes away again are not there, so it has fewer parameters than the
    published code with instance norm and computes the same.

    Args:
        base_channels, num_blocks, norm, upsampling, dropout: see :class:`Translator`; as published
            64, 6 or 9, instance, deconv.
        attention: self-attention after the residual blocks.
    """

    def __init__(
        self,
        *,
        base_channels: int,
        num_blocks: int,
        norm: str,
        upsampling: str,
        dropout: float = 0.0,
        attention: bool = False,
    ) -> None:
        super().__init__(
            base_channels=base_channels,
            num_blocks=num_blocks,
            norm=norm,
            upsampling=upsampling,
            strided_padding="zeros",
            dropout=dropout,
        )
        if attention:
            self.trunk.residual.append(SelfAttention(4 * base_channels))
        self.head = DirectHead(base_channels)

    def forward(self, image: Tensor) -> Tensor:
        """Translate ``image (B, 3, H, W)`` in [-1, 1]; the shape stays.

        Raises:
            ValueError: the image is not ``(B, 3, >= 32, >= 32)``.
        """
        _, decoder = self.features(image)
        return self.head(decoder[0], image)
