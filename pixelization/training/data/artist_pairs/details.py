"""What a drawing has and a sprite leaves out.

Rings and gleams in eyes, specks, hairlines, hatching.
"""

import numpy as np

from pixelization.cells.lattice import SAMPLES

EYES, SPECKS, HATCHING = 0.5, 0.2, 0.08  # chances of a drawing to have them


def lonely(labels: np.ndarray) -> np.ndarray:
    """Cells with at most one neighbour of eight that has their label, bool ``(h, w)``.

    Pupils, buttons, stars.
    """
    padded = np.pad(labels, 1, constant_values=-1)
    height, width = labels.shape
    same = np.zeros(labels.shape, int)
    for dy in range(3):
        for dx in range(3):
            same += padded[dy : dy + height, dx : dx + width] == labels
    return (same <= 2) & (labels > 0)


def detailed(
    fine: np.ndarray, cells: np.ndarray, extra: list[int], rng: np.random.Generator
) -> None:
    """Paint details into a drawing, in place.

    Args:
        fine: labels of the pixels, int64 ``(8 h, 8 w)``.
        cells: labels of the sprite, int64 ``(h, w)``.
        extra: labels of colours that the sprite does not have: white, black and others.
    """
    if rng.random() < EYES:
        places = np.argwhere(lonely(cells))
        for row, column in places[rng.permutation(len(places))[:8]]:
            if rng.random() < 0.7:
                _eye(
                    fine,
                    (row + 0.5) * SAMPLES,
                    (column + 0.5) * SAMPLES,
                    int(cells[row, column]),
                    extra,
                    rng,
                )
    if rng.random() < SPECKS:
        for _ in range(int(rng.integers(1, 16))):
            row, column = rng.random(2) * fine.shape
            if fine[int(row), int(column)] > 0:
                _disc(fine, row, column, rng.uniform(0.5, 1.3), int(rng.choice(extra)))
    if rng.random() < HATCHING:
        _hatch(fine, int(rng.choice(extra)), rng)


def _eye(
    fine: np.ndarray,
    row: float,
    column: float,
    label: int,
    extra: list[int],
    rng: np.random.Generator,
) -> None:
    """Circles inside one another around a cell's centre: a ring, the detail itself, a gleam.

    Each or none of the outer ones.
    """
    row, column = np.array([row, column]) + rng.uniform(-1.5, 1.5, 2)
    radius = rng.uniform(2.2, 4.5)
    if rng.random() < 0.45:
        _disc(fine, row, column, radius + rng.uniform(0.8, 2.2), int(rng.choice(extra)))
    _disc(fine, row, column, radius, label)
    if rng.random() < 0.6:
        down, across = rng.uniform(-0.5, 0.5, 2) * radius
        gleam = radius * rng.uniform(0.2, 0.5)
        color = extra[0] if rng.random() < 0.8 else int(rng.choice(extra))
        _disc(fine, row + down, column + across, gleam, color)


def _disc(fine: np.ndarray, row: float, column: float, radius: float, label: int) -> None:
    top, left = (max(0, int(place - radius)) for place in (row, column))
    part = fine[top : int(row + radius) + 2, left : int(column + radius) + 2]
    rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
    part[(rows + top + 0.5 - row) ** 2 + (columns + left + 0.5 - column) ** 2 <= radius**2] = label


def _hatch(fine: np.ndarray, label: int, rng: np.random.Generator) -> None:
    """Parallel lines, closer than cells, over the area of one colour, which stays the answer."""
    area = fine == rng.choice(fine.reshape(-1))
    angle, period = rng.uniform(0, np.pi), rng.uniform(3.5, 6.5)
    rows, columns = np.ogrid[: fine.shape[0], : fine.shape[1]]
    lines = (rows * np.sin(angle) + columns * np.cos(angle)) % period < rng.uniform(1.0, 1.6)
    if fine[area].min(initial=1) > 0:
        fine[area & lines] = label
