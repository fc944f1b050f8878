"""The one place that builds the networks from a configuration.

The configuration's keys are the networks' arguments.
"""

from dataclasses import asdict

from pixelization.networks.cascade import Cascade
from pixelization.networks.depixelnet import DepixelNet
from pixelization.networks.discriminators import PatchDiscriminator
from pixelization.networks.drawer import DrawNet
from pixelization.networks.gridnet import GridNet
from pixelization.networks.layers import init_weights
from pixelization.networks.pixelnet import PixelNet
from pixelization.networks.pointer import CellNet
from pixelization.networks.pointing import PointingCascade
from pixelization.networks.refiner import RefineNet
from pixelization.networks.schema import (
    DiscriminatorConfig,
    ModelConfig,
    NetworksConfig,
    PointingConfig,
)

Networks = Cascade | PointingCascade
"""What a weights file may hold."""


def build_networks(config: NetworksConfig) -> Networks:
    """Build the networks of either family with fresh weights (from torch's global generator)."""
    if isinstance(config, PointingConfig):
        return build_pointing(config)
    return build_cascade(config)


def count_blocks(config: NetworksConfig) -> int:
    """How many blocks :func:`build_networks` would build, each with at least one tensor."""
    if isinstance(config, PointingConfig):
        dilations = [*config.gridnet.dilations, *config.depixelnet.dilations]
        return len(dilations) + (len(config.pixelnet.dilations) if config.stages == "full" else 0)
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


def build_discriminator(config: DiscriminatorConfig) -> PatchDiscriminator:
    """Build one PatchGAN discriminator with fresh weights."""
    return PatchDiscriminator(**asdict(config))
