"""The commands with weights of networks that point: stills, animations, sheets, transparency."""

import numpy as np
import pytest
from PIL import Image

from pixelization import Pixelizer
from pixelization.apps.cli.depixelize import main as depixelize
from pixelization.apps.cli.pixelize import main as pixelize
from tests.make import drawing


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("size", [(64, 48), (37, 5), (2, 2)])
def test_a_still(mode, size, pointing_weights, tmp_path):
    drawing(*size, mode).save(tmp_path / "a.png")
    out = tmp_path / "sprite.png"
    assert not pixelize(
        [str(tmp_path / "a.png"), "-o", str(out), "--weights", str(pointing_weights)]
    )
    sprite = np.asarray(Image.open(out).convert("RGBA"))
    assert set(np.unique(sprite[..., 3])) <= ({255} if mode == "RGB" else {0, 255})


def test_an_animation_and_a_sheet(pointing_weights, tmp_path):
    frames = [drawing(48, 40, "RGBA"), drawing(48, 40, "RGBA").transpose(0)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:], duration=80)
    weights = ["--weights", str(pointing_weights), "--cell-size", "4"]
    assert not pixelize([str(tmp_path / "a.png"), "-o", str(tmp_path / "b.gif"), *weights])
    with Image.open(tmp_path / "b.gif") as made:
        assert made.size == (12, 10) and made.n_frames == 2
    drawing(96, 48, "RGBA").save(tmp_path / "sheet.png")
    sheet = [str(tmp_path / "sheet.png"), "-o", str(tmp_path / "tiles.png"), "--sheet", "48x48"]
    assert not pixelize([*sheet, *weights])
    assert Image.open(tmp_path / "tiles.png").size == (24, 12)


def test_the_network_output_has_a_pixel_per_cell(pointing_weights):
    result = Pixelizer.from_weights(pointing_weights, "cpu").networks(
        drawing(60, 40), size=(15, 10)
    )
    assert result.sprite.size == result.grid.size == result.network_output.size == (15, 10)
    assert result.sprite.mode == result.network_output.mode == "RGB" and result.scale == 1


@pytest.mark.parametrize("factor", ["2", "4", "5.5", "16"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_way_back(factor, mode, pointing_weights, tmp_path):
    drawing(9, 7, mode).save(tmp_path / "a.png")
    weights = ["--weights", str(pointing_weights), "--native", "--factor", factor]
    assert not depixelize([str(tmp_path / "a.png"), "-o", str(tmp_path / "b.png"), *weights])
    with Image.open(tmp_path / "b.png") as made:
        assert made.size == tuple(int(side * float(factor) + 0.5) for side in (9, 7))
        assert made.mode == mode


def test_there_and_back(pointing_weights, tmp_path):
    drawing(64, 48, "RGBA").save(tmp_path / "a.png")
    weights = ["--weights", str(pointing_weights)]
    sprite, smooth = str(tmp_path / "sprite.png"), str(tmp_path / "smooth.png")
    assert not pixelize([str(tmp_path / "a.png"), "-o", sprite, "--size", "16", *weights])
    assert not depixelize([sprite, "-o", smooth, "--native", "--size", "64", *weights])
    with Image.open(smooth) as made:
        assert made.size == (64, 48) and made.mode == "RGBA"
