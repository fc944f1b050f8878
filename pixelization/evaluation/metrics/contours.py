"""How smooth the forms in an image are."""

import numpy as np
from skimage.measure import find_contours

from pixelization.color.luma import luma

# of luma: strong edges have many contours and count much, faint ones little
LEVELS = np.arange(8, 256, 16)
# of a cell between the points at which a contour's direction is taken: steps of cells show, those
# of pixels hardly
STEP = 0.5


def contour_turning(image: np.ndarray, cell: float) -> float:
    """How much the contours of an image turn: stairs turn with every cell, smooth curves little,
    straight lines not at all.

    The mean absolute change of direction along the lines of equal luma, per cell of their length. A
    circle of a radius of n cells has about 1 / n; at 4 pixels per cell, the pixels themselves add
    0.1 to it.

    Args:
        image: uint8 ``(H, W, 3)``, a sprite enlarged.
        cell: pixels per cell.

    Returns:
        At least 0, in radians per cell; 0 for an image without contours that are at least two cells
        long.

    Source: total absolute curvature (Fenchel 1929), over the level lines that scikit-image finds.
    """
    light = luma(image)
    turned = length = 0.0
    for level in LEVELS:
        for contour in find_contours(light, level):
            along = np.concatenate([[0], np.hypot(*np.diff(contour, axis=0).T).cumsum()])
            if along[-1] < 2 * cell:
                continue
            stops = np.arange(0, along[-1], STEP * cell)
            way = np.diff(
                np.interp(stops, along, contour[:, 0]) + 1j * np.interp(stops, along, contour[:, 1])
            )
            turned += np.abs(np.angle(way[1:] * way[:-1].conj())).sum()
            length += along[-1] / cell
    return float(turned / length) if length else 0.0
