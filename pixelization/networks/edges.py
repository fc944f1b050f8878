"""Canny edges in place of a picture: what a network may be trained on (Ozyegin 2024)."""

from typing import Any, Literal

import numpy as np

from pixelization.optional import optional_module

Edges = Literal["none", "default", "medium", "low"]
# Lower threshold, upper threshold, and the smallest connected edge in pixels; 0: all. The report's
# text says 150 for the smallest of medium, its code 100.
PRESETS: dict[str, tuple[int, int, int]] = {
    "default": (100, 200, 0),
    "medium": (125, 200, 100),
    "low": (150, 200, 200),
}


def edge_maps(images: np.ndarray, preset: Edges) -> np.ndarray:
    """Edges of images, white on black.

    Args:
        images: uint8 ``(B, H, W, 3)``.
        preset: ``none`` gives the images back.

    Returns:
        Uint8 of the same shape, 0 or 255.

    Raises:
        UserError: OpenCV is not installed.
    """
    if preset == "none":
        return images
    cv2: Any = optional_module("cv2")
    low, high, smallest = PRESETS[preset]
    maps = []
    for image in images:
        pixels = np.ascontiguousarray(image)
        if smallest:
            edges = cv2.Canny(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), low, high)
            _, labels, stats, _ = cv2.connectedComponentsWithStats(edges, connectivity=8)
            large = stats[:, cv2.CC_STAT_AREA] >= smallest
            large[0] = False  # what is no edge
            edges = np.where(large[labels], 255, 0).astype(np.uint8)
        else:
            edges = cv2.Canny(pixels, low, high)
        maps.append(edges[..., None].repeat(3, axis=2))
    return np.stack(maps)
