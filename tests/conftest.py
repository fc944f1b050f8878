"""Tiny networks with random weights: what the tests of weights, inference and tools work with."""

import pytest
import torch

from pixelization.networks.build import build_cascade, build_pointing
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


@pytest.fixture(autouse=True)
def same_threads():
    """With ``--jobs`` the tools change how many threads the process has, and with that the last
    bits of every sum.
    """
    threads = torch.get_num_threads()
    yield
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def tiny_config():
    generator = {"base_channels": 4, "num_blocks": 1, "norm": "instance_affine"}
    return ModelConfig(
        gridnet=GeneratorConfig(head="sample", **generator),
        pixelnet=TranslatorConfig(head="select", upsampling="nearest", **generator),
        depixelnet=TranslatorConfig(head="residual", upsampling="nearest", **generator),
    )


@pytest.fixture(scope="session")
def tiny_cascade(tiny_config):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build_cascade(tiny_config).eval()


@pytest.fixture(scope="session")
def tiny_weights(tiny_config, tiny_cascade, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_weights(
        path,
        tiny_cascade,
        config=tiny_config,
        name="tiny",
        step=7,
        data_sha256="ab" * 32,
        licences="CC0-1.0",
    )
    return path


@pytest.fixture(scope="session")
def pointing_config():
    return PointingConfig(
        gridnet=CellNetConfig(widths=(4, 4), channels=8, dilations=(1, 2), hidden=4),
        pixelnet=RefineNetConfig(channels=8, dilations=(1,), hidden=4),
        depixelnet=DrawNetConfig(channels=8, dilations=(1, 2)),
    )


@pytest.fixture(scope="session")
def pointing_networks(pointing_config):
    """Tiny networks that point, with random weights everywhere."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        networks = build_pointing(pointing_config).eval()
        for parameter in networks.parameters():
            torch.nn.init.normal_(parameter, std=0.3)  # some start at zero
        return networks


@pytest.fixture(scope="session")
def pointing_weights(pointing_config, pointing_networks, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "pointing.safetensors"
    save_weights(
        path,
        pointing_networks,
        config=pointing_config,
        name="pointing",
        step=3,
        data_sha256="cd" * 32,
        licences="CC0-1.0",
    )
    return path
