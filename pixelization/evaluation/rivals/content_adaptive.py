"""Content-adaptive downscaling.

Every output pixel is a kernel that shifts and bends to fit the input.
"""

import numpy as np

from pixelization.cells.neighbours import OFFSETS
from pixelization.evaluation.rivals.regions import CellNeighbours, neighbour_mean
from pixelization.optional import optional_module

ITERATIONS = 10
COLOR_VARIANCE = 1e-4  # initial, of the kernels over colour, CIELAB scaled to [0, 1]
SHIFT = 0.25  # how far a kernel may move from the centre of its cell, in cells
VARIANCE = (0.05, 0.1)  # least and greatest variance of a kernel along its axes, in square cells
NEGLIGIBLE = 1e-12  # weight
LOCALITY = 0.2  # greatest second moment towards a neighbour, in square cells times pixels per cell


def content_adaptive(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Reduce by bilateral kernels, one per output pixel, fitted by constrained expectation
    maximisation.

    Args:
        image: uint8 ``(H, W, 3)``.
        size: ``(w, h)`` of the result.

    Returns:
        uint8 ``(h, w, 3)``.

    Raises:
        ValueError: a cell would own no pixel.
        UserError: scikit-image is missing.

    Source: Kopf, Shamir, Peers 2013, Algorithm 1, without the edge orientation constraint: it keeps
    staircases away, which pixel art has. Differences: a kernel reaches the 3x3 cells around it
    instead of 4x4 (with the variance bounded, the rest weighs nothing); it starts at the mean
    colour of its cell instead of grey; the initial 1e-4 is the variance over colour (as a deviation
    it ties the kernels to their first colours, blended ones included); weights are normalised in
    logarithms, where exp would underflow; the locality threshold scales with the cell's area.
    """
    color = optional_module("skimage.color", extra="measure")
    to_lab, to_zero = np.array([100.0, 255.0, 255.0]), np.array([0.0, 128.0, 128.0])
    lab = ((color.rgb2lab(image) + to_zero) / to_lab).transpose(2, 0, 1)
    fitted = _fit_colors(lab, CellNeighbours(image.shape[:2], (size[1], size[0])))
    rgb = color.lab2rgb(fitted.transpose(1, 2, 0) * to_lab - to_zero)
    return np.rint(rgb * 255).clip(0, 255).astype(np.uint8)


def _fit_colors(lab: np.ndarray, near: CellNeighbours) -> np.ndarray:
    """The colours ``(3, h, w)`` of the kernels that fit the pixels ``(3, H, W)`` best."""
    y, x = near.pixels
    moments = np.stack([np.ones_like(y), y, x, y * y, y * x, x * x, *lab])
    own = [offset == (0, 0) for offset in OFFSETS]
    start = near.reduce(np.add, (moments * mine for mine in own), 0.0)
    pixels_per_cell = lab[0].size / start[0].size

    mean = near.centres.copy()
    covariance = np.broadcast_to(np.eye(2) / 12, (*near.grid_size, 2, 2))  # that of a whole cell
    colors = start[6:] / start[0]
    variance = np.full(near.grid_size, COLOR_VARIANCE)
    for _ in range(ITERATIONS):
        responsibility = _responsibility(lab, near, mean, covariance, colors, variance)
        mass, sum_y, sum_x, sum_yy, sum_yx, sum_xx, *sums = near.reduce(
            np.add, (each * moments for each in responsibility), 0.0
        )
        held = mass > NEGLIGIBLE  # a kernel that no pixel wants stays as it is
        mass = np.where(held, mass, 1)
        # Second moments about the old mean, as the paper has it.
        yy = sum_yy / mass - 2 * mean[0] * sum_y / mass + mean[0] ** 2
        xx = sum_xx / mass - 2 * mean[1] * sum_x / mass + mean[1] ** 2
        yx = (sum_yx - mean[0] * sum_x - mean[1] * sum_y) / mass + mean[0] * mean[1]
        moved = np.stack([yy, yx, yx, xx], axis=-1).reshape(*near.grid_size, 2, 2)
        covariance = _clamped(np.where(held[..., None, None], moved, covariance))
        mean = np.where(held, np.stack([sum_y, sum_x]) / mass, mean)
        colors = np.where(held, np.stack(sums) / mass, colors)

        shift = mean - near.centres
        mean = near.centres + (0.5 * shift + 0.5 * neighbour_mean(shift)).clip(-SHIFT, SHIFT)
        variance = variance * 1.21 ** _violations(
            near, responsibility, mean, LOCALITY * pixels_per_cell
        )
    return colors


def _responsibility(
    lab: np.ndarray,
    near: CellNeighbours,
    mean: np.ndarray,
    covariance: np.ndarray,
    colors: np.ndarray,
    variance: np.ndarray,
) -> np.ndarray:
    """Share ``(9, H, W)`` of each pixel that the kernels around it hold.

    They sum to 1, to 0 where none wants the pixel.
    """
    precision = np.linalg.inv(covariance)
    parameters = np.stack(
        [
            *mean,
            precision[..., 0, 0],
            precision[..., 0, 1],
            precision[..., 1, 1],
            *colors,
            0.5 / variance,
        ]
    ).astype(np.float32)
    # precise enough here, and twice as fast
    lab, pixels = lab.astype(np.float32), near.pixels.astype(np.float32)
    weight = np.empty((len(OFFSETS), *lab.shape[1:]), np.float32)  # logarithms
    for k, offset in enumerate(OFFSETS):
        mean_y, mean_x, p_yy, p_yx, p_xx, *color, sharpness = near.spread(parameters, offset)
        dy, dx = pixels[0] - mean_y, pixels[1] - mean_x
        distance = (lab[0] - color[0]) ** 2 + (lab[1] - color[1]) ** 2 + (lab[2] - color[2]) ** 2
        weight[k] = (
            -0.5 * (p_yy * dy * dy + 2 * p_yx * dy * dx + p_xx * dx * dx) - sharpness * distance
        )
    weight[near.outside] = -np.inf

    # Each kernel's weights sum to 1 over its pixels ...
    peak = near.reduce(np.maximum, weight, -np.inf)
    for k, offset in enumerate(OFFSETS):
        weight[k] -= near.spread(peak, offset)
    total = near.reduce(np.add, np.exp(weight), 0.0)
    for k, offset in enumerate(OFFSETS):
        weight[k] -= np.log(near.spread(total, offset))
    # ... then each pixel's shares over its kernels. What is nobody's colour, such as that of a
    # blended edge, stays out.
    np.exp(weight, out=weight)
    return weight / np.maximum(weight.sum(axis=0), NEGLIGIBLE)


def _clamped(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * values.clip(*VARIANCE)[..., None, :]) @ vectors.swapaxes(-1, -2)


def _violations(
    near: CellNeighbours, responsibility: np.ndarray, mean: np.ndarray, limit: float
) -> np.ndarray:
    """In how many pairs of neighbours a kernel reaches too far, or is reached for: ``(h, w)``."""
    axes = ((0, 1), (1, 0), (1, 1), (1, -1))

    def reach(share: np.ndarray, offset: tuple[int, int]) -> np.ndarray:
        dy, dx = (near.pixels - near.spread(mean, offset)).astype(np.float32)
        along = np.stack([dy * ay + dx * ax for ay, ax in axes])
        return share * np.concatenate([np.maximum(along, 0), np.maximum(-along, 0)]) ** 2

    moments = near.reduce(np.add, map(reach, responsibility, OFFSETS), 0.0)
    rows, columns = near.grid_size
    count = np.zeros((rows + 2, columns + 2), int)
    for far, (dy, dx) in zip(
        moments > limit, [*axes, *((-ay, -ax) for ay, ax in axes)], strict=True
    ):
        count[1:-1, 1:-1] += far
        count[1 + dy : 1 + dy + rows, 1 + dx : 1 + dx + columns] += far
    return count[1:-1, 1:-1]
