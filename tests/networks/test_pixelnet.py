"""PixelNet and DepixelNet: the size of the input comes out, cells stay flat."""

import pytest
import torch
import torch.nn.functional as F

from pixelization.cells.sizes import SCALES, grid_size
from pixelization.networks.cells import upsample_nearest
from tests.networks.make import colors, noise, tiny_cascade


@pytest.mark.parametrize("size", [(32, 32), (33, 57), (32, 150), (101, 67), (64, 63), (127, 35)])
@pytest.mark.parametrize("heads", [("select", "mix"), ("residual", "residual"), ("direct",) * 2])
@pytest.mark.parametrize("upsampling", ["nearest", "deconv"])
def test_sizes_for_every_input(size, heads, upsampling):
    cascade, image = tiny_cascade("sample", *heads, upsampling=upsampling), noise(*size)
    for scale in SCALES:
        assert cascade.pixelnet(image, grid_size(size, scale)).image.shape == image.shape
    assert cascade.depixelnet(image).image.shape == image.shape


@pytest.mark.parametrize("scale", SCALES)
def test_the_select_head_keeps_every_cell_flat_and_its_colour_real(scale):
    size = grid_size((64, 80), scale)
    grid = noise(*size)
    refined = tiny_cascade().pixelnet(upsample_nearest(grid, (64, 80)), size).image
    cells = F.interpolate(refined, size=size, mode="nearest-exact")
    assert torch.equal(upsample_nearest(cells, (64, 80)), refined)
    assert colors(refined) <= colors(grid)


def test_the_select_head_says_what_it_chose_from():
    cascade, grid = tiny_cascade(), noise(12, 10)
    output = cascade.refine(grid, (48, 40))
    candidates, scores, chosen = output.choice
    assert candidates.shape == (1, 9, 3, 12, 10) and scores.shape == (1, 9, 12, 10)
    assert torch.equal(candidates[:, 4], grid)
    assert torch.equal(upsample_nearest(chosen, (48, 40)), output.image)
    assert tiny_cascade(pixelnet="residual").refine(grid, (48, 40)).choice is None


def test_the_select_head_needs_the_size_of_the_grid():
    with pytest.raises(ValueError, match="needs the size of the grid"):
        tiny_cascade().pixelnet(noise(48, 40))


def test_training_and_evaluation_are_one_function():
    cascade, grid = tiny_cascade(margin=100.0), noise(12, 10)
    trained, evaluated = (cascade.train(mode).refine(grid, (48, 40)) for mode in (True, False))
    assert torch.equal(trained.image, evaluated.image)


def test_small_or_misshapen_images_are_refused_with_their_size():
    depixelnet = tiny_cascade().depixelnet
    with pytest.raises(ValueError, match="31x40"):
        depixelnet(noise(40, 31))
    with pytest.raises(ValueError, match=r"\(B, 3, H, W\)"):
        depixelnet(torch.zeros(1, 4, 40, 40))
