"""Networks that point, taught by artists' sprites and by an earlier model.

What they learn is in ``systems/artists_terms.py``.
"""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

import torch
from PIL import Image
from torch import nn

from pixelization.config import check_ranges, option, section
from pixelization.errors import UserError
from pixelization.limits import BATCH_PIXELS
from pixelization.networks.build import build_discriminator, build_pointing
from pixelization.networks.cells import upsample_nearest
from pixelization.networks.devices import resolve_device
from pixelization.networks.discriminators import check_judge
from pixelization.networks.lattice import SAMPLES, multiplied
from pixelization.networks.pointing import PointingCascade
from pixelization.networks.schema import DiscriminatorConfig, PointingConfig
from pixelization.networks.tensors import to_array
from pixelization.training.data.artist_pairs.maker import PairBatch
from pixelization.training.data.artists import ArtistsBatch, ArtistsData, ArtistsDataConfig
from pixelization.training.losses.adversarial import AdversarialLoss
from pixelization.training.losses.objective import Objective, check_weights, weights_section
from pixelization.training.samples import sheet
from pixelization.training.sections import OptimConfig, TrainConfig
from pixelization.training.systems.artists_terms import TERMS, ArtistsStep, on_white
from pixelization.training.systems.base import SHEET_ROWS, Randomness, System

Weights = weights_section(TERMS)


@dataclass(frozen=True)
class ArtistsLossConfig:
    """The objective."""

    gan_mode: Literal["vanilla", "lsgan"] = option(
        "lsgan", "vanilla (Eq. 10) | lsgan (Mao et al. 2017)"
    )
    contrast: float = option(10.0, "how much more a cell beside a contrast counts", least=1)
    stroke: float = option(20.0, "and one of a stroke one cell wide", least=1)
    detail: float = option(20.0, "and one unlike all eight around it", least=1)
    weights: Any = section(Weights, "factor of each term, 0 leaves it out")


@dataclass(frozen=True)
class ArtistsConfig:
    """A whole experiment."""

    system: Literal["artists"] = option("artists", "what is trained: networks that point")
    data: ArtistsDataConfig = section(
        ArtistsDataConfig, "sprites, cartoons and a teacher's sprites"
    )
    model: PointingConfig = section(PointingConfig, "the networks; weights carry this section")
    d_near: DiscriminatorConfig = section(
        DiscriminatorConfig,
        "judges sprites, at 1 pixel per cell",
        base_channels=32,
        kernel_size=3,
        strides=(1, 2, 1),
        norm="spectral",
    )
    d_far: DiscriminatorConfig = section(
        DiscriminatorConfig,
        "judges the same, and sees more cells at once",
        base_channels=32,
        kernel_size=4,
        strides=(2, 2, 1),
        norm="spectral",
    )
    loss: ArtistsLossConfig = section(ArtistsLossConfig, "what the networks learn")
    optim: OptimConfig = section(
        OptimConfig,
        "optimizers and schedule",
        lr=1.2e-3,
        lr_discriminator=4e-4,
        betas=(0.9, 0.99),
        unit="steps",
        constant=3000,
        decay=7000,
        clip_norm=1.0,
        ema_decay=0.998,
    )
    train: TrainConfig = section(
        TrainConfig, "the run", name="artists", seed=1, batch_size=8, bf16=False
    )

    def check(self) -> None:
        """Raise ``UserError`` unless the keys go together."""
        check_ranges(self.model, "model.")
        self.train.check()


