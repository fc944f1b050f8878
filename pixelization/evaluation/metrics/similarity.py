"""Likeness of two images of one size, pixel by pixel or window by window."""

import numpy as np
from scipy import ndimage
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from pixelization.color.luma import luma

GRADIENT_STABILITY = 170.0  # c of Xue et al. 2014 for luminance in [0, 255]


def psnr(image: np.ndarray, reference: np.ndarray) -> float:
    """Peak signal-to-noise ratio ``10 log10(255^2 / mean squared error)``, over all channels.

    Args:
        image, reference: uint8 ``(h, w, 3)`` of one size.

    Returns:
        Decibels, at least 0; infinity for equal images.

    Raises:
        ValueError: the images differ in shape or are not uint8 RGB.
    """
    _check(image, reference)
    with np.errstate(divide="ignore"):
        return float(peak_signal_noise_ratio(reference, image, data_range=255))


def ssim(image: np.ndarray, reference: np.ndarray) -> float:
    """Structural similarity, mean over 7 x 7 windows (uniform weights, sample covariance) and
    channels.

    Args:
        image, reference: uint8 ``(h, w, 3)`` of one size, at least 7 pixels in each direction.

    Returns:
        In [-1, 1]; 1 for equal images.

    Raises:
        ValueError: the images differ in shape, are not uint8 RGB, or are too small.

    Source: Wang et al. 2004, Eq. 13, with scikit-image's windows.
    """
    _check(image, reference)
    if min(image.shape[:2]) < 7:
        raise ValueError(
            f"structural similarity needs 7 x 7 pixels at least, got {image.shape[1]} x "
            f"{image.shape[0]}"
        )
    return float(structural_similarity(image, reference, channel_axis=2, data_range=255))


def gms(image: np.ndarray, reference: np.ndarray) -> float:
    """Gradient magnitude similarity, mean over the pixels: whether edges are in the same places and
    equally strong.

    Luma is reduced by the mean of 2 x 2 blocks, then ``(2 a b + c) / (a^2 + b^2 + c)`` compares the
    magnitudes ``a`` and ``b`` of the Prewitt gradients. An odd last row or column is doubled and
    borders are continued, where Xue et al. pad with zeros, which lays an edge of its own around
    both images.

    Args:
        image, reference: uint8 ``(h, w, 3)`` of one size.

    Returns:
        In (0, 1]; 1 for equal gradients.

    Raises:
        ValueError: the images differ in shape or are not uint8 RGB.

    Source: Xue et al. 2014, Eq. 4 and 5 (mean pooling, GMSM), and the 2 x 2 reduction of its Sec.
    III.
    """
    _check(image, reference)
    first, second = (_gradient_magnitude(pixels) for pixels in (image, reference))
    similarity = (2 * first * second + GRADIENT_STABILITY) / (
        first**2 + second**2 + GRADIENT_STABILITY
    )
    return float(similarity.mean())


def _gradient_magnitude(image: np.ndarray) -> np.ndarray:
    """Magnitude of the Prewitt gradient (kernel / 3) of the halved luma.

    Float ``(ceil(h / 2), ceil(w / 2))``.
    """
    light = luma(image)
    height, width = light.shape
    light = np.pad(light, ((0, height % 2), (0, width % 2)), mode="edge")
    light = light.reshape(light.shape[0] // 2, 2, light.shape[1] // 2, 2).mean(axis=(1, 3))
    return np.hypot(*(ndimage.prewitt(light, axis=axis, mode="nearest") / 3 for axis in (0, 1)))


def _check(image: np.ndarray, reference: np.ndarray) -> None:
    if image.shape != reference.shape:
        raise ValueError(
            f"images of one shape are compared, got {image.shape} and {reference.shape}"
        )
    if (
        image.dtype != np.uint8
        or reference.dtype != np.uint8
        or image.ndim != 3
        or image.shape[2] != 3
        or not image.size
    ):
        raise ValueError(
            f"expected images of dtype uint8 and shape (h, w, 3), got {image.dtype} {image.shape}"
        )
