"""The system of CycleGAN: it trains, resumes bit for bit, and its weights make sprites."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pixelization import Pixelizer
from pixelization.apps.cli.pixelize import main as pixelize
from pixelization.backends.cyclegan import CycleGANBackend
from pixelization.errors import UserError
from pixelization.networks.tensors import to_array
from pixelization.networks.torchvision_import import import_torchvision
from pixelization.networks.weights import load_weights
from pixelization.training.config import build_system, check_for_training, load_config
from pixelization.training.losses.objective import table
from pixelization.training.run import build_trainer, run_training
from pixelization.training.systems.cyclegan_terms import TERMS
from tests.make import drawing
from tests.networks.test_published import ResNet
from tests.training.make import trained as short_run

ROOT = Path(__file__).parents[2]
SMOKE = ROOT / "configs/cyclegan_smoke.yaml"
DROPOUT = ["model.generator.dropout=0.5"]


trained = partial(short_run, SMOKE)


def first_step(*overrides):
    system = build_system(load_config(SMOKE, overrides))
    (batch,) = system.data.batches(batch_size=2, start_step=0, steps=1)
    trainer = build_trainer(load_config(SMOKE, overrides), system)
    randomness = type("R", (), {"per_slot": lambda self: [np.random.default_rng(0)]})()
    return trainer, system.step(batch, randomness)


def test_every_player_moves_and_it_resumes_bit_for_bit_with_dropout():
    whole, losses = trained(3, overrides=DROPOUT)
    assert set(whole.players) == {"G_a2b", "G_b2a", "D_a", "D_b"}
    fresh = build_system(load_config(SMOKE, DROPOUT))
    for before, after in (
        (fresh.generators, whole.system.generators),
        (fresh.discriminators, whole.system.discriminators),
    ):
        for (name, first), second in zip(before.named_children(), after.children(), strict=True):
            pairs = zip(first.parameters(), second.parameters(), strict=True)
            assert any(not torch.equal(*pair) for pair in pairs), name
    assert set(losses[0]) == {f"loss/G/{term.name}" for term in TERMS if term.weight} | {
        f"loss/D_{judge}/{verdict}" for judge in "ab" for verdict in ("real", "fake")
    }
    half, first = trained(1, overrides=DROPOUT)
    rest, second = trained(2, half.state_dict() | {"step": half.step}, DROPOUT)
    assert first + second == losses
    for name, value in whole.ema.state_dict().items():
        assert torch.equal(value, rest.ema.state_dict()[name])


def test_values_by_hand():
    """Translators that add 0.5 and take 0.25 away."""
    trainer, step = first_step()
    step.networks.a2b.forward = lambda image: image + 0.5
    step.networks.b2a.forward = lambda image: image - 0.25
    values = trainer.system.objective.compute(step)
    assert values["cycle"].item() == pytest.approx(0.25)
    assert values["identity"].item() == pytest.approx((0.5 + 0.25) / 2)
    judged = step.judges["b"](step.a + 0.5)
    assert values["a2b_adversarial"].item() == pytest.approx(((judged - 1) ** 2).mean().item())
    total = trainer.system.objective.total(values).item()
    adversarial = values["a2b_adversarial"].item() + values["b2a_adversarial"].item()
    assert total == pytest.approx(adversarial / 2 + 10 * 0.25 + 5 * 0.375)


@pytest.fixture
def pretrained(monkeypatch):
    """Networks of others, tiny and random; overrides that name their files."""
    torch.manual_seed(0)
    vgg19 = torch.nn.Sequential(*[torch.nn.Conv2d(3, 3, 1) for _ in range(37)])
    for layer in vgg19:
        torch.nn.init.eye_(layer.weight[..., 0, 0].data)

    class Lpips(torch.nn.Module):
        def forward(self, one, two):
            return ((one - two) ** 2).mean((1, 2, 3), keepdim=True)

    networks = {"vgg19": vgg19.requires_grad_(False), "vgg16": Lpips()}
    loaders = {name: lambda path, n=network: n for name, network in networks.items()}
    monkeypatch.setattr("pixelization.training.systems.cyclegan.LOADERS", loaders)
    return ["loss.vgg19=a.pth", "loss.vgg16=b.pth", "model.generator.codes=8"]


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_a_term_trains_the_networks_that_it_says(term, pretrained):
    _, step = first_step(*pretrained, f"loss.weights.{term.name}=1")
    term.compute(step).backward()
    moved = {
        name
        for name, network in step.networks.named_children()
        if any(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
    }
    assert moved == set(term.trains.split(", "))


def test_the_cycle_learns():
    silent = [f"loss.weights.{name}=0" for name in ("a2b_adversarial", "b2a_adversarial")]
    trainer, _ = trained(0, overrides=[*silent, "optim.lr=5e-3"])
    (batch,) = trainer.system.data.batches(batch_size=2, start_step=0, steps=1)
    values = [trainer.train_step(batch)["loss/G/cycle"] for _ in range(6)]
    assert values[-1] < values[0]


def test_a_run_writes_sheets_and_weights_that_the_commands_use(tmp_path):
    config = load_config(SMOKE, [f"train.out={tmp_path}", "optim.decay=0"])
    assert run_training(config, resume=False)
    assert len({path.name for path in tmp_path.rglob("*.png")}) >= 1
    weights = tmp_path / "cyclegan_smoke/weights.safetensors"
    drawing(64, 48).save(tmp_path / "drawing.png")
    out = tmp_path / "sprite.png"
    arguments = [str(tmp_path / "drawing.png"), "-o", str(out), "--weights", str(weights)]
    assert pixelize([*arguments, "--size", "16", "--device", "cpu"]) == 0
    assert Image.open(out).size == (16, 12)
    pixelizer = Pixelizer.from_weights(weights, "cpu")
    assert pixelizer.depixelize(out, native=True, factor=2).image.size == (32, 24)
    system = build_system(load_config(SMOKE))
    assert system.start_from(str(weights))["step"] == "4"


@pytest.mark.parametrize(
    "overrides, message",
    [
        (["data.drawings=0"], "data.cartoons is not set"),
        (["train.batch_size=65536", "data.crop=128"], "PIXELIZATION_MAX_BATCH_PIXELS"),
        (["data.drawings=0", "data.cartoons=x"], "neither data.sprites"),
        (["data.sprites=x", "data.pictures=y"], "both set: clear one"),
        (["data.crop=34"], "data.crop=34 must be a multiple of 4"),
        (["data.crop=64", "model.generator.kind=unet"], "256 .*model.generator.num_downs=8"),
        (["discriminator.strides=[9, 9, 9]"], "leave too little of an image of 32x32"),
        ([f"loss.weights.{term.name}=0" for term in TERMS], "nothing to train"),
        (["loss.weights.perceptual=1"], "needs a file with torchvision's weights of vgg19"),
        (["loss.weights.lpips_identity=1"], "weights of vgg16: set loss.vgg16"),
        (["loss.weights.codes=1"], "needs a vector quantisation"),
        (["loss.gan_mode=relativistic"], "relativistic needs both"),
        (["discriminator.heads=both"], "both need relativistic"),
        (["model.generator.kind=unet", "model.generator.gates=cbam"], "gates is not for a U-Net"),
        (["model.generator.kind=unet", "model.generator.codes=4"], "codes is not for a U-Net"),
    ],
)
def test_what_does_not_go_together_is_said(overrides, message):
    with pytest.raises(UserError, match=message):
        check_for_training(load_config(SMOKE, overrides))


def test_a_unet_does_not_resize():
    with pytest.raises(UserError, match="upsampling=nearest is not for a U-Net"):
        load_config(SMOKE, ["model.generator.kind=unet", "model.generator.upsampling=nearest"])


def test_the_page_lists_the_terms():
    assert table(TERMS) in (ROOT / "docs/losses.md").read_text(encoding="utf-8")


def test_joint_clipping_bounds_all_generators_together():
    overrides = ["optim.clip_norm=0.01", "optim.clip=joint"]
    trainer, _ = trained(1, overrides=overrides)
    norms = [
        torch.stack([p.grad.norm() for p in network.parameters()]).norm()
        for network in trainer.system.generators.children()
    ]
    assert torch.stack(norms).norm().item() == pytest.approx(0.01, rel=1e-3)


TWO_HEADS = ["discriminator.heads=both", "loss.gan_mode=relativistic", "loss.gradient_penalty=10"]
CS424 = [*TWO_HEADS, "loss.adaptive=true", "model.generator.gates=mixed", "loss.weights.features=5"]


def test_two_heads_penalty_and_adaptive_weights_resume_bit_for_bit():
    whole, losses = trained(3, overrides=CS424)
    assert all(step["loss/D_a/penalty"] > 0 and step["loss/D_b/penalty"] > 0 for step in losses)
    half, first = trained(1, overrides=CS424)
    rest, second = trained(2, half.state_dict() | {"step": half.step}, CS424)
    assert first + second == losses
    assert rest.system.objective.means == whole.system.objective.means
    for name, value in whole.system.discriminators.state_dict().items():
        assert torch.equal(value, rest.system.discriminators.state_dict()[name]), name


def test_quantised_translators_resume_bit_for_bit():
    codes = ["model.generator.codes=8", "loss.weights.codes=1"]
    whole, losses = trained(3, overrides=codes)
    half, first = trained(1, overrides=codes)
    _, second = trained(2, half.state_dict() | {"step": half.step}, codes)
    assert first + second == losses
    fresh = build_system(load_config(SMOKE, codes)).generators.state_dict()
    key = "a2b.trunk.residual.0.codes"
    assert not torch.equal(fresh[key], whole.system.generators.state_dict()[key])


def test_every_term_has_a_value_in_a_step(pretrained):
    weights = [*pretrained, *(f"loss.weights.{term.name}=1" for term in TERMS)]
    modes = ["data.fit=stretch", "data.balanced=true", "model.generator.attention=true"]
    _, (losses,) = trained(1, overrides=[*weights, *modes, "discriminator.attention=true"])
    assert all(losses[f"loss/G/{term.name}"] > 0 for term in TERMS)


def test_training_starts_from_one_published_generator(tmp_path):
    """The way to pixel art is the file's, the way back and the judges are fresh."""
    path = tmp_path / "latest_net_G_A.pth"
    torch.save(ResNet(4, 1, "instance").state_dict(), path)
    keys = ["model.generator.norm=instance", f"train.init={path}", f"train.out={tmp_path}"]
    keys += ["optim.constant=1", "optim.decay=0", "optim.lr=1e-8", "optim.ema_decay=0"]
    config = load_config(SMOKE, [*keys, "train.init_part=a2b"])
    fresh = build_system(config)
    assert fresh.start_from(str(path), "a2b")["licences"] == "unknown"
    theirs, _ = load_weights(path)
    for name, value in theirs.a2b.state_dict().items():
        assert torch.equal(fresh.generators.a2b.state_dict()[name], value)
    assert run_training(config, resume=False)
    _, metadata = load_weights(tmp_path / "cyclegan_smoke/weights.safetensors")
    assert metadata["step"] == "1" and metadata["licences"] == "unknown"
    with pytest.raises(UserError, match=r"they hold a2b only.*train.init_part"):
        build_system(config).start_from(str(path))
    with pytest.raises(UserError, match="train.init_part=c: there are a2b, b2a"):
        build_system(config).start_from(str(path), "c")


