"""One pixel per cell -> smooth image, made true to the sprite.

Knows no method that enlarges. Whatever does, the result keeps to the sprite in three ways:

- **No halo.** Colours and outline are drawn apart. Transparent cells have the colour of the nearest
  opaque one, so a pixel that is half transparent has a colour of the sprite; and only at the
  outline can a pixel be half transparent.
- **Flat stays flat, and nothing rings.** No pixel leaves the range of the colours of the 3 x 3
  cells around it; where these have one colour, the result has exactly that.
- **Colours stay.** Where DepixelNet lets the mean colours of the cells drift, as with single bright
  cells, they are drawn back: iterative back-projection (Irani and Peleg 1991), but blending with
  the cells instead of adding.
"""

import math
from collections.abc import Sequence

import numpy as np
import scipy
from PIL import Image

from pixelization.cells.sizes import Size, check_pixels
from pixelization.cells.tiling import cells_around
from pixelization.cells.voting import HALF_OPAQUE, paint_cells
from pixelization.color.ciede2000 import ciede2000, lab
from pixelization.enlargers.base import Enlarge
from pixelization.images.alpha import fill_transparent, with_alpha

BORDER = 2  # cells around a sprite, so that padding inside a method stays away from the drawing
INNER = (slice(BORDER, -BORDER),) * 2
# Back-projection: until cells differ by this much (CIEDE2000) on average, at most so many rounds,
# each pushing harder: cells that alternate need it, others would be changed more than they must.
CLOSE, ROUNDS, PUSH = 1.96, 16, 0.5
WORTH = (0.3, 3)  # least and most that a cell's push is multiplied by, squared
SOFT = 0.04  # of a cell: its border is not sharper than the drawing


def enlarge_sprite(
    sprite: np.ndarray,
    size: tuple[int, int],
    enlarge: Enlarge,
    *,
    keep_colors: bool = False,
    keep_alpha: bool = False,
    wrap: bool = False,
) -> np.ndarray:
    """Make a smooth image of a sprite.

    Args:
        sprite: uint8 ``(h, w, 3)``, or ``(h, w, 4)``, opaque where alpha is at least 128.
        size: (width, height) of the result in pixels.
        enlarge: a network (:mod:`pixelization.enlargers.networks`) or a classical method
            (:mod:`pixelization.enlargers.scalers`).
        keep_colors: draw the mean colours of the cells to the sprite's. What a classical method
            makes is better left as it is.
        keep_alpha: cells that are half transparent stay so.
        wrap: the sprite is a tile that repeats; opposite sides of the result fit each other.

    Returns:
        uint8 ``(H, W, 3)``, or ``(H, W, 4)`` for a sprite with alpha. Where alpha is 0, so is the
        colour.

    Raises:
        UserError: the result would be huge, or a method's package is missing.
    """
    check_pixels(size, "the result")
    if sprite.shape[2] == 4 and not keep_alpha:
        sprite = with_alpha(sprite[..., :3], (sprite[..., 3] >= HALF_OPAQUE) * np.uint8(255))
    if wrap:
        return _wrapped(sprite, size, enlarge, keep_colors)
    cells = np.pad(sprite, ((BORDER, BORDER), (BORDER, BORDER), (0, 0)), mode="edge")
    if sprite.shape[2] == 3:
        smooth = _drawn(cells, size, enlarge)
        if not keep_colors:
            return smooth
        return _with_means(cells[INNER], smooth, np.ones(smooth.shape[:2], np.float32))
    opaque = cells[..., 3] > 0
    if not opaque[INNER].any():
        return np.zeros((size[1], size[0], 4), np.uint8)
    silhouette = 255 - cells[..., 3]  # dark on white, as drawings are
    drawn = _drawn(np.dstack([silhouette] * 3), size, enlarge)
    alpha = 255 - drawn.mean(axis=2).round().astype(np.uint8)
    colors = fill_transparent(with_alpha(cells[..., :3], opaque * np.uint8(255)), radius=math.inf)
    smooth = _drawn(colors, size, enlarge)
    if keep_colors:
        weight = paint_cells(opaque[INNER], (size[1], size[0])) * (alpha / np.float32(255))
        smooth = _with_means(colors[INNER], smooth, weight)
    return with_alpha(smooth, alpha)


def _wrapped(
    sprite: np.ndarray, size: tuple[int, int], enlarge: Enlarge, keep_colors: bool
) -> np.ndarray:
    """Enlarged with its other side around it."""
    cells = sprite.shape[1], sprite.shape[0]
    across, down = (cells_around(*each) for each in zip(cells, size, strict=True))
    padded = np.pad(sprite, ((down, down), (across, across), (0, 0)), mode="wrap")
    left, top = across * size[0] // cells[0], down * size[1] // cells[1]
    large = (size[0] + 2 * left, size[1] + 2 * top)
    smooth = enlarge_sprite(padded, large, enlarge, keep_colors=keep_colors, keep_alpha=True)
    return np.ascontiguousarray(smooth[top : top + size[1], left : left + size[0]])


