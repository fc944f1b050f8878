"""How much a picture at one pixel per cell looks like pixel art: stray pixels, blended edges, patches."""

import numpy as np

SAME = 24  # largest difference in any channel, of 255, between two pixels of "one" colour
BACKGROUND = 240  # a pixel at least this light in all channels is background
EDGE = 60  # RGB distance between two pixels with one between them that makes an edge


def isolated_share(sprite: np.ndarray) -> float:
    """Share of the foreground pixels that differ from all eight neighbours.

    Args:
        sprite: uint8 ``(h, w, 3)`` on white.

    Returns:
        In [0, 1]; 0 without foreground.
    """
    pixels = sprite.astype(np.int16)
    padded = np.pad(pixels, ((1, 1), (1, 1), (0, 0)), constant_values=255)
    height, width = pixels.shape[:2]
    accompanied = np.zeros((height, width), bool)
    for dy, dx in ((0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 2)):
        neighbour = padded[dy : dy + height, dx : dx + width]
        accompanied |= np.abs(neighbour - pixels).max(axis=2) <= SAME
    foreground = pixels.min(axis=2) < BACKGROUND
    return float((foreground & ~accompanied).sum() / max(1, foreground.sum()))


def intermediate_share(sprite: np.ndarray) -> float:
    """Share of the edges that run through a blended ("anti-aliased") pixel.

    An edge is three pixels in a row or a column whose outer two differ. It is blended if the middle one lies between
    them, from 15 to 85 % of the way, and close to the straight line that joins them in RGB.

    Args:
        sprite: uint8 ``(h, w, 3)``.

    Returns:
        In [0, 1]; 0 without edges.
    """
    blended = edges = 0
    for image in (sprite.astype(float), sprite.astype(float).transpose(1, 0, 2)):
        before, middle, after = image[:-2], image[1:-1], image[2:]
        step = after - before
        length = np.sqrt((step**2).sum(axis=2))
        way = ((middle - before) * step).sum(axis=2) / np.maximum(length**2, 1)
        aside = np.sqrt((((middle - before) - way[..., None] * step) ** 2).sum(axis=2))
        edge = length > EDGE
        edges += edge.sum()
        blended += (edge & (way > 0.15) & (way < 0.85) & (aside < 0.2 * length)).sum()
    return float(blended / max(1, edges))


def patch_distance(
    sprites: list[np.ndarray], real: list[np.ndarray], *, size: int = 7, patches: int = 30_000, projections: int = 256
) -> float:
    """Sliced Wasserstein distance between the patches of two sets of sprites, times 1000.

    Patches of one flat colour are left out. Each set is normalised to mean 0 and deviation 1 per channel, so that
    contrast and palette count less than the arrangement of pixels.

    Args:
        sprites, real: uint8 ``(h, w, 3)`` each, of any sizes.
        size: side of a patch in pixels.
        patches: drawn at random (seeded) from each set, fewer if one has fewer.
        projections: random directions.

    Raises:
        ValueError: a set has no patch that is not flat.

    Source: Karras et al. 2018, Sec. 5, at one scale: sprites have no finer or coarser ones.
    """
    rng = np.random.default_rng(0)
    first, second = (_patches(images, size) for images in (sprites, real))
    count = min(patches, len(first), len(second))
    if count == 0:
        raise ValueError(f"no patch of {size}x{size} pixels that is not flat")
    directions = rng.normal(size=(size * size * 3, projections))
    directions /= np.linalg.norm(directions, axis=0)
    projected = []
    for drawn in (first, second):
        drawn = drawn[rng.permutation(len(drawn))[:count]].astype(float)
        drawn = (drawn - drawn.mean(axis=(0, 1), keepdims=True)) / drawn.std(axis=(0, 1), keepdims=True)
        projected.append(np.sort(drawn.reshape(count, -1) @ directions, axis=0))
    return float(1000 * np.abs(projected[0] - projected[1]).mean())


def _patches(images: list[np.ndarray], size: int) -> np.ndarray:
    """All patches that are not flat: ``(n, size * size, 3)``."""
    found = [np.zeros((0, size * size, 3), np.uint8)]
    for image in images:
        if min(image.shape[:2]) >= size:
            windows = np.lib.stride_tricks.sliding_window_view(image, (size, size), axis=(0, 1))
            windows = windows.reshape(-1, 3, size * size).transpose(0, 2, 1)
            found.append(windows[(windows != windows[:, :1]).any(axis=(1, 2))])
    return np.concatenate(found)
