"""The pointing network: colours by construction, tiles, gradients."""

import pytest
import torch

from pixelization.networks.candidates import Candidates, candidates
from pixelization.networks.lattice import to_lattice
from pixelization.networks.pointer import (
    NEVER,
    CellNet,
    Pointed,
    PointerHead,
    taken,
)


def network():
    torch.manual_seed(3)
    net = CellNet(widths=(4, 6), channels=8, dilations=(1, 2), hidden=4)
    for parameter in net.encoder.blocks.parameters():  # the zero start would hide the blocks
        torch.nn.init.normal_(parameter, std=0.2)
    return net.eval()


def some_picture(height, width):
    picture = torch.rand(1, 4, height, width, generator=torch.Generator().manual_seed(5)) * 2 - 1
    picture[:, 3] = picture[:, 3].sign()
    return picture


def pointed_at(net, picture, grid):
    return net(to_lattice(picture, grid), torch.tensor([picture.shape[-1] / grid[1]]))


def test_every_cell_is_a_color_of_the_picture_or_nothing():
    picture = some_picture(40, 60)
    sprite = pointed_at(network(), picture, (10, 15)).sprite()
    assert sprite.shape == (1, 4, 10, 15)
    there = sprite[0, 3] > 0
    known = set(map(tuple, picture[0, :3].flatten(1).T.tolist()))
    assert set(map(tuple, sprite[0, :3, there].T.tolist())) <= known
    assert set(sprite[0, 3].unique().tolist()) <= {-1.0, 1.0}


@torch.no_grad()
def test_a_tile_with_its_margin_equals_the_whole():
    # 72 cells of 16/3 pixels: three cells are 16 pixels
    net, picture = network(), some_picture(16 * 24, 16 * 24)
    whole = pointed_at(net, picture, (72, 72)).sprite()
    assert net.reach <= 9
    tile = pointed_at(
        net, picture[..., 48:336, 48:336], (54, 54)
    ).sprite()  # from cell 9 to cell 63
    assert torch.equal(tile[..., 9:45, 9:45], whole[..., 18:54, 18:54])


def test_candidates_that_do_not_exist_are_never_taken():
    picture = torch.ones(1, 4, 32, 32)
    pointed = pointed_at(network(), picture, (4, 4))
    assert torch.equal(pointed.sprite(), torch.ones(1, 4, 4, 4))
    assert (pointed.scores[..., 1:] == NEVER).all()  # all is alike: there is one colour to take


def test_taken_is_the_candidate_of_that_number():
    lattice = torch.rand(1, 4, 16, 16) * 2 - 1
    choices = candidates(lattice)
    index = torch.tensor([[[0, 7], [19, 20]]])
    sprite = taken(index, choices)
    assert torch.equal(sprite[0, :3, 0, 1], choices.colors[0, 0, 1, 7])
    assert torch.equal(sprite[0, :3, 1, 0], choices.colors[0, 1, 0, 19])
    assert sprite[0, 3].tolist() == [[1, 1], [1, -1]]


WHITE, BLACK, GREY = (1.0, 1.0, 1.0), (-1.0, -1.0, -1.0), (0.0, 0.0, 0.0)


def one_cell(colors, shares):
    """A cell whose candidates have these probabilities; "nothing" comes last."""
    colors = torch.tensor([*colors, GREY])[None, None, None]
    scores = torch.tensor(shares).log()[None, None, None]
    return Pointed(scores, Candidates(colors, torch.ones_like(scores) > 0), torch.zeros(1, 1, 1, 1))


@pytest.mark.parametrize(
    "colors, shares, number",
    [
        # three whites win over a black that is more probable than each
        ([WHITE, WHITE, WHITE, BLACK], [0.18, 0.22, 0.2, 0.3, 0.1], 1),
        # nearly white counts as white, and the most probable of both is taken
        ([(0.98, 1, 1), WHITE, BLACK], [0.3, 0.25, 0.4, 0.05], 0),
        # "nothing" is like itself only, whatever stands in its place
        ([GREY, GREY, BLACK], [0.2, 0.15, 0.25, 0.4], 3),
        ([GREY, GREY, BLACK], [0.3, 0.25, 0.1, 0.35], 0),
        # a chain: the middle one is like both ends, which are not alike
        ([(0.0, 0.0, 0.0), (0.1, 0, 0), (0.2, 0, 0)], [0.35, 0.3, 0.3, 0.05], 0),
        ([WHITE], [1.0, 1e-9], 0),
        ([WHITE], [0.25, 0.75], 1),
    ],
)
def test_equal_colours_share_their_probability(colors, shares, number):
    assert one_cell(colors, shares).chosen().item() == number


def test_a_score_is_that_of_its_colour_place_and_surroundings():
    torch.manual_seed(0)
    head = PointerHead(3, hidden=2, near=3)
    features = torch.randn(1, 3, 1, 1)
    colors = torch.randn(1, 1, 1, 4, 3)
    exists = torch.tensor([True, True, False, True])[None, None, None]
    scores = head(features, Candidates(colors, exists))[0, 0, 0]
    shift, query = head.context(features).flatten().chunk(2)
    mean = colors[0, 0, 0, [0, 1, 3]].mean(0)
    for number in (0, 1, 3):
        hidden = head.color(colors[0, 0, 0, number]) + head.place[number] + shift + head.mean(mean)
        expected = hidden.relu() @ (head.score + query)
        assert scores[number].item() == pytest.approx(expected.item(), abs=1e-5)
    assert scores[2] == NEVER


def test_gradients_reach_every_parameter():
    # cells of 16 pixels: at 8, their size has no effect
    net, picture = network(), some_picture(64, 64)
    pointed = pointed_at(net, picture, (4, 4))
    pointed.scores.log_softmax(-1)[..., 3].sum().backward()
    assert all(
        parameter.grad is not None and parameter.grad.isfinite().all()
        for parameter in net.parameters()
    )
    assert all(parameter.grad.abs().sum() > 0 for parameter in net.encoder.parameters())
