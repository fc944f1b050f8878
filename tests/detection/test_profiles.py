"""Where the colours of lines change."""

import numpy as np
import pytest

from pixelization.detection.profiles import (
    changes_along,
    comb_share,
    lines_along,
    periods_along,
)


def test_premultiplied_lines_and_where_they_change():
    image = np.zeros((2, 6, 4), np.uint8)
    image[:, 3:] = (100, 50, 0, 255)
    image[:, :2, :3] = 99  # hidden
    lines = lines_along(image, 0)
    assert (
        lines.shape == (2, 6, 4)
        and lines[0, 4].tolist() == [100, 50, 0, 255]
        and not lines[0, :3].any()
    )
    assert changes_along(lines).tolist() == [3]
    assert lines_along(image, 1).shape == (6, 2, 4) and not len(
        changes_along(lines_along(image, 1))
    )


def test_periods_hold_that_of_a_comb():
    lines = np.repeat(np.random.default_rng(0).integers(0, 256, (5, 30, 3)), 7, axis=1).astype(
        np.float32
    )
    assert min(abs(period - 7) for period in periods_along(lines, 40)) < 0.05


def test_the_share_of_a_comb_is_that_of_its_places():
    lines = np.zeros((1, 41, 1), np.float32)
    lines[0, 20:] = 200  # at 20 a step of 200, at 23 one of 50
    lines[0, 23:] += 50
    lines[0, 30:] += 20  # less than counts
    # of every 20 pixels one place has 200 of 250; by chance a place has 1 of 20
    assert comb_share(lines, 20, 20) == pytest.approx((0.8 - 1 / 20) / (1 - 1 / 20))
    assert comb_share(lines, 3, 3) == pytest.approx(1)
    assert comb_share(50 * np.arange(40, dtype=np.float32).reshape(1, 40, 1), 2, 9) < 0.05
    assert comb_share(np.zeros((1, 40, 1), np.float32), 2, 9) < 1e-6
