"""CycleGAN-Turbo on a tiny random Stable Diffusion: what is trained, what is kept, what is made."""

from copy import deepcopy

import pytest
import torch

from pixelization.errors import UserError
from pixelization.networks.clip_judge import ClipJudge, load_clip, varied
from pixelization.networks.schema import TurboConfig, model_from_dict
from pixelization.networks.turbo import FOLDER, STRIDE, build_turbo
from pixelization.networks.weights import load_weights, save_weights
from tests.networks.make import noise
from tests.networks.turbo import skip_without_turbo, tiny_clip, tiny_turbo

CONFIG = TurboConfig(rank_unet=2, rank_vae=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    skip_without_turbo()
    return tiny_turbo(tmp_path_factory.mktemp("turbo"))


@pytest.fixture
def networks(folder, monkeypatch):
    monkeypatch.setenv(FOLDER, str(folder))
    torch.manual_seed(0)
    return build_turbo(CONFIG)


def saved(networks, path, config=CONFIG):
    record = {"name": "tiny", "step": 1, "data_sha256": "0", "licences": "none"}
    save_weights(path, networks, config=config, **record)
    return path


def test_adapters_skips_texts_and_the_first_convolution_are_the_state(networks):
    rest = {name for name in networks.state_dict() if ".lora_" not in name}
    assert rest == {
        "unet.conv_in.weight",
        "unet.conv_in.bias",
        *(f"{way}.skips.{index}.weight" for way in ("a2b", "b2a") for index in range(4)),
        "a2b.text",
        "b2a.text",
    }
    trained = {name for name, value in networks.named_parameters() if value.requires_grad}
    assert trained == networks.state_dict().keys() - {"a2b.text", "b2a.text"}
    ranks = {
        (name.split(".")[0], value.shape[0])
        for name, value in networks.state_dict().items()
        if ".lora_A." in name
    }
    assert ranks == {("unet", 2), ("a2b", 3), ("b2a", 3)}


def test_skips_have_the_widths_of_encoder_and_decoder(networks):
    widths = [(skip.in_channels, skip.out_channels) for skip in networks.a2b.skips]
    assert widths == [(16, 16), (8, 16), (4, 16), (4, 8)]  # 512, 256, 128, 128 of the real one


def test_one_step_takes_the_noise_away(networks):
    """What the scheduler of diffusers does at the last of its time steps."""
    import diffusers  # noqa: PLC0415 - an optional package

    scheduler = diffusers.DDPMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        timestep_spacing="trailing",
        clip_sample=False,
    )
    scheduler.set_timesteps(1)
    latent, guess = noise(4, 4), noise(4, 4, seed=1)
    wanted = scheduler.step(guess, 999, latent).prev_sample
    assert networks.a2b.last == 999
    assert torch.allclose(networks.a2b.without(guess, latent), wanted, atol=1e-4)


@torch.no_grad()
def test_without_skips_and_adapters_it_is_the_users_autoencoder_around_the_unet(networks):
    vae, unet = networks.a2b.vae, networks.unet
    for skip in networks.a2b.skips:
        skip.weight.zero_()
    networks.eval()
    image = noise(32, 32)
    latent = vae.encode(image).latent_dist.mean * 0.5
    guess = unet(latent, 999, encoder_hidden_states=networks.a2b.text).sample
    wanted = vae.decode(networks.a2b.without(guess, latent) / 0.5).sample.clamp(-1, 1)
    assert torch.allclose(networks.a2b(image), wanted, atol=1e-5)


@torch.no_grad()
def test_any_size_twice_the_same_and_other_each_way(networks):
    networks.eval()
    image = noise(41, 50, batch=2)
    made = networks.pixelize(image)
    assert made.shape == image.shape and made.abs().max() <= 1
    assert torch.equal(made, networks.pixelize(image))
    assert not torch.equal(networks.a2b.text, networks.b2a.text)
    assert STRIDE == 8 and not networks.local


