"""CycleGAN as a system: two translators and a judge of each domain.

What it learns is in ``systems/cyclegan_terms.py``.
"""

from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any, ClassVar, Literal

import torch
from PIL import Image
from torch import Tensor, nn

from pixelization.cells.sizes import grid_size
from pixelization.cells.voting import majority_vote, paint_cells
from pixelization.config import check_ranges, option, section
from pixelization.errors import UserError
from pixelization.networks.build import build_cyclegan, build_discriminator
from pixelization.networks.cells import size_of, upsample_nearest
from pixelization.networks.cyclegan import CELL, CycleGAN
from pixelization.networks.devices import resolve_device
from pixelization.networks.discriminators import check_judge
from pixelization.networks.edges import edge_maps
from pixelization.networks.pretrained import load_feature_network, load_lpips, load_vgg19
from pixelization.networks.schema import (
    CycleDiscriminatorConfig,
    CycleGANConfig,
    CycleGeneratorConfig,
)
from pixelization.networks.structure import structure_distance
from pixelization.networks.tensors import normalize, to_array
from pixelization.optional import optional_module
from pixelization.training.data.unpaired import Batch, UnpairedData
from pixelization.training.losses.adversarial import AdversarialLoss
from pixelization.training.losses.objective import (
    Adversarial,
    Objective,
    check_weights,
    weights_section,
)
from pixelization.training.samples import sheet
from pixelization.training.sections import DataConfig, OptimConfig, TrainConfig, check_data
from pixelization.training.systems.base import SHEET_ROWS, Randomness, System, seed_dropout
from pixelization.training.systems.cyclegan_terms import TERMS, CycleStep

DOMAINS = ("a", "b")
# Networks of others, by the key under ``loss`` that names their file, and the terms that look.
LOADERS = {"vgg19": load_vgg19, "vgg16": load_lpips}
NEEDS = {"perceptual": "vgg19", "lpips_cycle": "vgg16", "lpips_identity": "vgg16"}

Weights = weights_section(TERMS)


@dataclass(frozen=True)
class CycleLossConfig:
    """The objective."""

    gan_mode: Literal["vanilla", "lsgan", "relativistic"] = option(
        "lsgan",
        "vanilla (Goodfellow et al. 2014) | lsgan (Mao et al. 2017; Zhu et al. 2017) | "
        "relativistic, for discriminators with both heads (CS424)",
    )
    gradient_penalty: float = option(
        0.0,
        "weight of the gradient penalty of discriminators (Gulrajani et al. 2017; CS424)",
        least=0,
    )
    adaptive: bool = option(
        False, "every term is also divided by its running mean (CS424, a heading; ours)"
    )
    vgg19: str = option(
        "",
        "file with torchvision's weights of vgg19, which the term perceptual needs",
        may_change=True,
    )
    vgg16: str = option(
        "",
        "file with torchvision's weights of vgg16, which the terms of LPIPS need",
        may_change=True,
    )
    weights: Any = section(Weights, "factor of each term, 0 leaves it out")


@dataclass(frozen=True)
class ValidationConfig:
    """What is measured while training, on the images of the sample sheets."""

    vit: str = option(
        "",
        "file of a vision transformer of timm, for the DINO structure distance of what is made; "
        "empty: it is not measured (Ozyegin 2024)",
        may_change=True,
    )
    vit_name: str = option(
        "vit_base_patch8_224.dino", "its name in timm (Tumanyan et al. 2022)", may_change=True
    )


