"""Metrics of pretrained networks, with tiny random ones in their place."""

import builtins
import subprocess
import sys
from typing import ClassVar

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from scipy.linalg import sqrtm

from pixelization.errors import UserError
from pixelization.evaluation.metrics.features import (
    Features,
    frechet_distance,
    image_features,
    inception_score,
    kernel_distance,
    load_feature_network,
    structure_distance,
)
from pixelization.evaluation.torchvision_import import import_torchvision

import_torchvision()
import timm  # noqa: E402


@pytest.fixture(scope="module")
def vit_file(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("networks") / "vit.pth"
    torch.save(timm.create_model("test_vit").state_dict(), path)
    return path


@pytest.fixture(scope="module")
def vit(vit_file):
    return load_feature_network(vit_file, "test_vit")


def toy(values):
    values = torch.as_tensor(values, dtype=torch.float32)
    return Features(values, values)


def normal(seed, count=40, size=6, shift=0.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, size)) @ rng.normal(size=(size, size)) + shift


# --- distances of sets


def formula(first, second):
    means = first.mean(axis=0), second.mean(axis=0)
    covariances = np.cov(first.T), np.cov(second.T)
    root = sqrtm(covariances[0] @ covariances[1]).real
    return ((means[0] - means[1]) ** 2).sum() + np.trace(covariances[0] + covariances[1] - 2 * root)


def test_frechet_distance_is_the_formula():
    first, second = normal(0), normal(1, count=50, shift=1)
    assert frechet_distance(toy(first), toy(second)) == pytest.approx(
        formula(first, second), rel=1e-4
    )
    assert frechet_distance(toy(first), toy(first)) == pytest.approx(0, abs=1e-4)
    # a shift of 2 in 6 dimensions
    assert frechet_distance(toy(first), toy(first + 2)) == pytest.approx(4 * 6, rel=1e-4)


def test_frechet_distance_with_fewer_images_than_features():
    # Both sets lie in 6 of 200 dimensions, turned out of the axes: the distance is the one within
    # the 6.
    directions = np.linalg.qr(np.random.default_rng(2).normal(size=(200, 6)))[0].T
    first, second = normal(0), normal(1, shift=1)
    assert frechet_distance(toy(first @ directions), toy(second @ directions)) == pytest.approx(
        formula(first, second), rel=1e-3
    )


def test_kernel_distance_is_the_unbiased_estimate():
    first, second = normal(0, 20) / 3, normal(1, 20) / 3

    def kernel(x, y):
        return (x @ y.T / 6 + 1) ** 3

    def within(x):
        return (kernel(x, x).sum() - np.trace(kernel(x, x))) / (20 * 19)

    expected = within(first) + within(second) - 2 * kernel(first, second).mean()
    assert kernel_distance(toy(first), toy(second)) == pytest.approx(expected, rel=1e-4)
    near = normal(0, 600) / 3
    assert abs(kernel_distance(toy(near[:300]), toy(near[300:]))) < 0.05 * kernel_distance(
        toy(near[:300]), toy(near[300:] + 1)
    )


def test_kernel_distance_of_uneven_sets_repeats_and_leaves_the_generator_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    values = {kernel_distance(toy(normal(0, 12)), toy(normal(1, 30))) for _ in range(2)}
    assert len(values) == 1 and torch.rand(1) == expected


def test_one_image_is_no_set():
    for metric in (frechet_distance, kernel_distance):
        with pytest.raises(ValueError, match="two images"):
            metric(toy(normal(0, 1)), toy(normal(0, 5)))


def test_inception_score():
    sure = 50 * torch.eye(4)
    assert inception_score(toy(sure[[2] * 8])) == pytest.approx(1)  # one name for all
    assert inception_score(toy(torch.zeros(8, 4))) == pytest.approx(1)  # sure of none
    assert inception_score(toy(sure.repeat(3, 1))) == pytest.approx(4)
    assert inception_score(toy(sure[[0, 0, 0, 1]])) == pytest.approx(
        np.exp(-0.75 * np.log(0.75) - 0.25 * np.log(0.25))
    )


# --- images through a network


class Averages(torch.nn.Module):
    """The mean of each channel before normalisation (0.5, 0.5), and twice that as logits."""

    pretrained_cfg: ClassVar = {"input_size": (3, 12, 12), "mean": (0.5,) * 3, "std": (0.5,) * 3}

    def forward_features(self, images):
        self.seen = images / 2 + 0.5
        return self.seen.mean(dim=(2, 3))

    def forward_head(self, features, pre_logits=False):
        return features if pre_logits else 2 * features


