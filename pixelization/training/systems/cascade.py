"""The cascade of Han et al. 2018 as a system: GridNet, PixelNet, DepixelNet and their judges.

What it learns is in ``systems/cascade_terms.py``.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import torch
from PIL import Image, ImageOps
from torch import nn

from pixelization.cells.sizes import cells_along
from pixelization.config import option, section
from pixelization.errors import UserError
from pixelization.images.alpha import on_white
from pixelization.images.reading import list_images, read_image
from pixelization.networks.build import build_cascade, build_discriminator
from pixelization.networks.cascade import Cascade
from pixelization.networks.devices import resolve_device
from pixelization.networks.discriminators import check_judge
from pixelization.networks.schema import ModelConfig, check_model
from pixelization.networks.tensors import normalize
from pixelization.optional import optional_module
from pixelization.training.data.unpaired import Batch, UnpairedData
from pixelization.training.losses.adversarial import AdversarialLoss
from pixelization.training.losses.objective import (
    Adversarial,
    Objective,
    check_weights,
    weights_section,
)
from pixelization.training.sections import DataConfig, OptimConfig, TrainConfig, check_data
from pixelization.training.systems.base import SHEET_ROWS, Randomness, System, seed_dropout
from pixelization.training.systems.cascade_sheets import cartoon_sheet, sprite_sheet
from pixelization.training.systems.cascade_terms import (
    TERMS,
    CascadeStep,
    Comparison,
    RealPixelArt,
)

# What Fig. 9 leaves out in each variant: terms that train it have no network.
ABSENT = {"full": None, "gridnet_alone": "pixelnet", "pixelnet_alone": "gridnet"}

Weights = weights_section(TERMS)


@dataclass(frozen=True)
class LossConfig:
    """The objective."""

    gan_mode: Literal["vanilla", "lsgan"] = option(
        "vanilla", "vanilla (Eq. 10) | lsgan (Mao et al. 2017; the published code)"
    )
    target: Literal["nearest", "area", "stroke"] = option(
        "area",
        'what L1 and gradient compare with: nearest | area | stroke (Eq. 14 says only "resize")',
    )
    pixel_reference: Literal["cartoon", "grid"] = option(
        "cartoon",
        "what PixelNet's L1 and gradient compare with: cartoon, resized (Eq. 12) | grid, GridNet's "
        "own (the published code)",
    )
    slopes: Literal["differences", "sobel"] = option(
        "differences", "of the gradient terms: differences (Eq. 15) | sobel (the published code)"
    )
    depixel_l1_at: Literal["cells", "full"] = option(
        "cells",
        "where DepixelNet's L1 compares: cells, their means (Eq. 13) | full size (the published "
        "code)",
    )
    weights: Any = section(
        Weights,
        "factor of each term, 0 leaves it out; the paper adds the terms and prints no weights",
    )


@dataclass(frozen=True)
class CascadeConfig:
    """A whole experiment."""

    system: Literal["cascade"] = option("cascade", "what is trained: the networks of this paper")
    data: DataConfig = section(DataConfig, "training images, and how samples are made of them")
    model: ModelConfig = section(ModelConfig, "the networks; weights carry this section")
    loss: LossConfig = section(LossConfig, "what the networks learn: see docs/losses.md")
    optim: OptimConfig = section(OptimConfig, "optimizers and schedule; quotations: Sec. 3.4")
    train: TrainConfig = section(TrainConfig, "the run: where it computes, what it writes")

    def check(self) -> None:
        """Raise ``UserError`` unless the keys go together."""
        check_model(self.model, "model.")
        self.train.check()


class CascadeSystem(System):
    """The three generators, a judge for each, and two unpaired sets of images.

    Args:
        config: a configuration that :meth:`check` lets pass.

    Raises:
        UserError: an image folder, the device, or a package that a loss needs, is missing.
    """

    shown: ClassVar[tuple[str, ...]] = (
        "loss/G/grid_l1",
        "loss/G/pixel_l1",
        "loss/G/depixel_mirror_output",
        "loss/G/depixel_drawn_output",
        "loss/D_grid/fake",
        "loss/D_pixel/fake",
    )

    def __init__(self, config: CascadeConfig) -> None:
        self.config = config
        self.objective = Objective(TERMS, asdict(config.loss.weights))
        self.adversarial = AdversarialLoss(config.loss.gan_mode)
        if "depixel_sprite_output" in self.objective.terms:
            optional_module("scalerack")  # now, not in the first step
        # the data before the networks: a wrong path must fail in a second
        self.data: UnpairedData = UnpairedData(
            config.data, scales=config.model.fractions, seed=config.train.seed
        )
        self._cartoons, self._sprites = self._sheet_inputs()
        device = resolve_device(config.train.device)
        torch.manual_seed(config.train.seed)
        self.generators: Cascade = build_cascade(config.model)
        self.discriminators = nn.ModuleDict(
            {
                "grid": build_discriminator(config.model.d_grid),
                "pixel": build_discriminator(config.model.d_pixel),
                "depixel": build_discriminator(config.model.d_depixel),
            }
        )
        self.move_to(device)

    @classmethod
    def check(cls, config: CascadeConfig) -> None:
        """See :class:`~pixelization.training.systems.base.System`."""
        check_data(config.data, config.train.batch_size)
        _check_losses(config)
        _check_mirrors(config)
        _check_judges(config)

    def step(self, batch: Batch, randomness: Randomness) -> CascadeStep:
        """See :class:`~pixelization.training.systems.base.System`."""
        seed_dropout(randomness)
        loss = self.config.loss
        return CascadeStep(
            self.generators,
            dict(self.discriminators.items()),
            self.adversarial,
            comparison=Comparison(
                target=loss.target,
                pixel_reference=loss.pixel_reference,
                slopes=loss.slopes,
                depixel_l1_at=loss.depixel_l1_at,
            ),
            cartoon=normalize(batch.cartoon.to(self.device)),
            real=RealPixelArt(batch, self.generators.scales, self.device),
            randomness=randomness,
        )

    def sheets(self, generators: nn.Module) -> dict[str, Image.Image]:
        """See :class:`~pixelization.training.systems.base.System`."""
        cascade = _cascade(generators)
        scale = cascade.scales[len(cascade.scales) // 2]
        sheets = {"cartoons": cartoon_sheet(cascade, self._cartoons, scale)}
        if self._sprites:
            sheets["sprites"] = sprite_sheet(cascade, self._sprites, scale, self.config.data.crop)
        return sheets

    def _sheet_inputs(self) -> tuple[list[Image.Image], list[Image.Image]]:
        """Cartoons of one size, and sprites: of the validation folders, else of the training."""
        data, side = self.config.data, 2 * self.config.data.crop
        if data.val_cartoons:
            paths = _spread(list_images(data.val_cartoons, recursive=True))
            cartoons = [on_white(read_image(path)) for path in paths]
        else:
            images = self.data.cartoons.images
            cartoons = [Image.fromarray(images[i]) for i in _spread(range(len(images)))]
        if data.val_sprites:
            paths = _spread(list_images(data.val_sprites, recursive=True))
            sprites = [read_image(path).convert("RGBA") for path in paths]
        elif self.data.sprites:
            images = self.data.sprites.images
            sprites = [Image.fromarray(images[i]) for i in _spread(range(len(images)))]
        else:
            sprites = []
        return [ImageOps.pad(image, (side, side), color="white") for image in cartoons], sprites


def _spread(things: Any) -> Any:
    """A few of a sequence, spread over it."""
    return things[:: max(1, len(things) // SHEET_ROWS)][:SHEET_ROWS]


def _cascade(generators: nn.Module) -> Cascade:
    assert isinstance(generators, Cascade), "generators like this system's"
    return generators


def _check_losses(config: CascadeConfig) -> None:
    weights = asdict(config.loss.weights)
    check_weights(weights)
    weight = weights["depixel_sprite_output"]
    if weight and config.data.pictures:
        raise UserError(
            f"loss.weights.depixel_sprite_output={weight} needs sprites at native resolution: "
            "set data.sprites instead of data.pictures, or the weight to 0"
        )
    for term in TERMS:
        if weights[term.name] and term.trains == ABSENT[config.model.cascade]:
            raise UserError(
                f"loss.weights.{term.name}={weights[term.name]} must be 0: "
                f"model.cascade={config.model.cascade} has no such network"
            )


def _check_mirrors(config: CascadeConfig) -> None:
    """The mirror losses compare features block by block: they must be as wide."""
    model, weights = config.model, config.loss.weights
    first = "pixelnet" if model.cascade == "pixelnet_alone" else "gridnet"
    mirrors = {
        "depixel_mirror_features": (first, "depixelnet"),
        "pixel_mirror_features": ("depixelnet", "pixelnet"),
    }
    for term, names in mirrors.items():
        widths = {name: getattr(model, name).base_channels for name in names}
        weight = getattr(weights, term)
        if weight and len(set(widths.values())) > 1:
            unequal = " and ".join(
                f"model.{name}.base_channels={width}" for name, width in widths.items()
            )
            raise UserError(
                f"loss.weights.{term}={weight} compares features: "
                f"{unequal} must be equal, or the weight 0"
            )


def _check_judges(config: CascadeConfig) -> None:
    """Every discriminator that is trained leaves something of its smallest image."""
    model, crop = config.model, config.data.crop
    smallest = {
        "grid": cells_along(crop, min(model.fractions)),
        "pixel": crop,
        "depixel": crop,
    }
    for term in TERMS:
        if isinstance(term, Adversarial) and getattr(config.loss.weights, term.name):
            name = f"d_{term.judge}"
            check_judge(getattr(model, name), smallest[term.judge], f"model.{name}", "data.crop")
