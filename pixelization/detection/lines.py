"""Grid lines that somebody drew over pixel art, as editors and tutorials show them."""

from dataclasses import dataclass

import numpy as np

from pixelization.detection.profiles import lines_along

WIDEST = 3  # pixels of a grid line
FEWEST = 6  # grid lines of an axis; fewer may be part of the picture
LEAST_GAP = 2  # pixels between two lines
SOME = 96  # lines across, at which a grid line is looked for
VISIBLE = 2.0  # root mean square difference, of 255, from which on a line is seen
# of that difference; what a grid line of one colour and opacity may leave unexplained
UNEXPLAINED = 0.12
CLEAR = 0.97  # a line that is more transparent than this is none
SPAN = 0.4  # of the axis, that the lines that are seen span at least
# share of the second difference of an axis that recurs, from which on a grid shows through
# compression, noise and resizing; without a grid it is at most 0.25 of the training sprites'
RECURS = 0.27
SHORTEST = 4  # pixels; periods below come from dithering, too
RECURRENCES = 8  # lines at least


@dataclass(frozen=True)
class DrawnLines:
    """Grid lines across one axis.

    Attributes:
        period: pixels from line to line.
        width: of a line in pixels.
        starts: int64, the first pixel of every line, ascending; the first may be cut by the image's
            side, and then begin before 0.
        length: of the axis in pixels.
    """

    period: float
    width: int
    starts: np.ndarray
    length: int

    @property
    def covered(self) -> tuple[int, ...]:
        """The pixels of the axis that lines cover, ascending."""
        pixels = (self.starts[:, None] + np.arange(self.width)).ravel()
        return tuple(pixels[(pixels >= 0) & (pixels < self.length)].tolist())


def drawn_lines(image: np.ndarray) -> tuple[DrawnLines, DrawnLines] | None:
    """The grid that is drawn over an image; None if there is none, or not along both axes.

    A grid line is a column of pixels that is made of one beside it by covering that with one
    colour, opaque or not. Where such columns are equally far from each other, and rows too, they
    are a grid.

    Args:
        image: uint8 ``(H, W, 3 or 4)``.

    Returns:
        The lines across x, and across y.
    """
    across = _axis_lines(image, 0)
    if across is None:
        return None
    down = _axis_lines(image, 1)
    return None if down is None else (across, down)


