"""Pairs that are drawn once and learned from several times.

To draw a pair takes longer than to learn from it.
"""

from collections.abc import Callable

import numpy as np

from pixelization.cells.lattice import levels, signed
from pixelization.training.data.artist_pairs.maker import PairBatch

USES = 4  # of a pair, then a new one takes its place


class KeptPairs:
    """Remembers pairs, so that sample after sample need not be drawn anew.

    What a sample is does not depend on what is remembered, only on its number: a run that was
    resumed, or has other loader processes, sees the same.

    Args:
        draw: makes the pair of a number, as arrays without a batch dimension.
        count: pairs that are kept, about 0.3 MB each at 24 cells.
    """

    def __init__(self, draw: Callable[[int], PairBatch], count: int) -> None:
        self._draw, self.count = draw, count
        self._kept: dict[int, tuple[int, PairBatch]] = {}

    def sample(self, index: int, rng: np.random.Generator) -> PairBatch:
        """A pair with its axes and its channels in another order, as arrays.

        Args:
            index: of the sample. Each ``USES`` passes over ``count`` samples have the same pairs.
            rng: of the sample.
        """
        place = index % self.count
        number = place + index // (self.count * USES) * self.count * USES
        known, pair = self._kept.get(place, (-1, None))
        if pair is None or known != number:
            pair = _packed(self._draw(number))
            self._kept[place] = number, pair
        turned, channels = rng.random() < 0.5, [*rng.permutation(3).tolist(), 3]
        lattice, target, smooth = (
            _unpacked(np.asarray(each), turned, channels)
            for each in (pair.lattice, pair.target, pair.smooth)
        )
        return PairBatch(lattice, pair.cell_size, target, smooth)  # type: ignore[arg-type]


def _packed(pair: PairBatch) -> PairBatch:
    """Pictures in 8 bits, which take a quarter of the memory."""
    bits = [levels(np.asarray(each)) for each in (pair.lattice, pair.target, pair.smooth)]
    return PairBatch(bits[0], pair.cell_size, bits[1], bits[2])  # type: ignore[arg-type]


def _unpacked(bits: np.ndarray, turned: bool, channels: list[int]) -> np.ndarray:
    """RGBA ``(4, h, w)`` in [-1, 1]; colour 0 where nothing is, as sprites have it."""
    picture = signed(bits[channels])
    picture[:3] *= bits[3] > 0
    return np.ascontiguousarray(picture.transpose(0, 2, 1) if turned else picture)
