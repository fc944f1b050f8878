"""A flat background becomes transparent."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import scipy

from pixelization.cells.voting import HALF_OPAQUE, per_cell
from pixelization.color.oklab import NOTICEABLE, perceptual
from pixelization.images.alpha import with_alpha
from pixelization.images.sprites import check_sprite, opaque_cells

TOLERANCE = 0.04  # perceptual distance; about 0.02 is just noticeable
SPECK, SPECK_CELLS = 2.5, 2  # times this tolerance; what JPEG and mixtures leave of it at outlines
LOOSE = 1.6  # times it, of those that touch no outline: what is darker may be a drawn dot
FILL = 8  # cells of one colour side by side, near the background's, that are no noise of it
AROUND = np.ones((3, 3), bool)
BAND = 1 << 20  # pixels that are compared at once, which bounds the memory


def background_color(
    sprite: np.ndarray, *, tolerance: float = TOLERANCE
) -> tuple[int, int, int] | None:
    """The colour that the sprite stands on: the most frequent one along the border.

    Args:
        sprite: uint8 ``(h, w, 3)`` or ``(h, w, 4)``.
        tolerance: largest perceptual distance to this colour; the same as for
            ``remove_background``.

    Returns:
        (R, G, B), or None if fewer than half of the border's cells are within the tolerance of it,
        as with scenes that fill their picture and with sprites whose background is transparent
        already.
    """
    check_sprite(sprite)
    border = np.concatenate([sprite[0], sprite[-1], sprite[1:-1, 0], sprite[1:-1, -1]])
    opaque = border[border[:, 3] > 0, :3] if sprite.shape[2] == 4 else border
    if 2 * len(opaque) < len(border):
        return None
    colors, counts = np.unique(opaque, axis=0, return_counts=True)
    best = colors[counts.argmax()]
    if 2 * counts[_near(colors, best, tolerance)].sum() < len(border):
        return None
    return tuple(best.tolist())


def background_colors(sprites: Sequence[np.ndarray]) -> list[tuple[int, int, int] | None]:
    """The background's colour in every frame; None where there is none, or where it is transparent
    already.

    Frames that show none, as where the drawing covers the border, or almost the same one, have that
    of most frames: else what is removed would flicker.
    """
    own = [background_color(sprite) for sprite in sprites]
    found = Counter(color for color in own if color is not None)
    if not found:
        return own
    common = max(found, key=lambda color: found[color])
    near = {
        color
        for color in found
        if _near(np.array(color, np.uint8), np.array(common, np.uint8), TOLERANCE)
    }
    takes = [
        not has_clear(sprite) if color is None else color in near
        for sprite, color in zip(sprites, own, strict=True)
    ]
    return [common if taken else color for color, taken in zip(own, takes, strict=True)]


def has_clear(sprite: np.ndarray) -> bool:
    """Whether any cell of uint8 ``(h, w, 3)`` or ``(h, w, 4)`` is transparent."""
    return not opaque_cells(sprite).all()


def remove_background(
    sprite: np.ndarray,
    color: tuple[int, int, int] | None = None,
    *,
    tolerance: float = TOLERANCE,
    holes: bool = False,
    areas: np.ndarray | None = None,
) -> np.ndarray:
    """Make the background transparent, filling from the border through neighbours at the four
    sides.

    A cell or two between it and the drawing that are nearly of its colour, as JPEG leaves them, go
    too, and so do those that lie in it by themselves and are still nearer to its colour. A fill
    that is nearly of its colour, as an off-white coat on white, stays.

    Args:
        sprite: uint8 ``(h, w, 3)`` or ``(h, w, 4)``.
        color: (R, G, B) of the background; None: that of ``background_color``.
        tolerance: largest perceptual distance (black to white is 1) to the background's colour.
        holes: areas of the background's colour that the drawing encloses go too, be they seen
            through a ring or an eye.
        areas: int8 ``(h, w)`` of :func:`ground_areas`, which knows the outlines that have got gaps
            in the sprite, and the gaps that have closed: the fill does not enter where it is 1, and
            begins where it is -1, too.

    Returns:
        uint8 ``(h, w, 4)``; the sprite as it is, RGB if it was, where ``background_color`` finds
        none.
    """
    check_sprite(sprite)
    color = background_color(sprite, tolerance=tolerance) if color is None else color
    if color is None:
        return sprite.copy()
    ground = np.array(color, np.uint8)
    alike = _near(sprite[..., :3], ground, tolerance)
    alike &= ~_fill(sprite, ground, alike)
    background = alike | ~opaque_cells(sprite)  # what is transparent already lets the fill through
    if not holes:
        if areas is not None:
            background &= areas <= 0
        labels, reached = _areas(background)
        if areas is not None:
            reached[labels[background & (areas < 0)]] = True
        background &= reached[labels]
    pale, loose = (
        _near(sprite[..., :3], ground, times * tolerance) & ~background & ~alike
        for times in (SPECK, LOOSE)
    )
    if areas is not None:
        pale &= areas <= 0
    background |= _specks(pale, loose, background)
    result = with_alpha(sprite).copy()
    result[background] = 0
    return result


def _fill(sprite: np.ndarray, ground: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Of the cells near the background's colour those of a fill of the drawing: bool ``(h, w)``.

    A fill is one colour that can be told from the background's; noise and gradients of a
    background are many.
    """
    apart = near & opaque_cells(sprite) & ~_near(sprite[..., :3], ground, NOTICEABLE)
    if not apart.any():
        return apart
    colors, counts = np.unique(sprite[apart][:, :3], axis=0, return_counts=True)
    if 2 * counts.max() < counts.sum():
        return np.zeros_like(apart)
    apart &= (sprite[..., :3] == colors[counts.argmax()]).all(axis=2)
    labels, _count = scipy.ndimage.label(apart)
    return np.asarray(apart & (np.bincount(labels.ravel()) >= FILL)[labels])


