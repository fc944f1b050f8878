"""What the networks are built from: every key with its default and its range.

It knows no network and imports no torch.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from pixelization.config import Range, check_ranges, updated
from pixelization.errors import UserError


@dataclass(frozen=True)
class GeneratorConfig:
    """GridNet, and what the other generators share with it."""

    base_channels: int = 64
    num_blocks: int = 9
    norm: Literal["instance", "instance_affine", "none"] = "instance"
    head: Literal["direct", "residual", "sample", "select", "mix"] = "direct"


@dataclass(frozen=True)
class TranslatorConfig(GeneratorConfig):
    """PixelNet or DepixelNet."""

    upsampling: Literal["deconv", "nearest"] = "deconv"


@dataclass(frozen=True)
class DiscriminatorConfig:
    """A PatchGAN."""

    base_channels: int = 64
    kernel_size: int = 4
    strides: tuple[int, ...] = (2, 2, 2, 1)
    norm: Literal["instance", "spectral", "none"] = "instance"


@dataclass(frozen=True)
class ModelConfig:
    """All networks. Weights carry it, so its keys and what they mean must last.

    ``margin`` and ``grid_margin`` are settings of inference, carried with the weights because they
    are found for them: by how much a network's favourite must beat that of the rule (see
    :mod:`pixelization.networks.cascade`). Training does not look at them.
    """

    cascade: Literal["full", "gridnet_alone", "pixelnet_alone"] = "full"
    scales: tuple[Literal["1/4", "3/16", "1/8"], ...] = ("1/4", "3/16", "1/8")
    sharpen: bool = True
    temperature: float = 0.25
    margin: float = 0.0
    grid_margin: float = 0.0
    gridnet: GeneratorConfig = field(default_factory=GeneratorConfig)
    pixelnet: TranslatorConfig = field(default_factory=TranslatorConfig)
    depixelnet: TranslatorConfig = field(default_factory=TranslatorConfig)
    d_grid: DiscriminatorConfig = field(
        default_factory=lambda: DiscriminatorConfig(strides=(2, 2, 1))
    )
    d_pixel: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    d_depixel: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)

    @property
    def fractions(self) -> tuple[Fraction, ...]:
        """The scales as numbers."""
        return tuple(Fraction(scale) for scale in self.scales)


_RANGES: tuple[Range, ...] = (
    ("above 0", lambda x: x > 0, ["temperature"]),
    ("at least 0", lambda x: x >= 0, ["margin", "grid_margin"]),
    ("at least 1", lambda x: x >= 1, ["base_channels", "num_blocks", "kernel_size", "strides"]),
)
_OWN_HEADS = {"gridnet": "sample", "pixelnet": "select", "depixelnet": "mix"}


def check_model(model: ModelConfig, prefix: str = "") -> None:
    """Check ranges, and what spans several keys.

    Args:
        prefix: of the keys in the message, as ``model.``.

    Raises:
        UserError: a value is out of its range, or two do not go together.
    """
    check_ranges(model, _RANGES, prefix)
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


def model_from_dict(values: dict[str, Any]) -> ModelConfig:
    """Build a configuration from nested dictionaries; missing keys keep their defaults.

    Raises:
        UserError: a key is unknown; a value is of the wrong type or out of range.
    """
    model = updated(ModelConfig(), values)
    check_model(model)
    return model