def blurred_lines(image: np.ndarray) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The grid whose lines show along both axes, though not one by one, as after compression.

    The second difference of the mean over all lines is much the same at every line of a grid. At
    the borders of cells without one, it has any sign and strength.

    Args:
        image: uint8 ``(H, W, 3 or 4)``.

    Returns:
        Period and the place of a line in [0, period), in pixels, of x and of y; None if there is no
        such grid.
    """
    across = _recurring(lines_along(image, 0).mean(axis=0))
    if across is None:
        return None
    down = _recurring(lines_along(image, 1).mean(axis=0))
    return None if down is None else (across, down)


def without_lines(
    image: np.ndarray, covered: tuple[tuple[int, ...], tuple[int, ...]]
) -> np.ndarray:
    """An image with the columns and rows that a drawn grid covers filled from the right and from
    below.
    """
    for axis, each in enumerate(covered):
        if each:
            image = np.take(image, _sources(image.shape[1 - axis], each), axis=1 - axis)
    return image


def _sources(length: int, covered: tuple[int, ...]) -> np.ndarray:
    """For every pixel of an axis the next one that no line covers; at the end the one before."""
    free = np.setdiff1d(np.arange(length), covered)
    return free[np.searchsorted(free, np.arange(length)).clip(0, len(free) - 1)]


def _axis_lines(image: np.ndarray, axis: int) -> DrawnLines | None:
    lines = lines_along(image, axis)
    lines = lines[:: -(-len(lines) // SOME)]
    for width in range(1, WIDEST + 1):
        found = _comb(_line_starts(lines, width), width, lines.shape[1])
        if found is not None:
            return found
    return None


def _line_starts(lines: np.ndarray, width: int) -> np.ndarray:
    """Where lines of a width begin: int64, ascending.

    Args:
        lines: float32 ``(lines, length, C)``.
        width: in pixels.
    """
    length = lines.shape[1]
    count = length - width - 1  # of places that have a neighbour on both sides
    if count < 1:
        return np.zeros(0, int)
    parts = [lines[:, 1 + part : 1 + part + count] for part in range(width)]
    inner = np.mean(parts, axis=0)
    uneven = np.max([_rms(part - inner) for part in parts], axis=0)
    beside = lines[:, :count], lines[:, width + 1 :]
    contrasts = [_rms(inner - each) for each in beside]
    is_line = np.zeros(count, bool)
    for each, contrast in zip(beside, contrasts, strict=True):
        slope, left = _covered(each, inner)
        allowed = UNEXPLAINED * contrast
        is_line |= (slope <= CLEAR) & (left <= allowed) & (uneven <= allowed)
    is_line &= np.minimum(*contrasts) >= VISIBLE
    return np.flatnonzero(is_line) + 1


def _covered(below: np.ndarray, above: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much of ``below`` shines through a colour that covers it to give ``above``, and what that
    leaves unexplained.

    ``(length,)`` each; the fit is by least squares, over lines and channels, without the worst
    third: there, lines of the other axis cross.
    """
    weight = np.ones(below.shape[:2], np.float32)
    for last in (False, True):
        total = weight.sum(axis=0)
        means = [(weight[..., None] * each).sum(axis=0) / total[:, None] for each in (below, above)]
        x, y = below - means[0], above - means[1]
        power = (weight[..., None] * x * x).sum(axis=(0, 2))
        slope = (weight[..., None] * x * y).sum(axis=(0, 2)) / np.maximum(power, 1e-6)
        left = ((y - slope[:, None] * x) ** 2).sum(axis=2) / below.shape[2]
        if not last:
            kept = max(1, len(left) - len(left) // 3)
            weight = (left <= np.partition(left, kept - 1, axis=0)[kept - 1]).astype(np.float32)
    return slope, np.sqrt((weight * left).sum(axis=0) / weight.sum(axis=0))


def _comb(starts: np.ndarray, width: int, length: int) -> DrawnLines | None:
    """The lines, if they are equally far from each other, to the pixel."""
    if len(starts) < FEWEST:
        return None
    steps = np.diff(starts)
    period = float(np.median(steps))
    if period < width + LEAST_GAP or starts[-1] - starts[0] < SPAN * length:
        return None
    index = np.concatenate([[0], np.cumsum(np.round(steps / period))])
    if (np.diff(index) == 0).any() or len(index) < 0.8 * (index[-1] + 1):
        return None
    period, first = (float(value) for value in np.polyfit(index, starts, 1))
    if np.abs(first + period * index - starts).max() > 1:
        return None
    # also those that cannot be seen, and those at the sides, which have one neighbour only
    count = np.arange(-int(first / period) - 1, int((length - first) / period) + 2)
    whole = np.round(first + period * count).astype(int)
    unseen = np.abs(whole[:, None] - starts).min(axis=1) > 1
    starts = np.sort(np.concatenate([starts, whole[unseen & (whole > -width)]]))
    return DrawnLines(period, width, starts[starts < length], length)


def _recurring(means: np.ndarray) -> tuple[float, float] | None:
    """Period and place of what recurs in the mean lines ``(length, C)``, if that is most."""
    ridge = means[1:-1] - (means[:-2] + means[2:]) / 2
    count = len(ridge)
    periods = np.arange(RECURRENCES, count / SHORTEST, 0.25)  # so many fit the axis
    if not len(periods) or not ridge.any():
        return None
    strong = np.quantile(np.abs(ridge).max(axis=1), 0.95)  # edges of the drawing are stronger
    ridge = ridge.clip(-strong, strong)
    fine = 8  # samples of the spectrum per period that fits the axis once more
    power = (np.abs(np.fft.rfft(ridge, fine * count, axis=0)) ** 2).sum(axis=1)
    power *= 2 / (count * max((ridge**2).sum(), 1e-9))
    shares = np.zeros(len(periods))
    for index, each in enumerate(periods):
        harmonics = np.arange(1, int(count / 2 / each) + 1)
        by_chance = 2 * len(harmonics) / count
        shares[index] = power[np.round(harmonics * each * fine).astype(int)].sum() - by_chance
    if shares.max() < RECURS:
        return None
    # multiples of the period explain as much
    period = count / float(periods[np.flatnonzero(shares >= 0.9 * shares.max())[-1]])
    starts = np.arange(0, period, 0.5)
    steps = np.arange(int(count / period)) * period
    folded = [ridge[(start + steps).astype(int)].mean(axis=0) for start in starts]
    place = float(starts[np.argmax(np.linalg.norm(folded, axis=1))]) + 1
    return period, place % period


def _rms(values: np.ndarray) -> np.ndarray:
    """Over lines and channels."""
    return np.sqrt(np.einsum("ljc,ljc->j", values, values) / (values.shape[0] * values.shape[2]))
