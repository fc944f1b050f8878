"""Metrics by hand."""

import numpy as np
import pytest

from pixelization.evaluation.metrics.colors import color_distance
from pixelization.evaluation.metrics.sprites import intermediate_share, isolated_share


def canvas(*size):
    return np.full((*size, 3), 255, np.uint8)


def test_color_distance():
    white, black = canvas(4, 4), np.zeros((4, 4, 3), np.uint8)
    assert color_distance(white, white) == 0
    assert color_distance(white, black) == pytest.approx(100, abs=0.01)
    half = white.copy()
    half[:2] = 0
    assert color_distance(half, white) == pytest.approx(50, abs=0.01)


def test_isolated_share():
    sprite = canvas(8, 8)
    assert isolated_share(sprite) == 0
    sprite[1, 1] = 0  # alone
    # a diagonal line of nearly one colour is company
    sprite[4, 4], sprite[5, 5], sprite[6, 4] = 0, 10, 0
    assert isolated_share(sprite) == 1 / 4


def test_intermediate_share():
    sprite = canvas(5, 9)
    sprite[:, :4] = 0
    assert intermediate_share(sprite) == 0
    # every edge now runs through it: 0 128 255; beside it 0 0 128 and 128 255 255 are edges too
    sprite[:, 4] = 128
    assert intermediate_share(sprite) == pytest.approx(1 / 3)
    sprite[:, 4] = (255, 0, 0)  # a colour of its own, not a blend
    assert intermediate_share(sprite) == 0