def enlarge_frames(
    sprites: Sequence[np.ndarray],
    size: tuple[int, int],
    enlarge: Enlarge,
    *,
    keep_colors: bool = False,
    keep_alpha: bool = False,
    wrap: bool = False,
) -> list[np.ndarray]:
    """Make smooth images of the frames of an animation, without flicker.

    What a network makes of a cell depends on the whole picture. So a cell whose 5 x 5 cells around
    it are those of the frame before keeps the pixels it had.

    Args:
        sprites: all of one shape; further arguments and errors as of :func:`enlarge_sprite`.
    """
    how = {"keep_colors": keep_colors, "keep_alpha": keep_alpha, "wrap": wrap}
    results: list[np.ndarray] = []
    before: np.ndarray | None = None
    for sprite in sprites:
        least = 1 if keep_alpha else HALF_OPAQUE
        visible = np.where(sprite[..., 3:] < least, 0, sprite) if sprite.shape[2] == 4 else sprite
        if before is None:
            results.append(enlarge_sprite(sprite, size, enlarge, **how))
        elif np.array_equal(visible, before):
            results.append(results[-1])
        else:
            changed = scipy.ndimage.maximum_filter(
                (visible != before).any(axis=2), 5, mode="wrap" if wrap else "reflect"
            )
            smooth = enlarge_sprite(sprite, size, enlarge, **how)
            new = paint_cells(changed, (size[1], size[0]))[..., None]
            results.append(np.where(new, smooth, results[-1]))
        before = visible
    return results


def _drawn(cells: np.ndarray, size: tuple[int, int], enlarge: Enlarge) -> np.ndarray:
    """Cells ``(h, w, 3)``, with a border, as an image ``(H, W, 3)`` without it.

    No pixel leaves the range of its 3 x 3 cells.
    """
    height, width = (side - 2 * BORDER for side in cells.shape[:2])
    image, factor = enlarge(cells, math.sqrt(size[0] * size[1] / (width * height)))
    start = factor * BORDER
    box = (start, start, factor * (BORDER + width), factor * (BORDER + height))
    # Hamming keeps edges nearly as crisp as Lanczos does, without its ripples beside them.
    kind = Image.Resampling.HAMMING if size[0] < box[2] - box[0] else Image.Resampling.BICUBIC
    smooth = np.asarray(Image.fromarray(image).resize(size, kind, box=box))
    low, high = (
        paint_cells(extreme(cells, (3, 3, 1))[INNER], (size[1], size[0]))
        for extreme in (scipy.ndimage.minimum_filter, scipy.ndimage.maximum_filter)
    )
    return smooth.clip(low, high)


def _with_means(cells: np.ndarray, smooth: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Blend a smooth image with its flat cells, as little as their mean colours need.

    A blend cannot bring a hue that is not there, as adding what is missing would. It brings back
    steps, however. So cells are drawn back more where little helps much: the eye tells dark colours
    apart that are close in RGB.

    Args:
        cells: uint8 ``(h, w, 3)``.
        smooth: uint8 ``(H, W, 3)``.
        weight: float32 ``(H, W)``, what each pixel counts. Cells whose pixels count nothing do not
            matter.
    """
    grid: Size = (cells.shape[0], cells.shape[1])
    size: Size = (smooth.shape[0], smooth.shape[1])
    image, weight = smooth.astype(np.float32), weight[..., None]
    soft = (SOFT * size[0] / grid[0], SOFT * size[1] / grid[1], 0)
    flat = scipy.ndimage.gaussian_filter(
        paint_cells(cells, size).astype(np.float32), soft, mode="nearest"
    )
    wanted, counted = lab(cells), _resized(weight, grid, Image.Resampling.BOX)
    seen = counted[..., 0] > 0

    def measured(image: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        means = _resized(image * weight, grid, Image.Resampling.BOX)
        means = np.where(counted > 0, means / np.maximum(counted, 1e-6), cells)
        distances = ciede2000(lab(means.round().astype(np.uint8)), wanted)
        return means, distances, float(distances[seen].mean())

    means, distances, distance = measured(image)
    for count in range(ROUNDS):
        if distance < CLOSE:
            break
        lack = cells - means
        worth = distances / (np.linalg.norm(lack, axis=2) + 1)
        worth = (worth / np.median(worth[seen & (distances > 0.5)])).clip(*WORTH) ** 2
        lack = _resized(
            (worth[..., None] * lack).astype(np.float32),
            size,
            Image.Resampling.BILINEAR,
        )
        way = flat - image
        share = (lack * way).sum(axis=2, keepdims=True) / np.maximum(
            (way * way).sum(axis=2, keepdims=True), 1
        )
        step, before = ((1 + PUSH * count) * share).clip(0, 1) * way, distance
        means, distances, distance = measured(image + step)
        # the last one not too far
        image += step * (min(1, (before - CLOSE) / (before - distance)) if distance < CLOSE else 1)
    return image.round().astype(np.uint8)


def _resized(values: np.ndarray, shape: Size, kind: Image.Resampling) -> np.ndarray:
    """Float32 ``(H, W, C)`` at another ``shape``, (height, width)."""
    channels = (
        Image.fromarray(np.ascontiguousarray(channel)) for channel in np.moveaxis(values, 2, 0)
    )
    return np.dstack(
        [np.asarray(channel.resize((shape[1], shape[0]), kind)) for channel in channels]
    )
