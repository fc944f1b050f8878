"""What the networks are built from: every key with its default, its meaning and its range.

It knows no network and imports no torch.
"""

from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from typing import Any, Literal

from pixelization.config import check_ranges, option, section, updated
from pixelization.errors import UserError
from pixelization.networks.edges import Edges

Gates = Literal["none", "cbam", "squeeze", "mixed"]
"""Attention in residual blocks of a ResNet."""


@dataclass(frozen=True)
class GeneratorConfig:
    """GridNet, and what the other generators share with it."""

    base_channels: int = option(
        64, "channels of the first block (the published code)", least=1, most=4096
    )
    num_blocks: int = option(9, "residual blocks (Sec. 3.2.1: several)", least=1, most=1000)
    norm: Literal["instance", "instance_affine", "none"] = option(
        "instance", "instance | instance_affine, with learned scale and shift | none (Sec. 3.2.1)"
    )
    head: Literal["direct", "residual", "sample", "select", "mix"] = option(
        "direct",
        "direct: convolution and tanh (the published code) | residual | "
        "of GridNet sample, of PixelNet select, of DepixelNet mix (ours)",
    )
    dropout: float = option(
        0.0, "in residual blocks, in training (the published code: 0.5)", least=0, below=1
    )


@dataclass(frozen=True)
class TranslatorConfig(GeneratorConfig):
    """PixelNet or DepixelNet."""

    upsampling: Literal["deconv", "nearest"] = option(
        "deconv", "deconv (Sec. 3.2.1: two deconv-blocks) | nearest: resize, then convolution"
    )


@dataclass(frozen=True)
class DiscriminatorConfig:
    """A PatchGAN."""

    base_channels: int = option(
        64, "channels of the first convolution (the published code)", least=1, most=4096
    )
    kernel_size: int = option(
        4, "of every convolution, in pixels (the published code)", least=1, most=100
    )
    strides: tuple[int, ...] = option(
        (2, 2, 2, 1),
        "one convolution each, then one to the logits; 2, 2, 2, 1 with kernel 4 is the 70x70 "
        "PatchGAN (Isola et al. 2017; the published code)",
        least=1,
        most=100,
    )
    norm: Literal["instance", "instance_affine", "spectral", "none"] = option(
        "instance", "instance (the published code) | instance_affine | spectral | none"
    )


@dataclass(frozen=True)
class ModelConfig:
    """All networks. Weights carry it, so its keys and what they mean must last.

    ``margin`` and ``grid_margin`` are settings of inference, carried with the weights because they
    are found for them: by how much a network's favourite must beat that of the rule (see
    :mod:`pixelization.networks.cascade`). Training does not look at them.
    """

    cascade: Literal["full", "gridnet_alone", "pixelnet_alone"] = option(
        "full", "full | gridnet_alone | pixelnet_alone (the variants of Fig. 9)"
    )
    scales: tuple[Literal["1/4", "3/16", "1/8"], ...] = option(
        ("1/4", "3/16", "1/8"), "grid side / image side, the largest first (Sec. 3.2.1)"
    )
    sharpen: bool = option(
        True, "the sample head chooses from the input without its anti-aliased pixels (ours)"
    )
    temperature: float = option(
        0.25, "of the softmax in the backward pass of the sample and select heads (ours)", above=0
    )
    margin: float = option(
        0.0,
        "select head, not in training: how much better a neighbour must be than the cell (ours)",
        least=0,
    )
    grid_margin: float = option(
        0.0,
        "sample head, not in training: how much better a sample must be than the stroke target's "
        "(ours)",
        least=0,
    )
    gridnet: GeneratorConfig = section(GeneratorConfig, "cartoon -> grids (Sec. 3.2.1)")
    pixelnet: TranslatorConfig = section(TranslatorConfig, "grid -> refined pixel art (Sec. 3.2.1)")
    depixelnet: TranslatorConfig = section(
        TranslatorConfig, 'pixel art -> cartoon; "exactly the same as PixelNet" (Sec. 3.2.2)'
    )
    d_grid: DiscriminatorConfig = section(
        DiscriminatorConfig,
        "judges grids, at 1 pixel per cell; smaller than the others (ours): grids are 32 to 64 px",
        strides=(2, 2, 1),
    )
    d_pixel: DiscriminatorConfig = section(
        DiscriminatorConfig, "judges refined pixel art, at full size"
    )
    d_depixel: DiscriminatorConfig = section(
        DiscriminatorConfig, "judges depixelized cartoons, at full size"
    )

    @property
    def fractions(self) -> tuple[Fraction, ...]:
        """The scales as numbers."""
        return tuple(Fraction(scale) for scale in self.scales)


_INNER = "channels between the two convolutions of a block; 0: as many as channels"


