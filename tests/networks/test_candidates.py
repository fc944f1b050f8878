"""Candidates are real colours of the cell's window, and nothing."""

import pytest
import torch

from pixelization.cells.candidates import PLAIN, WINDOW
from pixelization.networks.candidates import candidates


def lattice_of(cells):
    """A lattice whose cells are flat, from RGBA ``(h, w, 4)``."""
    cells = torch.tensor(cells, dtype=torch.float32).permute(2, 0, 1)[None]
    return cells.repeat_interleave(8, 2).repeat_interleave(8, 3)


def spotted(height, width, *spots):
    """White, with black samples at these places."""
    lattice = torch.ones(1, 4, height * 8, width * 8)
    for y, x in spots:
        lattice[:, :3, y, x] = -1
    return lattice


def black(colors, y, x):
    """Numbers of the candidates of a cell that are black."""
    return (colors[0, y, x] == -1).all(-1).nonzero().flatten().tolist()


def test_every_candidate_is_a_sample_of_the_window():
    lattice = torch.rand(1, 4, 24, 24, generator=torch.Generator().manual_seed(0)) * 2 - 1
    lattice[:, 3] = 1
    colors, exists = candidates(lattice)
    # of the cell in the middle, with half a cell around it
    window = lattice[0, :3, 4:20, 4:20].flatten(1).T
    found = colors[0, 1, 1, : WINDOW + PLAIN]
    assert found.shape == (20, 3)
    assert ((found[:, None] - window[None]).abs().sum(-1) == 0).any(1).all()
    # all is opaque: nothing is no choice
    assert exists[0, 1, 1, :-1].all() and not exists[..., -1].any()


def test_the_extreme_of_a_block_has_its_place_in_every_window_that_holds_it():
    colors, _ = candidates(spotted(3, 3, (9, 10)))  # in the middle's upper left quarter
    found = {(y, x): black(colors, y, x) for y in range(3) for x in range(3)}
    assert found == {cell: [] for cell in found} | {
        (1, 1): [5],
        (0, 1): [13],
        (1, 0): [7],
        (0, 0): [15],
    }


def test_plain_candidates_are_amid_the_quarters_of_the_cell():
    lattice = torch.ones(1, 4, 24, 24)
    places = [(10, 10), (10, 14), (14, 10), (14, 14)]
    for number, (y, x) in enumerate(places):
        lattice[:, 0, y, x] = number / 8
    colors, _ = candidates(lattice)
    assert colors[0, 1, 1, WINDOW : WINDOW + PLAIN, 0].tolist() == [0, 1 / 8, 2 / 8, 3 / 8]


def test_beyond_the_border_the_border_is_repeated():
    colors, _ = candidates(spotted(2, 2, (0, 0)))
    assert black(colors, 0, 0) == [0, 1, 4, 5] and not black(colors, 1, 1)


def test_of_a_block_the_sample_farthest_from_the_mean_around_is_taken():
    lattice = torch.zeros(1, 4, 24, 24)
    lattice[:, 3] = 1
    lattice[:, :3, 8, 8], lattice[:, :3, 9, 9] = 0.5, -0.6
    assert candidates(lattice).colors[0, 1, 1, 5].tolist() == [pytest.approx(-0.6)] * 3
    lattice[:, :3, 8, 8] = 0.7
    assert candidates(lattice).colors[0, 1, 1, 5].tolist() == [pytest.approx(0.7)] * 3


def test_nothing_comes_last():
    colors, exists = candidates(spotted(2, 3, (9, 20)))
    assert colors.shape == (1, 2, 3, WINDOW + PLAIN + 1, 3)
    assert not colors[..., -1, :].any() and not exists[..., -1].any()


def test_gradients_go_to_the_samples_that_are_candidates():
    lattice = spotted(1, 1, (1, 2)).requires_grad_()
    colors, _ = candidates(lattice)
    colors[..., WINDOW, :].sum().backward()  # the first plain one
    assert lattice.grad.nonzero().tolist() == [[0, channel, 2, 2] for channel in range(3)]


def test_a_thin_stroke_beside_the_cell_is_a_candidate():
    lattice = torch.ones(1, 4, 24, 24)
    lattice[:, :3, :, 17] = -1  # black, in the right cell's second column
    colors, _ = candidates(lattice)
    some = (colors == -1).all(-1).any(-1)[0]
    assert some[:, 1].all() and some[:, 2].all() and not some[:, 0].any()


def test_extremes_are_not_mixtures():
    lattice = torch.ones(1, 4, 24, 24)
    lattice[:, :3, :, 11], lattice[:, :3, :, 12:] = 0.0, -1.0  # white, one column of grey, black
    colors, _ = candidates(lattice)
    assert not (colors[0, 1, 1, :WINDOW] == 0).all(-1).any()


def test_nothing_exists_beside_transparency_and_colors_do_not_inside_it():
    red, empty = (1, -1, -1, 1), (0, 0, 0, -1)
    lattice = lattice_of([[red, red, empty, empty]])
    _colors, exists = candidates(lattice)
    assert exists[0, 0, :, -1].tolist() == [False, True, True, True]
    assert exists[0, 0, :, :-1].any(-1).tolist() == [True, True, True, False]


def test_where_all_is_alike_there_is_one_colour_and_no_choice():
    lattice = lattice_of([[(1, -1, -1, 1)] * 3])
    choices = candidates(lattice)
    assert choices.settled().all() and choices.exists[..., 0].all()
    lattice[0, 0, 3, 9] = 0.99  # in the left half of the cell amid, so in two windows
    choices = candidates(lattice)
    assert choices.settled()[0, 0, :, 0].tolist() == [False, False, True]
    assert choices.exists[0, 0, 1, :-1].all()
