"""The system of artists' pairs: it trains, resumes bit for bit, and its weights make sprites."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pixelization import Pixelizer
from pixelization.config import as_dict
from pixelization.errors import UserError
from pixelization.networks.weights import load_weights
from pixelization.training.config import build_system, check_for_training, load_config
from pixelization.training.data.artists import ArtistsData, ArtistsDataConfig
from pixelization.training.data.teacher import TeacherFolder, taught_pair, without_ground
from pixelization.training.losses.objective import table
from pixelization.training.run import changed_keys, run_training
from pixelization.training.systems.artists import NEED_TEACHER
from pixelization.training.systems.artists_terms import TERMS
from tests.make import drawing
from tests.training.make import trained as short_run

ROOT = Path(__file__).parents[2]
SMOKE = ROOT / "configs/artists_smoke.yaml"


trained = partial(short_run, SMOKE)


def test_every_player_moves_and_it_resumes_bit_for_bit():
    whole, losses = trained(3)
    generators, judges = ("gridnet", "pixelnet", "depixelnet"), ("near", "far")
    assert set(whole.players) == {f"G_{name}" for name in generators} | {
        f"D_{name}" for name in judges
    }
    fresh = build_system(load_config(SMOKE))
    for name in generators:
        before = getattr(fresh.generators, name).state_dict()
        after = getattr(whole.system.generators, name).state_dict()
        assert any(not torch.equal(value, after[key]) for key, value in before.items()), name
    for name in judges:
        before, after = (each.discriminators[name].state_dict() for each in (fresh, whole.system))
        assert any(not torch.equal(value, after[key]) for key, value in before.items()), name
    assert set(losses[0]) == {f"loss/G/{term.name}" for term in TERMS} | {
        f"loss/D_{judge}/{verdict}" for judge in judges for verdict in ("real", "fake")
    }
    half, first = trained(1)
    rest, second = trained(2, half.state_dict() | {"step": half.step})
    assert first + second == losses
    for name, value in whole.ema.state_dict().items():
        assert torch.equal(value, rest.ema.state_dict()[name])


def test_a_run_writes_sheets_and_weights_that_make_sprites(tmp_path):
    config = load_config(SMOKE, [f"train.out={tmp_path}", "optim.constant=4", "optim.decay=0"])
    assert run_training(config, resume=False)
    weights = tmp_path / "artists_smoke/weights.safetensors"
    result = Pixelizer.from_weights(weights, "cpu").networks(drawing(40, 30, "RGBA"), size=(10, 8))
    assert result.sprite.size == (10, 8)
    sheets = [Image.open(path) for path in tmp_path.rglob("*.png")]
    # drawing, artist, GridNet, PixelNet and the artist's drawn, of 12 cells of 8 pixels each
    assert sheets and all(sheet.width > 5 * 12 * 8 for sheet in sheets)
    again = load_config(SMOKE, [f"train.init={weights}"])
    system = build_system(again)
    assert system.start_from(str(weights))["step"] == "4"
    networks, _ = load_weights(weights)
    assert all(
        torch.equal(value, system.generators.state_dict()[name])
        for name, value in networks.state_dict().items()
    )


@pytest.mark.parametrize(
    "overrides, message",
    [
        (["data.drawings=0"], "data.sprites is not set"),
        (["train.batch_size=65536", "data.cells=24"], "PIXELIZATION_MAX_BATCH_PIXELS"),
        (["data.teacher=x"], "set both data.teacher and data.cartoons"),
        (["data.chances=[1]"], "one number for each of data.sizes"),
        (["model.stages=gridnet_alone"], "model.stages=gridnet_alone has no PixelNet"),
        (["data.drawings=0", "data.sprites=x"], "needs a teacher"),
        (["data.kept=5"], "data.kept=5 must be a multiple of train.batch_size=2 .*: give 4"),
        (["data.kept=4", "data.workers=3"], "times data.workers=3, .*: give 6"),
        (
            ["d_near.strides=[2, 2, 2, 2]", "d_near.kernel_size=4"],
            "d_near.strides=.*leave too little of an image of 12x12 pixels",
        ),
        (
            ["d_far.strides=[2, 2, 2, 2]", "d_far.kernel_size=4"],
            "d_far.strides=.*leave too little of an image of 12x12 pixels",
        ),
    ],
)
def test_what_is_missing_or_contradictory_is_named(overrides, message):
    with pytest.raises(UserError, match=message):
        check_for_training(load_config(SMOKE, overrides))


def test_keys_that_an_older_run_did_not_know_had_their_defaults():
    config = load_config(SMOKE)
    before = as_dict(config)
    del before["data"]["kept"], before["data"]["clear"]
    assert changed_keys(before, config, same_images=True) == ["data.kept: 0 -> 4"]
    del before["d_far"]
    assert changed_keys(before, config, same_images=True) == [
        "data.kept: 0 -> 4",
        "d_far.base_channels: 32 -> 4",
        "d_far.kernel_size: 4 -> 3",
        "d_far.strides: [2, 2, 1] -> [2, 1]",
    ]


@pytest.mark.parametrize("name", NEED_TEACHER)
def test_without_a_teacher_its_terms_must_have_no_weight(name):
    others = [f"loss.weights.{other}=0" for other in NEED_TEACHER if other != name]
    overrides = ["data.drawings=0", "data.sprites=x", *others]
    with pytest.raises(UserError, match=f"loss.weights.{name}=.* needs a teacher"):
        check_for_training(load_config(SMOKE, overrides))
    check_for_training(load_config(SMOKE, [*overrides, f"loss.weights.{name}=0"]))


def test_training_needs_a_loss():
    config = load_config(SMOKE)
    silent = replace(config.loss.weights, **dict.fromkeys(vars(config.loss.weights), 0.0))
    with pytest.raises(UserError, match="nothing to train"):
        check_for_training(replace(config, loss=replace(config.loss, weights=silent)))


def test_gridnet_alone_trains():
    names = [term.name for term in TERMS if term.trains == "pixelnet"]
    weights = [f"loss.weights.{name}=0" for name in names]
    trainer, losses = trained(1, overrides=["model.stages=gridnet_alone", *weights])
    assert {name for name in trainer.players if name.startswith("G")} == {
        "G_gridnet",
        "G_depixelnet",
    }
    assert set(losses[0]) == {f"loss/G/{term.name}" for term in TERMS if term.name not in names}


def test_weights_of_another_model_do_not_start_a_run(tmp_path):
    system = build_system(load_config(SMOKE))
    system.save(tmp_path / "a.safetensors", system.generators, step=1, origin=None)
    other = build_system(load_config(SMOKE, ["model.depixelnet.channels=4"]))
    with pytest.raises(UserError, match="weights of another model: set model as"):
        other.start_from(str(tmp_path / "a.safetensors"))


@pytest.fixture
def folders(tmp_path):
    """Two cartoons of 64 pixels, and sprites of them of 16 cells."""
    for name, seed in (("a_1.png", 0), ("b_1.png", 1)):
        for folder, side in (("cartoons", 64), ("teacher/16", 16)):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
            drawing(16, 16, seed=seed).resize((side, side), 0).save(tmp_path / folder / name)
    return tmp_path


@pytest.mark.parametrize("cells", [12, 24])
def test_a_teachers_sprites_are_cut_to_the_same_cells_as_the_cartoons(folders, cells):
    teacher = TeacherFolder(str(folders / "cartoons"), str(folders / "teacher"), (16,))
    for seed in range(4):
        rng = np.random.default_rng(seed)
        pair = taught_pair(teacher, 16, cells, clear=0, rng=rng)
        assert pair.lattice.shape == (1, 4, 8 * cells, 8 * cells) and pair.cell_size == 4
        cells_of_cartoon = pair.target.repeat_interleave(8, 2).repeat_interleave(8, 3)
        assert torch.allclose(pair.lattice, cells_of_cartoon, atol=1e-6)
        assert torch.equal(pair.smooth, pair.lattice)  # a cartoon is drawn as it is


def test_a_teacher_that_does_not_fit_is_named(folders):
    cartoons, teacher = str(folders / "cartoons"), str(folders / "teacher")
    with pytest.raises(UserError, match=r"32: no such folder.* --size 32, or set data\.teacher"):
        TeacherFolder(cartoons, teacher, (32,))
    (folders / "teacher/16/a_1.png").rename(folders / "teacher/16/c.png")
    (folders / "teacher/16/b_1.png").rename(folders / "teacher/16/d.png")
    with pytest.raises(UserError, match="no sprite is named as a cartoon"):
        TeacherFolder(cartoons, teacher, (16,))
    Image.new("RGB", (9, 16)).save(folders / "teacher/16/a_1.png")
    odd = TeacherFolder(cartoons, teacher, (16,))
    with pytest.raises(UserError, match="expected 16x16 cells of a square cartoon"):
        odd.draw(16, np.random.default_rng(0))


@pytest.mark.parametrize(
    "left_out, learned", [((), ["a_1", "b_1"]), (("b",), ["a_1"]), (("other",), ["a_1", "b_1"])]
)
def test_sources_that_are_left_out_are_not_learned_from(folders, left_out, learned):
    (folders / "cartoons" / "words.txt").write_text("no sprite")
    config = ArtistsDataConfig(sprites=str(folders / "cartoons"), left_out=left_out)
    assert [path.stem for path in ArtistsData(config, seed=0).files()] == learned


@pytest.mark.parametrize(
    "left_out, of", [(("a", "b"), "of sources that are not left out "), ((), "")]
)
def test_no_sprites_at_all_is_said(folders, left_out, of):
    folder = folders / "cartoons"
    if not left_out:
        for path in folder.glob("*.png"):
            path.rename(path.with_suffix(".jpg"))
    config = ArtistsDataConfig(sprites=str(folder), left_out=left_out)
    with pytest.raises(UserError, match=rf"no sprites \(PNG files\) {of}here"):
        ArtistsData(config, seed=0)


def test_only_ground_at_the_border_becomes_nothing():
    image = np.full((12, 12, 3), 255, np.uint8)
    image[3:9, 3:9] = 0
    image[5:7, 5:7] = 255
    alpha = without_ground(image, soft=False)[..., 3]
    assert not alpha[:3].any() and (alpha[3:9, 3:9] == 255).all()


def test_the_page_lists_the_terms():
    assert table(TERMS) in (ROOT / "docs/losses.md").read_text(encoding="utf-8")