def test_a_part_of_own_weights_is_taken_alone(tmp_path):
    system = build_system(load_config(SMOKE, ["train.seed=1"]))
    system.save(tmp_path / "w.safetensors", system.generators, step=1, origin=None)
    other = build_system(load_config(SMOKE))
    back = {name: value.clone() for name, value in other.generators.b2a.state_dict().items()}
    other.start_from(str(tmp_path / "w.safetensors"), "a2b")
    for name, value in system.generators.a2b.state_dict().items():
        assert torch.equal(other.generators.a2b.state_dict()[name], value)
    for name, value in back.items():
        assert torch.equal(other.generators.b2a.state_dict()[name], value)


def test_a_published_generator_pixelizes_through_the_commands(tmp_path):
    torch.save(ResNet(4, 1, "instance").state_dict(), tmp_path / "G.pth")
    drawing(64, 48).save(tmp_path / "drawing.png")
    out = tmp_path / "sprite.png"
    for flag in ("--weights", "--model"):
        arguments = [str(tmp_path / "drawing.png"), "-o", str(out), "--overwrite"]
        assert pixelize([*arguments, flag, str(tmp_path / "G.pth"), "--size", "16"]) == 0
        assert Image.open(out).size == (16, 12)


def test_networks_on_edges_train_and_pixelize_on_edges(tmp_path):
    cv2 = pytest.importorskip("cv2")
    system = build_system(load_config(SMOKE, ["model.edges=default"]))
    (batch,) = system.data.batches(batch_size=1, start_step=0, steps=1)
    randomness = type("R", (), {"per_slot": lambda self: [np.random.default_rng(0)]})()
    step = system.step(batch, randomness)
    cartoon = batch.cartoon[0].permute(1, 2, 0).numpy()
    edges = cv2.Canny(np.ascontiguousarray(cartoon), 100, 200)
    assert ((step.a[0, 0] > 0).numpy() == (edges > 0)).all() and set(np.unique(step.a)) <= {-1, 1}
    system.save(tmp_path / "w.safetensors", system.generators, step=1, origin=None)
    networks, _ = load_weights(tmp_path / "w.safetensors")
    assert networks.edges == "default" and not networks.local
    made = CycleGANBackend(networks, "cpu").pixelize(cartoon[None], networks.scales[0]).refined
    with torch.inference_mode():
        expected = to_array(networks.pixelize(step.a))
    assert (made[0] == expected).all()


def test_structure_is_measured_with_the_sheets(tmp_path):
    import_torchvision()
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    torch.save(timm.create_model("test_vit").state_dict(), tmp_path / "vit.pth")
    keys = [f"train.out={tmp_path}", "optim.decay=0", "train.sample_every=2"]
    keys += [f"validation.vit={tmp_path}/vit.pth", "validation.vit_name=test_vit"]
    assert run_training(load_config(SMOKE, keys), resume=False)
    lines = (tmp_path / "cyclegan_smoke/metrics.jsonl").read_text().splitlines()
    found = [line for line in map(json.loads, lines) if "validation/dino_a2b" in line]
    assert [line["step"] for line in found] == [2, 4]
    assert all(0 < line[f"validation/dino_{way}"] < 1 for line in found for way in ("a2b", "b2a"))
