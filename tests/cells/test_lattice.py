"""Colours of networks as pixels, and of pixels as networks see them."""

import numpy as np
import pytest

from pixelization.cells.lattice import levels, multiplied, signed
from pixelization.errors import UserError


def test_every_level_comes_back():
    every = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert np.array_equal(levels(signed(every)), every)


def test_what_is_out_of_range_is_clipped():
    values = np.array([[-np.inf, -1.5, -1, 0.0, 1, 1.5, np.inf]], np.float32)
    assert levels(values).tolist() == [[0, 0, 0, 128, 255, 255, 255]]


@pytest.mark.parametrize("at", [0, 5])
def test_no_numbers_are_no_picture(at):
    values = np.zeros((2, 3), np.float32)
    values.flat[at] = np.nan
    with pytest.raises(UserError, match="weights give colours that are no numbers"):
        levels(values)


def test_colours_count_by_their_opacity():
    lattice = np.full((1, 4, 8, 8), 0.5, np.float32)
    lattice[0, 3] = 1
    assert multiplied(lattice) is lattice
    lattice[0, 3, 0, :3] = -1, 0, 0.5
    expected = lattice.copy()
    expected[0, :3, 0, :3] = 0, 0.25, 0.375
    assert np.array_equal(multiplied(lattice), expected)
