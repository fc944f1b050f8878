"""Perceptually based downscaling.

The reduction with the greatest structural similarity to the input.
"""

import numpy as np

from pixelization.cells.voting import area_mean

PATCH = 2  # side of the patches in cells; the paper's default
# variance (of values in [0, 1]) below which a patch of the averaged image has no structure
FLAT = 1e-6


def perceptual(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Reduce by the closed-form solution that maximises SSIM with the input over all patches of 2x2
    cells.

    Each patch of the averaged image gets the contrast that the patch has in the input; overlapping
    patches are averaged.

    Args:
        image: uint8 ``(H, W, 3)``.
        size: ``(w, h)`` of the result.

    Returns:
        uint8 ``(h, w, 3)``.

    Source: Oztireli and Gross 2015, Algorithm 1; the names are its own. Its means over cells of
    whole pixels are means over areas here, fractions of pixels included, so that cells may have any
    size.
    """
    from scipy.signal import convolve  # noqa: PLC0415 - it takes long to import

    width, height = size
    pixels = image / 255.0
    window = np.ones((min(PATCH, height), min(PATCH, width), 1))

    def patch_mean(values: np.ndarray) -> np.ndarray:
        return convolve(values, window / window.size, mode="valid", method="direct")

    def patch_sum(values: np.ndarray) -> np.ndarray:  # over the patches that cover a cell
        return convolve(values, window, mode="full", method="direct")

    low = area_mean(pixels, (height, width))  # L
    m = patch_mean(low)
    s_l = patch_mean(low**2) - m**2
    s_h = patch_mean(area_mean(pixels**2, (height, width))) - m**2
    flat = s_l < FLAT
    r = np.where(flat, 0, np.sqrt(np.maximum(s_h, 0) / np.where(flat, 1, s_l)))
    d = (patch_sum(m) + patch_sum(r) * low - patch_sum(r * m)) / patch_sum(np.ones_like(m))
    return np.rint(d * 255).clip(0, 255).astype(np.uint8)
