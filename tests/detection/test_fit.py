"""How well cells explain lines."""

import math

import numpy as np
import pytest

from pixelization.detection.fit import KERNELS, exact_grid, residual, sketch


@pytest.mark.parametrize("kernel", KERNELS)
def test_residual_is_least_where_the_image_was_made_with_the_kernel(kernel):
    cell, length = 6.3, 126
    weight, reach = KERNELS[kernel]
    position = (np.arange(length) + 0.5) / cell
    columns = position.astype(int)[:, None] + np.arange(-reach, reach + 1)
    weights = weight(position[:, None] - columns - 0.5, cell) * ((columns >= 0) & (columns < 20))
    weights /= weights.sum(axis=1, keepdims=True)
    values = np.random.default_rng(0).normal(0, 50, (20, 30))
    samples = np.einsum("lk,lkn->ln", weights, values[columns.clip(0, 19)])
    at_truth = residual(samples, cell, 0, kernel)
    assert at_truth < math.log(0.06)
    for wrong in ((cell, cell / 2), (cell * 1.1, 0), (cell * 2, 0)):
        assert residual(samples, *wrong, kernel) > at_truth + 3


def test_residual_of_boxes_by_hand():
    samples = np.array([[0.0], [2.0], [10.0], [10.0]])
    # mean 1 leaves 1 + 1
    assert residual(samples, 2, 0, "box") == pytest.approx(math.log(2 / 4 + 0.05))
    assert residual(samples, 4, 0, "box") == pytest.approx(math.log(83 / 4 + 0.05))


def test_sketch_keeps_the_variance_of_lines():
    lines = np.random.default_rng(1).normal(0, 10, (300, 200, 3)).astype(np.float32)
    assert sketch(lines).shape[0] == 200
    assert sketch(lines).var() == pytest.approx(100, rel=0.1)


def test_exact_grid_is_found_to_the_pixel_or_not_at_all():
    borders = np.ceil(np.array([1, 2, 4, 5, 9, 14, 20]) * 5.4 - 1.7 - 0.5).astype(int)
    cell, phase = exact_grid(borders, 5.45, -2.0)
    assert cell == pytest.approx(5.4, abs=0.03) and phase == pytest.approx(-1.7, abs=0.5)
    assert (np.ceil(np.array([1, 2, 4, 5, 9, 14, 20]) * cell + phase - 0.5) == borders).all()
    moved = borders.copy()
    moved[3] += 2
    assert exact_grid(moved, 5.4, -1.7) is None
    assert exact_grid(np.arange(1, 40), 2.0, 0.0) is None  # changes everywhere are no cells of 2
