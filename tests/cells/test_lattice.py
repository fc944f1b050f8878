"""Colours of networks as pixels."""

import numpy as np
import pytest

from pixelization.cells.lattice import levels, signed
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
