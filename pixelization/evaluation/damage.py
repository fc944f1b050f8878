"""What happens to sprites on their way: enlarged, cropped, compressed, blurred, imitated.

Knows the grid that each has afterwards. Knows no detector.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image
from scipy import ndimage

from pixelization.detection.geometry import GridDetection, cells_inside
from pixelization.images.alpha import over
from pixelization.images.opening import open_image

# a crop leaves no cell at the border whose visible part is this close to a half: nobody could say
# if it counts
TIE = 0.1


@dataclass(frozen=True)
class Damaged:
    """An image made of a sprite, and the truth about its grid.

    Attributes:
        image: uint8 ``(H, W, 3)`` or ``(H, W, 4)``.
        cell: width and height of a cell in pixels; the mean where cells differ.
        phase: pixels from the image's left and upper side to the first border at or before it, in
            (-cell, 0].
        size: cells of which at least half is inside the image, ``(w, h)``.
        sprite: these cells, uint8 ``(h, w, 3 or 4)`` like the image, before compression, blur or
            noise.
    """

    image: np.ndarray
    cell: tuple[float, float]
    phase: tuple[float, float]
    size: tuple[int, int]
    sprite: np.ndarray


def phase_error(grid: GridDetection, damaged: Damaged) -> float:
    """How far a grid is from the true one, in cells in [0, 0.5], on the axis where it is worse."""
    offset = (np.subtract(grid.phase, damaged.phase) / damaged.cell + 0.5) % 1 - 0.5
    return float(np.abs(offset).max())


# Enlargements: sprite -> Damaged.


def _nearest(sprite: np.ndarray, factors: tuple[float, float]) -> Damaged:
    width, height = round(sprite.shape[1] * factors[0]), round(sprite.shape[0] * factors[1])
    rows = ((np.arange(height) + 0.5) * sprite.shape[0] / height).astype(int)
    columns = ((np.arange(width) + 0.5) * sprite.shape[1] / width).astype(int)
    return _whole(sprite, sprite[np.ix_(rows, columns)])


def _resampled(sprite: np.ndarray, factor: float, method: Image.Resampling) -> Damaged:
    size = (round(sprite.shape[1] * factor), round(sprite.shape[0] * factor))
    return _whole(sprite, _resize(sprite, size, method))


def _drifting(sprite: np.ndarray, factor: float, drift: float) -> Damaged:
    """Cells at one end are larger by the share ``drift`` than those at the other."""
    positions = []
    for cells in sprite.shape[:2]:
        borders = np.concatenate(
            [[0], np.cumsum(factor * (1 + drift * np.linspace(-0.5, 0.5, cells)))]
        )
        positions.append(
            np.searchsorted(borders, np.arange(round(cells * factor)) + 0.5, side="right") - 1
        )
    rows, columns = (
        index.clip(0, cells - 1) for index, cells in zip(positions, sprite.shape[:2], strict=True)
    )
    return _whole(sprite, sprite[np.ix_(rows, columns)])


def _imitated(sprite: np.ndarray, rng: np.random.Generator, factor: float) -> Damaged:
    """As an image generator draws it.

    The borders of every cell off by some 6 % of a cell, soft, with a little texture.
    """
    height, width = (round(side * factor) for side in sprite.shape[:2])
    fine = 3  # samples per pixel and side
    rows, columns = np.mgrid[0 : height * fine, 0 : width * fine].astype(float)
    for axis, coordinates in enumerate((rows, columns)):
        coordinates += 0.5
        coordinates *= sprite.shape[axis] / coordinates.shape[axis]
    shifts = rng.normal(0, 0.06, size=(2, sprite.shape[0] * 2, sprite.shape[1] * 2))
    near = (
        (rows * 2).astype(int).clip(0, shifts.shape[1] - 1),
        (columns * 2).astype(int).clip(0, shifts.shape[2] - 1),
    )
    rows, columns = rows + shifts[0][near], columns + shifts[1][near]
    drawn = sprite[
        rows.astype(int).clip(0, sprite.shape[0] - 1),
        columns.astype(int).clip(0, sprite.shape[1] - 1),
    ]
    image = _resize(drawn, (width, height), Image.Resampling.BOX)
    texture = ndimage.gaussian_filter(rng.normal(0, 1, (height, width, 1)), (1, 1, 0))
    return _whole(
        sprite,
        _clipped(_blurred(image, 0.08 * factor) + 10 * texture * (np.arange(image.shape[2]) < 3)),
    )


def _jittered(sprite: np.ndarray, rng: np.random.Generator, factor: float) -> Damaged:
    """As other image generators draw it.

    Rows and columns of cells keep together, but each of their borders is off by some 12 % of a
    cell.
    """
    fine = 3  # samples per pixel and side
    index = []
    for cells in sprite.shape[:2]:
        borders = np.arange(1, cells) + rng.normal(0, 0.12, cells - 1)
        places = (np.arange(round(cells * factor) * fine) + 0.5) / (factor * fine)
        index.append(np.searchsorted(np.sort(borders), places))
    size = (round(sprite.shape[1] * factor), round(sprite.shape[0] * factor))
    return _whole(sprite, _resize(sprite[np.ix_(*index)], size, Image.Resampling.BOX))


def _gridded(sprite: np.ndarray, rng: np.random.Generator) -> Damaged:
    """Enlarged by a whole factor, and a grid drawn on its cells or between them.

    Lines have one colour; half of them are opaque.
    """
    factor = int(rng.integers(5, 21))
    width = int(rng.integers(1, 3)) if factor >= 10 else 1
    between, closed, opaque = rng.random(3) < 0.5
    color = [(0, 0, 0), (255, 255, 255), (128, 128, 128), tuple(rng.integers(0, 256, 3))]
    above = np.array([*color[rng.integers(4)], 255.0])[: sprite.shape[2]]
    opacity = 1.0 if opaque else rng.uniform(0.3, 0.8)
    cell = factor + width * between
    plain = sprite.repeat(cell, axis=0).repeat(cell, axis=1)
    if closed:
        plain = np.pad(plain, ((0, width), (0, width), (0, 0)), mode="edge")
    values = plain.astype(float)
    on_line = [np.arange(side) % cell < width for side in values.shape[:2]]
    line = on_line[0][:, None] | on_line[1]
    if sprite.shape[2] == 4:
        colors, alpha = over(above[:3], opacity, values[..., :3], values[..., 3:] / 255)
        values = np.dstack([colors, alpha * 255])
    else:
        values = above * opacity + values * (1 - opacity)
    image = np.where(line[..., None], _clipped(values), plain)
    size = (sprite.shape[1], sprite.shape[0])
    return Damaged(image, (cell, cell), (0.0, 0.0), size, sprite)


def _flat_cells(sprite: np.ndarray, rng: np.random.Generator) -> Damaged:
    """Cells that are one pixel wide or high, and 2 to 4 along the other side."""
    factors = (int(rng.integers(2, 5)), 1)
    return _nearest(sprite, factors if rng.random() < 0.5 else factors[::-1])


def _whole(sprite: np.ndarray, image: np.ndarray) -> Damaged:
    (height, width), (rows, columns) = image.shape[:2], sprite.shape[:2]
    return Damaged(image, (width / columns, height / rows), (0.0, 0.0), (columns, rows), sprite)


# What is done to images: Damaged -> Damaged.


def _cropped(damaged: Damaged, rng: np.random.Generator) -> Damaged:
    """Up to a cell less at every side."""
    cuts, phases, cells = [], [], []
    for axis, (cell, phase) in enumerate(zip(damaged.cell, damaged.phase, strict=True)):
        side = damaged.image.shape[1 - axis]
        while True:
            start, end = (int(cut) for cut in rng.integers(0, max(1, int(cell)), size=2))
            # of the new image, in cells
            borders = (start - phase) / cell, (side - end - phase) / cell
            if all(abs(border % 1 - 0.5) > TIE for border in borders):
                break
        old_first = cells_inside(side, cell, phase)[0]
        gone = int(borders[0])
        first, count = cells_inside(side - start - end, cell, gone * cell + phase - start)
        cuts.append(slice(start, side - end))
        phases.append(gone * cell + phase - start)
        cells.append(slice(gone + first - old_first, gone + first - old_first + count))
    sprite = damaged.sprite[cells[1], cells[0]]
    image = np.ascontiguousarray(damaged.image[cuts[1], cuts[0]])
    return replace(
        damaged,
        image=image,
        phase=(phases[0], phases[1]),
        size=(sprite.shape[1], sprite.shape[0]),
        sprite=sprite,
    )


def _padded(sprite: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """With flat margins of 2 to 6 cells, each of its own width."""
    top, bottom, left, right = rng.integers(2, 7, size=4)
    if sprite.shape[2] == 4:
        return np.pad(sprite, ((top, bottom), (left, right), (0, 0)))
    padded = np.full(
        (sprite.shape[0] + top + bottom, sprite.shape[1] + left + right, 3), sprite[0, 0]
    )
    padded[top : top + sprite.shape[0], left : left + sprite.shape[1]] = sprite
    return padded


def _jpeg(damaged: Damaged, quality: int) -> Damaged:
    return replace(damaged, image=_coded(damaged.image, "JPEG", quality=quality))


def _webp(damaged: Damaged, quality: int) -> Damaged:
    return replace(damaged, image=_coded(damaged.image, "WEBP", quality=quality))


def _coded(image: np.ndarray, code: str, **options: int) -> np.ndarray:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, code, **options)
    return np.asarray(open_image(stream.getvalue(), code, (code,)))


def _blur(damaged: Damaged, sigma: float) -> Damaged:
    """Gaussian, ``sigma`` in cells."""
    return replace(damaged, image=_clipped(_blurred(damaged.image, sigma * min(damaged.cell))))


def _noise(damaged: Damaged, rng: np.random.Generator, sigma: float) -> Damaged:
    values = damaged.image.astype(float)
    values[..., :3] += rng.normal(0, sigma, values[..., :3].shape)
    return replace(damaged, image=_clipped(values))


def _scaled(damaged: Damaged, factor: float, method: Image.Resampling) -> Damaged:
    """A whole image resized once more."""
    height, width = damaged.image.shape[:2]
    size = (round(width * factor), round(height * factor))
    return _whole(damaged.sprite, _resize(damaged.image, size, method))


def _few_colors(damaged: Damaged, colors: int) -> Damaged:
    """As a GIF that was dithered."""
    image = Image.fromarray(damaged.image).quantize(
        colors, Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG
    )
    return replace(damaged, image=np.asarray(image.convert("RGB")))


def _resize(image: np.ndarray, size: tuple[int, int], method: Image.Resampling) -> np.ndarray:
    # Pillow premultiplies RGBA itself
    return np.asarray(Image.fromarray(image).resize(size, method))


def _blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    """float; colours of RGBA are premultiplied while it is blurred."""
    values = image.astype(float)
    if image.shape[2] == 3:
        return ndimage.gaussian_filter(values, (sigma, sigma, 0), mode="nearest")
    alpha = ndimage.gaussian_filter(values[..., 3:], (sigma, sigma, 0), mode="nearest")
    colors = ndimage.gaussian_filter(
        values[..., :3] * values[..., 3:], (sigma, sigma, 0), mode="nearest"
    )
    return np.dstack([colors / np.maximum(alpha, 1e-3), alpha])


def _clipped(values: np.ndarray) -> np.ndarray:
    return values.round().clip(0, 255).astype(np.uint8)


def _flattened(sprite: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """RGB on a flat background: white, black or any colour; RGB stays as it is."""
    if sprite.shape[2] == 3:
        return sprite
    background = [(255, 255, 255), (0, 0, 0), tuple(rng.integers(0, 256, 3))][rng.integers(3)]
    return np.where(sprite[..., 3:] > 0, sprite[..., :3], np.array(background)).astype(np.uint8)


def _maybe_flattened(sprite: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Half of them."""
    return _flattened(sprite, rng) if rng.random() < 0.5 else sprite


