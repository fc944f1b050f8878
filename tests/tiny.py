"""Builders of tiny networks with random weights, in torch. The fixtures stand in conftest.py."""

from pathlib import Path

import torch

from pixelization.networks.build import build_cascade, build_pointing
from pixelization.networks.cascade import Cascade
from pixelization.networks.pointing import PointingCascade
from pixelization.networks.schema import (
    CellNetConfig,
    DrawNetConfig,
    GeneratorConfig,
    ModelConfig,
    PointingConfig,
    RefineNetConfig,
    TranslatorConfig,
)
from pixelization.networks.weights import save_weights


def cascade_config() -> ModelConfig:
    generator = {"base_channels": 4, "num_blocks": 1, "norm": "instance_affine"}
    return ModelConfig(
        gridnet=GeneratorConfig(head="sample", **generator),
        pixelnet=TranslatorConfig(head="select", upsampling="nearest", **generator),
        depixelnet=TranslatorConfig(head="residual", upsampling="nearest", **generator),
    )


def cascade(config: ModelConfig) -> Cascade:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build_cascade(config).eval()


def pointing_config() -> PointingConfig:
    return PointingConfig(
        gridnet=CellNetConfig(widths=(4, 4), channels=8, dilations=(1, 2), hidden=4),
        pixelnet=RefineNetConfig(channels=8, dilations=(1,), hidden=4),
        depixelnet=DrawNetConfig(channels=8, dilations=(1, 2)),
    )


def pointing(config: PointingConfig) -> PointingCascade:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        networks = build_pointing(config).eval()
        for parameter in networks.parameters():
            # some start at zero; scores of larger ones fall below that of what does not exist
            torch.nn.init.normal_(parameter, std=0.2)
        for stage in (networks.gridnet, networks.pixelnet):
            # else most hidden values are 0, and scores are equal
            stage.head.color.bias.data += 3
        return networks


def saved(networks, config, path: Path, *, step: int) -> Path:
    """A weights file whose model has the file's name."""
    save_weights(
        path,
        networks,
        config=config,
        name=path.stem,
        step=step,
        data_sha256="ab" * 32,
        licences="CC0-1.0",
    )
    return path
