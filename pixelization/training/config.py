"""The configuration of a training: sections, ranges, and what spans several keys."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from pixelization.cells.sizes import cells_along
from pixelization.config import as_dict, as_yaml, check_ranges, load_dataclass, option, updated
from pixelization.errors import UserError
from pixelization.networks.discriminators import judges
from pixelization.networks.schema import ModelConfig, check_model
from pixelization.training.sections import DataConfig, OptimConfig, TrainConfig


@dataclass(frozen=True)
class WeightsConfig:
    """Weight of every term of the objective; 0 switches a term off (it is then not computed)."""

    grid_adversarial: float = option(1.0, "", least=0)
    grid_l1: float = option(1.0, "", least=0)
    grid_gradient: float = option(1.0, "", least=0)
    grid_backward_l1: float = option(1.0, "", least=0)
    grid_backward_gradient: float = option(1.0, "", least=0)
    pixel_adversarial: float = option(1.0, "", least=0)
    pixel_l1: float = option(1.0, "", least=0)
    pixel_gradient: float = option(1.0, "", least=0)
    pixel_mirror_features: float = option(1.0, "", least=0)
    pixel_mirror_output: float = option(1.0, "", least=0)
    depixel_adversarial: float = option(1.0, "", least=0)
    depixel_adversarial_forward: float = option(0.0, "", least=0)
    depixel_l1: float = option(1.0, "", least=0)
    depixel_gradient: float = option(1.0, "", least=0)
    depixel_mirror_features: float = option(1.0, "", least=0)
    depixel_mirror_output: float = option(1.0, "", least=0)
    depixel_reduced_output: float = option(0.0, "", least=0)
    depixel_drawn_output: float = option(0.0, "", least=0)
    depixel_sprite_output: float = option(0.0, "", least=0)
    grid_isolation: float = option(0.0, "", least=0)
    pixel_isolation: float = option(0.0, "", least=0)


@dataclass(frozen=True)
class LossConfig:
    """The objective."""

    gan_mode: Literal["vanilla", "lsgan"] = "vanilla"
    target: Literal["nearest", "area", "stroke"] = "area"
    weights: WeightsConfig = field(default_factory=WeightsConfig)


@dataclass(frozen=True)
class Config:
    """A whole experiment."""

    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    train: TrainConfig = field(default_factory=TrainConfig)


def load_config(path: str | Path, overrides: Iterable[str] = ()) -> Config:
    """Read a configuration from a YAML file.

    Args:
        path: the file; ``_base_: other.yaml`` in it (relative to it) names a file that it refines,
            which may do the same.
        overrides: ``key.sub=value``, with the value in YAML, as ``optim.betas=[0.5, 0.9]``; the
            last one wins.

    Raises:
        UserError: a file is missing or no YAML mapping; a key is unknown; a value is of the wrong
            type or out of range.
    """
    config = load_dataclass(Config(), path, overrides)
    _validate(config)
    return config


def config_from_dict(values: dict) -> Config:
    """Build a configuration from what :func:`config_to_dict` made; missing keys keep their
    defaults.

    Raises:
        UserError: a key is unknown; a value is of the wrong type or out of range.
    """
    config = updated(Config(), values)
    _validate(config)
    return config


def config_to_dict(config: Config) -> dict:
    """Nested dictionaries of lists, strings, numbers and booleans."""
    return as_dict(config)


def dump_config(config: Config) -> str:
    """YAML that :func:`load_config` reads back as an equal configuration."""
    return as_yaml(config)


def validate_for_training(config: Config) -> None:
    """Check what only training needs.

    Raises:
        UserError: data folders are missing or contradict each other; the losses do not fit the data
            or the networks; a discriminator is too deep for its images.
    """
    data, model, weights = config.data, config.model, asdict(config.loss.weights)
    if not data.cartoons:
        raise UserError("data.cartoons is not set: name the folder with the cartoons")
    if bool(data.sprites) == bool(data.pictures):
        problem = (
            "both are set; clear one, as with data.sprites=" if data.sprites else "neither is set"
        )
        raise UserError(
            f"set either data.sprites (native resolution) or data.pictures (full size): {problem}"
        )
    if weights["depixel_sprite_output"] and data.pictures:
        problem = f"loss.weights.depixel_sprite_output={weights['depixel_sprite_output']} needs sprites at native resolution"
        raise UserError(f"{problem}: set data.sprites instead of data.pictures, or the weight to 0")
    if config.optim.constant + config.optim.decay == 0:
        raise UserError("optim.constant and optim.decay are both 0: there is nothing to train")
    if not any(weights.values()):
        raise UserError("all of loss.weights are 0: there is nothing to train")

    absent = {"full": None, "gridnet_alone": "pixel", "pixelnet_alone": "grid"}[model.cascade]
    for name, weight in weights.items():
        if weight and name.split("_")[0] == absent:
            raise UserError(
                f"loss.weights.{name}={weight} must be 0: model.cascade={model.cascade} has no such network"
            )

    first = "pixelnet" if model.cascade == "pixelnet_alone" else "gridnet"
    mirrors = {
        "depixel_mirror_features": (first, "depixelnet"),
        "pixel_mirror_features": ("depixelnet", "pixelnet"),
    }
    for term, names in mirrors.items():
        widths = {name: getattr(model, name).base_channels for name in names}
        if weights[term] and len(set(widths.values())) > 1:
            unequal = " and ".join(
                f"model.{name}.base_channels={width}" for name, width in widths.items()
            )
            raise UserError(
                f"loss.weights.{term}={weights[term]} compares features: {unequal} must be equal, or the weight 0"
            )

    smallest = cells_along(data.crop, min(model.fractions))
    for name, side in (("grid", smallest), ("pixel", data.crop), ("depixel", data.crop)):
        judge = getattr(model, f"d_{name}")
        if not judges(judge, side) and any(
            weight for term, weight in weights.items() if term.startswith(f"{name}_adversarial")
        ):
            problem = f"model.d_{name}.strides={list(judge.strides)} leave too little of an image of {side}x{side} pixels"
            raise UserError(
                f"{problem}, its smallest: use fewer or smaller strides or a larger data.crop"
            )


def _validate(config: Config) -> None:
    """Check ranges, and what spans several keys."""
    check_ranges(config)
    check_model(config.model, "model.")
    config.train.check()
