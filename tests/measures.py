"""What tests say about sprites in numbers, and about calls that may be refused."""

import numpy as np

from pixelization.cells.voting import per_cell
from pixelization.errors import UserError

NOISE = 4  # of 255: a change of the source this small is not seen


def flicker_share(sources, sprites):
    """Share of the cells that change colour between neighbouring frames though their source pixels
    stay; 0 is calm.
    """
    shares = []
    for number in range(1, len(sources)):
        changes = np.abs(sources[number].astype(int) - sources[number - 1]).max(axis=2)
        still = per_cell(np.maximum, changes, sprites[number].shape[:2]) <= NOISE
        if still.any():
            shares.append((sprites[number] != sprites[number - 1]).any(axis=2)[still].mean())
    return float(np.mean(shares)) if shares else 0.0


def refusal(call):
    """The message with which a call is refused, or None if it is not."""
    try:
        call()
    except UserError as error:
        return str(error)
    return None
