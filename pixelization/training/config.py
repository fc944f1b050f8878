"""The configuration of a training: which systems there are, and how a file chooses one.

Every system has keys of its own. ``configs/base.yaml`` explains those of the cascade.
"""

import os
import reprlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pixelization.config import Layers, check_named_folder, filled, read_all
from pixelization.errors import UserError
from pixelization.limits import PARAMETERS
from pixelization.networks.schema import rough_parameters
from pixelization.training.systems.artists import ArtistsConfig, ArtistsSystem
from pixelization.training.systems.base import System, TrainingConfig
from pixelization.training.systems.cascade import CascadeConfig, CascadeSystem
from pixelization.training.systems.cyclegan import CycleConfig, CycleGANSystem
from pixelization.training.systems.turbo import TurboSystem, TurboTrainingConfig

# Configuration and system by the value of the key ``system``.
SYSTEMS: dict[str, tuple[type[TrainingConfig], type[System]]] = {
    "cascade": (CascadeConfig, CascadeSystem),
    "artists": (ArtistsConfig, ArtistsSystem),
    "cyclegan": (CycleConfig, CycleGANSystem),
    "turbo": (TurboTrainingConfig, TurboSystem),
}
DEFAULT_SYSTEM = "cascade"
IMAGES = ("cartoons", "sprites", "pictures", "teacher")  # what data.licences is about
# Keys of the data of some systems; a missing data.teacher is told by which commands it is made.
FOLDERS = ("cartoons", "sprites", "pictures", "masks", "val_cartoons", "val_sprites")


def load_config(path: str | Path, overrides: Iterable[str] = ()) -> Any:
    """Read a configuration from a YAML file.

    Folders in it are relative to the current directory.

    Args:
        path, overrides: see :func:`~pixelization.config.load_dataclass`.

    Returns:
        The configuration of the system that the key ``system`` names.

    Raises:
        UserError: a file is missing or no YAML mapping; a key is unknown; a value is of the wrong
            type, out of range or at odds with another.
    """
    overrides = list(overrides)
    layers = read_all(path, overrides)
    kind, _ = SYSTEMS[_system_of(layers)]
    files = len(layers) - len(overrides)
    given = [[file] for file in layers[:files]] + [layers[files:]]
    config = filled(kind(), _without_licences_of_others(given))
    config.check()
    return config


def _system_of(layers: Layers) -> str:
    """The system that layers name: each that names one the same, since each has its own keys."""
    name, first = DEFAULT_SYSTEM, ""
    for source, values in layers:
        if "system" not in values:
            continue
        found = values["system"]
        if not isinstance(found, str) or found not in SYSTEMS:
            raise UserError(
                f"{source}: system: expected one of {', '.join(SYSTEMS)}, got {reprlib.repr(found)}"
            )
        if first and found != name:
            raise UserError(
                f"{source}: {first} is of the system {name}, whose keys are others: "
                f"start from a configuration of the system {found}"
            )
        name, first = found, first or source
    return name


def _without_licences_of_others(given: list[Layers]) -> Layers:
    """All layers, and one more wherever others name other images and do not say their licences.

    Args:
        given: the layers of each file, then those of the command line together.
    """
    layers: Layers = []
    images: dict[str, Any] = {}
    for each in given:
        data: dict[str, Any] = {}
        for _, values in each:
            section = values.get("data")
            data |= section if isinstance(section, dict) else {}
        # nothing in place of images needs no licence, and a folder may be spelled with a slash more
        named = {key: os.path.normpath(str(data[key])) for key in IMAGES if data.get(key)}
        layers += each
        if images != images | named and "licences" not in data:
            layers.append(("licences", {"data": {"licences": ""}}))
        images |= named
    return layers


def check_for_training(config: TrainingConfig) -> None:
    """Check what only training needs, before anything is built.

    Raises:
        UserError: data or steps are missing, losses, networks and data do not go together, or they
            are too large.
    """
    if not config.optim.constant + config.optim.decay:
        raise UserError("optim.constant and optim.decay are both 0: there is nothing to train")
    PARAMETERS.check(rough_parameters(config), "networks of these widths and depths")
    SYSTEMS[config.system][1].check(config)


def build_system(config: TrainingConfig) -> System:
    """Build data, networks and objective.

    Raises:
        UserError: the data, the device, or a package that a loss needs, is missing.
    """
    data = getattr(config, "data", None)
    for key in FOLDERS:
        if folder := getattr(data, key, ""):
            check_named_folder(f"data.{key}", folder, f"data.{key}=FOLDER")
    build: Any = SYSTEMS[config.system][1]
    return build(config)