def _specks(pale: np.ndarray, loose: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Of pale cells the single ones and pairs that lie between background and drawing, or in the
    background, if they are ``loose``.

    Larger areas are the drawing's.
    """
    if not pale.any():
        return pale
    labels, count = scipy.ndimage.label(pale, AROUND)

    def some(cells: np.ndarray) -> np.ndarray:
        """Which specks have some of these cells, by number."""
        return np.bincount(labels[cells], minlength=count + 1) > 0

    def beside(others: np.ndarray) -> np.ndarray:
        return some(pale & scipy.ndimage.binary_dilation(others))

    small = np.bincount(labels.ravel(), minlength=count + 1) <= SPECK_CELLS
    small &= beside(background) & (beside(~background & ~pale) | ~some(pale & ~loose))
    return np.asarray(small[labels])


def ground_areas(
    source: np.ndarray,
    color: tuple[int, int, int],
    shape: tuple[int, int],
    *,
    tolerance: float = TOLERANCE,
) -> np.ndarray:
    """Where the drawing encloses the background's colour, and where it does not, as the source
    shows it.

    Among cells, thin outlines have gaps, through which a fill would run into a white body, and
    narrow gaps close, behind which it would leave the background.

    Args:
        source: uint8 ``(H, W, 3)`` or ``(H, W, 4)``, which the cells fill evenly.
        color: (R, G, B) of the background.
        shape: ``(h, w)`` in cells.
        tolerance: as of :func:`remove_background`.

    Returns:
        int8 ``(h, w)``: of a cell's pixels of this colour, more lie in areas that are enclosed (1)
        or in areas that reach the border (-1); else 0. Areas smaller than a cell are noise, which
        encloses nothing. All 0 if no pixel at the border has the colour, as in a picture that is
        framed.
    """
    bands = np.array_split(source, -(-source.shape[0] * source.shape[1] // BAND))
    near = np.concatenate(
        [_near(band[..., :3], np.array(color, np.uint8), tolerance) for band in bands]
    )
    opaque = source[..., 3] >= HALF_OPAQUE if source.shape[2] == 4 else np.ones_like(near)
    labels, reached = _areas(near | ~opaque)  # what is transparent lets the fill through
    if not reached.any():
        return np.zeros(shape, np.int8)
    large = np.bincount(labels.ravel()) * shape[0] * shape[1] >= near.size
    near &= opaque

    def pixels(areas: np.ndarray) -> np.ndarray:
        """How many of every cell's pixels of this colour lie in such areas."""
        return per_cell(np.add, near & areas[labels], shape, np.int32)

    open_ = pixels(reached)
    enclosed = pixels(large & ~reached) > open_
    return enclosed.astype(np.int8) - (pixels(~reached) < open_)


def _areas(ground: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The areas of bool ``(h, w)`` that are connected by sides, as int ``(h, w)`` from 1, 0
    elsewhere; and which of these numbers reach the border.
    """
    labels, count = scipy.ndimage.label(ground)
    reached = np.zeros(count + 1, bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        reached[edge] = True
    reached[0] = False
    return labels, reached


def _near(colors: np.ndarray, color: np.ndarray, tolerance: float) -> np.ndarray:
    """Which of uint8 ``(..., 3)`` are within the tolerance of uint8 ``(3,)``."""
    return np.linalg.norm(perceptual(colors) - perceptual(color), axis=-1) <= tolerance
