"""GridNet: grids for every input, and colours of the source with the sample head."""

import pytest
import torch

from pixelization.cells.sizes import SCALES, samples_per_side
from tests.networks.make import colors, noise, tiny_cascade


@pytest.mark.parametrize("size", [(32, 32), (33, 57), (32, 150), (101, 67), (64, 63), (127, 35)])
@pytest.mark.parametrize("head", ["sample", "residual", "direct"])
def test_sizes_for_every_input(size, head):
    grids = tiny_cascade(head).gridnet(noise(*size)).grids
    for scale in SCALES:
        assert grids[scale].shape[-2:] == tuple(max(1, round(side * scale)) for side in size)


def test_one_scale_alone_equals_the_same_scale_among_three():
    gridnet, image = tiny_cascade().gridnet, noise(48, 64)
    grids = gridnet(image).grids
    for scale in SCALES:
        assert torch.equal(gridnet(image, (scale,)).grids[scale], grids[scale])


def test_the_sample_head_says_what_it_chose_from():
    gridnet, image = tiny_cascade().gridnet, noise(48, 64, batch=2)
    output = gridnet(image)
    for scale, (candidates, scores, chosen) in output.choices.items():
        height, width = output.grids[scale].shape[-2:]
        count = samples_per_side(scale) ** 2
        assert candidates.shape == (2, count, 3, height, width)
        assert scores.shape == (2, count, height, width)
        assert torch.equal(chosen, output.grids[scale])
    assert list(output.choices) == list(SCALES)
    assert tiny_cascade("residual").gridnet(image).choices == {}


@pytest.mark.parametrize("sharpen", [True, False])
def test_sampled_colors_exist_in_the_input(sharpen):
    image = noise(45, 52)
    for grid in tiny_cascade(sharpen=sharpen).gridnet(image).grids.values():
        assert colors(grid) <= colors(image)


def test_training_and_evaluation_are_one_function():
    gridnet, image = tiny_cascade(grid_margin=100.0).gridnet, noise(48, 40)
    trained, evaluated = gridnet.train()(image).grids, gridnet.eval()(image).grids
    assert all(torch.equal(trained[scale], evaluated[scale]) for scale in SCALES)
    with torch.no_grad():  # nor is it another one without gradients
        assert all(torch.equal(gridnet(image).grids[scale], trained[scale]) for scale in SCALES)


def test_small_or_misshapen_images_are_refused_with_their_size():
    gridnet = tiny_cascade().gridnet
    with pytest.raises(ValueError, match="31x40"):
        gridnet(noise(40, 31))
    with pytest.raises(ValueError, match=r"\(B, 3, H, W\)"):
        gridnet(torch.zeros(1, 4, 40, 40))
