"""Pairs of cells and smooth pictures, and DepixelNet trained on them by itself."""

from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from pixelization.apps.cli.train import main
from pixelization.cells.sizes import SCALES, grid_size
from pixelization.networks.weights import load_weights
from pixelization.training.config import build_system, load_config
from pixelization.training.data.pairs import FADE, make_pair
from pixelization.training.run import build_trainer
from pixelization.training.systems.cascade_terms import TERMS

KINDS = ("reduced", "drawn", "enlarged")
PAIR_TERMS = ("depixel_reduced_output", "depixel_drawn_output", "depixel_sprite_output")
ONLY_PAIRS = [f"loss.weights.{term.name}=0" for term in TERMS if term.name not in PAIR_TERMS]
ONLY_PAIRS.append("loss.weights.depixel_sprite_output=1")


pytestmark = pytest.mark.skipif(find_spec("scalerack") is None, reason="needs scalerack")


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[2])


def cartoons(batch=2, side=32, seed=0):
    return torch.rand(batch, 3, side, side, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def sprites(grid, batch=2):
    return torch.randint(2, (batch, 3, *grid), generator=torch.Generator().manual_seed(1)) * 2.0 - 1


def pairs(step=0, slots=(0, 1), scales=SCALES, cartoon=None):
    rng, each = np.random.default_rng(step), [np.random.default_rng((step, slot)) for slot in slots]
    cartoon = cartoons()[list(slots)] if cartoon is None else cartoon
    grids = {scale: sprites(grid_size(cartoon.shape[-2:], scale))[list(slots)] for scale in scales}
    return {kind: make_pair(kind, cartoon, grids, rng, each) for kind in KINDS}


def test_pairs_fit_together_at_every_scale():
    seen = set()
    for step in range(30):
        for pair in pairs(step).values():
            assert pair.picture.shape == (2, 3, 32, 32) and pair.cells.shape[:2] == (2, 3)
            assert all(image.abs().max() <= 1 for image in pair)
            seen.add(pair.cells.shape[-1])
    assert seen == {8, 6, 4}


def test_a_slot_has_its_pairs_in_any_company():
    """So two processes make what one does with the joint batch."""
    joint, parts = pairs(), [pairs(slots=(slot,)) for slot in (0, 1)]
    for kind in KINDS:
        for whole, *halves in zip(joint[kind], *(part[kind] for part in parts), strict=True):
            assert torch.equal(whole, torch.cat(halves))


def test_half_of_the_cartoons_are_paler_and_never_stronger():
    cartoon = cartoons(1)
    spread = []
    for step in range(60):
        picture = pairs(step, slots=(0,), cartoon=cartoon)["reduced"].picture
        assert torch.allclose(picture.mean((2, 3)), cartoon.mean((2, 3)), atol=1e-6)
        spread.append(float(picture.std() / cartoon.std()))
    same = np.isclose(spread, 1, atol=1e-4)
    assert 15 < same.sum() < 45 and min(spread) > FADE - 0.05 and max(spread) < 1.001


def test_reductions_show_the_cartoon():
    # two tones: undoing blur would change a third
    cells = torch.where(cartoons(1)[:, :1] < 0, -0.8, 0.9).expand(-1, 3, -1, -1)
    # flat blocks, a multiple of all cells
    cartoon = cells.repeat_interleave(8, 2).repeat_interleave(8, 3)
    pair = pairs(slots=(0,), scales=(Fraction(1, 8),), cartoon=cartoon)["reduced"]
    assert torch.allclose(pair.cells, pair.picture[..., 4::8, 4::8], atol=1e-5)


def test_sprites_are_taught_by_xbr():
    pair = pairs(slots=(0,), scales=(Fraction(1, 8),))["enlarged"]
    assert torch.equal(pair.cells, sprites((4, 4))[:1])
    flat = torch.full((1, 3, 4, 4), 0.2)
    diagonal = flat.clone()
    diagonal[..., range(4), range(4)] = -1
    rng = np.random.default_rng(0)
    taught = [
        make_pair("enlarged", cartoons(1), {Fraction(1, 8): cells}, rng, [])
        for cells in (flat, diagonal)
    ]
    same, stroke = (each.picture[0, 0] for each in taught)
    assert (same - 0.2).abs().max() < 0.01
    # one stroke, whole where its cells touch by their corners
    assert stroke[7, 7] < -0.5 and stroke[8, 8] < -0.5
    assert stroke[4, 28] > 0.15


def test_depixelnet_alone_learns_from_the_weights_it_started_with(tmp_path):
    smoke = ["--cfg", "configs/smoke.yaml", f"train.out={tmp_path}", "optim.decay=0"]
    smoke.append("train.sample_every=100")
    assert main([*smoke, "train.name=first", "optim.constant=1"]) == 0
    first = tmp_path / "first/weights.safetensors"
    assert (
        main([*smoke, "train.name=second", "optim.constant=2", f"train.init={first}", *ONLY_PAIRS])
        == 0
    )
    old, new = (load_file(tmp_path / name / "weights.safetensors") for name in ("first", "second"))
    changed = {name for name in old if not torch.equal(old[name], new[name])}
    assert changed and all(name.startswith("depixelnet.") for name in changed)
    (_, before), (_, after) = (
        load_weights(tmp_path / name / "weights.safetensors") for name in ("first", "second")
    )
    assert (before["step"], after["step"], after["data_sha256"]) == (
        "1",
        "3",
        before["data_sha256"],
    )
    first.unlink()  # a run that goes on needs what it began with no more, but remembers it
    assert (
        main(
            [
                *smoke,
                "train.name=second",
                "optim.constant=3",
                f"train.init={first}",
                *ONLY_PAIRS,
                "--resume",
            ]
        )
        == 0
    )
    assert load_weights(tmp_path / "second/weights.safetensors")[1]["step"] == "4"
    assert (
        "changed since the checkpoint, so this is no longer the same run: optim.constant"
        in (tmp_path / "second/log.txt").read_text()
    )


def test_the_supervised_loss_goes_down():
    config = load_config("configs/smoke.yaml", [*ONLY_PAIRS, "optim.lr=2e-3", "optim.constant=100"])
    system = build_system(config)
    trainer = build_trainer(config, system)
    batch = next(system.data.batches(batch_size=2, start_step=0, steps=1))
    losses = []
    for _ in range(15):
        losses.append(trainer.train_step(batch))
        trainer.step = 0  # the same drawings again
    for term in PAIR_TERMS:
        assert losses[-1][f"loss/G/{term}"] < 0.9 * losses[0][f"loss/G/{term}"]


def test_weights_of_another_model_are_refused(tmp_path, tiny_weights, capsys):
    arguments = [
        "--cfg",
        "configs/smoke.yaml",
        f"train.out={tmp_path}",
        f"train.init={tiny_weights}",
        "model.gridnet.num_blocks=3",
    ]
    assert main(arguments) == 2
    assert "weights of another model" in capsys.readouterr().err
    assert main([*arguments, f"train.init={tmp_path}/no.safetensors"]) == 2
    assert "no such file" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
