"""Structure distance, by a tiny random vision transformer."""

import numpy as np
import pytest
import torch

from pixelization.errors import UserError
from pixelization.networks.structure import structure_distance
from pixelization.networks.torchvision_import import import_torchvision

import_torchvision()
import timm  # noqa: E402


@pytest.fixture(scope="module")
def vit():
    torch.manual_seed(0)
    return timm.create_model("test_vit").eval().requires_grad_(False)


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(0).integers(0, 256, (10, 10, 3)).astype(np.uint8)


def test_structure_distance_is_that_of_the_keys_of_the_last_block(vit, picture):
    other = picture[::-1].copy()
    matrices = []
    for image in (picture, other):
        pixels = (
            torch.from_numpy(image.repeat(16, axis=0).repeat(16, axis=1)).permute(2, 0, 1)[None]
            / 127.5
            - 1
        )
        with torch.no_grad():
            tokens = vit._pos_embed(vit.patch_embed(pixels))
            for block in vit.blocks[:-1]:
                tokens = block(tokens)
            last = vit.blocks[-1]
            keys = (last.norm1(tokens) @ last.attn.qkv.weight.T + last.attn.qkv.bias)[
                0, :, 64:128
            ].numpy()
        keys /= np.linalg.norm(keys, axis=1, keepdims=True)
        matrices.append(keys @ keys.T)
    assert matrices[0].shape == (101, 101)
    expected = ((matrices[0] - matrices[1]) ** 2).mean()
    assert expected > 1e-6
    assert structure_distance(picture, other, vit) == pytest.approx(expected, rel=1e-3)


def test_structure_distance_ranks(vit, picture):
    assert structure_distance(picture, picture, vit) == 0
    enlarged = picture.repeat(4, axis=0).repeat(4, axis=1)
    assert structure_distance(enlarged, picture, vit) == 0  # pixel art at 4x and at 1x
    scrambled = np.random.default_rng(1).permutation(picture.reshape(-1, 3)).reshape(picture.shape)
    slightly = np.clip(picture.astype(int) + 5, 0, 255).astype(np.uint8)
    assert (
        structure_distance(picture, scrambled, vit)
        > 5 * structure_distance(picture, slightly, vit)
        > 0
    )
    assert not vit.blocks[-1].attn.qkv._forward_hooks


def test_structure_distance_needs_a_vision_transformer(picture):
    with pytest.raises(UserError, match="vision transformer"):
        structure_distance(picture, picture, torch.nn.Identity())
