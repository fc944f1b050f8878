"""The system of CycleGAN-Turbo: what goes together; that it trains is in test_experiments.py."""

from pathlib import Path

import pytest

from pixelization.errors import UserError
from pixelization.networks.turbo import FOLDER
from pixelization.training.config import build_system, check_for_training, load_config
from tests.networks.turbo import skip_without_turbo, tiny_clip, tiny_turbo

CONFIG = Path(__file__).parents[2] / "configs/turbo.yaml"


@pytest.mark.parametrize(
    "override, message",
    [
        ("loss.gan_mode=relativistic", "need loss.gan_mode=vanilla or lsgan"),
        ("loss.gradient_penalty=1", "need loss.gan_mode=vanilla or lsgan"),
        ("loss.weights.features=1", "loss.weights.features is not for system=turbo"),
        ("loss.weights.codes=1", "loss.weights.codes is not for system=turbo"),
        ("model.rank_unet=0", "model.rank_unet"),
    ],
)
def test_keys_that_do_not_go_together(override, message):
    with pytest.raises(UserError, match=message):
        load_config(CONFIG, [override])


@pytest.mark.parametrize(
    "override, message",
    [
        ("discriminator.clip=", "discriminator.clip is not set"),
        ("data.crop=100", "data.crop=100 must be a multiple of 8"),
        ("loss.vgg16=", "needs a file with torchvision's weights of vgg16"),
        ("data.cartoons=", "data.cartoons is not set"),
        ("model.rank_unet=1000", "PIXELIZATION_MAX_PARAMETERS"),
    ],
)
def test_what_training_lacks(override, message):
    with pytest.raises(UserError, match=message):
        check_for_training(load_config(CONFIG, [override]))


def test_players_share_the_unet_and_the_judges_clip(tmp_path, monkeypatch):
    skip_without_turbo()
    monkeypatch.setenv(FOLDER, str(tiny_turbo(tmp_path)))
    small = ["data.cartoons=", "data.sprites=", "data.drawings=2", "model.rank_unet=2"]
    weights = ["loss.weights.lpips_cycle=0", "loss.weights.lpips_identity=0"]
    clip = f"discriminator.clip={tiny_clip(tmp_path / 'clip')}"
    system = build_system(load_config(CONFIG, [*small, *weights, clip]))
    assert [name for name, _ in system.generators.named_children()] == ["a2b", "b2a", "unet"]
    first, second = system.discriminators.values()
    assert first._clip[0] is second._clip[0]
