"""Reduction by one fixed filter: Pillow's, and the majority vote."""

import numpy as np
from PIL import Image

from pixelization.cells.voting import majority_vote


def nearest(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Subsampling: every cell takes the colour of the pixel at its centre.

    Args:
        image: uint8 ``(H, W, 3)``.
        size: ``(w, h)`` of the result.

    Returns:
        uint8 ``(h, w, 3)``.
    """
    return _resized(image, size, Image.Resampling.NEAREST)


def bilinear(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Triangle filter, as wide as two cells where it reduces.

    Arguments and result as of :func:`nearest`.
    """
    return _resized(image, size, Image.Resampling.BILINEAR)


def bicubic(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Cubic filter (a = -0.5), as wide as four cells where it reduces; arguments and result as of
    :func:`nearest`.

    Source: Keys 1981.
    """
    return _resized(image, size, Image.Resampling.BICUBIC)


def lanczos(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Lanczos filter, as wide as six cells where it reduces; arguments and result as of
    :func:`nearest`.

    Source: Duchon 1979.
    """
    return _resized(image, size, Image.Resampling.LANCZOS)


def area(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Mean of the pixels whose centres lie in the cell.

    Arguments and result as of :func:`nearest`.
    """
    return _resized(image, size, Image.Resampling.BOX)


def majority(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The colour that most pixels of the cell have; arguments and result as of :func:`nearest`.

    Raises:
        ValueError: a cell would own no pixel.

    Source: "voting" of Han et al. 2018, Sec. 4.1, applied to the source itself.
    """
    return majority_vote(image, (size[1], size[0]))


def _resized(image: np.ndarray, size: tuple[int, int], method: Image.Resampling) -> np.ndarray:
    return np.array(Image.fromarray(image).resize(size, method))
