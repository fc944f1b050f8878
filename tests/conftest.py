"""A tiny cascade with random weights: what the tests of weights, inference and tools work with."""

import pytest
import torch

from pixelization.networks.build import build_cascade
from pixelization.networks.schema import GeneratorConfig, ModelConfig, TranslatorConfig
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