def test_training_draws_latents(networks):
    image = noise(32, 32)
    assert not torch.equal(networks.a2b(image), networks.a2b(image))


def test_a_copy_shares_what_is_frozen_and_only_that(networks):
    copy = deepcopy(networks)
    for (name, ours), theirs in zip(networks.named_parameters(), copy.parameters(), strict=True):
        assert (ours is theirs) == (name in networks.frozen), name
    assert copy.a2b._unet[0] is copy.unet is not networks.unet
    assert copy.b2a._unet[0] is copy.unet


def test_weights_hold_what_is_trained_and_need_no_text_encoder(networks, folder, tmp_path):
    with torch.no_grad():
        for value in networks.parameters():
            if value.requires_grad:
                value.add_(0.01)
    path = saved(networks, tmp_path / "turbo.safetensors")
    texts = folder / "text_encoder"
    texts.rename(folder / "elsewhere")
    try:
        loaded, _ = load_weights(path)
    finally:
        (folder / "elsewhere").rename(texts)
    image = noise(32, 32)
    with torch.no_grad():
        assert torch.equal(loaded.eval().pixelize(image), networks.eval().pixelize(image))


def test_what_does_not_fit_is_said(networks, folder, tmp_path, monkeypatch):
    path = saved(networks, tmp_path / "turbo.safetensors", TurboConfig(rank_unet=3, rank_vae=3))
    with pytest.raises(UserError, match="do not fit its configuration"):
        load_weights(path)
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(UserError, match="unet: cannot be used as UNet2DConditionModel"):
        build_turbo(CONFIG)


@pytest.mark.parametrize("value", ["", "nowhere/at/all"])
def test_without_a_folder_it_says_what_to_bring(value, monkeypatch):
    monkeypatch.setenv(FOLDER, value)
    with pytest.raises(UserError, match=f"set {FOLDER} to its folder"):
        build_turbo(CONFIG)


def test_pickles_are_not_read(networks, folder, tmp_path, monkeypatch):
    import diffusers  # noqa: PLC0415 - an optional package

    part = tmp_path / "unet"
    part.mkdir()
    (part / "config.json").write_bytes((folder / "unet/config.json").read_bytes())
    unet = diffusers.UNet2DConditionModel.from_pretrained(str(folder / "unet"))
    torch.save(unet.state_dict(), part / "diffusion_pytorch_model.bin")
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(UserError, match="unet: cannot be used"):
        build_turbo(CONFIG)


def test_the_family_is_told_by_its_first_key():
    assert model_from_dict({"networks": "turbo", "rank_vae": 7}) == TurboConfig(rank_vae=7)
    with pytest.raises(UserError, match="rank_vae"):
        model_from_dict({"networks": "turbo", "rank_vae": 0})


def test_a_judge_sees_patches_and_the_whole_and_keeps_clip_as_it_is(tmp_path):
    skip_without_turbo()
    clip = load_clip(tiny_clip(tmp_path))
    judge = ClipJudge(clip)
    near, far, whole = judge(noise(40, 32, batch=2))
    assert near.shape == far.shape == (2, 1, 4, 4)  # of 7 x 7 places, as of CLIP's 224 pixels
    assert whole.shape == (2, 1)
    image = noise(32, 32).requires_grad_()
    torch.stack([each.mean() for each in judge(image)]).sum().backward()
    assert image.grad.abs().sum() > 0
    assert all(value.grad is None for value in clip.parameters())
    assert not any("clip" in name for name, _ in judge.named_parameters())


def test_varied_images_keep_their_shape_and_repeat_with_the_seed():
    image = noise(20, 30, batch=3)
    torch.manual_seed(1)
    once = varied(image)
    torch.manual_seed(1)
    assert torch.equal(once, varied(image)) and once.shape == image.shape
    assert not torch.equal(once, varied(image))
    black = (once == 0).all(1).flatten(1).float().mean(1)  # the hole, a quarter where it is whole
    assert ((black > 0.05) & (black < 0.55)).all()