@dataclass(frozen=True)
class CycleConfig:
    """A whole experiment."""

    system: Literal["cyclegan"] = option("cyclegan", "what is trained: two translators")
    data: DataConfig = section(DataConfig, "training images, and how samples are made of them")
    model: CycleGANConfig = section(CycleGANConfig, "the networks; weights carry this section")
    discriminator: CycleDiscriminatorConfig = section(
        CycleDiscriminatorConfig, "judges images of a domain; there is one for each"
    )
    loss: CycleLossConfig = section(CycleLossConfig, "what the networks learn")
    optim: OptimConfig = section(OptimConfig, "optimizers and schedule", pool_size=50)
    validation: ValidationConfig = section(ValidationConfig, "what is measured while training")
    train: TrainConfig = section(TrainConfig, "the run", name="cyclegan")

    def check(self) -> None:
        """Raise ``UserError`` unless the keys go together."""
        check_ranges(self.model, "model.")
        generator = self.model.generator
        if generator.kind == "unet" and generator.upsampling == "nearest":
            raise UserError(
                "model.generator.upsampling=nearest is not for a U-Net: "
                "use model.generator.upsampling=deconv"
            )
        if generator.kind == "unet":
            plain = CycleGeneratorConfig()
            for key in ("attention", "gates", "codes"):
                if getattr(generator, key) != getattr(plain, key):
                    raise UserError(
                        f"model.generator.{key} is not for a U-Net: "
                        f"set it to {str(getattr(plain, key)).lower()}"
                    )
        if (self.loss.gan_mode == "relativistic") != (self.discriminator.heads == "both"):
            raise UserError(
                f"loss.gan_mode={self.loss.gan_mode} does not go with "
                f"discriminator.heads={self.discriminator.heads}: "
                "relativistic needs both, and both need relativistic"
            )
        self.train.check()


