"""Every configuration builds and takes a step, and its weights pixelize; of each system and
family of networks, some resume bit for bit.
"""

from copy import deepcopy
from pathlib import Path

import pytest
import torch
from PIL import Image

from pixelization.apps.cli.pixelize import main as pixelize
from pixelization.networks.turbo import FOLDER
from pixelization.training.config import load_config
from tests.make import drawing
from tests.networks.turbo import skip_without_turbo, tiny_clip, tiny_turbo
from tests.training.make import trained

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
COMMON = [
    "data.drawings=2",
    "data.cartoons=",
    "data.sprites=",
    "data.workers=0",
    "optim.constant=3",
    "optim.decay=0",
    "train.batch_size=2",
    "train.device=cpu",
    "train.init=",
]
RESUMED = {
    *("artists", "artists_no_pairs", "base", "cascade_paper", "cs424_sprites", "cyclegan"),
    *("cyclegan_palette", "cyclegan_unet_perceptual", "depixelnet", "smoke", "turbo"),
}
NETWORKS = ("gridnet", "pixelnet", "depixelnet")
TINY = {
    "cascade": [
        "data.crop=32",
        "optim.unit=steps",
        *(
            f"model.{name}.{key}"
            for name in NETWORKS
            for key in ("base_channels=4", "num_blocks=1")
        ),
        *(f"model.d_{name}.base_channels=4" for name in ("grid", "pixel", "depixel")),
        "model.d_grid.kernel_size=3",
        "model.d_grid.strides=[1, 2]",
        *(f"model.d_{name}.strides=[2, 1]" for name in ("pixel", "depixel")),
    ],
    "cyclegan": [
        "data.crop=32",
        "data.pictures=",
        "optim.unit=steps",
        "model.generator.base_channels=4",
        "model.generator.num_blocks=2",
        "model.generator.num_downs=5",
        "discriminator.base_channels=4",
        "discriminator.strides=[2, 2]",
    ],
    "turbo": [
        "data.crop=32",
        "model.rank_unet=2",
        "model.rank_vae=2",
        "optim.warmup=2",
    ],
    "artists": [
        "data.teacher=",
        "data.halved=[]",
        "data.sizes=[16, 8]",
        "data.chances=[1, 1]",
        "data.cells=12",
        "data.ramp=8",
        "model.gridnet.widths=[4, 4]",
        "model.gridnet.channels=8",
        "model.pixelnet.channels=8",
        "model.depixelnet.channels=8",
        "d_near.base_channels=4",
        "d_far.base_channels=4",
    ],
}


class Distance(torch.nn.Module):
    """In place of LPIPS."""

    def forward(self, image, other):
        return ((image - other) ** 2).mean((1, 2, 3), keepdim=True)


@pytest.fixture
def vgg(monkeypatch):
    """In place of networks of torchvision, which take half a gigabyte."""
    network = torch.nn.Sequential(*[torch.nn.Conv2d(3, 3, 1) for _ in range(37)])
    loaders = {
        "vgg19": lambda path: network.requires_grad_(False),
        "vgg16": lambda path: Distance(),
    }
    monkeypatch.setattr("pixelization.training.systems.cyclegan.LOADERS", loaders)


HALF = {"a2b_adversarial": 0.5, "b2a_adversarial": 0.5}
WHOLE = {"a2b_adversarial": 1, "b2a_adversarial": 1}
TURBO = HALF | {"cycle": 2, "identity": 2, "lpips_cycle": 20, "lpips_identity": 2}
# Weights that the documents print (docs/systems.md); terms that are not here are left out.
WEIGHTS = {
    "cascade_authors": {
        **dict.fromkeys(("grid_adversarial", "pixel_adversarial", "depixel_adversarial"), 1),
        **{"grid_l1": 100, "grid_gradient": 0.5, "pixel_l1": 5, "pixel_gradient": 0.5},
        **{"depixel_mirror_features": 100, "depixel_mirror_output": 100, "depixel_l1": 10},
    },
    "cyclegan": HALF | {"cycle": 10, "identity": 5},
    "cyclegan_identity": HALF | {"cycle": 10, "identity": 10},
    "cyclegan_unet_perceptual": HALF | {"cycle": 10, "identity": 10, "perceptual": 0.2},
    "cyclegan_palette": HALF | {"cycle": 10, "identity": 10, "palette": 1},
    "cs424_faces": WHOLE | {"cycle": 20, "identity": 10, "features": 10},
    "turbo": TURBO,
    "turbo_palette": TURBO | {"palette": 1},
}


@pytest.mark.parametrize("name, weights", WEIGHTS.items(), ids=WEIGHTS)
def test_weights_are_those_of_the_documents(name, weights):
    config = load_config(CONFIGS[0].with_name(f"{name}.yaml"))
    assert {term: value for term, value in vars(config.loss.weights).items() if value} == weights


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_it_takes_a_step_resumes_bit_for_bit_and_pixelizes(path, vgg, tmp_path, monkeypatch):
    config = load_config(path)
    system, tiny = config.system, [*COMMON, *TINY[config.system]]
    if getattr(config.model, "edges", "none") != "none":
        pytest.importorskip("cv2")
    if system == "turbo":
        skip_without_turbo()
        monkeypatch.setenv(FOLDER, str(tiny_turbo(tmp_path)))
        tiny.append(f"discriminator.clip={tiny_clip(tmp_path / 'clip')}")
    whole, _ = trained(path, 1, overrides=tiny)
    if path.stem in RESUMED:
        half = deepcopy(whole.state_dict()) | {"step": whole.step}
        (batch,) = whole.system.data.batches(batch_size=2, start_step=1, steps=1)
        losses = whole.train_step(batch)
        rest, again = trained(path, 1, half, tiny)
        assert again == [losses]
        for name, value in whole.ema.state_dict().items():
            assert torch.equal(value, rest.ema.state_dict()[name]), name
    weights = tmp_path / "weights.safetensors"
    whole.system.save(weights, whole.ema.module, step=2, origin=None)
    drawing(64, 48).save(tmp_path / "drawing.png")
    out = tmp_path / "sprite.png"
    command = [str(tmp_path / "drawing.png"), "-o", str(out), "--weights", str(weights)]
    assert pixelize([*command, "--size", "16", "--device", "cpu"]) == 0
    assert Image.open(out).size == (16, 12)
