"""Where along an axis the colours of an image change, and which periods that has."""

import numpy as np
import scipy

MAX_LINES = 384  # of an axis; more would only be slower
COLOR_LINES = 64  # whose colours are counted
# of first, second and third differences: a line of high contrast counts as a few of low contrast
CAPS = (40, 20, 20)
PEAKS = 5  # periods proposed per profile
RIPPLE = 40  # levels; steps between blocks of JPEG in a gradient are smaller
SLOPE = 12  # pixels; changes of a profile over more than that come from the drawing


def lines_along(image: np.ndarray, axis: int) -> np.ndarray:
    """The lines along an axis, with premultiplied colours: what is under alpha 0 has no influence.

    Args:
        image: uint8 ``(H, W, 3 or 4)``.
        axis: 0 for rows, which go along x; 1 for columns.

    Returns:
        float32 ``(lines, length, C)`` in [0, 255], at most ``MAX_LINES`` lines, evenly spread.
    """
    lines = image if axis == 0 else image.transpose(1, 0, 2)
    lines = lines[:: -(-len(lines) // MAX_LINES)].astype(np.float32)
    if lines.shape[2] == 4:
        lines[..., :3] *= lines[..., 3:] / 255
    return lines


def changes_along(lines: np.ndarray) -> np.ndarray:
    """Where neighbouring pixels differ in any line: int64 positions in pixels, ascending."""
    return np.flatnonzero((lines[:, 1:] != lines[:, :-1]).any(axis=(0, 2))) + 1


def colors_along(lines: np.ndarray) -> int:
    """How many colours there are.

    Few in pixel art that was not compressed, many in drawings with soft edges and in photos.
    """
    some = lines[:: -(-len(lines) // COLOR_LINES)].astype(np.uint32)
    return len(np.unique((some << 8 * np.arange(some.shape[2], dtype=np.uint32)).sum(axis=2)))


def periods_along(lines: np.ndarray, longest: float) -> list[float]:
    """Cell sizes, of at least 2 pixels, that an axis may have.

    They are peaks in the spectra of four profiles: sums over the lines of the first, second and
    third difference, and of the first where it is a local maximum. Borders of sharp, of blurred and
    of interpolated cells stand out in one of them.

    Args:
        lines: float32 ``(lines, length, C)``.
        longest: cell size in pixels.
    """
    periods, difference = [2.0], lines
    for order, cap in enumerate(CAPS, 1):
        if difference.shape[1] < 4:
            break
        difference = np.diff(difference, axis=1)
        steps = np.abs(difference).max(axis=2)
        capped = np.minimum(steps, cap)
        periods += _periods(capped.sum(axis=0), longest)
        if order == 1:
            top = (steps[:, 1:-1] >= steps[:, :-2]) & (steps[:, 1:-1] > steps[:, 2:])
            periods += _periods(np.where(top, capped[:, 1:-1], 0).sum(axis=0), longest)
    return periods


def comb_share(lines: np.ndarray, smallest: int, longest: int) -> float:
    """How much of what changes along an axis does so at every so many pixels.

    A cheap sign of cells of whole pixels, which JPEG does not hide: nine tenths and more of it
    there, up to 0.4 in drawings. Small steps, as its own blocks have, do not count.

    Args:
        lines: float32 ``(lines, length, C)``, from ``lines_along``.
        smallest, longest: periods that are looked for, in pixels.

    Returns:
        Of the best period and phase; 0 where changes are everywhere alike or nowhere, 1 where all
        are at its places.
    """
    steps = np.abs(np.diff(lines, axis=1))
    profile = np.where(steps > RIPPLE, steps, 0).sum((0, 2), dtype=float)
    total, best = max(profile.sum(), 1.0), 0.0
    for period in range(smallest, min(longest, len(profile) // 2) + 1):
        whole = profile[: len(profile) // period * period].reshape(-1, period)
        share = float(whole.sum(axis=0).max() / total)
        best = max(best, (share - 1 / period) / (1 - 1 / period))
    return best


def _periods(profile: np.ndarray, longest: float) -> list[float]:
    ripple = profile - scipy.ndimage.gaussian_filter1d(profile.astype(float), SLOPE, mode="nearest")
    padded = 8 * len(ripple)  # some eight samples per peak
    lowest = int(padded / longest)
    power = np.abs(np.fft.rfft(ripple, padded))[lowest:]
    left, middle, right = power[:-2], power[1:-1], power[2:]
    peaks = np.flatnonzero((middle > left) & (middle >= right))
    peaks = peaks[np.argsort(-middle[peaks])][:PEAKS]
    # The top of a parabola through three samples.
    offsets = (left - right)[peaks] / (2 * (left - 2 * middle + right)[peaks])
    return [float(period) for period in padded / (lowest + 1 + peaks + offsets) if period >= 2]
