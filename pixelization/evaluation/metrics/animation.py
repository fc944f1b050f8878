"""Calm of an animation: cells that change although nothing in the source does."""

from collections.abc import Sequence

import numpy as np

from pixelization.cells.voting import max_per_cell

NOISE = 4  # of 255: a change of the source this small is not seen; compression makes as much


def flicker_share(sources: Sequence[np.ndarray], sprites: Sequence[np.ndarray]) -> float:
    """Share of the cells that change colour from one frame to the next without cause.

    A cell is still if none of its source pixels changes by more than 4 levels in any channel. The
    share of the still cells whose sprite pixel changes at all is averaged over the pairs of
    neighbouring frames that have still cells.

    Args:
        sources: frames, uint8 ``(H, W, 3)`` each.
        sprites: as many, uint8 ``(h, w, 3)`` each, one pixel per cell of the source.

    Returns:
        In [0, 1]; 0 with fewer than two frames or no still cells.

    Raises:
        ValueError: the numbers of frames differ, frames of one animation differ in shape, or a cell
            would own no pixel.
    """
    if len(sources) != len(sprites):
        raise ValueError(
            f"{len(sources)} frames of the source and {len(sprites)} of the sprite do not fit"
        )
    for frames in (sources, sprites):
        shapes = {frame.shape for frame in frames}
        if len(shapes) > 1:
            raise ValueError(f"the frames of an animation have one shape, got {sorted(shapes)}")
    shares = []
    for index in range(1, len(sources)):
        differences = np.abs(sources[index].astype(np.int16) - sources[index - 1])
        still = max_per_cell(differences.max(axis=2), sprites[index].shape[:2]) <= NOISE
        if still.any():
            shares.append((sprites[index] != sprites[index - 1]).any(axis=2)[still].mean())
    return float(np.mean(shares)) if shares else 0.0
