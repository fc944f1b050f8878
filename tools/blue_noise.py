#!/usr/bin/env python3
"""Makes pixelization/palettes/blue_noise.npy: a threshold matrix without low frequencies.

Prints nothing. The file is the same on every machine, since all sums are of integers.

Source: Ulichney 1993, "The void-and-cluster method for dither array generation".
"""

import argparse
from pathlib import Path

import numpy as np

SIDE, SIGMA = 64, 1.5  # pixels
ONE = 2**40  # the height of a dot's bump


class Dots:
    """Dots on a tile that repeats itself, and how crowded it is around every pixel.

    Attributes:
        there: bool ``(side²,)``, where a dot is.
        energy: int64 ``(side²,)``, the sum of a Gaussian bump around each of them.
    """

    def __init__(self, side: int, sigma: float) -> None:
        distance = np.minimum(np.arange(side), side - np.arange(side))
        squares = distance[:, None] ** 2 + distance**2
        self._bump = np.rint(ONE * np.exp(-squares / (2 * sigma**2))).astype(np.int64)
        self._side = side
        self.there = np.zeros(side**2, bool)
        self.energy = np.zeros(side**2, np.int64)

    def put(self, place: int) -> None:
        """Put a dot there."""
        self.there[place] = True
        self.energy += self._around(place)

    def remove(self, place: int) -> None:
        """Take the dot away from there."""
        self.there[place] = False
        self.energy -= self._around(place)

    def tightest_cluster(self) -> int:
        """The dot where it is most crowded."""
        return int(np.where(self.there, self.energy, -1).argmax())

    def largest_void(self) -> int:
        """The pixel without a dot where it is least crowded."""
        return int(np.where(self.there, np.iinfo(np.int64).max, self.energy).argmin())

    def _around(self, place: int) -> np.ndarray:
        return np.roll(self._bump, divmod(place, self._side), (0, 1)).ravel()


def void_and_cluster(side: int = SIDE, sigma: float = SIGMA) -> np.ndarray:
    """The ranks 0 to ``side² - 1``, uint16 ``(side, side)``.

    The first so many ranks are spread evenly over the tile, for any number of them.
    """
    dots = Dots(side, sigma)
    # RandomState, because its numbers stay the same in every version of NumPy
    start = np.random.RandomState(0).permutation(side**2)[: side**2 // 10]
    for place in sorted(start.tolist()):
        dots.put(place)
    while True:  # move the dot in the tightest cluster to the largest void
        tightest = dots.tightest_cluster()
        dots.remove(tightest)
        largest = dots.largest_void()
        dots.put(largest)
        if largest == tightest:
            break
    ranks = np.zeros(side**2, np.uint16)
    places = np.flatnonzero(dots.there).tolist()
    for rank in reversed(range(len(places))):
        place = dots.tightest_cluster()
        ranks[place] = rank
        dots.remove(place)
    for place in places:
        dots.put(place)
    for rank in range(len(places), side**2):
        place = dots.largest_void()
        ranks[place] = rank
        dots.put(place)
    return ranks.reshape(side, side)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("path", type=Path, help="of the .npy file to write")
    np.save(parser.parse_args().path, void_and_cluster())