def _whole_factor(rng: np.random.Generator) -> float:
    """3 to 16, small ones more often: as many of 3 to 7 as of 7 to 16."""
    return float(round(3 * (16 / 3) ** rng.random()))


def _factor(rng: np.random.Generator) -> float:
    """As ``_whole_factor``, in between."""
    return 3 * (16 / 3) ** rng.random()


def _any_nearest(sprite: np.ndarray, rng: np.random.Generator) -> Damaged:
    """Whole or fractional factor from 3 to 16, one for both axes, any phase."""
    factor = _whole_factor(rng) if rng.random() < 0.5 else _factor(rng)
    return _cropped(_nearest(sprite, (factor, factor)), rng)


def _enlarged(method: Image.Resampling) -> Callable[[np.ndarray, np.random.Generator], Damaged]:
    """By 4 to 10; half of them by a whole factor, half off-phase."""

    def damage(sprite: np.ndarray, rng: np.random.Generator) -> Damaged:
        factor = rng.uniform(4, 10)
        factor = float(round(factor)) if rng.random() < 0.5 else factor
        damaged = _resampled(_maybe_flattened(sprite, rng), factor, method)
        return _cropped(damaged, rng) if rng.random() < 0.5 else damaged

    return damage


def _blurry(sigma: float) -> Callable[[np.ndarray, np.random.Generator], Damaged]:
    return lambda sprite, rng: _blur(_any_nearest(_maybe_flattened(sprite, rng), rng), sigma)


