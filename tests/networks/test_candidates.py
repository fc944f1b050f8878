"""Candidates are real colours of the cell's window, the main colours, and nothing."""

import torch

from pixelization.networks.candidates import PLAIN, WINDOW, candidates
from pixelization.networks.main_colors import main_colors

NO_MAIN = (torch.zeros(1, 0, 3), torch.zeros(1, 0, dtype=torch.bool))


def lattice_of(cells):
    """A lattice whose cells are flat, from RGBA ``(h, w, 4)``."""
    cells = torch.tensor(cells, dtype=torch.float32).permute(2, 0, 1)[None]
    return cells.repeat_interleave(8, 2).repeat_interleave(8, 3)


def test_every_candidate_is_a_sample_of_the_window():
    lattice = torch.rand(1, 4, 24, 24) * 2 - 1
    lattice[:, 3] = 1
    colors, exists = candidates(lattice, *NO_MAIN)
    window = (
        lattice[0, :3, 6:18, 6:18].flatten(1).T
    )  # of the cell in the middle, with two samples around it
    found = colors[0, 1, 1, : WINDOW + PLAIN]
    assert found.shape == (52, 3)
    assert ((found[:, None] - window[None]).abs().sum(-1) == 0).any(1).all()
    assert (
        exists[0, 1, 1, :-1].all() and not exists[..., -1].any()
    )  # all is opaque: nothing is no choice


def test_a_thin_stroke_beside_the_cell_is_a_candidate():
    lattice = torch.ones(1, 4, 24, 24)
    lattice[:, :3, :, 17] = -1  # black, in the right cell's second column
    colors, _ = candidates(lattice, *NO_MAIN)
    black = (colors == -1).all(-1).any(-1)[0]
    assert black[:, 1].all() and black[:, 2].all() and not black[:, 0].any()


def test_extremes_are_not_mixtures():
    lattice = torch.ones(1, 4, 24, 24)
    lattice[:, :3, :, 11], lattice[:, :3, :, 12:] = 0.0, -1.0  # white, one column of grey, black
    colors, _ = candidates(lattice, *NO_MAIN)
    assert not (colors[0, 1, 1, :WINDOW] == 0).all(-1).any()


def test_nothing_exists_beside_transparency_and_colors_do_not_inside_it():
    red, empty = (1, -1, -1, 1), (0, 0, 0, -1)
    lattice = lattice_of([[red, red, empty, empty]])
    _colors, exists = candidates(lattice, torch.ones(1, 2, 3), torch.tensor([[True, False]]))
    assert exists[0, 0, :, -1].tolist() == [False, True, True, True]
    assert exists[0, 0, :, -3].tolist() == [True, True, True, False]  # the first main colour
    assert not exists[..., -2].any()  # the second does not exist
    assert exists.any(-1).all()


def test_main_colors_come_in_the_order_of_their_counts_and_apart():
    picture = torch.ones(4, 10, 10)
    picture[:3, :3] = torch.tensor([1.0, -1, -1])[:, None, None]
    picture[:3, 3] = torch.tensor([0.99, -1, -1])[:, None]  # nearly the same red
    picture[3, 9] = -1  # and a row of nothing
    colors, exists = main_colors(picture, 4)
    assert exists.tolist() == [True, True, False, False]
    assert colors[0].tolist() == [1, 1, 1] and colors[1].tolist() == [1, -1, -1]


def test_main_colors_of_an_empty_picture_do_not_exist():
    assert not main_colors(-torch.ones(4, 6, 6))[1].any()
