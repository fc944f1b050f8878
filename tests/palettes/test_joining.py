"""Cells of photos between two colours take the one around them."""

import numpy as np
import pytest

from pixelization.palettes.joining import AROUND, JOIN, joined

TARGETS = np.array([[0.2, 0, 0], [0.4, 0, 0], [0.9, 0, 0]])


def field(lightness, size=5):
    points = np.zeros((size, size, 3))
    points[..., 0] = lightness
    return points


def nearest(points):
    return ((points[..., None, :] - TARGETS) ** 2).sum(axis=-1).argmin(axis=-1)


@pytest.mark.parametrize(("lightness", "label"), [(0.301, 0), (0.325, 0), (0.35, 1), (0.9, 2)])
def test_a_single_cell_joins_if_that_costs_less_than_its_six_neighbours(lightness, label):
    points = field(0.25)
    points[2, 2, 0] = lightness
    # 0.4 is nearer to 0.325 by 0.125^2 - 0.075^2 = 0.01, less than 6 JOIN = 0.012;
    # to 0.35 by 0.15^2 - 0.05^2 = 0.02
    expected = np.zeros((5, 5), int)
    expected[2, 2] = label
    assert np.array_equal(joined(points, nearest(points), TARGETS), expected)


def test_a_colour_of_the_palette_stays():
    points = field(0.25)
    points[2, 2] = TARGETS[1]
    close = np.array([[0.25, 0, 0], [0.27, 0, 0], [0.4, 0, 0]])
    chosen = ((points[..., None, :] - close) ** 2).sum(axis=-1).argmin(axis=-1)
    points[1, 1] = close[1]
    chosen[1, 1] = 1
    made = joined(points, chosen, close)
    assert made[1, 1] == 1 and made[2, 2] == 2


def test_nothing_has_no_say():
    points = field(0.301, 3)
    chosen = np.full((3, 3), -1)
    chosen[1, 1] = 1
    assert joined(points, chosen, TARGETS).tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]


@pytest.mark.parametrize("seed", range(5))
def test_what_it_looks_for_gets_less(seed):
    rng = np.random.default_rng(seed)
    targets = rng.random((40, 3)) * 0.4 + 0.3
    points = rng.random((13, 10, 3)) * 0.4 + 0.3
    chosen = ((points[..., None, :] - targets) ** 2).sum(axis=-1).argmin(axis=-1)
    chosen[rng.random(chosen.shape) < 0.2] = -1

    def energy(labels):
        labels = np.where(chosen < 0, -1, labels)
        away = ((points - targets[labels]) ** 2).sum(axis=-1)[chosen >= 0].sum()
        padded = np.pad(labels, 1, constant_values=-1)
        alike = sum(
            weight * ((padded[1 + y : 14 + y, 1 + x : 11 + x] == labels) & (labels >= 0)).sum()
            for (y, x), weight in AROUND.items()
        )
        return away - JOIN * alike / 2  # every two neighbours once

    made = joined(points, chosen, targets)
    assert energy(made) < energy(chosen)
    again = joined(points, np.where(chosen < 0, -1, made), targets)
    assert energy(again) <= energy(made) + 1e-9