@dataclass(frozen=True)
class CellNetConfig:
    """GridNet that points: for every cell at a real colour, or at nothing."""

    widths: tuple[int, int] = option(
        (16, 16),  # ONNX Runtime computes them by 16 with AVX-512
        "channels at half and at a quarter of the lattice's resolution",
        least=1,
        most=4096,
    )
    channels: int = option(64, "of a cell's vector", least=1, most=4096)
    dilations: tuple[int, ...] = option(
        (1,), "of the residual blocks on the grid, one block each", least=1, most=64
    )
    inner: int = option(0, _INNER, least=0, most=4096)
    hidden: int = option(16, "width of what scores a colour", least=1, most=4096)


@dataclass(frozen=True)
class RefineNetConfig:
    """PixelNet on the grid: points again, after a look at the sprite."""

    channels: int = option(64, "on the grid", least=1, most=4096)
    dilations: tuple[int, ...] = option(
        (2, 8), "of the residual blocks, one block each", least=1, most=64
    )
    inner: int = option(0, _INNER, least=0, most=4096)
    hidden: int = option(16, "width of what scores a colour", least=1, most=4096)


@dataclass(frozen=True)
class DrawNetConfig:
    """DepixelNet on the grid: mixes the cells around every sample."""

    channels: int = option(48, "on the grid", least=1, most=4096)
    dilations: tuple[int, ...] = option(
        (1, 2, 1, 1), "of the residual blocks, one block each", least=1, most=64
    )


@dataclass(frozen=True)
class PointingConfig:
    """Networks that point. Weights carry it, so its keys and what they mean must last.

    Its first key tells it from a :class:`ModelConfig`, which has none of that name.
    """

    networks: Literal["pointing"] = option("pointing", "the family of networks")
    stages: Literal["full", "gridnet_alone"] = option("full", "full | gridnet_alone, no PixelNet")
    gridnet: CellNetConfig = section(CellNetConfig, "picture -> sprite, every cell by itself")
    pixelnet: RefineNetConfig = section(RefineNetConfig, "the same after a look at the sprite")
    depixelnet: DrawNetConfig = section(DrawNetConfig, "sprite -> drawing")


@dataclass(frozen=True)
class CycleGeneratorConfig:
    """One translator of a CycleGAN. Both directions are built alike."""

    kind: Literal["resnet", "unet"] = option(
        "resnet", "resnet (Johnson et al. 2016) | unet, with skip connections (Isola et al. 2017)"
    )
    base_channels: int = option(
        64, "channels of the first block (Zhu et al. 2017)", least=1, most=4096
    )
    num_blocks: int = option(9, "resnet: residual blocks (Zhu et al. 2017)", least=1, most=1000)
    num_downs: int = option(
        8, "unet: how often it halves the image, whose sides are multiples of 2^n", least=5, most=10
    )
    norm: Literal["instance", "instance_affine", "none"] = option(
        "instance",
        "instance (Zhu et al. 2017) | instance_affine, which is batch norm of one image | none",
    )
    upsampling: Literal["deconv", "nearest"] = option(
        "deconv", "resnet: deconv (Zhu et al. 2017) | nearest: resize, then convolution"
    )
    dropout: float = option(
        0.0, "in residual blocks, and in the inner blocks of a U-Net", least=0, below=1
    )
    attention: bool = option(
        False, "resnet: self-attention after the residual blocks (Ekpete 2023)"
    )
    gates: Gates = option(
        "none",
        "resnet: of residual blocks: cbam, of channels and places | squeeze and excite | mixed: in "
        "turns (CS424) | none",
    )
    codes: int = option(
        0,
        "resnet: of the vector quantisation before the residual blocks; 0: none (CS424)",
        least=0,
        most=65_536,
    )


@dataclass(frozen=True)
class CycleDiscriminatorConfig(DiscriminatorConfig):
    """A PatchGAN of a CycleGAN."""

    attention: bool = option(False, "self-attention before the logits (Ekpete 2023)")
    heads: Literal["patch", "both"] = option(
        "patch",
        "patch | both: another logit of the whole image, and spectral with instance norm in every "
        "layer; norm and attention have no part in it (CS424)",
    )


_EDGES = (
    "the networks see Canny edges in place of cartoons: default | medium and low, without short "
    "ones (Ozyegin 2024) | none"
)


@dataclass(frozen=True)
class CycleGANConfig:
    """Two translators. Weights carry it, so its keys and what they mean must last.

    Its first key tells it from the other families.
    """

    networks: Literal["cyclegan"] = option("cyclegan", "the family of networks")
    edges: Edges = option("none", _EDGES)
    generator: CycleGeneratorConfig = section(
        CycleGeneratorConfig, "cartoon -> pixel art, and one like it for the way back"
    )


