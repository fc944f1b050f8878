"""Thin strokes over a cartoon and its sprite."""

import numpy as np
import pytest

from pixelization.training.data.stroked import with_strokes

CELLS, CELL = 24, 6


def flat(value: float, alpha: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A picture and its sprite of one grey, RGBA in [-1, 1]."""
    sprite = np.full((4, CELLS, CELLS), value, np.float32)
    sprite[3] = alpha
    return sprite.repeat(CELL, 1).repeat(CELL, 2), sprite


@pytest.mark.parametrize(("value", "alpha"), [(1.0, 1.0), (-1.0, 1.0), (0.1, 1.0), (0.0, -1.0)])
def test_cells_follow_what_the_picture_shows(value: float, alpha: float) -> None:
    picture, sprite = flat(value, alpha)
    rng = np.random.default_rng(3)
    for _ in range(4):
        drawn, cells = with_strokes(picture, sprite, rng)
        changed = (cells != sprite).any(0)
        touched = (drawn != picture).any(0)
        assert changed.any()
        assert drawn.min() >= -1
        assert drawn.max() <= 1
        for row, column in np.argwhere(changed):  # the stroke is in the cell or beside it
            top, left = ((each - 1) * CELL for each in (row, column))
            window = touched[max(0, top) : top + 3 * CELL, max(0, left) : left + 3 * CELL]
            assert window.any()
        inside = touched[CELL:-CELL, CELL:-CELL]  # a stroke may run along the border, outside
        for row, column in np.argwhere(inside) // CELL:
            assert changed[row : row + 3, column : column + 3].any()


@pytest.mark.parametrize("value", [1.0, -1.0, 0.1])
def test_strokes_can_be_seen_on_the_ground(value: float) -> None:
    picture, sprite = flat(value)
    rng = np.random.default_rng(5)
    for _ in range(4):
        cells = with_strokes(picture, sprite, rng)[1]
        changed = (cells != sprite).any(0)
        assert np.linalg.norm(cells[:3, changed] - value, axis=0).min() > 0.5
        assert (cells[3] == 1).all()


def test_strokes_on_nothing_leave_nothing_around_them() -> None:
    picture, sprite = flat(0.0, -1.0)
    drawn, cells = with_strokes(picture, sprite, np.random.default_rng(0))
    assert set(np.unique(cells[3])) == {-1, 1}
    untouched = (drawn == picture).all(0)
    assert untouched.mean() > 0.3
    assert (drawn[3][untouched] == -1).all()
    colors = np.unique(cells[:3, cells[3] > 0], axis=1)
    seen = drawn[:3, drawn[3] > -1].T
    assert all(np.abs(seen - color).max(1).min() < 1e-6 for color in colors.T)


def test_a_picture_without_a_ground_stays_as_it_is() -> None:
    sprite = np.random.default_rng(1).uniform(-1, 1, (4, CELLS, CELLS)).astype(np.float32)
    sprite[3] = 1
    picture = sprite.repeat(CELL, 1).repeat(CELL, 2)
    drawn, cells = with_strokes(picture, sprite, np.random.default_rng(2))
    assert drawn is picture
    assert cells is sprite
