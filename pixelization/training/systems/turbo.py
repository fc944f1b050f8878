"""CycleGAN-Turbo as a system: a CycleGAN whose translators stand on Stable Diffusion Turbo.

Terms, data, sheets and scores are those of :mod:`~pixelization.training.systems.cyclegan`.
"""

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn

from pixelization.config import check_ranges, option, section
from pixelization.errors import UserError
from pixelization.networks.clip_judge import ClipJudge, load_clip
from pixelization.networks.cyclegan import CycleGAN
from pixelization.networks.schema import TurboConfig
from pixelization.networks.turbo import STRIDE, build_turbo
from pixelization.training.sections import DataConfig, OptimConfig, TrainConfig, check_data
from pixelization.training.systems.cyclegan import (
    DOMAINS,
    CycleGANSystem,
    CycleLossConfig,
    ValidationConfig,
    check_loss,
)


@dataclass(frozen=True)
class ClipJudgeConfig:
    """A discriminator on CLIP's vision transformer."""

    clip: str = option(
        "",
        "local folder of CLIP ViT-B/32 in the layout of transformers, which training needs",
        may_change=True,
    )


@dataclass(frozen=True)
class TurboTrainingConfig:
    """A whole experiment."""

    system: Literal["turbo"] = option("turbo", "what is trained: adapters of SD-Turbo")
    data: DataConfig = section(DataConfig, "training images, and how samples are made of them")
    model: TurboConfig = section(TurboConfig, "the networks; weights carry this section")
    discriminator: ClipJudgeConfig = section(
        ClipJudgeConfig, "judges images of a domain; there is one for each"
    )
    loss: CycleLossConfig = section(CycleLossConfig, "what the networks learn", gan_mode="vanilla")
    optim: OptimConfig = section(OptimConfig, "optimizers and schedule", pool_size=0)
    validation: ValidationConfig = section(ValidationConfig, "what is measured while training")
    train: TrainConfig = section(TrainConfig, "the run", name="turbo")

    def check(self) -> None:
        """Raise ``UserError`` unless the keys go together."""
        check_ranges(self.model, "model.")
        if self.loss.gan_mode == "relativistic" or self.loss.gradient_penalty:
            raise UserError(
                "discriminators on CLIP need loss.gan_mode=vanilla or lsgan, and "
                "loss.gradient_penalty=0"
            )
        for term in ("features", "codes"):
            if getattr(self.loss.weights, term):
                raise UserError(
                    f"loss.weights.{term} is not for system=turbo, whose networks have none: "
                    "set it to 0"
                )
        self.train.check()


class TurboSystem(CycleGANSystem):
    """Both directions on one U-Net, both judges on one CLIP, and two unpaired sets of images.

    Args:
        config: a configuration that :meth:`check` lets pass.

    Raises:
        UserError: a folder of images or networks, or a package, is missing.
    """

    @classmethod
    def check(cls, config: Any) -> None:
        """See :class:`~pixelization.training.systems.base.System`."""
        check_data(config.data, config.train.batch_size)
        check_loss(config.loss)
        if config.data.crop % STRIDE:
            raise UserError(f"data.crop={config.data.crop} must be a multiple of {STRIDE}")
        if not config.discriminator.clip:
            raise UserError(
                "discriminator.clip is not set: name a folder with CLIP ViT-B/32, which you bring "
                "yourself"
            )

    def _translators(self) -> CycleGAN:
        return build_turbo(self.config.model)

    def _judges(self, device: torch.device) -> list[nn.Module]:
        clip = load_clip(self.config.discriminator.clip).to(device)
        return [ClipJudge(clip) for _ in DOMAINS]
