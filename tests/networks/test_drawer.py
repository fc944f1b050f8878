"""DepixelNet on the grid: mixtures of the cells around, and nothing else."""

import pytest
import torch
import torch.nn.functional as F

from pixelization.networks.drawer import DrawNet
from pixelization.networks.lattice import divided, multiplied
from pixelization.networks.tensors import to_arrays


def network(*, trained=True):
    torch.manual_seed(1)
    net = DrawNet(channels=8, dilations=(1, 2))
    if trained:  # it starts as an interpolation
        for parameter in net.parameters():
            torch.nn.init.normal_(parameter, std=0.4)
    return net.eval()


def sprite(height, width, *, alpha=True, batch=1, seed=3):
    generator = torch.Generator().manual_seed(seed)
    cells = torch.rand(batch, 4, height, width, generator=generator) * 2 - 1
    cells[:, 3] = (cells[:, 3] + 0.5).sign() if alpha else 1
    cells[:, :3] *= cells[:, 3:] > 0
    return cells


def cells_around(cells):
    """Of every sample the 3 x 3 cells around its cell, least and most: two of one shape."""
    padded = F.pad(cells, (1, 1, 1, 1), mode="replicate")
    extremes = -F.max_pool2d(-padded, 3, 1), F.max_pool2d(padded, 3, 1)
    return (each.repeat_interleave(8, 2).repeat_interleave(8, 3) for each in extremes)


@torch.no_grad()
def test_before_training_it_is_a_soft_interpolation():
    cells = sprite(6, 9, alpha=False)
    drawn = network(trained=False)(cells)
    assert drawn.shape == (1, 4, 48, 72)
    nearest = F.interpolate(cells, scale_factor=8, mode="nearest")
    bilinear = F.interpolate(cells, scale_factor=8, mode="bilinear")
    apart = (drawn - nearest).abs().mean(), (drawn - bilinear).abs().mean()
    assert max(apart) < 0.6 * (nearest - bilinear).abs().mean()
    # amid a cell it is that cell's colour, more than half
    middle = drawn[..., 4::8, 4::8]
    assert ((middle - cells).abs() <= 0.5 * 2).all() and (middle - cells).abs().mean() < 0.2


@torch.no_grad()
def test_before_training_it_is_as_symmetric_as_the_sprite():
    cells = sprite(5, 7)
    net = network(trained=False)
    drawn = net(cells)
    assert torch.allclose(net(cells.flip(-1)), drawn.flip(-1), atol=1e-6)
    assert torch.allclose(net(cells.flip(-2)), drawn.flip(-2), atol=1e-6)
    turned = net(cells.transpose(2, 3).contiguous())
    assert torch.allclose(turned, drawn.transpose(2, 3), atol=1e-6)


@torch.no_grad()
def test_no_sample_leaves_the_range_of_the_cells_around():
    cells = sprite(7, 6)
    drawn = network()(cells)
    low, high = cells_around(multiplied(cells))
    assert (drawn >= low - 1e-5).all() and (drawn <= high + 1e-5).all()
    assert ((drawn > low + 0.01) & (drawn < high - 0.01)).any()  # and mixes them


@torch.no_grad()
@pytest.mark.parametrize("color", [(12, 200, 255), (0, 0, 0), (255, 255, 255), (127, 128, 1)])
def test_flat_stays_flat(color):
    value = torch.tensor(color) / 127.5 - 1
    cells = sprite(8, 8, alpha=False)
    cells[:, :3, 2:7, 1:6] = value[:, None, None]
    drawn = to_arrays(network()(cells)[:, :3])[0]
    inner = drawn[3 * 8 : 6 * 8, 2 * 8 : 5 * 8]  # whose 3 x 3 cells are all alike
    assert (inner == color).all()


@torch.no_grad()
def test_where_all_around_is_nothing_or_opaque_alpha_is_exact():
    cells = sprite(8, 8, alpha=False)
    cells[:, :, :, :4] = torch.tensor([0.0, 0, 0, -1])[:, None, None]
    alpha = network()(cells)[:, 3]
    assert torch.allclose(alpha[..., : 3 * 8], -torch.ones(())), "nothing"
    assert torch.allclose(alpha[..., 5 * 8 :], torch.ones(())), "opaque"
    edge = alpha[..., 3 * 8 : 5 * 8]
    assert ((edge > -0.99) & (edge < 0.99)).any()


@torch.no_grad()
def test_colours_do_not_mix_with_what_is_not_there():
    cells = sprite(6, 6)
    red = torch.tensor([1.0, -1, -1])
    cells[:, :3] = red[:, None, None] * (cells[:, 3:] > 0)
    drawn = network()(cells)
    seen = drawn[:, 3:] > -0.9
    apart = (divided(drawn)[:, :3] - red[:, None, None]).abs()
    assert apart[seen.expand(-1, 3, -1, -1)].max() < 1e-3
    hidden = torch.where(cells[:, 3:] > 0, cells, torch.tensor([0.3, 0.9, -0.5, -1])[:, None, None])
    assert torch.equal(network()(hidden), drawn)


@torch.no_grad()
@pytest.mark.parametrize("top, left, height, width", [(3, 4, 9, 7), (0, 0, 1, 1), (11, 19, 9, 2)])
def test_a_tile_with_its_margin_equals_the_whole(top, left, height, width):
    net, cells = network(), sprite(20, 21)
    whole = net(cells)
    above, before = max(0, top - net.reach), max(0, left - net.reach)
    tile = net(cells[..., above : top + height + net.reach, before : left + width + net.reach])
    rows = slice((top - above) * 8, (top - above + height) * 8)
    columns = slice((left - before) * 8, (left - before + width) * 8)
    part = whole[..., top * 8 : (top + height) * 8, left * 8 : (left + width) * 8]
    assert torch.equal(tile[..., rows, columns], part)


def test_it_sees_as_far_as_it_says():
    net, cells = network(), sprite(23, 23).requires_grad_()
    net(cells)[0, :, 11 * 8 : 12 * 8, 11 * 8 : 12 * 8].sum().backward()
    rows = (cells.grad.abs().amax((0, 1, 3)) > 0).nonzero()
    assert 11 - rows.min() == rows.max() - 11 == net.reach


def test_gradients_reach_every_parameter_and_the_sprite():
    net, cells = network(), sprite(5, 6, batch=2).requires_grad_()
    (net(cells) ** 2).mean().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in net.parameters())
    assert cells.grad.abs().sum() > 0
