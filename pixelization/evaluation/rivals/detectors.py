"""Packages that find the grid of pixel art and recover the sprite.

The extra ``pixelization[rivals]``.
"""

import io
import logging
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from PIL import Image

from pixelization.detection.geometry import GridDetection
from pixelization.images.alpha import on_white
from pixelization.optional import optional_module

TIME_LIMIT = 60  # seconds that a package may take for an image


@dataclass(frozen=True)
class Recovered:
    """What a method makes of an image that shows pixel art.

    Attributes:
        sprite: uint8 ``(h, w, 3)`` or ``(h, w, 4)``.
        grid: on which it was found; None where the method does not tell. Its confidence is NaN
            where there is none.
    """

    sprite: np.ndarray
    grid: GridDetection | None = None


def perfect_pixel(image: np.ndarray) -> Recovered:
    """Spectrum and gradients, by the package perfect-pixel, which knows no transparency: the sprite
    is on white.

    Args:
        image: uint8 ``(H, W, 3)`` or ``(H, W, 4)``.

    Returns:
        The sprite; where the package finds no grid, it is the image.

    Raises:
        UserError: the package is missing.
        TimeoutError: it takes too long.
        Exception: whatever the package raises.

    Source: https://github.com/theamusing/perfectPixel
    """
    with _contained():
        _, _, sprite = _module("perfect_pixel").get_perfect_pixel(_opaque(image))
    return Recovered(np.asarray(sprite))


def unfake(image: np.ndarray) -> Recovered:
    """Lengths of runs, then edges, by the package unfake: whole factors only; arguments and result
    as of :func:`perfect_pixel`.

    The sprite is RGBA. The package's reduction to fewer colours is off (256): a sprite is to come
    back as it was. Source: https://pypi.org/project/unfake
    """
    rgba = np.asarray(Image.fromarray(image).convert("RGBA"))
    with _contained():
        return Recovered(_module("unfake").process_image_sync(rgba, max_colors=256)["image_array"])


def proper_pixel_art(image: np.ndarray) -> Recovered:
    """Lines of edges completed to a mesh, by the package proper-pixel-art; arguments and result as
    of :func:`perfect_pixel`.

    The sprite is RGBA. Source: https://github.com/KennethJAllen/proper-pixel-art
    """
    with _contained():
        result = _module("proper_pixel_art").pixelate(Image.fromarray(image))
    lines = [np.divide(each, result.upscale_factor) for each in result.mesh]
    return _on_lines(np.asarray(result.image), lines, image)


def ai2pixelart(image: np.ndarray) -> Recovered:
    """Phases of gradients, by the classical part of ai2pixelart; arguments and result as of
    :func:`perfect_pixel`.

    It knows no transparency either. Source: https://github.com/ArneKummerow/ai2pixelart, under a
    noncommercial licence.
    """
    with _contained():
        result = _module("ai2pixelart").clean(_opaque(image))
    grid = result.grid
    return (
        _on_lines(result.image, [grid.x.edges, grid.y.edges], image)
        if grid
        else Recovered(result.image)
    )


def _module(name: str) -> ModuleType:
    return optional_module(name, extra="rivals")


@contextmanager
def _contained() -> Iterator[None]:
    """What the package prints and logs goes nowhere, and a call that hangs ends with TimeoutError.

    Only the main thread of a POSIX process can be interrupted; elsewhere there is no limit.
    """
    interrupts = (
        hasattr(signal, "SIGALRM") and threading.current_thread() is threading.main_thread()
    )

    def stop(*_: object) -> None:
        raise TimeoutError(f"no answer in {TIME_LIMIT} seconds")

    before = signal.signal(signal.SIGALRM, stop) if interrupts else None
    logging.disable()
    try:
        if interrupts:
            # again and again: the package may catch it
            signal.setitimer(signal.ITIMER_REAL, TIME_LIMIT, 1)
        with (
            redirect_stdout(io.StringIO()),
            redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        if interrupts:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        logging.disable(logging.NOTSET)


def _on_lines(sprite: np.ndarray, lines: list[np.ndarray], image: np.ndarray) -> Recovered:
    """A sprite with the grid of equal cells nearest to its lines along x and y, the outermost of
    which are the image's sides.

    Cells at the sides that are less than half inside are cut off: the packages count them,
    ``GridDetection`` does not. Two lines inside are the fewest that say anything; with less, the
    sprite stays as it is, without a grid.
    """
    if min(map(len, lines)) < 4:
        return Recovered(sprite)
    (width, left, columns), (height, top, rows) = map(_equal_cells, lines)
    sprite = sprite[rows, columns]
    grid = GridDetection(
        cell=(width, height),
        phase=(left, top),
        size=(sprite.shape[1], sprite.shape[0]),
        image_size=(image.shape[1], image.shape[0]),
        confidence=float("nan"),
        native=False,
        candidates=(),
    )
    return Recovered(sprite, grid)


def _equal_cells(lines: np.ndarray) -> tuple[float, float, slice]:
    """Cell and phase of the equal cells nearest to lines of an axis, and the cells that count."""
    cell, start = np.polyfit(np.arange(1, len(lines) - 1), lines[1:-1], 1)
    first, last = np.diff(lines)[[0, -1]] < cell / 2
    return float(cell), -float(-start % cell), slice(int(first), len(lines) - 1 - int(last))


def _opaque(image: np.ndarray) -> np.ndarray:
    return np.asarray(on_white(Image.fromarray(image)))
