"""What the pixels of a cell agree on: its colour, whether it is covered, how flat it is."""

import numpy as np

from pixelization.color.packing import pack, unpack

HALF_OPAQUE = 128
"""Alpha, of 255, from which on a pixel or the mean of a cell counts as opaque."""


def cell_index(side: int, cells: int) -> np.ndarray:
    """The cell of every pixel along one side: the one that holds the pixel's centre.

    Computed in float32 as torch's ``nearest-exact`` does, so that both agree even where a centre
    lies on a bound.

    Args:
        side: pixels.
        cells: cells, of equal width, along the same side.

    Returns:
        int64 ``(side,)``, ascending, in ``[0, cells)``.
    """
    centres = np.arange(side, dtype=np.float32) + np.float32(0.5)
    return np.minimum(
        (centres * (np.float32(cells) / np.float32(side))).astype(np.int64), cells - 1
    )


def cell_starts(side: int, cells: int) -> np.ndarray:
    """The first pixel of every cell along one side, as ``reduceat`` wants it.

    Arguments as of :func:`cell_index`.

    Returns:
        int64 ``(cells,)``, ascending.
    """
    return np.searchsorted(cell_index(side, cells), np.arange(cells))


def middle_pixels(side: int, cells: int) -> np.ndarray:
    """The pixel in the middle of every cell along one side: the one that holds the cell's centre.

    Arguments as of :func:`cell_index`.

    Returns:
        int64 ``(cells,)``, ascending.
    """
    return (2 * np.arange(cells) + 1) * side // (2 * cells)


def check_grid(image_size: tuple[int, int], grid_size: tuple[int, int]) -> None:
    """Raise ``ValueError`` unless every cell owns a pixel.

    Args:
        image_size: ``(H, W)`` in pixels.
        grid_size: ``(h, w)`` in cells.
    """
    if not (1 <= grid_size[0] <= image_size[0] and 1 <= grid_size[1] <= image_size[1]):
        (height, width), (rows, columns) = image_size, grid_size
        raise ValueError(
            f"a grid of {columns}x{rows} cells does not fit an image of {width}x{height} pixels"
        )


