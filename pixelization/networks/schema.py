"""What the networks are built from: every key with its default."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal


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
    """All networks. Weights carry it, so its keys and what they mean must last."""

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
