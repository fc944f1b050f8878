"""The pointing network: colours by construction, tiles, gradients."""

import torch

from pixelization.networks.candidates import candidates
from pixelization.networks.main_colors import main_colors
from pixelization.networks.pointer import CellNet, taken


def network():
    torch.manual_seed(3)
    net = CellNet(width=4, channels=8, dilations=(1, 2), hidden=4)
    for parameter in net.encoder.blocks.parameters():  # the zero start would hide the blocks
        torch.nn.init.normal_(parameter, std=0.2)
    return net.eval()


def some_picture(height, width):
    picture = torch.rand(1, 4, height, width, generator=torch.Generator().manual_seed(5)) * 2 - 1
    picture[:, 3] = picture[:, 3].sign()
    return picture


def test_every_cell_is_a_color_of_the_picture_or_nothing():
    picture = some_picture(40, 60)
    main, exists = main_colors(picture[0])
    sprite = network()(picture, (10, 15), main[None], exists[None]).sprite()
    assert sprite.shape == (1, 4, 10, 15)
    there = sprite[0, 3] > 0
    known = set(map(tuple, picture[0, :3].flatten(1).T.tolist())) | set(
        map(tuple, main[exists].tolist())
    )
    assert set(map(tuple, sprite[0, :3, there].T.tolist())) <= known
    assert set(sprite[0, 3].unique().tolist()) <= {-1.0, 1.0}


@torch.no_grad()
def test_a_tile_with_its_margin_equals_the_whole():
    net, picture = (
        network(),
        some_picture(16 * 24, 16 * 24),
    )  # 72 cells of 16/3 pixels: three cells are 16 pixels
    main, exists = (values[None] for values in main_colors(picture[0]))
    whole = net(picture, (72, 72), main, exists).sprite()
    assert net.reach <= 9
    tile = net(
        picture[..., 48:336, 48:336], (54, 54), main, exists
    ).sprite()  # from cell 9 to cell 63
    assert torch.equal(tile[..., 9:45, 9:45], whole[..., 18:54, 18:54])


def test_candidates_that_do_not_exist_are_never_taken():
    picture = torch.ones(1, 4, 32, 32)
    main, exists = torch.rand(1, 16, 3), torch.zeros(1, 16, dtype=torch.bool)
    pointed = network()(picture, (4, 4), main, exists)
    assert torch.equal(pointed.sprite(), torch.ones(1, 4, 4, 4))
    assert pointed.scores[..., 52:].max() < -1000


def test_taken_is_the_candidate_of_that_number():
    lattice = torch.rand(1, 4, 16, 16) * 2 - 1
    choices = candidates(lattice, torch.zeros(1, 0, 3), torch.zeros(1, 0, dtype=torch.bool))
    index = torch.tensor([[[0, 7], [51, 52]]])
    sprite = taken(index, choices)
    assert torch.equal(sprite[0, :3, 0, 1], choices.colors[0, 0, 1, 7])
    assert sprite[0, 3].tolist() == [[1, 1], [1, -1]]


def test_gradients_reach_every_parameter():
    net, picture = (
        network(),
        some_picture(64, 64),
    )  # cells of 16 pixels: at 8, their size has no effect
    pointed = net(picture, (4, 4), torch.rand(1, 16, 3), torch.ones(1, 16, dtype=torch.bool))
    pointed.scores.log_softmax(-1)[..., 3].sum().backward()
    assert all(
        parameter.grad is not None and parameter.grad.isfinite().all()
        for parameter in net.parameters()
    )
    assert all(parameter.grad.abs().sum() > 0 for parameter in net.encoder.parameters())