def paint_cells(cells: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Every cell as a flat rectangle of an image.

    Args:
        cells: ``(h, w, ...)``.
        size: ``(H, W)`` of the image in pixels.

    Returns:
        ``(H, W, ...)``.
    """
    rows, columns = (
        cell_index(side, count) for side, count in zip(size, cells.shape[:2], strict=True)
    )
    return cells[:, columns][rows]  # several times as fast as in one step


def majority_vote(image: np.ndarray, grid_size: tuple[int, int]) -> np.ndarray:
    """Give every cell the colour that most of its pixels have.

    The colour always occurs in the cell. Among colours with equally many pixels, the one of the
    cell's centre pixel wins if it is one of them, else the one with the smallest (R, G, B).

    Args:
        image: uint8 ``(H, W, 3)``.
        grid_size: ``(h, w)`` in cells.

    Returns:
        uint8 ``(h, w, 3)``.

    Raises:
        ValueError: the image is not uint8 RGB, or a cell would own no pixel.

    Source: "voting" of Han et al. 2018, Sec. 4.1.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(
            f"expected an image of dtype uint8 and shape (H, W, 3), got {image.dtype} {image.shape}"
        )
    (height, width), (rows, columns) = image.shape[:2], grid_size
    check_grid((height, width), grid_size)

    colors = pack(image)
    middle = colors[np.ix_(middle_pixels(height, rows), middle_pixels(width, columns))]
    cell = cell_index(height, rows)[:, None] * columns + cell_index(width, columns)
    uneven = np.zeros(rows * columns, bool)
    uneven[cell[colors != paint_cells(middle, (height, width))]] = True
    winners = middle.ravel()  # right for flat cells, which are most; the others have to vote
    if uneven.any():
        voters = uneven[cell]
        winners[uneven] = _most_frequent(colors[voters], cell[voters], winners)
    return unpack(winners).reshape(rows, columns, 3)


def coverage_vote(alpha: np.ndarray, grid_size: tuple[int, int]) -> np.ndarray:
    """Decide for every cell whether it is opaque.

    Args:
        alpha: uint8 ``(H, W)``.
        grid_size: ``(h, w)`` in cells.

    Returns:
        uint8 ``(h, w)``: 255 where the mean alpha over the cell's area, fractions of pixels
            included, is at least 128, else 0.

    Raises:
        ValueError: alpha is not uint8 ``(H, W)``.
    """
    if alpha.dtype != np.uint8 or alpha.ndim != 2:
        raise ValueError(
            f"expected alpha of dtype uint8 and shape (H, W), got {alpha.dtype} {alpha.shape}"
        )
    # float sums of whole numbers may fall just short
    opaque = area_mean(alpha, grid_size) >= HALF_OPAQUE - 1e-6
    return np.where(opaque, 255, 0).astype(np.uint8)


def cell_purity(image: np.ndarray, grid_size: tuple[int, int]) -> np.ndarray:
    """How far every cell is from one flat colour.

    That is the standard deviation of its pixels, of the channel where it is largest.

    Args:
        image: uint8 ``(H, W, C)``.
        grid_size: ``(h, w)`` in cells.

    Returns:
        float64 ``(h, w)`` in [0, 127.5]; 0 is flat.

    Raises:
        ValueError: a cell would own no pixel.
    """
    check_grid(image.shape[:2], grid_size)
    pixels = _pixels_per_cell(image.shape[:2], grid_size)
    worst = np.zeros(grid_size)
    for channel in np.moveaxis(image, 2, 0):
        values = channel.astype(np.int64)  # exact sums: a flat cell has a variance of exactly zero
        squares, sums = (per_cell(np.add, each, grid_size) for each in (values**2, values))
        variance = (pixels * squares - sums**2) / pixels**2
        worst = np.maximum(worst, np.sqrt(variance))
    return worst


def per_cell(
    operation: np.ufunc,
    values: np.ndarray,
    grid_size: tuple[int, int],
    dtype: type | None = None,
) -> np.ndarray:
    """What an operation makes of the values of every cell: ``(H, W, ...)`` to ``(h, w, ...)``.

    Further axes are reduced each by itself.

    Args:
        operation: of two values, such as ``np.add`` or ``np.maximum``.
        values: of every pixel.
        grid_size: ``(h, w)`` in cells.
        dtype: that it reckons in; None: its own for such values.

    Raises:
        ValueError: a cell would own no pixel.
    """
    check_grid(values.shape[:2], grid_size)
    for axis, cells in enumerate(grid_size):
        starts = cell_starts(values.shape[axis], cells)
        values = operation.reduceat(values, starts, axis=axis, dtype=dtype)
    return values


def mean_per_cell(values: np.ndarray, grid_size: tuple[int, int]) -> np.ndarray:
    """The mean over the pixels that every cell owns: uint8 ``(H, W)`` to float64 ``(h, w)``.

    Raises:
        ValueError: a cell would own no pixel.
    """
    sums = per_cell(np.add, values, grid_size, np.int64)
    return sums / _pixels_per_cell(values.shape, grid_size)


def area_mean(values: np.ndarray, grid_size: tuple[int, int]) -> np.ndarray:
    """The mean over the area of every cell, fractions of pixels included.

    ``(H, W, ...)`` to float64 ``(h, w, ...)``.
    """
    for axis, cells in enumerate(grid_size):
        along = np.moveaxis(values, axis, 0)
        length = len(along)
        # from the side on; a cell's is the difference between its bounds
        integral = np.zeros((length + 1, *along.shape[1:]))
        np.cumsum(along, axis=0, out=integral[1:])
        bounds = np.arange(cells + 1) * length / cells
        whole = np.minimum(bounds.astype(np.int64), length - 1)
        fraction = (bounds - whole).reshape(-1, *[1] * (along.ndim - 1))
        at_bounds = integral[whole] + fraction * along[whole]
        values = np.moveaxis(np.diff(at_bounds, axis=0) * (cells / length), 0, axis)
    return values


def _pixels_per_cell(size: tuple[int, int], grid_size: tuple[int, int]) -> np.ndarray:
    """How many pixels every cell owns, ``(h, w)``."""
    rows, columns = (
        np.bincount(cell_index(side, cells)) for side, cells in zip(size, grid_size, strict=True)
    )
    return np.outer(rows, columns)


def _most_frequent(colors: np.ndarray, cell: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """The winning colour of every cell that occurs in ``cell``, in ascending order of cells.

    Args:
        colors: packed, of every pixel.
        cell: of every pixel.
        middle: packed colour in the centre of every cell there is, which decides a draw.
    """
    # One integer per pixel: the cell above, 24 bits of colour below; sorted, they group by cell,
    # then by colour.
    codes, counts = np.unique(colors | cell << 24, return_counts=True)
    cell = codes >> 24
    first = np.unique(cell, return_index=True)[1]
    score = 2 * counts + ((codes & 0xFFFFFF) == middle[cell])
    best = np.repeat(np.maximum.reduceat(score, first), np.diff(first, append=len(cell)))
    winners = np.flatnonzero(score == best)
    winners = winners[np.unique(cell[winners], return_index=True)[1]]  # of several the smallest
    return codes[winners] & 0xFFFFFF
