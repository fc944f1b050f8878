"""The main colours of a picture: what a cell may take from elsewhere in it."""

import numpy as np

COUNT = 16  # main colours, at most
BINS = 16
"""Of a channel's 256 levels.

Colours of one bin are counted together, so that noise does not hide them.
"""
APART = 28  # levels: two main colours differ by more than this in some channel
SAMPLES = 16384  # pixels that are looked at, spread evenly
PRESENT = 127
"""Largest alpha of pixels that do not count: those less than half opaque."""
CODES = np.array([1 << 16, 1 << 8, 1])  # 0xRRGGBB
CUBES = np.array([BINS * BINS, BINS, 1])


def main_colors(pixels: np.ndarray, count: int = COUNT) -> tuple[np.ndarray, np.ndarray]:
    """Find the colours that a picture is made of, by how often they occur.

    Colours are counted in cubes of 16 levels a side; a cube is represented by its most frequent
    colour, a real one. They are taken in the order of the counts, each at some distance from those
    before.

    Args:
        pixels: uint8 RGBA ``(N, 4)``; about 16,384 of them are looked at.
        count: M, at most.

    Returns:
        The colours, uint8 ``(M, 3)``, and which of them exist, bool ``(M,)``.
    """
    pixels = pixels[:: max(1, len(pixels) // SAMPLES)]
    seen = pixels[pixels[:, 3] > PRESENT, :3].astype(np.int64)
    colors, exists = np.zeros((count, 3), np.uint8), np.zeros(count, bool)
    if not len(seen):
        return colors, exists
    codes, counts = np.unique(seen @ CODES, return_counts=True)
    channels = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1)
    cubes = (channels // (256 // BINS)) @ CUBES
    _, places = np.unique(cubes, return_inverse=True)
    totals = np.bincount(places, counts)
    # The most frequent colour of every cube: the last one when they come in the order of counts.
    order = np.argsort(counts, kind="stable")
    best = np.zeros(len(totals), np.int64)
    np.maximum.at(best, places[order], np.arange(len(order)))
    found = channels[order[best]]
    for index in range(count):
        top = totals.argmax()
        if totals[top] <= 0:
            break
        colors[index], exists[index] = found[top], True
        totals[np.abs(found - found[top]).max(axis=1) <= APART] = 0
    return colors, exists