class ArtistsSystem(System):
    """GridNet and PixelNet that point, and a judge of sprites.

    Args:
        config: a configuration that :meth:`check` lets pass.

    Raises:
        UserError: an image folder or the device is missing.
    """

    shown: ClassVar[tuple[str, ...]] = tuple(
        f"loss/G/{name}" for name in ("grid_pairs", "pixel_pairs", "depixel_mirror")
    )

    def __init__(self, config: ArtistsConfig) -> None:
        self.config = config
        self.objective = Objective(TERMS, asdict(config.loss.weights))
        self.adversarial = AdversarialLoss(config.loss.gan_mode)
        # the data before the networks: a wrong path must fail in a second
        self.data: ArtistsData = ArtistsData(config.data, seed=config.train.seed)
        device = resolve_device(config.train.device)
        torch.manual_seed(config.train.seed)
        self.generators: PointingCascade = build_pointing(config.model).to(device)
        configs = {"near": config.d_near, "far": config.d_far}
        self.discriminators = nn.ModuleDict(
            {name: build_discriminator(judge) for name, judge in configs.items()}
        ).to(device)

    @classmethod
    def check(cls, config: ArtistsConfig) -> None:
        """See :class:`~pixelization.training.systems.base.System`."""
        data, weights = config.data, asdict(config.loss.weights)
        batch = f"train.batch_size={config.train.batch_size} with data.cells={data.cells}"
        BATCH_PIXELS.check(config.train.batch_size * (data.cells * SAMPLES) ** 2, batch)
        if not data.sprites and not data.drawings:
            raise UserError("data.sprites is not set: name the folder with the artists' sprites")
        if bool(data.teacher) != bool(data.cartoons):
            raise UserError("set both data.teacher and data.cartoons, or neither")
        together = config.train.batch_size * max(1, data.workers)
        if data.kept % together:
            raise UserError(
                f"data.kept={data.kept} must be a multiple of train.batch_size="
                f"{config.train.batch_size} times data.workers={data.workers}, so that each pair "
                f"stays in one of them: give {max(1, round(data.kept / together)) * together}"
            )
        if len(data.sizes) != len(data.chances) or not sum(data.chances):
            raise UserError("data.chances must have one number for each of data.sizes, not all 0")
        check_weights(weights)
        for term in TERMS:
            if not weights[term.name]:
                continue
            if term.trains == "pixelnet" and config.model.stages == "gridnet_alone":
                raise UserError(
                    f"loss.weights.{term.name}={weights[term.name]} must be 0: "
                    "model.stages=gridnet_alone has no PixelNet"
                )
            if term.name in NEED_TEACHER and not (data.teacher or data.drawings):
                raise UserError(
                    f"loss.weights.{term.name}={weights[term.name]} needs a teacher: "
                    "set data.teacher and data.cartoons, or the weight to 0"
                )
        for name, judge in (("pixel_adversarial", "d_near"), ("pixel_adversarial_far", "d_far")):
            if weights[name]:
                check_judge(getattr(config, judge), data.cells, judge, "data.cells")

    def step(self, batch: ArtistsBatch, randomness: Randomness) -> ArtistsStep:
        """See :class:`~pixelization.training.systems.base.System`."""
        loss = self.config.loss
        taught = None if batch.taught is None else self._moved(batch.taught)
        return ArtistsStep(
            self.generators,
            dict(self.discriminators.items()),
            self.adversarial,
            batch=ArtistsBatch(self._moved(batch.pairs), taught),
            importance={"contrast": loss.contrast, "stroke": loss.stroke, "detail": loss.detail},
            randomness=randomness,
        )

    @torch.no_grad()
    def sheets(self, generators: nn.Module) -> dict[str, Image.Image]:
        """Drawing | artist | GridNet | PixelNet | artist drawn; of cartoons with the teacher."""
        networks = _pointing(generators)
        kinds = {"pairs": [sample.pairs for sample in self._shown]}
        if self.data.teacher is not None:
            kinds["cartoons"] = [sample.taught for sample in self._shown if sample.taught]
        return {
            name: sheet([self._row(networks, sample) for sample in parts])
            for name, parts in kinds.items()
        }

    @cached_property
    def _shown(self) -> list[ArtistsBatch]:
        """The samples of all sheets, drawn once."""
        return [self.data.sample(index) for index in range(SHEET_ROWS)]

    def _moved(self, batch: PairBatch) -> PairBatch:
        return PairBatch(*(each.to(self.device) for each in batch))

    def _row(self, networks: PointingCascade, sample: PairBatch) -> list[Any]:
        """Of a sheet: pictures of one size, uint8 ``(8 n, 8 n, 3)``."""
        batch = self._moved(PairBatch(*(torch.as_tensor(each).unsqueeze(0) for each in sample)))
        made = networks.point(batch.lattice, batch.cell_size)
        lattice = on_white(multiplied(batch.lattice))
        size = (lattice.shape[-2], lattice.shape[-1])
        cells = [on_white(each) for each in (batch.target, made.grid, made.refined)]
        drawn = on_white(networks.depixelnet(batch.target))
        pictures = [lattice, *(upsample_nearest(each, size) for each in cells), drawn]
        return [to_array(each) for each in pictures]


NEED_TEACHER = (
    "grid_teacher",
    "pixel_teacher",
    "pixel_l1",
    "pixel_gradient",
    "depixel_mirror",
)


def _pointing(generators: nn.Module) -> PointingCascade:
    assert isinstance(generators, PointingCascade), "generators like this system's"
    return generators
