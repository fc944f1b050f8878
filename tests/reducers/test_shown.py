"""Samples of cells, and which colours are alike."""

import numpy as np
import pytest

from pixelization.reducers.shown import NEAR, alike, planes, samples, weighed


@pytest.mark.parametrize(("side", "per_cell", "taken"), [
    (8, 2, [1, 3, 5, 7]),  # two cells of 4 pixels: those amid each half
    (6, 1, [1, 4]),
    (4, 4, [0, 0, 1, 1, 2, 2, 3, 3]),
])  # fmt: skip
def test_samples_lie_amid_their_parts_of_a_cell(side, per_cell, taken):
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[..., 0], pixels[..., 1] = np.mgrid[:side, :side]
    places = np.arange(2 * per_cell)
    rows = samples(pixels, (2, 2), places, np.zeros_like(places), per_cell)
    columns = samples(pixels, (2, 2), np.zeros_like(places), places, per_cell)
    assert rows[:, 0].tolist() == taken and columns[:, 1].tolist() == taken


def test_samples_off_the_picture_are_those_of_its_border():
    pixels = np.arange(16, dtype=np.uint8).reshape(2, 2, 4)
    assert samples(pixels, (2, 2), np.array([-3]), np.array([9]), 1)[0].tolist() == [4, 5, 6, 7]


def test_colours_weigh_what_their_alpha_is():
    colors = np.array([[[255, 100, 0, 255], [255, 100, 0, 51], [255, 100, 0, 0]]], np.uint8)
    assert weighed(colors).tolist() == [[[255, 100, 0, 255], [51, 20, 0, 51], [0, 0, 0, 0]]]
    assert (planes(colors) == weighed(colors).transpose(2, 0, 1)).all()


def test_what_is_alike():
    grey = np.array([100, 100, 100, 255])[:, None]
    for channel in range(3):
        other = np.repeat(grey, 2, axis=1)
        other[channel] += (NEAR, NEAR + 1)
        assert alike(other, grey).tolist() == [True, False]
    clear, black = np.zeros((4, 1), int), np.array([0, 0, 0, 255])[:, None]
    assert alike(clear, clear).all() and not alike(clear, black).any()


def test_colours_are_weighed_by_alpha_and_rounded_down():
    levels, alphas = np.mgrid[:256, :256]
    colors = np.stack([levels, levels, levels, alphas], axis=2).astype(np.uint8)
    made = weighed(colors)
    assert made.dtype == np.int16 and (made[..., 3] == alphas).all()
    assert (made[..., :3] == (levels * alphas // 255)[..., None]).all()
