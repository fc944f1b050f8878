"""Cells of photos in a palette: those between two colours take the one that is around them."""

import numpy as np

JOIN = 0.002  # of squared perceptual distance, for every neighbour that has the same colour
AROUND = {
    (down, right): 1.0 if 0 in (down, right) else 0.5  # corners count half
    for down in (-1, 0, 1)
    for right in (-1, 0, 1)
    if (down, right) != (0, 0)
}
ROUNDS = 6


def joined(points: np.ndarray, chosen: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Let cells take the colour of a neighbour where that is nearly as near, and they do not stand
    alone with it.

    This looks for the least sum of squared distances less ``JOIN`` for every two neighbours of one
    colour, a quarter of the cells at a time (the Potts model by iterated conditional modes, Besag
    1986). Cells that have a colour of the palette keep it.

    Args:
        points: perceptual colours of the cells, ``(h, w, 3)``.
        chosen: the palette's nearest colour for each, int ``(h, w)``, -1 where nothing is.
        targets: perceptual colours of the palette, ``(m, 3)``.

    Returns:
        int ``(h, w)``, the same for other cells, 0 where nothing is.
    """
    height, width = chosen.shape
    labels = np.pad(chosen, 1, constant_values=-1)
    for _ in range(ROUNDS):
        before = labels.copy()
        for top, left in ((0, 0), (0, 1), (1, 0), (1, 1)):
            around = {
                (down, right): labels[
                    1 + top + down : 1 + height + down : 2, 1 + left + right : 1 + width + right : 2
                ]
                for down, right in AROUND
            }
            cells = labels[1 + top : 1 + height : 2, 1 + left : 1 + width : 2]
            own, first = points[top::2, left::2], chosen[top::2, left::2]
            away = ((own - targets[first]) ** 2).sum(axis=-1)
            free = (first >= 0) & (away > 1e-12)  # else it has a colour of the palette
            best, least = cells.copy(), np.full(cells.shape, np.inf)
            for label in (cells, first, *around.values()):
                alike = sum(AROUND[place] * (each == label) for place, each in around.items())
                cost = ((own - targets[label]) ** 2).sum(axis=-1) - JOIN * alike
                better = free & (label >= 0) & (cost < least)
                best, least = np.where(better, label, best), np.where(better, cost, least)
            cells[:] = best
        if (labels == before).all():
            break
    return np.maximum(labels[1:-1, 1:-1], 0)
