"""What tests say about sprites in numbers."""

import numpy as np

from pixelization.cells.voting import max_per_cell

NOISE = 4  # of 255: a change of the source this small is not seen


def flicker_share(sources, sprites):
    """Share of the cells that change colour between neighbouring frames though their source pixels
    stay; 0 is calm.
    """
    shares = []
    for number in range(1, len(sources)):
        changes = np.abs(sources[number].astype(int) - sources[number - 1]).max(axis=2)
        still = max_per_cell(changes, sprites[number].shape[:2]) <= NOISE
        if still.any():
            shares.append((sprites[number] != sprites[number - 1]).any(axis=2)[still].mean())
    return float(np.mean(shares)) if shares else 0.0
