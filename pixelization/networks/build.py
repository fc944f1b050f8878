"""The one place that builds the networks from a configuration.

The configuration's keys are the networks' arguments.
"""

from dataclasses import asdict

from torch import nn

from pixelization.networks.cascade import Cascade
from pixelization.networks.cyclegan import CycleGAN
from pixelization.networks.depixelnet import DepixelNet
from pixelization.networks.discriminators import (
    Discriminator,
    PatchDiscriminator,
    TwoHeadedDiscriminator,
)
from pixelization.networks.drawer import DrawNet
from pixelization.networks.gridnet import GridNet
from pixelization.networks.layers import init_weights
from pixelization.networks.pixelnet import PixelNet
from pixelization.networks.pointer import CellNet
from pixelization.networks.pointing import PointingCascade
from pixelization.networks.refiner import RefineNet
from pixelization.networks.resnet import ResNetGenerator
from pixelization.networks.schema import (
    CycleGANConfig,
    CycleGeneratorConfig,
    DiscriminatorConfig,
    ModelConfig,
    NetworksConfig,
    PointingConfig,
    TurboConfig,
)
from pixelization.networks.turbo import build_turbo
from pixelization.networks.unet import UNet

Networks = Cascade | PointingCascade | CycleGAN
"""What a weights file may hold; CycleGAN-Turbo is a CycleGAN."""


def build_networks(config: NetworksConfig) -> Networks:
    """Build the networks of any family with fresh weights (from torch's global generator)."""
    if isinstance(config, PointingConfig):
        return build_pointing(config)
    if isinstance(config, CycleGANConfig):
        return build_cyclegan(config)
    if isinstance(config, TurboConfig):
        return build_turbo(config)
    return build_cascade(config)


def count_blocks(config: NetworksConfig) -> int:
    """How many blocks :func:`build_networks` would build, each with at least one tensor."""
    if isinstance(config, PointingConfig):
        dilations = [*config.gridnet.dilations, *config.depixelnet.dilations]
        return len(dilations) + (len(config.pixelnet.dilations) if config.stages == "full" else 0)
    if isinstance(config, CycleGANConfig):
        generator = config.generator
        return 2 * (generator.num_downs if generator.kind == "unet" else generator.num_blocks)
    if isinstance(config, TurboConfig):
        return 1  # the user's own folder says how many
    blocks = config.depixelnet.num_blocks
    if config.cascade != "pixelnet_alone":
        blocks += config.gridnet.num_blocks
    if config.cascade != "gridnet_alone":
        blocks += config.pixelnet.num_blocks
    return blocks


def build_pointing(config: PointingConfig) -> PointingCascade:
    """Build networks that point with fresh weights (from torch's global generator)."""
    gridnet = CellNet(**asdict(config.gridnet))
    pixelnet = None
    if config.stages == "full":
        pixelnet = RefineNet(features=config.gridnet.channels, **asdict(config.pixelnet))
    return PointingCascade(gridnet, pixelnet, DrawNet(**asdict(config.depixelnet)))


def build_cascade(config: ModelConfig) -> Cascade:
    """Build the three generators with fresh weights (from torch's global generator)."""
    gridnet = pixelnet = None
    if config.cascade != "pixelnet_alone":
        gridnet = GridNet(
            **asdict(config.gridnet),
            scales=config.fractions,
            temperature=config.temperature,
            sharpen=config.sharpen,
        )
    if config.cascade != "gridnet_alone":
        pixelnet = PixelNet(**asdict(config.pixelnet), temperature=config.temperature)
    depixelnet = DepixelNet(**asdict(config.depixelnet))
    return Cascade(
        gridnet,
        pixelnet,
        depixelnet,
        scales=config.fractions,
        grid_margin=config.grid_margin,
        margin=config.margin,
    ).apply(init_weights)


def build_cyclegan(config: CycleGANConfig) -> CycleGAN:
    """Build both translators with fresh weights (from torch's global generator)."""
    a2b, b2a = (_cycle_generator(config.generator) for _ in range(2))
    generator = config.generator
    unet = generator.kind == "unet"
    # Gates and attention look at the whole image, and an edge may be long.
    local = (
        not unet
        and not generator.attention
        and generator.gates == "none"
        and config.edges == "none"
    )
    stride = 2**generator.num_downs if unet else 1
    return CycleGAN(a2b, b2a, stride=stride, local=local, edges=config.edges)


def _cycle_generator(config: CycleGeneratorConfig) -> nn.Module:
    generator: nn.Module
    if config.kind == "unet":
        generator = UNet(
            base_channels=config.base_channels,
            num_downs=config.num_downs,
            norm=config.norm,
            dropout=config.dropout,
        )
    else:
        generator = ResNetGenerator(
            base_channels=config.base_channels,
            num_blocks=config.num_blocks,
            norm=config.norm,
            upsampling=config.upsampling,
            dropout=config.dropout,
            attention=config.attention,
            gates=config.gates,
            codes=config.codes,
        )
    return generator.apply(init_weights)


def build_discriminator(config: DiscriminatorConfig) -> Discriminator:
    """Build one discriminator with fresh weights."""
    arguments = asdict(config)
    if arguments.pop("heads", "patch") == "both":
        return TwoHeadedDiscriminator(
            base_channels=config.base_channels,
            kernel_size=config.kernel_size,
            strides=config.strides,
        )
    return PatchDiscriminator(**arguments)