def test_sprites_go_in_whole_and_with_hard_pixels():
    network = Averages()
    sprite = np.random.default_rng(0).integers(0, 256, (4, 2, 3)).astype(np.uint8)
    found = image_features([sprite], network)
    assert torch.equal(found.logits, 2 * found.pooled)
    seen = (network.seen[0] * 255).round().permute(1, 2, 0).numpy()
    assert (seen[:, :3] == 255).all() and (seen[:, 9:] == 255).all()
    assert np.array_equal(seen[:, 3:9], sprite.repeat(3, axis=0).repeat(3, axis=1))


def test_large_images_are_reduced_without_aliasing():
    network = Averages()
    checked = np.indices((48, 48)).sum(axis=0) % 2 * 255
    image_features([checked.astype(np.uint8)[..., None].repeat(3, axis=2)], network)
    assert (network.seen - 0.5).abs().max() < 0.1


def test_many_images_keep_their_order():
    images = [np.full((3, 3, 3), value, np.uint8) for value in range(40)]
    pooled = image_features(images, Averages()).pooled
    assert torch.allclose(pooled, torch.arange(40.0)[:, None].expand(40, 3) / 255, atol=1e-5)


# --- structure distance


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
        structure_distance(picture, picture, Averages())


# --- loading


def test_a_network_comes_back_from_either_kind_of_file(vit, vit_file, tmp_path, picture):
    save_file(torch.load(vit_file), tmp_path / "vit.safetensors")
    again = load_feature_network(tmp_path / "vit.safetensors", "test_vit")
    first, second = (image_features([picture], network) for network in (vit, again))
    assert (
        torch.equal(first.logits, second.logits)
        and first.pooled.shape == (1, 64)
        and first.logits.shape == (1, 1000)
    )
    assert not again.training and not any(
        parameter.requires_grad for parameter in again.parameters()
    )


def test_inception_takes_the_file_of_torchvision_with_its_auxiliary_classifier(tmp_path, picture):
    saved = timm.create_model("inception_v3", aux_logits=True).eval()
    assert any(key.startswith("AuxLogits") for key in saved.state_dict())
    save_file(saved.state_dict(), tmp_path / "inception.safetensors")
    network = load_feature_network(tmp_path / "inception.safetensors")
    found = image_features([picture], network)
    assert found.pooled.shape == (1, 2048) and found.logits.shape == (1, 1000)
    assert torch.equal(network.fc(found.pooled), found.logits)


def refused(path, name="test_vit"):
    with pytest.raises(UserError) as caught:
        load_feature_network(path, name)
    message = str(caught.value)
    assert "\n" not in message and len(message) < 400
    return message


def test_files_that_are_no_weights_are_refused(vit_file, tmp_path):
    assert "no such file" in refused(tmp_path / "missing.pth")
    assert "no such file" in refused(tmp_path)
    for suffix in ("pth", "safetensors"):
        for content in (b"", b"hello", vit_file.read_bytes()[:5000]):
            damaged = tmp_path / f"damaged.{suffix}"
            damaged.write_bytes(content)
            assert str(damaged) in refused(damaged) and "damaged" in refused(damaged)
    torch.save([1, 2], tmp_path / "list.pth")
    assert "not a state dict" in refused(tmp_path / "list.pth")


def test_weights_of_another_model_are_refused(vit_file, tmp_path):
    assert "not the weights of test_vit2" in refused(vit_file, "test_vit2")
    tensors = torch.load(vit_file)
    del tensors["pos_embed"]
    torch.save(tensors, tmp_path / "partial.pth")
    assert "pos_embed" in refused(tmp_path / "partial.pth")


def test_code_in_a_file_does_not_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    torch.save({"weights": Evil()}, tmp_path / "evil.pth")
    refused(tmp_path / "evil.pth")
    assert not (tmp_path / "ran").exists()


def test_models_that_timm_does_not_have_are_refused(vit_file):
    assert "did you mean test_vit" in refused(vit_file, "test_vitt")
    assert "no model 'hf-hub:someone/model'" in refused(vit_file, "hf-hub:someone/model")
    assert "nonsense" in refused(vit_file, "test_vit.nonsense")


@pytest.mark.parametrize("missing", ["timm", "torchmetrics", "torchvision"])
def test_a_missing_package_is_named(missing, vit_file, monkeypatch):
    real_import = builtins.__import__

    def without(name, *args, **kwargs):
        if name.split(".")[0] == missing:
            raise ModuleNotFoundError(f"No module named '{missing}'", name=missing)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    calls = {"torchmetrics": lambda: inception_score(toy(torch.zeros(2, 2)))}
    call = calls.get(missing, lambda: load_feature_network(vit_file, "test_vit"))
    message = rf"{missing} is not installed: pip install 'pixelization\[features\]'"
    with pytest.raises(UserError, match=message):
        call()


def test_the_module_needs_none_of_its_packages_to_be_imported():
    code = (
        "import sys, pixelization.evaluation.metrics.features; "
        "print({'timm', 'torchmetrics', 'torchvision'} & set(sys.modules))"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        == "set()\n"
    )
