"""The main colours of a picture: what a cell may take from elsewhere in it."""

import numpy as np

from pixelization.color.packing import pack, unpack

COUNT = 8  # main colours, at most: networks take rarer ones in one cell of a thousand
CUBES = 16**3
"""Of 16 levels a side.

Colours of one cube are counted together, so that noise does not hide them.
"""
APART = 28  # levels: two main colours differ by more than this in some channel
SAMPLES = 16384  # pixels that are looked at, spread evenly
PRESENT = 127
"""Largest alpha of pixels that do not count: those less than half opaque."""


def main_colors(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the colours that a picture is made of, by how often they occur.

    Colours are counted in cubes of 16 levels a side; a cube is represented by its most frequent
    colour, a real one. They are taken in the order of the counts, each at some distance from those
    before.

    Args:
        pixels: uint8 RGBA ``(N, 4)``; about 16,384 of them are looked at.

    Returns:
        The colours, uint8 ``(COUNT, 3)``, and which of them exist, bool ``(COUNT,)``.
    """
    pixels = pixels[:: max(1, len(pixels) // SAMPLES)]
    seen = pack(pixels)[pixels[:, 3] > PRESENT]
    colors, exists = np.zeros((COUNT, 3), np.uint8), np.zeros(COUNT, bool)
    if not len(seen):
        return colors, exists
    codes, counts = np.unique(seen, return_counts=True)
    # the upper four bits of every channel
    cubes = codes >> 12 & 0xF00 | codes >> 8 & 0xF0 | codes >> 4 & 0xF
    totals = np.bincount(cubes, counts, CUBES)
    # The most frequent colour of every cube; of several, the largest.
    best = np.zeros(CUBES, np.int64)
    np.maximum.at(best, cubes, counts << 24 | codes)
    seen_cubes = np.flatnonzero(totals)
    totals, found = totals[seen_cubes], unpack(best[seen_cubes] & 0xFFFFFF)
    planes = found.T.astype(np.int16, order="C")  # largest of three rows is faster than of columns
    for index in range(COUNT):
        top = totals.argmax()
        if totals[top] <= 0:
            break
        colors[index], exists[index] = found[top], True
        totals[np.abs(planes - planes[:, [top]]).max(axis=0) <= APART] = 0
    return colors, exists
