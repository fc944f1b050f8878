"""A CycleGAN on arrays: it pixelizes and depixelizes, and a U-Net is never run in tiles."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from pixelization.backends.base import Backend, SpriteBackend
from pixelization.backends.cyclegan import CycleGANBackend
from pixelization.backends.torch import torch_backend
from pixelization.enlargers import networks as enlarger
from pixelization.networks.build import build_cyclegan
from pixelization.networks.schema import CycleGANConfig, CycleGeneratorConfig
from pixelization.reducers import networks as reducer
from tests.make import drawing

QUARTER = Fraction(1, 4)


def backend(kind) -> Backend:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    generator = CycleGeneratorConfig(kind, base_channels=4, num_blocks=1, num_downs=5)
    return torch_backend(build_cyclegan(CycleGANConfig(generator=generator)), "cpu")


@pytest.mark.parametrize("kind", ["resnet", "unet"])
def test_a_sprite_is_the_vote_of_the_full_size_image(kind):
    result = reducer.reduce_by_networks(backend(kind), drawing(68, 52), size=(17, 13))
    assert result.sprite.size == result.grid.size == (17, 13) and result.scale == QUARTER
    assert result.network_output.size == (68, 52)
    made = np.asarray(result.network_output)
    assert (np.asarray(result.grid) == made[2::4, 2::4]).all()


def test_each_family_has_its_backend():
    made = backend("resnet")
    assert isinstance(made, CycleGANBackend) and not isinstance(made, SpriteBackend)
    with pytest.raises(ValueError, match="no scale 1/8"):
        made.pixelize(np.zeros((1, 32, 32, 3), np.uint8), Fraction(1, 8))


@pytest.mark.parametrize("kind, calls", [("resnet", 4), ("unet", 1)])
def test_only_what_sees_its_surroundings_goes_in_tiles(kind, calls, monkeypatch):
    for module in (reducer, enlarger):
        monkeypatch.setattr(module, "TILE", 48)
        monkeypatch.setattr(module, "HALO", 16)
    made, seen = backend(kind), []
    for network in (made.networks.a2b, made.networks.b2a):
        network.register_forward_hook(lambda *call: seen.append(call[2].shape))
    reducer.reduce_by_networks(made, drawing(96, 96), cell_size=4)
    assert len(seen) == calls
    cells = np.asarray(drawing(24, 24))
    assert enlarger.network_enlarger(made)(cells, 2.0)[0].shape == (96, 96, 3)
    assert len(seen) == 2 * calls
