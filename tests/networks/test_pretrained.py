"""Networks of other packages from local files, with tiny random ones in their place."""

import builtins

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pixelization.errors import UserError
from pixelization.evaluation.metrics.features import Features, image_features, inception_score
from pixelization.networks.pretrained import (
    load_feature_network,
    load_lpips,
    load_tf_inception,
    load_vgg19,
)
from pixelization.networks.torchvision_import import import_torchvision

import_torchvision()
import timm  # noqa: E402
import torchvision  # noqa: E402


@pytest.fixture(scope="module")
def vit_file(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("networks") / "vit.pth"
    torch.save(timm.create_model("test_vit").state_dict(), path)
    return path


@pytest.fixture(scope="module")
def vit(vit_file):
    return load_feature_network(vit_file, "test_vit")


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(0).integers(0, 256, (10, 10, 3)).astype(np.uint8)


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


def test_too_little_memory_is_no_damage_of_a_file(vit_file, monkeypatch):
    def fail(*_, **__):
        raise MemoryError

    monkeypatch.setattr(torch, "load", fail)
    with pytest.raises(MemoryError):
        load_feature_network(vit_file, "test_vit")


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
    assert "did you mean 'test_vit'" in refused(vit_file, "test_vitt")
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
    flat = Features(torch.zeros(2, 2), torch.zeros(2, 2))
    calls = {"torchmetrics": lambda: inception_score(flat)}
    call = calls.get(missing, lambda: load_feature_network(vit_file, "test_vit"))
    message = rf"needs {missing}: install it with pip install 'pixelization\[features\]'"
    with pytest.raises(UserError, match=message):
        call()


@pytest.fixture
def quick(monkeypatch):
    """Networks without their random beginnings, which take seconds."""
    for name in ("kaiming_normal_", "kaiming_uniform_", "normal_", "uniform_"):
        monkeypatch.setattr(torch.nn.init, name, lambda tensor, *_, **__: tensor)


def zeros_of(name):
    """Tensors of the convolutions of a network of torchvision."""
    with torch.device("meta"):
        network = getattr(torchvision.models, name)(weights=None)
    return {
        key: torch.zeros(value.shape)
        for key, value in network.state_dict().items()
        if key.startswith("features.")
    }


def test_vgg19_of_torchvision(tmp_path, quick):
    tensors = zeros_of("vgg19")
    tensors["features.0.bias"] = torch.ones(64)
    torch.save(tensors, tmp_path / "vgg19.pth")
    layers = load_vgg19(tmp_path / "vgg19.pth")
    assert len(layers) == 37 and not layers.training
    assert [type(layers[index]).__name__ for index in (9, 36)] == ["MaxPool2d"] * 2
    assert (layers[0](torch.zeros(1, 3, 4, 4)) == 1).all()
    with pytest.raises(UserError, match="not the weights of vgg16"):
        load_lpips(tmp_path / "vgg19.pth")


def test_lpips_of_two_flat_images_by_hand(tmp_path, quick):
    """The first layers pass red on in two channels, one of them plus one."""
    tensors = zeros_of("vgg16")
    tensors["features.0.weight"][:2, 0, 1, 1] = 1
    tensors["features.0.bias"][1] = 1
    tensors["features.2.weight"][[0, 1], [0, 1], 1, 1] = 1
    torch.save(tensors, tmp_path / "vgg16.pth")
    network = load_lpips(tmp_path / "vgg16.pth")
    assert not any(parameter.requires_grad for parameter in network.parameters())
    vectors = []
    for value in (0.5, 1.0):
        red = (value + 0.030) / 0.458
        vectors.append(np.array([red, red + 1]) / np.hypot(red, red + 1))
    weights = network.lin0.model[-1].weight[0, :2, 0, 0].numpy()
    expected = (weights * (vectors[0] - vectors[1]) ** 2).sum()
    assert expected > 1e-6
    images = [torch.full((1, 3, 32, 32), value) for value in (0.5, 1.0)]
    assert network(*images).item() == pytest.approx(expected, rel=1e-3)
    with pytest.raises(UserError, match="no such file"):
        load_lpips(tmp_path / "none.pth")


def test_the_inception_of_2015_sees_sprites_enlarged_to_256(tmp_path, quick, picture, monkeypatch):
    fidelity = pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3")
    kind, tensors = fidelity.FeatureExtractorInceptionV3, {}

    def kept(self, state):
        for name, value in self.state_dict().items():
            scale = name.endswith(("running_var", "bn.weight"))
            tensors[name] = torch.ones(value.shape) if scale else torch.randn(value.shape) / 20

    with monkeypatch.context() as patched:
        patched.setattr(kind, "load_state_dict", kept)
        patched.setattr(fidelity.torch, "load", lambda *_, **__: {})
        kind("inception", ["2048"], feature_extractor_weights_path="none")
    torch.save(tensors, tmp_path / "inception.pth")
    network = load_tf_inception(tmp_path / "inception.pth")
    found = image_features([picture], network)
    assert found.pooled.shape == (1, 2048) and found.logits.shape == (1, 1008)
    assert torch.allclose(found.logits, found.pooled @ tensors["fc.weight"].T, rtol=1e-4)
    torch.save({"a": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(UserError, match="not the weights of the Inception of 2015"):
        load_tf_inception(tmp_path / "other.pth")
