"""What is compared with what.

The configuration of the command ``evaluate``, strict and typed like that of the training.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from pixelization.config import load_dataclass, option, section
from pixelization.errors import UserError, advice
from pixelization.evaluation.damage import DAMAGES
from pixelization.evaluation.pair_kinds import PAIRS
from pixelization.evaluation.validation import Half

# names that the report gives itself
PHOTOS, SPRITES, REAL, TRUTH = "photos", "sprites", "real sprites", "truth"
NAME = re.compile(r"\w[\w .,+()'-]*")  # of folders, table rows and buttons


@dataclass(frozen=True)
class ImagesConfig:
    """A set of images."""

    name: str = option("", "of the set in the report")
    folder: str = option("", "searched with the folders in it")


@dataclass(frozen=True)
class MethodConfig:
    """A row of the tables: exactly one of ``model``, ``weights``, ``baseline`` and ``detector``."""

    name: str = option("", "of the row")
    model: str = option("", "a model shipped with the package")
    weights: str = option("", "a weights file")
    stage: Literal["pixelnet", "gridnet"] = option(
        "pixelnet", "pixelnet: voted from its image; gridnet: GridNet's own grid"
    )
    keep_colors: bool = option(False, "depixelize: draw the colours of cells back to the sprite's")
    baseline: str = option("", "a key of PIXELIZERS or DEPIXELIZERS in rivals/catalogue.py")
    detector: str = option("", "snap: grid is ours, or a key of DETECTORS in rivals/catalogue.py")
    optional: bool = option(
        False, "without its weights or packages it is listed as left out, not an error"
    )


@dataclass(frozen=True)
class FeaturesConfig:
    """Local files of pretrained networks; what needs an empty one is left out."""

    inception: str = option("", "FID, KID, Inception Score")
    inception_kind: Literal["inception_v3", "tf2015"] = option(
        "inception_v3",
        "of that file: inception_v3 of timm or torchvision | tf2015, TensorFlow's of 2015, as "
        "published numbers use it (the file of torch-fidelity)",
    )
    kid_subset: int = option(
        1000,
        "images of a subset of KID (Binkowski et al. 2018); Ekpete 2023: 45",
        least=2,
        most=10**6,
    )
    splits: int = option(
        1, "of the Inception Score; Salimans et al. 2016 and Ekpete 2023: 10", least=1, most=10**6
    )
    vit: str = option("", "DINO structure distance")
    vit_name: str = option("", "of the ViT in timm, such as vit_small_patch8_224")


@dataclass(frozen=True)
class EvaluationConfig:
    """A comparison."""

    name: str = option("evaluation", "the report is the folder out/name")
    out: str = option("reports", "where that folder is")
    about: str = option("", "a sentence at the head of the report")
    task: Literal["pixelize", "depixelize", "snap", "pairs"] = option(
        "pixelize", "what is compared"
    )
    images: tuple[ImagesConfig, ...] = option((), "sets of images")
    photos: tuple[str, ...] = option(
        (), "of those of scikit-image; reduced to a longest side of 512 (Lanczos)"
    )
    limit: int = option(
        0,
        "images of a folder, the first in order of names; snap: from all over it; 0: all",
        least=0,
        most=10**6,
    )
    sprites: str = option(
        "",
        "pixelize: real ones, of the set metrics; depixelize: enlarged, without a truth; "
        "snap: damaged; pairs: drawn",
    )
    damages: tuple[str, ...] = option(
        (), "snap: kinds, keys of DAMAGES in evaluation/damage.py; empty: all"
    )
    pairs: tuple[str, ...] = option(
        (), "pairs: kinds of drawings, keys of PAIRS in evaluation/pair_kinds.py; empty: all"
    )
    drawings: int = option(96, "pairs: of each kind", least=1, most=10**5)
    half: Half = option(
        "reporting",
        "pairs: of the sprites, by a hash of their names; choose by one, report the other",
    )
    sources: tuple[str, ...] = option(
        (), "pairs: sprites of these only, the start of a file's name up to _; empty: of all"
    )
    against: str = option("", "pairs: wrong cells are compared with this method's; empty: none")
    methods: tuple[MethodConfig, ...] = option((), "rows of the tables")
    widths: tuple[int, ...] = option(
        (64, 48, 32), "pixelize: cells along the width", least=1, most=4096
    )
    scales: tuple[str, ...] = option(
        (), "pixelize: instead of widths, sprite side / image side, such as 1/6"
    )
    colors: int = option(
        0, "pixelize: reduce every sprite to so many by k-means; 0: no", least=0, most=256
    )
    factors: tuple[int, ...] = option((4,), "depixelize: pixels per cell", least=2, most=16)
    reductions: tuple[Literal["area", "nearest"], ...] = option(
        ("area", "nearest"), "depixelize: how sprites are made of images"
    )
    width: int = option(
        64, "depixelize: cells along the width of these sprites", least=1, most=4096
    )
    auc_seeds: int = option(
        3, "trainings of the two-sample test that are averaged; 0: none", least=0, most=100
    )
    show: int = option(
        0, "images of a folder in the report's pictures; 0: all", least=0, most=10**6
    )
    device: Literal["auto", "cpu", "cuda"] = option("auto", "where the networks run")
    features: FeaturesConfig = section(FeaturesConfig, "files of pretrained networks")


def load_evaluation(path: str | Path, overrides: Iterable[str] = ()) -> EvaluationConfig:
    """Read the configuration of a comparison from a YAML file.

    Args:
        path, overrides: as of :func:`pixelization.training.config.load_config`; folders and files
            are relative to the current directory.

    Raises:
        UserError: a file is missing or no YAML mapping; a key is unknown; a value is of the wrong
            type, out of range or at odds with another.
    """
    config = load_dataclass(EvaluationConfig(), path, overrides)
    _check_scales(config.scales)
    _check_names(config)
    for method in config.methods:
        _check_method(method, config.task)
    on_sprites = config.task in ("snap", "pairs")
    if on_sprites and not config.sprites:
        raise UserError("nothing to evaluate: set sprites to a folder")
    if not on_sprites and not (
        config.images or config.photos or (config.task == "depixelize" and config.sprites)
    ):
        raise UserError(
            "nothing to evaluate: set images, as [{name: cartoons, folder: FOLDER}], or photos"
        )
    if bool(config.features.vit) != bool(config.features.vit_name):
        raise UserError("features.vit and features.vit_name go together: set both or neither")
    return config


def file_name(name: str) -> str:
    """The name of a set, size or method as that of a file: no slashes, no spaces."""
    return name.replace("/", "-").replace(", ", "_").replace(" ", "_")


def _check_scales(scales: tuple[str, ...]) -> None:
    for scale in scales:
        try:
            fits = re.fullmatch(r"[\d./]+", scale) and 0 < Fraction(scale) <= Fraction(1, 2)
        except (ValueError, ZeroDivisionError):
            fits = False
        if not fits:
            raise UserError(
                f"scales: '{scale}' is not a fraction of the image side such as 1/6, at most 1/2"
            )


def _check_names(config: EvaluationConfig) -> None:
    sets = (
        [each.name for each in config.images]
        + [PHOTOS] * bool(config.photos)
        + [SPRITES] * bool(config.sprites)
    )
    names = {
        "name": [config.name],
        "images": sets,
        "methods": [each.name for each in config.methods] + [REAL, TRUTH],
    }
    keys = ("widths", "factors", "reductions", "scales", "photos", "damages", "pairs", "sources")
    names |= {key: list(map(str, getattr(config, key))) for key in keys}
    for key, values in names.items():
        for value in values:
            if key in ("name", "images", "methods") and not NAME.fullmatch(value):
                raise UserError(
                    f"{key}: '{value}' is not a name: use letters, digits, spaces and . , + ( ) ' "
                    "- only"
                )
            if [file_name(each).lower() for each in values].count(file_name(value).lower()) > 1:
                raise UserError(
                    f"{key}: '{value}' occurs twice, or differs from another by case or spaces only"
                )
    if not config.methods:
        raise UserError(
            "methods is empty: list some, as [{name: lite, model: lite}, {name: nearest, baseline: "
            "nearest}]"
        )
    _check_known("damages", config.damages, DAMAGES)
    _check_known("pairs", config.pairs, PAIRS)
    if config.against:
        _check_known("against", [config.against], [each.name for each in config.methods])
    if not config.reductions:
        raise UserError("reductions is empty: give at least one")


def _check_known(key: str, values: Iterable[str], known: Collection[str]) -> None:
    for value in values:
        if value not in known:
            raise UserError(f"{key}: no '{value}'; {advice(value, known)}")


def _check_method(method: MethodConfig, task: str) -> None:
    if task == "snap":
        if not method.detector or method.model or method.weights or method.baseline:
            raise UserError(
                f"method '{method.name}' needs a detector and nothing else, as the task is snap"
            )
    elif method.detector or sum(map(bool, (method.model, method.weights, method.baseline))) != 1:
        raise UserError(
            f"method '{method.name}' needs exactly one of model, weights and baseline; detector is "
            "for task snap"
        )
    if method.keep_colors and (method.baseline or task != "depixelize"):
        raise UserError(f"method '{method.name}': keep_colors=true is for networks that depixelize")
    if method.stage == "gridnet" and (method.baseline or task == "depixelize"):
        raise UserError(f"method '{method.name}': stage=gridnet is for networks that pixelize")
