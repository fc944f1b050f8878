"""The lattice: which pixel every sample is, transparency, and what the encoder may see."""

import numpy as np
import torch

from pixelization.cells import lattice as arrays
from pixelization.networks.lattice import CellEncoder, GridBlocks, divided, multiplied, to_lattice


def picture(height, width, seed=0):
    return torch.rand(1, 4, height, width, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_arrays_are_multiplied_as_tensors_are():
    for source in (picture(9, 7), picture(9, 7).clamp(min=0), torch.ones(1, 4, 2, 2)):
        assert np.array_equal(arrays.multiplied(source.numpy()), multiplied(source).numpy())


def test_pixels_are_repeated_where_a_cell_has_fewer_than_eight():
    source = picture(8, 12)
    lattice = to_lattice(source, (2, 3))
    assert lattice.shape == (1, 4, 16, 24)
    assert torch.equal(lattice[..., ::2, ::2], source) and torch.equal(
        lattice[..., 1::2, 1::2], source
    )


def test_pixels_are_averaged_where_a_cell_has_more():
    source = torch.ones(1, 4, 32, 32)
    source[:, :3, ::2] = -1  # rows of black and white
    assert torch.allclose(to_lattice(source, (2, 2))[:, :3], torch.zeros(1, 3, 16, 16), atol=1e-6)


def test_colors_of_transparent_pixels_do_not_bleed_into_averages():
    source = torch.ones(1, 4, 32, 32)
    source[:, 0, ::2], source[:, 3, ::2] = -1, -1  # every other row is cyan, and not there
    lattice = to_lattice(source, (2, 2))
    assert torch.allclose(lattice[:, :3], torch.ones(1, 3, 16, 16)) and torch.allclose(
        lattice[:, 3], torch.zeros(1, 16, 16)
    )


def test_divided_undoes_multiplied_where_something_is():
    source = picture(5, 5)
    source[:, 3] = source[:, 3].clamp_min(-0.9)
    assert torch.allclose(divided(multiplied(source)), source, atol=1e-4)


def test_the_encoder_sees_as_far_as_it_says():
    encoder = CellEncoder(widths=(4, 6), channels=8, dilations=(1, 2))
    for parameter in encoder.parameters():  # the zero start would hide what the blocks see
        torch.nn.init.normal_(parameter, std=0.3, generator=torch.Generator().manual_seed(1))
    lattice, size = picture(8 * 21, 8 * 21), torch.tensor([8.0])
    lattice.requires_grad_()
    encoder(lattice, size)[0, :, 10, 10].sum().backward()
    seen = (lattice.grad.abs().amax((0, 1)).view(21, 8, 21, 8).amax((1, 3)) > 0).any(0).nonzero()
    assert 10 - seen.min() <= encoder.reach and seen.max() - 10 <= encoder.reach


def test_an_untrained_block_changes_nothing():
    encoder = CellEncoder(widths=(4, 6), channels=8, dilations=(1, 4))
    x = picture(6, 6)[:, :1].expand(-1, 8, -1, -1)
    assert torch.equal(encoder.blocks(x), x)


def test_blocks_have_as_many_channels_inside_as_asked_for():
    shapes = [
        [tuple(each.weight.shape[:2]) for each in (block.conv1, block.conv2)]
        for block in (*GridBlocks(8, (1, 2), inner=3), *GridBlocks(8, (1,)))
    ]
    assert shapes == [[(3, 8), (8, 3)], [(3, 8), (8, 3)], [(8, 8), (8, 8)]]


def test_a_cells_samples_become_its_vector_as_if_unshuffled():
    torch.manual_seed(0)
    encoder = CellEncoder(widths=(4, 6), channels=8, dilations=())
    lattice = picture(16, 24)
    x = encoder.conv2(encoder.conv1(multiplied(lattice)).relu()).relu()
    expected = encoder.cell(torch.nn.PixelUnshuffle(2)(x))
    size = encoder.size(torch.zeros(1, 1))[:, :, None, None]
    found = encoder(lattice, torch.tensor([8.0]))
    assert found.shape == (1, 8, 2, 3) and torch.allclose(found, expected + size, atol=1e-5)


def test_the_size_of_cells_counts_between_two_and_sixteen_pixels():
    encoder = CellEncoder(widths=(4, 6), channels=8, dilations=())
    lattice = picture(8, 8)
    results = {size: encoder(lattice, torch.tensor([size])) for size in (1.0, 2, 8, 16, 50)}
    assert torch.equal(results[1.0], results[2]) and torch.equal(results[16], results[50])
    assert not torch.equal(results[2], results[8]) and not torch.equal(results[8], results[16])


def test_colours_of_what_is_not_there_do_not_matter():
    encoder = CellEncoder(widths=(4, 6), channels=8, dilations=(1,))
    lattice = picture(16, 16)
    lattice[:, 3, :, 5:] = -1
    other = lattice.clone()
    other[:, :3, :, 5:] = 0.3
    size = torch.tensor([4.0])
    assert torch.equal(encoder(lattice, size), encoder(other, size))