class CycleGANSystem(System):
    """Both translators, both judges, and two unpaired sets of images.

    Args:
        config: a configuration that :meth:`check` lets pass.

    Raises:
        UserError: an image folder or the device is missing.
    """

    shown: ClassVar[tuple[str, ...]] = ("loss/G/cycle", "loss/D_a/fake", "loss/D_b/fake")

    def __init__(self, config: Any) -> None:
        self.config = config
        self.objective = Objective(
            TERMS, asdict(config.loss.weights), adaptive=config.loss.adaptive
        )
        if config.model.edges != "none":
            optional_module("cv2")  # now, not in the first step
        # the data before the networks: a wrong path must fail in a second
        self.data: UnpairedData = self._data(config.data)
        held_out = config.data.val_cartoons or config.data.val_sprites
        self._shown = self._data(_validation(config.data)) if held_out else self.data
        device = resolve_device(config.train.device)
        self.pretrained = {
            name: load(getattr(config.loss, name)).to(device)
            for name, load in LOADERS.items()
            if any(NEEDS.get(term) == name for term in self.objective.terms)
        }
        validation = config.validation
        self.vit = (
            load_feature_network(validation.vit, validation.vit_name) if validation.vit else None
        )
        torch.manual_seed(config.train.seed)
        self.generators: CycleGAN = self._translators()
        self.discriminators = nn.ModuleDict(dict(zip(DOMAINS, self._judges(device), strict=True)))
        self.move_to(device)

    @classmethod
    def check(cls, config: Any) -> None:
        """See :class:`~pixelization.training.systems.base.System`."""
        data, generator, weights = config.data, config.model.generator, asdict(config.loss.weights)
        check_data(data, config.train.batch_size)
        check_loss(config.loss)
        if weights["codes"] and not generator.codes:
            raise UserError(
                f"loss.weights.codes={weights['codes']} needs a vector quantisation: "
                "set model.generator.codes, or the weight to 0"
            )
        unet = generator.kind == "unet"
        stride = 2**generator.num_downs if unet else CELL
        if data.crop % stride:
            of = f" with model.generator.num_downs={generator.num_downs}" if unet else ""
            raise UserError(
                f"data.crop={data.crop} must be a multiple of {stride} "
                f"for model.generator.kind={generator.kind}{of}"
            )
        judged = any(weights[term.name] for term in TERMS if isinstance(term, Adversarial))
        if judged:
            check_judge(config.discriminator, data.crop, "discriminator", "data.crop")

    def step(self, batch: Batch, randomness: Randomness) -> CycleStep:
        """See :class:`~pixelization.training.systems.base.System`."""
        seed_dropout(randomness)
        a, b = self._domains(batch)
        loss = self.config.loss
        shares = torch.tensor([rng.random() for rng in randomness.per_slot()], device=self.device)
        return CycleStep(
            self.generators,
            dict(self.discriminators.items()),
            AdversarialLoss(
                loss.gan_mode, penalty=loss.gradient_penalty, shares=shares.to(a.dtype)
            ),
            pretrained=self.pretrained,
            a=a,
            b=b,
        )

    @torch.no_grad()
    def sheets(self, generators: nn.Module) -> dict[str, Image.Image]:
        """Cartoon | pixel art | voted | back; pixel art | cartoon | back."""
        networks = _cyclegan(generators)
        cartoons, sprites = [], []
        for batch in self._shown.batches(batch_size=1, start_step=0, steps=SHEET_ROWS):
            a, b = self._domains(batch)
            fake_b, fake_a = networks.pixelize(a), networks.depixelize(b)
            size, made = size_of(a), to_array(fake_b)
            voted = paint_cells(majority_vote(made, grid_size(size, networks.scales[0])), size)
            cartoons.append([to_array(a), made, voted, to_array(networks.depixelize(fake_b))])
            back = networks.pixelize(fake_a)
            sprites.append([to_array(each) for each in (b, fake_a, back)])
        return {"cartoons": sheet(cartoons), "sprites": sheet(sprites)}

    @torch.no_grad()
    def scores(self, generators: nn.Module) -> dict[str, float]:
        """Structure distances in both directions, with a vision transformer."""
        if self.vit is None:
            return {}
        networks = _cyclegan(generators)
        distances: dict[str, list[float]] = {"a2b": [], "b2a": []}
        for batch in self._shown.batches(batch_size=1, start_step=0, steps=SHEET_ROWS):
            a, b = self._domains(batch)
            for name, image, made in (
                ("a2b", a, networks.pixelize(a)),
                ("b2a", b, networks.depixelize(b)),
            ):
                distances[name].append(
                    structure_distance(to_array(image), to_array(made), self.vit)
                )
        return {f"validation/dino_{name}": fmean(each) for name, each in distances.items()}

    def _translators(self) -> CycleGAN:
        return build_cyclegan(self.config.model)

    def _judges(self, device: torch.device) -> list[nn.Module]:
        """Of both domains."""
        return [build_discriminator(self.config.discriminator) for _ in DOMAINS]

    def _data(self, config: DataConfig) -> UnpairedData:
        return UnpairedData(config, scales=CycleGAN.scales, seed=self.config.train.seed)

    def _domains(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Cartoons and pixel art of one size on the device, in [-1, 1]."""
        cartoons = batch.cartoon
        if self.generators.edges != "none":
            arrays = cartoons.permute(0, 2, 3, 1).numpy()
            edges = torch.from_numpy(edge_maps(arrays, self.generators.edges))
            cartoons = edges.permute(0, 3, 1, 2)
        a = normalize(cartoons.to(self.device))
        pixel_art = batch.picture if batch.grids is None else batch.grids[0]
        assert pixel_art is not None, "a batch has grids or pictures"
        return a, upsample_nearest(normalize(pixel_art.to(self.device)), size_of(a))


def check_loss(loss: CycleLossConfig) -> None:
    """Raise ``UserError`` unless there are terms, and the files that they need are named."""
    weights = asdict(loss.weights)
    check_weights(weights)
    for term, name in NEEDS.items():
        if weights[term] and not getattr(loss, name):
            raise UserError(
                f"loss.weights.{term}={weights[term]} needs a file with torchvision's weights "
                f"of {name}: set loss.{name}"
            )


def _validation(data: DataConfig) -> DataConfig:
    """The folders of the sample sheets in place of those of the training."""
    if data.val_cartoons:
        data = replace(data, cartoons=data.val_cartoons, masks="")
    if data.val_sprites:
        data = replace(data, sprites=data.val_sprites, pictures="")
    return replace(data, workers=0)


def _cyclegan(generators: nn.Module) -> CycleGAN:
    assert isinstance(generators, CycleGAN), "generators like this system's"
    return generators
