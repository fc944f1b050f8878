"""Drawings in cells and smooth, and DepixelNet trained by itself."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from pixelization.config import OptimConfig
from pixelization.data.drawings import STEP, Drawing, chain, closed, curve, draw_pair, resampled
from pixelization.engine.depixel_training import DepixelTrainer, relative_l1
from pixelization.errors import UserError
from pixelization.weights import load_weights

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
import train_depixelnet  # noqa: E402


def line(*corners):
    return resampled(np.array(corners, float))


def test_a_straight_stroke_is_a_chain_of_its_cells():
    assert chain(line((0.5, 2.5), (4.5, 2.5))) == [(0, 2), (1, 2), (2, 2), (3, 2), (4, 2)]


def test_a_diagonal_touches_at_corners_only():
    assert chain(line((0.6, 0.5), (4.6, 4.5))) == [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)]


@pytest.mark.parametrize("seed", range(20))
def test_chains_are_connected_without_doubled_corners(seed):
    rng = np.random.default_rng(seed)
    cells = np.array(chain(curve(rng, rng.uniform(0, 20, 2), 15)))
    assert (np.abs(np.diff(cells, axis=0)).max(axis=1) == 1).all()
    assert not (np.abs(cells[2:] - cells[:-2]) == 1).all(axis=1).any()


def test_resampled_points_are_near_each_other_and_keep_the_corners():
    points = line((0, 0), (3, 0), (3, 4))
    assert np.hypot(*np.diff(points, axis=0).T).max() <= STEP
    assert all((points == corner).all(axis=1).any() for corner in ((0, 0), (3, 0), (3, 4)))


@pytest.mark.parametrize("angle", [0, 20, 45, 70])
def test_a_stroke_keeps_its_area(angle):
    drawing = Drawing(32, 128, (0, 0, 0))
    way = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    drawing.stroke(resampled(np.array([(4, 4), (4, 4) + 22 * way])), (255, 255, 255))
    cells, smooth = (image.mean() * 32 * 32 / 255 for image in drawing.arrays())
    assert smooth == pytest.approx(cells, rel=0.12)


def test_an_area_takes_the_cells_it_covers_by_half():
    drawing = Drawing(8, 32, (0, 0, 0))
    drawing.fill(drawing.area(np.array([(2, 2), (5.4, 2), (5.4, 6), (2, 6)])), (255, 0, 0))
    cells, smooth = drawing.arrays()
    expected = np.zeros((3, 8, 8), np.uint8)
    expected[0, 2:6, 2:5] = 255
    assert np.array_equal(cells, expected)
    assert smooth[0, 16, 19] == 255 and 0 < smooth[0, 16, 21] < 255 and smooth[0, 16, 24] == 0


def test_nothing_stays_outside_of_a_mask():
    drawing = Drawing(8, 32, (0, 0, 0))
    before = drawing.copies()
    drawing.stroke(line((0.5, 4.5), (7.5, 4.5)), (255, 255, 255))
    drawing.inside(drawing.area(np.array([(0, 0), (4, 0), (4, 8), (0, 8)])), before)
    cells, smooth = drawing.arrays()
    assert cells[0, 4].tolist() == [255] * 4 + [0] * 4
    assert smooth[0, 18, 8] == 255 and not smooth[0, :, 18:].any()


@pytest.mark.parametrize("cells", [10, 15, 20])
def test_drawings_are_pairs_of_the_same_scene(cells):
    apart, mirrored = [], []
    for seed in range(6):
        sprite, smooth = draw_pair(cells, 80, np.random.default_rng(seed))
        assert sprite.shape == (3, cells, cells) and smooth.shape == (3, 80, 80) and sprite.dtype == smooth.dtype == np.uint8
        means = [np.asarray(Image.fromarray(channel).resize((cells, cells), Image.Resampling.BOX)) for channel in smooth]
        apart.append(np.abs(sprite.astype(int) - means).mean())
        mirrored.append(np.abs(sprite[..., ::-1].astype(int) - means).mean())
    assert np.mean(apart) < 0.6 * np.mean(mirrored)


def test_drawings_repeat_and_differ():
    first, again, other = (draw_pair(12, 48, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("seed", range(12))
def test_outlines_are_closed_and_about_as_large_as_wished(seed):
    outline = closed(np.random.default_rng(seed), np.array([10.0, 10.0]), 5.0)
    assert len(outline) > 10 and np.abs(outline - 10).max() < 12


def test_faint_and_strong_edges_count_alike():
    cells = torch.zeros(1, 3, 8, 8)
    cells[..., 4:] = 1
    picture = torch.zeros(1, 3, 32, 32)
    strong = relative_l1(picture + 0.1, picture, cells)
    faint = relative_l1(picture + 0.01, picture, 0.1 * cells)
    flat = relative_l1(picture + 0.01, picture, 0 * cells)
    assert relative_l1(picture, picture, cells) == 0
    assert 0.1 < faint / strong < 1 and flat == pytest.approx(0.05)  # 0.01 / 0.2


def batch(seed=0):
    blocks = torch.randint(0, 256, (2, 3, 10, 10), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))
    return blocks.repeat_interleave(4, 2).repeat_interleave(4, 3)


def trained(path, steps):
    cascade, _ = load_weights(path)
    trainer = DepixelTrainer(cascade, OptimConfig(lr=1e-3, constant=100, decay=0), seed=3)
    return trainer, [trainer.train_step(batch(step)) for step in range(steps)]


def test_training_repeats_and_follows_the_average(tiny_weights):
    (one, losses), (two, again) = (trained(tiny_weights, 3) for _ in range(2))
    assert losses == again and set(losses[0]) == {"reduced", "drawn"} and one.step == 3
    assert all(torch.equal(a, b) for a, b in zip(one.ema.module.parameters(), two.ema.module.parameters()))
    assert any(not torch.equal(a, b) for a, b in zip(one.ema.module.parameters(), one.network.parameters()))


def test_training_lowers_the_loss(tiny_weights):
    _, losses = trained(tiny_weights, 60)
    mean = [np.mean([each["drawn"] for each in part]) for part in (losses[:20], losses[-20:])]
    assert mean[1] < mean[0]


def folders(tmp_path):
    rng = np.random.default_rng(0)
    for name, side in (("cartoons", 64), ("sprites", 12)):
        (tmp_path / name).mkdir()
        for index in range(3):
            Image.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8)).save(tmp_path / name / f"{index}.png")
    config = tmp_path / "config.yaml"
    config.write_text(
        f"data: {{cartoons: {tmp_path}/cartoons, sprites: {tmp_path}/sprites, crop: 40, licences: CC0-1.0}}\n"
        "optim: {unit: steps, constant: 2, decay: 1}\ntrain: {batch_size: 1, save_every: 2, log_every: 1}\n"
    )
    return config


def test_the_tool_changes_depixelnet_alone(tiny_weights, tmp_path):
    out = tmp_path / "new.safetensors"
    assert train_depixelnet.main(["--cfg", str(folders(tmp_path)), "--weights", str(tiny_weights), "--out", str(out)]) == 0
    old, new = load_file(tiny_weights), load_file(out)
    changed = {name for name in old if not torch.equal(old[name], new[name])}
    assert old.keys() == new.keys() and changed and all(name.startswith("depixelnet.") for name in changed)
    before, after = (load_weights(path)[1] for path in (tiny_weights, out))
    assert after["config"] == before["config"] and after["step"] == "10" and after["licences"] == "CC0-1.0"
    assert after["data_sha256"] != before["data_sha256"]


def test_bad_input_ends_with_one_line(tiny_weights, tmp_path, capsys):
    arguments = ["--cfg", str(folders(tmp_path)), "--weights", str(tmp_path / "no.safetensors"), "--out", str(tmp_path / "o")]
    assert train_depixelnet.main(arguments) == 2
    assert "no such weights file" in capsys.readouterr().err
    trainer = DepixelTrainer(load_weights(tiny_weights)[0], OptimConfig(), seed=0)
    with torch.no_grad():
        next(trainer.network.parameters()).fill_(float("nan"))
    with pytest.raises(UserError, match="not finite"):
        trainer.train_step(batch())
