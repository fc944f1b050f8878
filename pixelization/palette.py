"""Few colours: a palette taken from an image, and an image drawn in the colours of a palette."""

import numpy as np
from scipy.spatial import cKDTree


def kmeans_palette(image: np.ndarray, k: int, *, seed: int = 0) -> np.ndarray:
    """Choose the colours that represent an image best: k-means over its pixels in RGB.

    Computed over the distinct colours, weighted by their numbers of pixels, which is the same and fast for flat images.

    Args:
        image: uint8 ``(..., 3)`` RGB, at least one pixel.
        k: colours wanted, at least 1.
        seed: of the start.

    Returns:
        uint8 ``(n, 3)`` with ``n <= k``, the colour of most pixels first (ties: smallest (R, G, B) first); exactly the
        image's own colours if it has no more than ``k``.

    Raises:
        ValueError: the image is empty or not uint8 RGB, or ``k`` is below 1.
    """
    _check(image, "image")
    if k < 1:
        raise ValueError(f"a palette needs at least 1 colour, not {k}")
    colors, counts = np.unique(image.reshape(-1, 3), axis=0, return_counts=True)
    if len(colors) > k:
        from sklearn.cluster import KMeans  # optional package, slow to import

        clusters = KMeans(k, n_init=10, random_state=seed).fit(colors.astype(np.float64), sample_weight=counts)
        centres = np.clip(np.rint(clusters.cluster_centers_), 0, 255).astype(np.uint8)
        # Two centres may round to one colour.
        colors, cluster = np.unique(centres[clusters.labels_], axis=0, return_inverse=True)
        counts = np.bincount(cluster.ravel(), weights=counts)
    return colors[np.argsort(-counts, kind="stable")]


def apply_palette(image: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Replace every pixel by the colour of the palette that is nearest in CIELAB (Euclidean distance, CIE76).

    Args:
        image: uint8 ``(..., 3)`` sRGB, at least one pixel.
        palette: uint8 ``(n, 3)`` sRGB, ``n >= 1``.

    Returns:
        uint8, shape of ``image``.

    Raises:
        ValueError: image or palette is empty or not uint8 RGB.
    """
    from skimage.color import rgb2lab  # optional package, slow to import

    _check(image, "image")
    _check(palette, "palette")
    colors, index = np.unique(image.reshape(-1, 3), axis=0, return_inverse=True)
    nearest = cKDTree(rgb2lab(palette)).query(rgb2lab(colors))[1]
    return palette[nearest][index.ravel()].reshape(image.shape)


def _check(colors: np.ndarray, name: str) -> None:
    if colors.dtype != np.uint8 or colors.ndim < 1 or colors.shape[-1] != 3 or colors.size == 0:
        raise ValueError(f"expected a {name} of dtype uint8 and shape (..., 3), got {colors.dtype} {colors.shape}")