def _compressed(quality: int) -> Callable[[np.ndarray, np.random.Generator], Damaged]:
    return lambda sprite, rng: _jpeg(_any_nearest(_flattened(sprite, rng), rng), quality)


def _equal(factor: float) -> tuple[float, float]:
    return factor, factor


BILINEAR, BICUBIC, LANCZOS = (
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
)

# uint8 RGBA sprite and a generator -> Damaged; the same generator state gives the same image.
DAMAGES: dict[str, Callable[[np.ndarray, np.random.Generator], Damaged]] = {
    "native": lambda sprite, rng: _nearest(sprite, (1, 1)),
    "native-flat": lambda sprite, rng: _nearest(_flattened(sprite, rng), (1, 1)),
    "native-padded": lambda sprite, rng: _nearest(
        _padded(_maybe_flattened(sprite, rng), rng), (1, 1)
    ),
    "nearest-2": lambda sprite, rng: _nearest(_maybe_flattened(sprite, rng), (2, 2)),
    "nearest-whole": lambda sprite, rng: _nearest(
        _maybe_flattened(sprite, rng), _equal(_whole_factor(rng))
    ),
    "nearest-fraction": lambda sprite, rng: _nearest(
        _maybe_flattened(sprite, rng), _equal(_factor(rng))
    ),
    "nearest-large": lambda sprite, rng: _nearest(
        _maybe_flattened(sprite, rng), _equal(rng.uniform(16, 32))
    ),
    "nearest-aspect": lambda sprite, rng: _nearest(
        _maybe_flattened(sprite, rng), (_factor(rng), _factor(rng))
    ),
    "nearest-phase": lambda sprite, rng: _any_nearest(_maybe_flattened(sprite, rng), rng),
    "nearest-padded": lambda sprite, rng: _any_nearest(
        _padded(_maybe_flattened(sprite, rng), rng), rng
    ),
    "jpeg-95": _compressed(95),
    "jpeg-75": _compressed(75),
    "jpeg-50": _compressed(50),
    "jpeg-twice": lambda sprite, rng: _jpeg(_cropped(_compressed(85)(sprite, rng), rng), 70),
    "webp-75": lambda sprite, rng: _webp(_any_nearest(_flattened(sprite, rng), rng), 75),
    "dithered-32": lambda sprite, rng: _few_colors(
        _blur(_any_nearest(_flattened(sprite, rng), rng), 0.1), 32
    ),
    "blur-0.1": _blurry(0.1),
    "blur-0.2": _blurry(0.2),
    "blur-0.3": _blurry(0.3),
    "blur-0.4": _blurry(0.4),
    "blur-jpeg": lambda sprite, rng: _jpeg(
        _blur(_any_nearest(_flattened(sprite, rng), rng), 0.15), 85
    ),
    "bilinear": _enlarged(BILINEAR),
    "bicubic": _enlarged(BICUBIC),
    "lanczos": _enlarged(LANCZOS),
    "bicubic-jpeg": lambda sprite, rng: _jpeg(_enlarged(BICUBIC)(_flattened(sprite, rng), rng), 85),
    "noise": lambda sprite, rng: _noise(
        _any_nearest(_maybe_flattened(sprite, rng), rng), rng, rng.uniform(4, 16)
    ),
    "drift": lambda sprite, rng: _drifting(
        _maybe_flattened(sprite, rng), rng.uniform(5, 16), rng.uniform(0.01, 0.02)
    ),
    "resized-down": lambda sprite, rng: _scaled(
        _nearest(_maybe_flattened(sprite, rng), (6, 6)), 0.8, BICUBIC
    ),
    "resized-up": lambda sprite, rng: _scaled(
        _nearest(_maybe_flattened(sprite, rng), _equal(_whole_factor(rng))),
        rng.uniform(1.1, 1.9),
        BILINEAR,
    ),
    "generator": lambda sprite, rng: _imitated(
        _maybe_flattened(sprite, rng), rng, rng.uniform(6, 16)
    ),
    "generator-jpeg": lambda sprite, rng: _jpeg(
        _imitated(_flattened(sprite, rng), rng, rng.uniform(6, 16)), 85
    ),
    "one-pixel": lambda sprite, rng: _flat_cells(_maybe_flattened(sprite, rng), rng),
    "grid-lines": lambda sprite, rng: _gridded(_maybe_flattened(sprite, rng), rng),
    "drifting": lambda sprite, rng: _noise(
        _blur(_jittered(_maybe_flattened(sprite, rng), rng, rng.uniform(8, 20)), 0.08),
        rng,
        rng.uniform(3, 8),
    ),
    "drifting-jpeg": lambda sprite, rng: _jpeg(
        _noise(
            _blur(_jittered(_flattened(sprite, rng), rng, rng.uniform(8, 20)), 0.08),
            rng,
            rng.uniform(3, 8),
        ),
        85,
    ),
}
