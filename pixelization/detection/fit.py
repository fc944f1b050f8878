"""How well cells of one size and phase explain the lines of an image."""

import math
from collections.abc import Callable

import numpy as np
import scipy

SKETCH = 24  # combinations of lines that stand for all
APERTURE = 0.3  # pixels; even the sharpest border that is not on a pixel's is this soft
NOISE = 0.05  # added to residuals before their logarithm: about what rounding to uint8 leaves


Weight = Callable[[np.ndarray, float], np.ndarray]
"""(Distances of pixels from the centre of a cell in cells, cell in pixels) -> weights."""


def _soft(sigma: float) -> Weight:
    def weight(distance: np.ndarray, cell: float) -> np.ndarray:
        spread = math.hypot(sigma, APERTURE / cell)
        return scipy.special.ndtr((distance + 0.5) / spread) - scipy.special.ndtr(
            (distance - 0.5) / spread
        )

    return weight


def _box(distance: np.ndarray, cell: float) -> np.ndarray:
    return ((distance >= -0.5) & (distance < 0.5)).astype(float)


def _triangle(distance: np.ndarray, cell: float) -> np.ndarray:
    return np.maximum(0, 1 - np.abs(distance))


def _cubic(distance: np.ndarray, cell: float) -> np.ndarray:
    d = np.abs(distance)
    return np.where(
        d < 1, (1.5 * d - 2.5) * d * d + 1, np.where(d < 2, ((-0.5 * d + 2.5) * d - 4) * d + 2, 0)
    )


def _lanczos(distance: np.ndarray, cell: float) -> np.ndarray:
    return np.where(np.abs(distance) < 3, np.sinc(distance) * np.sinc(distance / 3), 0)


# Weight of a cell in a pixel by the distance of their centres in cells, and how many cells away it
# may be: nearest neighbour, that blurred by a Gaussian (sigma in cells), bilinear, bicubic (a =
# -0.5, as in Pillow), Lanczos.
KERNELS = {
    "box": (_box, 0),
    "soft-0": (_soft(0.02), 1),
    "soft-0.1": (_soft(0.1), 1),
    "soft-0.2": (_soft(0.2), 1),
    "soft-0.3": (_soft(0.3), 2),
    "soft-0.4": (_soft(0.4), 2),
    "triangle": (_triangle, 1),
    "cubic": (_cubic, 2),
    "lanczos": (_lanczos, 3),
}


def sketch(lines: np.ndarray) -> np.ndarray:
    """Random combinations of lines; any fit to them has, but for chance, the residual of the fit to
    all lines.

    Args:
        lines: float32 ``(lines, length, C)``.

    Returns:
        float64 ``(length, SKETCH)``, of the variance of one line.
    """
    flat = lines.transpose(0, 2, 1).reshape(-1, lines.shape[1])
    flat = flat - flat.mean(axis=1, keepdims=True)
    signs = np.random.default_rng(0).choice(np.array([-1, 1], np.float32), size=(SKETCH, len(flat)))
    return np.ascontiguousarray((signs @ flat).T / math.sqrt(len(flat)), dtype=float)


def residual(samples: np.ndarray, cell: float, phase: float, kernel: str) -> float:
    """What is left of the lines after the best fit of one value per cell: log of mean square.

    Args:
        samples: float64 ``(length, n)``, from ``sketch``.
        cell, phase: in pixels; the phase may be any.
        kernel: one of ``KERNELS``.
    """
    weight, reach = KERNELS[kernel]
    length, width = len(samples), 2 * reach + 1
    position = (np.arange(length) + 0.5 + (-phase % cell)) / cell
    home = position.astype(int)
    if kernel == "box":
        starts = np.flatnonzero(np.diff(home, prepend=-1))
        sums = np.add.reduceat(samples, starts, axis=0)
        left = _dot(samples, samples) - _dot(sums, sums / np.diff(starts, append=length)[:, None])
        return math.log(max(left, 0) / samples.size + NOISE)
    cells = int(home[-1]) + 1
    columns = home[:, None] + np.arange(-reach, reach + 1)
    weights = weight(position[:, None] - columns - 0.5, cell)
    weights[(columns < 0) | (columns >= cells)] = 0
    weights /= weights.sum(axis=1, keepdims=True)
    columns = columns.clip(0, cells - 1)
    # Normal equations; their matrix is banded.
    design = scipy.sparse.csc_array(
        (weights.ravel(), columns.ravel(), np.arange(length + 1) * width), shape=(cells, length)
    )
    band = np.zeros((width, cells))
    for first in range(width):
        for second in range(first, width):
            band[second - first] += np.bincount(
                columns[:, first], weights[:, first] * weights[:, second], cells
            )
    band[0] += 1e-9 + 1e-7 * band[0].max()
    target = design @ samples
    values = scipy.linalg.solveh_banded(
        band[: min(width, cells)], target, lower=True, check_finite=False
    )
    left = _dot(samples, samples) - _dot(target, values)
    return math.log(max(left, 0) / samples.size + NOISE)


def refine(samples: np.ndarray, cell: float, phase: float, kernel: str) -> tuple[float, float]:
    """The cell and phase of least residual within some 0.4 cells of the given ones at both ends of
    the axis.
    """
    length = len(samples)

    def grid(shifts: np.ndarray) -> tuple[float, float]:
        return cell * (1 + (shifts[1] - shifts[0]) * cell / length), phase + shifts[0] * cell

    def cost(shifts: np.ndarray) -> float:
        return residual(samples, *grid(shifts), kernel) if np.abs(shifts).max() < 0.4 else math.inf

    start = [[0, 0], [0.12, 0.12], [0.06, -0.06]]
    options = {"maxfev": 24, "initial_simplex": start, "xatol": 0.01, "fatol": 1e-3}
    return grid(scipy.optimize.minimize(cost, start[0], method="Nelder-Mead", options=options).x)


def exact_grid(changes: np.ndarray, cell: float, phase: float) -> tuple[float, float] | None:
    """The grid near the given one of which every change of colour is a border, to the pixel; None
    if there is none.

    That is so where an image was enlarged without interpolation. Of all such grids it is the one
    whose borders are in the middle between those that would move one by a pixel (Chebyshev
    approximation).

    Args:
        changes: int64, ascending.
        cell, phase: in pixels.
    """
    if len(changes) < 3 or np.diff(changes).min() < math.floor(cell):
        return None
    for _ in range(3):
        index = np.round((changes - phase) / cell)
        if index[0] == index[-1]:
            return None
        cell, phase = np.polyfit(index, changes, 1)
        if cell < 1:
            return None
    if np.abs(changes - phase - cell * index).max() > 1:
        return None
    rows = np.column_stack([index, np.ones(len(index)), np.ones(len(index))])
    solution = scipy.optimize.linprog(
        [0, 0, 1],
        np.vstack([-rows, rows * [1, 1, -1]]),
        np.concatenate([-changes, changes]),
        bounds=(None, None),
    )
    # a pixel whose centre is on a border may be on either side of it
    if solution.status != 0 or solution.x[2] > 0.5 + 1e-6:
        return None
    return float(solution.x[0]), float(solution.x[1])


def _dot(first: np.ndarray, second: np.ndarray) -> float:
    """Without BLAS, whose threads cost more here than they save, and far more on a busy machine."""
    return float(np.einsum("ij,ij", first, second))
