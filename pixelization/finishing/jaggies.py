"""Lines of one pixel without doubled corners ("pixel-perfect" lines)."""

import numpy as np

from pixelization.finishing.likeness import cell_features, similar_neighbours
from pixelization.images.sprites import check_sprite

# how much darker, or lighter, in perceptual lightness, a line is than what is on both sides of it
CONTRAST = 0.12

Offset = int | np.ndarray  # in cells, of one cell or of each


def repair_jaggies(sprite: np.ndarray) -> np.ndarray:
    """Cut the doubled corners of lines that are one pixel wide.

    Where a line goes round a corner, as in ::

        # . . .          # . . .
        . # . .          . # . .
        . # # #    ->    . . # #
        . . . .          . . . .

    the pixel of the corner takes the colour of the outer side, so that the line runs on diagonally,
    if

    - the line is much darker than both sides (a transparent side always counts), or much lighter
      and the inner side is an area too: a light line beside another dark one is rather the gap
      between two lines;
    - it is thin: neither the corner nor the two pixels beside it belong to a 2 x 2 block of their
      colour, so filled areas keep their shape;
    - the outer side is an area, not another line: the three cells around the corner look alike, and
      the one at its tip belongs to a 2 x 2 block;
    - one arm of the corner has only two pixels, the corner included: where both have three or more,
      it is the corner of a rectangle;
    - the line goes on beyond both arms, so hooks and serifs stay; beyond one, if both arms have two
      pixels.

    Corners open to the top are cut before those open to the bottom, so that a mirrored sprite gives
    the mirrored result. This is repeated until nothing changes. Lines stay connected and no colour
    is invented.

    Args:
        sprite: uint8 ``(h, w, 3)`` or ``(h, w, 4)``.

    Returns:
        uint8, shape of ``sprite``.
    """
    check_sprite(sprite)
    result, features = sprite.copy(), cell_features(sprite)
    up, idle = -1, 0
    # This ends: a corner that is cut joins a 2 x 2 block of cells that look alike, and such cells
    # never change.
    while idle < 2:
        if idle == 0:  # else nothing has changed
            like = similar_neighbours(features)
            block = _blocks(like)
        idle += 1
        y, x, side = _corners(features, like, block, up)
        result[y, x] = result[y - up, x - side]
        features[:, y, x] = features[:, y - up, x - side]
        if len(y):
            idle = 0
        up = -up
    return result


def _blocks(like: np.ndarray) -> np.ndarray:
    """Which cells are part of a 2 x 2 block of cells that look alike.

    Bool ``(h + 2, w + 2)``, the border is False.
    """
    right, down = like[0, 1], like[1, 0]
    block = np.zeros_like(right)
    top_left = right[:-1, :-1] & down[:-1, :-1] & down[:-1, 1:] & right[1:, :-1]
    for part in (block[:-1, :-1], block[:-1, 1:], block[1:, :-1], block[1:, 1:]):
        part |= top_left
    return block


def _corners(
    features: np.ndarray, like: np.ndarray, block: np.ndarray, up: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows and columns of the doubled corners that have an arm ``up``, -1 or 1, and the side of the
    other arm, -1 or 1.
    """
    thin = np.stack(
        [
            like[up, 0]
            & like[0, side]
            & ~(like[-up, 0] | like[0, -side] | like[-up, -side] | like[up, side])
            & ~block
            for side in (-1, 1)
        ]
    )
    # from here on of few cells, in the coordinates of the arrays with a border
    side, y, x = np.nonzero(thin)
    side = 2 * side - 1
    # the outer side
    keep = like[up, 0, y - up, x - side] & like[0, side, y - up, x - side] & block[y - up, x - side]
    keep &= ~block[y + up, x] & ~block[y, x + side]  # thin
    y, x, side = y[keep], x[keep], side[keep]

    def alike(row: Offset, column: Offset, dy: Offset, dx: Offset) -> np.ndarray:
        """Whether the cell at this offset from the corner looks like its neighbour there."""
        return like[dy, dx, y + row, x + column]

    up_long, side_long = alike(up, 0, up, 0), alike(0, side, 0, side)
    up_goes_on = up_long | alike(up, 0, up, -1) | alike(up, 0, up, 1) | alike(up, 0, 0, -side)
    side_goes_on = (
        side_long | alike(0, side, -1, side) | alike(0, side, 1, side) | alike(0, side, -up, 0)
    )
    keep = np.where(
        up_long | side_long,
        up_goes_on & side_goes_on & ~(up_long & side_long),
        up_goes_on | side_goes_on,
    )
    between_areas = block[y + up, x + side][keep]
    y, x, side = y[keep] - 1, x[keep] - 1, side[keep]

    lightness, transparency = features[0], features[3]
    darker = transparency[y, x] == 0
    lighter = darker & between_areas
    for beside in ((y + up, x + side), (y - up, x - side)):
        difference, clear = lightness[beside] - lightness[y, x], transparency[beside] > 0
        darker &= clear | (difference >= CONTRAST)
        lighter &= clear | (difference <= -CONTRAST)
    cut = darker | lighter
    return y[cut], x[cut], side[cut]