@dataclass(frozen=True)
class TurboConfig:
    """CycleGAN-Turbo. Weights carry it, so its keys and what they mean must last.

    Its first key tells it from the other families.
    """

    networks: Literal["turbo"] = option("turbo", "the family of networks")
    edges: Edges = option("none", _EDGES)
    rank_unet: int = option(
        128, "of the adapters of the U-Net (Parmar et al. 2024)", least=1, most=1024
    )
    rank_vae: int = option(
        4, "of the adapters of both autoencoders (Parmar et al. 2024)", least=1, most=1024
    )
    text_a2b: str = option("pixel art", "says what is made of a cartoon (ours)")
    text_b2a: str = option("cartoon", "says what is made of pixel art (ours)")


NetworksConfig = ModelConfig | PointingConfig | CycleGANConfig | TurboConfig

# Families that say their name in their first key. The cascade, the first that there was, does not.
FAMILIES: dict[str, type[PointingConfig | CycleGANConfig | TurboConfig]] = {
    "pointing": PointingConfig,
    "cyclegan": CycleGANConfig,
    "turbo": TurboConfig,
}


def rough_parameters(config: Any) -> int:
    """Parameters of all networks that a configuration describes, estimated from above.

    Args:
        config: a dataclass of this module, or one with such in it; others count nothing.
    """
    match config:
        case GeneratorConfig():
            # a block: two convolutions of 3 x 3 between four times as many channels
            return (config.num_blocks + 3) * 2 * 9 * (4 * config.base_channels) ** 2
        case CycleGeneratorConfig(kind="resnet"):
            wide = 4 * config.base_channels
            return 2 * ((config.num_blocks + 3) * 2 * 9 * wide**2 + config.codes * wide)
        case CycleGeneratorConfig():
            # down and up: convolutions of 4 x 4, up to sixteen times as many channels to eight
            return 2 * config.num_downs * 3 * 16 * (8 * config.base_channels) ** 2
        case TurboConfig():
            # rows and columns of the layers that have adapters: of the U-Net, of an autoencoder
            return 1_100_000 * config.rank_unet + 2 * 300_000 * config.rank_vae
        case DiscriminatorConfig():
            # no convolution has more than eight times as many channels
            size = (config.kernel_size * 8 * config.base_channels) ** 2
            return len(config.strides) * size
        case CellNetConfig():
            # the encoder's convolutions: 4 x 4 between its widths, 2 x 2 to the cells
            strided = 16 * (config.widths[0] + config.channels) * (config.widths[1] + 4)
            return _on_the_grid(config) + strided
        case DrawNetConfig():
            # 64 samples of a cell, 9 weights each
            return (len(config.dilations) + 1) * 2 * 9 * config.channels**2 + 700 * config.channels
        case RefineNetConfig():
            return _on_the_grid(config)
    parts = (getattr(config, each.name) for each in fields(config))
    return sum(rough_parameters(part) for part in parts if is_dataclass(part))


def _on_the_grid(config: CellNetConfig | RefineNetConfig) -> int:
    """Parameters of the blocks and of what scores a colour, estimated from above."""
    widest = max(config.channels, config.inner)
    return (len(config.dilations) + 2) * 2 * 9 * config.channels * widest + 9 * config.hidden**2


_OWN_HEADS = {"gridnet": "sample", "pixelnet": "select", "depixelnet": "mix"}


def check_model(model: ModelConfig, prefix: str = "") -> None:
    """Check ranges, and what spans several keys.

    Args:
        prefix: of the keys in the message, as ``model.``.

    Raises:
        UserError: a value is out of its range, or two do not go together.
    """
    check_ranges(model, prefix)
    scales = list(model.scales)
    if not scales or scales != sorted(set(scales), key=Fraction, reverse=True):
        raise UserError(
            f"{prefix}scales={scales} must name at least one scale, each once, the largest first"
        )
    for network, own in _OWN_HEADS.items():
        head = getattr(model, network).head
        if head not in (own, "direct", "residual"):
            raise UserError(
                f"{prefix}{network}.head={head} is not for this network: "
                f"use {own}, residual or direct"
            )
    if model.cascade == "pixelnet_alone" and model.pixelnet.head == "select":
        raise UserError(
            f"{prefix}pixelnet.head=select needs a GridNet's cells: "
            "use residual or direct with pixelnet_alone"
        )


def model_from_dict(values: dict[str, Any]) -> NetworksConfig:
    """Build a configuration from nested dictionaries; missing keys keep their defaults.

    The key ``networks`` says of which family it is; without it, it is the cascade.

    Raises:
        UserError: a key is unknown; a value is of the wrong type or out of range.
    """
    if isinstance(values, dict) and "networks" in values:
        name = values["networks"]
        kind = FAMILIES.get(name, PointingConfig) if isinstance(name, str) else PointingConfig
        named = updated(kind(), values)
        check_ranges(named)
        return named
    model = updated(ModelConfig(), values)
    check_model(model)
    return model
