"""The one place that builds the networks from a configuration."""

from pixelization.config import DiscriminatorConfig, ModelConfig, TranslatorConfig
from pixelization.models.cascade import Cascade
from pixelization.models.discriminator import PatchDiscriminator
from pixelization.models.gridnet import GridNet
from pixelization.models.layers import init_weights
from pixelization.models.translator import Translator


def build_cascade(config: ModelConfig) -> Cascade:
    """Build the three generators with fresh weights (from torch's global generator)."""
    gridnet = pixelnet = None
    if config.cascade != "pixelnet_alone":
        net = config.gridnet
        gridnet = GridNet(
            base_channels=net.base_channels,
            num_blocks=net.num_blocks,
            norm=net.norm,
            head=net.head,
            scales=config.fractions,
            temperature=config.temperature,
            sharpen=config.sharpen,
            margin=config.grid_margin,
        )
    if config.cascade != "gridnet_alone":
        pixelnet = _translator(config.pixelnet, config)
    cascade = Cascade(gridnet, pixelnet, _translator(config.depixelnet, config), scales=config.fractions)
    return cascade.apply(init_weights)


def _translator(net: TranslatorConfig, config: ModelConfig) -> Translator:
    return Translator(
        base_channels=net.base_channels,
        num_blocks=net.num_blocks,
        norm=net.norm,
        upsampling=net.upsampling,
        head=net.head,
        temperature=config.temperature,
        margin=config.margin,
    )


def build_discriminator(config: DiscriminatorConfig) -> PatchDiscriminator:
    """Build one PatchGAN discriminator with fresh weights."""
    return PatchDiscriminator(
        base_channels=config.base_channels, kernel_size=config.kernel_size, strides=config.strides, norm=config.norm
    )
