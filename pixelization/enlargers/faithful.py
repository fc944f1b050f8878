"""One pixel per cell -> smooth image: enlarged by DepixelNet or a classical method, then made true
to the sprite.

Whatever enlarges it, the result keeps to the sprite in three ways:

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
from PIL import Image
from scipy import ndimage

from pixelization.backends.base import check_pixels
from pixelization.cells.voting import paint_cells
from pixelization.color.ciede2000 import ciede2000, lab
from pixelization.enlargers import scalers as upscaling
from pixelization.enlargers.base import FACTORS, Enlarge
from pixelization.errors import UserError
from pixelization.images.alpha import fill_transparent

# what each can draw
CLASSICAL = upscaling.FACTORS | dict.fromkeys(
    ("bicubic", "nearest"), range(FACTORS[0], FACTORS[1] + 1)
)
BORDER = 2  # cells around a sprite, so that padding inside a method stays away from the drawing
INNER = (slice(BORDER, -BORDER),) * 2
# Back-projection: until cells differ by this much (CIEDE2000) on average, at most so many rounds,
# each pushing harder: cells that alternate need it, others would be changed more than they must.
CLOSE, ROUNDS, PUSH = 1.96, 16, 0.5
WORTH = (0.3, 3)  # least and most that a cell's push is multiplied by, squared
SOFT = 0.04  # of a cell: its border is not sharper than the drawing


def classical_enlarger(method: str) -> Enlarge:
    """One of ``CLASSICAL``, by the smallest factor it knows that is not below the one wished for,
    else by the largest.

    Raises:
        UserError: there is no such method; when it is used: its package is missing.
    """
    if method not in CLASSICAL:
        raise UserError(f"unknown method '{method}': there are {', '.join(CLASSICAL)}")

    def enlarge(cells: np.ndarray, factor: float) -> tuple[np.ndarray, float]:
        known = min((k for k in CLASSICAL[method] if k >= factor), default=max(CLASSICAL[method]))
        return getattr(upscaling, method)(np.ascontiguousarray(cells), known), float(known)

    return enlarge


def depixelize(
    sprite: np.ndarray, size: tuple[int, int], enlarge: Enlarge, *, keep_colors: bool = True
) -> np.ndarray:
    """Make a smooth image of a sprite.

    Args:
        sprite: uint8 ``(h, w, 3)``, or ``(h, w, 4)``, opaque where alpha is at least 128.
        size: (width, height) of the result in pixels.
        enlarge: of :func:`network_enlarger` or :func:`classical_enlarger`.
        keep_colors: draw the mean colours of the cells to the sprite's; what a classical method
            makes is better left as it is.

    Returns:
        uint8 ``(H, W, 3)``, or ``(H, W, 4)`` for a sprite with alpha; where alpha is 0, so is the
        colour.

    Raises:
        UserError: the result would be huge, or a method's package is missing.
    """
    check_pixels(size, "the result")
    cells = np.pad(sprite, ((BORDER, BORDER), (BORDER, BORDER), (0, 0)), mode="edge")
    if sprite.shape[2] == 3:
        smooth = _drawn(cells, size, enlarge)
        return (
            _with_means(cells[INNER], smooth, np.ones(smooth.shape[:2], np.float32))
            if keep_colors
            else smooth
        )
    opaque = cells[..., 3] >= 128
    if not opaque[INNER].any():
        return np.zeros((size[1], size[0], 4), np.uint8)
    silhouette = np.where(opaque, 0, 255).astype(np.uint8)  # dark on white, as drawings are
    alpha = 255 - _drawn(np.dstack([silhouette] * 3), size, enlarge).mean(axis=2).round().astype(
        np.uint8
    )
    colors = fill_transparent(cells, radius=math.inf)
    smooth = _drawn(colors, size, enlarge)
    if keep_colors:
        smooth = _with_means(
            colors[INNER],
            smooth,
            paint_cells(opaque[INNER], alpha.shape) * (alpha / np.float32(255)),
        )
    return np.dstack([np.where(alpha[..., None] > 0, smooth, 0).astype(np.uint8), alpha])


def depixelize_frames(
    sprites: Sequence[np.ndarray],
    size: tuple[int, int],
    enlarge: Enlarge,
    *,
    keep_colors: bool = True,
) -> list[np.ndarray]:
    """Make smooth images of the frames of an animation, without flicker.

    What a network makes of a cell depends on the whole picture. So a cell whose 5 x 5 cells around
    it are those of the frame before keeps the pixels it had.

    Args:
        sprites: all of one shape; further arguments and errors as of :func:`depixelize`.
    """
    results: list[np.ndarray] = []
    for number, sprite in enumerate(sprites):
        visible = np.where(sprite[..., 3:] < 128, 0, sprite) if sprite.shape[2] == 4 else sprite
        if number == 0:
            results.append(depixelize(sprite, size, enlarge, keep_colors=keep_colors))
        elif np.array_equal(visible, before):
            results.append(results[-1])
        else:
            changed = ndimage.maximum_filter((visible != before).any(axis=2), 5)
            smooth = depixelize(sprite, size, enlarge, keep_colors=keep_colors)
            results.append(
                np.where(paint_cells(changed, smooth.shape[:2])[..., None], smooth, results[-1])
            )
        before = visible
    return results


def _drawn(cells: np.ndarray, size: tuple[int, int], enlarge: Enlarge) -> np.ndarray:
    """Cells ``(h, w, 3)``, with a border, as an image ``(H, W, 3)`` without it.

    No pixel leaves the range of its 3 x 3 cells.
    """
    height, width = (side - 2 * BORDER for side in cells.shape[:2])
    image, factor = enlarge(cells, math.sqrt(size[0] * size[1] / (width * height)))
    box = tuple(factor * side for side in (BORDER, BORDER, BORDER + width, BORDER + height))
    # Hamming keeps edges nearly as crisp as Lanczos does, without its ripples beside them.
    kind = Image.Resampling.HAMMING if size[0] < box[2] - box[0] else Image.Resampling.BICUBIC
    smooth = np.asarray(Image.fromarray(image).resize(size, kind, box=box))
    low, high = (
        extreme(cells, (3, 3, 1))[INNER]
        for extreme in (ndimage.minimum_filter, ndimage.maximum_filter)
    )
    return smooth.clip(*(paint_cells(bound, smooth.shape[:2]) for bound in (low, high)))


def _with_means(cells: np.ndarray, smooth: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Blend ``smooth (H, W, 3)`` with the flat cells ``(h, w, 3)``, as little as their mean colours
    need.

    A blend cannot bring a hue that is not there, as adding what is missing would. It brings back
    steps, however; so cells are drawn back more where little helps much: the eye tells dark colours
    apart that are close in RGB.

    Args:
        weight: float32 ``(H, W)``, what each pixel counts; cells whose pixels count nothing do not
            matter.
    """
    grid, image, weight = cells.shape[:2], smooth.astype(np.float32), weight[..., None]
    soft = [SOFT * side / count for side, count in zip(smooth.shape, grid)]
    flat = ndimage.gaussian_filter(
        paint_cells(cells, smooth.shape[:2]).astype(np.float32), (*soft, 0), mode="nearest"
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
            smooth.shape[:2],
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


def _resized(values: np.ndarray, shape: tuple[int, int], kind: Image.Resampling) -> np.ndarray:
    """Float32 ``(H, W, 3)`` at another ``shape``."""
    channels = (
        Image.fromarray(np.ascontiguousarray(channel)) for channel in np.moveaxis(values, 2, 0)
    )
    return np.dstack([np.asarray(channel.resize(shape[::-1], kind)) for channel in channels])
