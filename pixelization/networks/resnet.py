"""The ResNet generator of CycleGAN (Zhu et al. 2017, after Johnson et al. 2016)."""

from torch import Tensor

from pixelization.networks.attention import BlockAttention, SelfAttention, SqueezeExcite
from pixelization.networks.heads import DirectHead
from pixelization.networks.layers import ResidualBlock
from pixelization.networks.quantising import VectorQuantiser
from pixelization.networks.schema import Gates
from pixelization.networks.translator import Translator


class ResNetGenerator(Translator):
    """A :class:`Translator` with the published head, whose strided convolutions pad with zeros.

    Biases that a normalisation takes away again are not there, so it has fewer parameters than the
    published code with instance norm and computes the same.

    Args:
        base_channels, num_blocks, norm, upsampling, dropout: see :class:`Translator`; as published
            64, 6 or 9, instance, deconv.
        gates: of the residual blocks (CS424): ``cbam``, ``squeeze`` and excite, ``mixed``: one
            after the other, or ``none``.
        attention: self-attention after the residual blocks.
        codes: of the vector quantisation before the residual blocks (CS424); 0: none.
    """

    def __init__(
        self,
        *,
        base_channels: int,
        num_blocks: int,
        norm: str,
        upsampling: str,
        dropout: float = 0.0,
        gates: Gates = "none",
        attention: bool = False,
        codes: int = 0,
    ) -> None:
        super().__init__(
            base_channels=base_channels,
            num_blocks=num_blocks,
            norm=norm,
            upsampling=upsampling,
            strided_padding="zeros",
            dropout=dropout,
        )
        width, residual = 4 * base_channels, self.trunk.residual
        for index, block in enumerate(residual):
            assert isinstance(block, ResidualBlock)
            if gates == "cbam" or (gates == "mixed" and index % 2 == 0):
                block.gate = BlockAttention(width)
            elif gates != "none":
                block.gate = SqueezeExcite(width)
        if attention:
            residual.append(SelfAttention(width))
        if codes:
            residual.insert(0, VectorQuantiser(width, codes))
        self.head = DirectHead(base_channels)

    @property
    def code_loss(self) -> Tensor | None:
        """Of the vector quantisation in the last forward pass, a scalar; None without codes."""
        first = self.trunk.residual[0]
        return first.loss if isinstance(first, VectorQuantiser) else None

    def forward(self, image: Tensor) -> Tensor:
        """Translate ``image (B, 3, H, W)`` in [-1, 1]; the shape stays.

        Raises:
            ValueError: the image is not ``(B, 3, >= 32, >= 32)``.
        """
        _, decoder = self.features(image)
        return self.head(decoder[0], image)
