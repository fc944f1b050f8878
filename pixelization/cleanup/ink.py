"""Edges of forms drawn in darker colours of the picture, as artists ink them."""

from collections.abc import Sequence

import numpy as np

from pixelization.cleanup.edges import TRANSPARENT
from pixelization.cleanup.likeness import check_sprite, opaque_cells
from pixelization.cleanup.outline import DARK
from pixelization.models.cells import LUMINANCE
from pixelization.palettes.extraction import ColorHistogram, fit_palette
from pixelization.palettes.oklab import oklab

MAIN_COLORS = 5  # few: a dark one that many parts of a picture share holds it together
SAMPLED = 512  # pixels per side of a picture, at most, that are looked at
STEP = 0.05  # how much lighter, in L of Oklab, a neighbour must be for an edge to lie between
DROP = 0.06  # how much darker an edge gets at least
GREY_DROP = 0.6  # and at most, if it is grey: nets and windows on paper would fall into black bits
AIM = 0.5  # and how much it rather gets
HUE, INNER_HUE = 0.22, 0.055  # how far, in Oklab, a colour may be from a shade of the cell's own, against paper and elsewhere
GREY = 0.06  # chroma in Oklab below which a colour goes with every hue; others need one at most 90 degrees away
COLORED = 0.1  # chroma in Oklab from which on a colour does not go with grey
WEIGHT = 0.25  # of how dark a colour is against its hue, where several would do
INKY = 80  # luma: a colour darker than this, of 255, makes a dark edge
OUTLINES = 0.115  # share of a drawing that dark edges may take, before it gets too dark altogether
WHITE = 0.97  # L of Oklab from which a neighbour counts as paper
CLEAR = -1000  # as channels of a transparent cell: like no colour
ALIKE = 24  # of 255: largest difference of a channel of two cells of one colour
SIMILAR = 0.15  # distance in Oklab up to which a main colour may take the place of a mixture
MIXED = (0.1, 0.9)  # where between two neighbours' colours a mixture of them lies
FLAT, DRAWN = 6, 0.5  # a drawing: half of the cells side by side differ by at most 6 of 255


def sampled(image: np.ndarray) -> np.ndarray:
    """At most 512 x 512 evenly spaced pixels of an image, uint8 ``(h, w, 3)`` or ``(h, w, 4)``: enough to find main colours."""
    height, width = image.shape[:2]
    return image[:: -(-height // SAMPLED), :: -(-width // SAMPLED)]


def main_colors(histogram: ColorHistogram) -> np.ndarray:
    """The five main colours of what was counted: uint8 ``(n, 3)``, n at most 5; those of most pixels first.

    By plain k-means in RGB: edges that are anti-aliased take part, so that there is a shade between paper and outline too.
    A main colour is the mean of its cluster, not always a pixel's.
    """
    if not len(histogram.counts):
        return np.zeros((0, 3), np.uint8)
    return fit_palette(histogram, MAIN_COLORS, space="rgb", starts=10).colors


def are_drawn(sprites: Sequence[np.ndarray]) -> bool:
    """Whether these frames, uint8 ``(h, w, 3)`` or ``(h, w, 4)``, have flat forms to ink, as drawings do and photos do not."""
    return bool(np.mean([_flatness(sprite) for sprite in sprites]) >= DRAWN)


def ink(sprite: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Draw the edges of forms in darker main colours of the picture; stray mixtures of two colours go first.

    Photos stay as they are: where fewer than half of the cells side by side are equal, there are no flat forms to ink. Where
    dark edges would take more than 11.5 % of a drawing, as in small sprites, its edges take the lighter ones of the colours.

    Args:
        sprite: uint8 ``(h, w, 3)`` or ``(h, w, 4)``.
        colors: uint8 ``(n, 3)``: the main colours of its source, see :func:`main_colors`.

    Returns:
        uint8, shape of ``sprite``. A second call may find edges of what the first has drawn.
    """
    return ink_frames([sprite], colors)[0]


def ink_frames(sprites: Sequence[np.ndarray], colors: np.ndarray) -> list[np.ndarray]:
    """The same for the frames of an animation, which are inked all or none, and dark all or none."""
    for sprite in sprites:
        check_sprite(sprite)
    if not (len(colors) and are_drawn(sprites)):
        return list(sprites)
    settled = [settle_mixtures(sprite, colors) for sprite in sprites]
    inked = [ink_edges(sprite, colors) for sprite in settled]
    if _too_dark(settled, inked):
        inked = [ink_edges(sprite, colors[~_dark(colors)]) for sprite in settled]
    return inked


def settle_mixtures(sprite: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Stray cells whose colour is a mixture of two neighbours' take that of a neighbour, or a similar one of ``colors``.

    Such are left of anti-aliased edges. A stray cell of any other colour is a detail, and stays.

    Args:
        sprite: uint8 ``(h, w, 3)`` or ``(h, w, 4)``.
        colors: uint8 ``(n, 3)``.
    """
    cells = _cells(sprite)
    around = _around(cells)
    stray = opaque_cells(sprite)
    for neighbour in around:
        stray = stray & (np.abs(neighbour - cells).max(axis=-1) > ALIKE)
    y, x = np.nonzero(stray)
    own, near = cells[y, x], np.stack([neighbour[y, x] for neighbour in around])
    mixed = np.zeros(len(y), bool)
    for first in range(len(near)):
        for second in range(first + 1, len(near)):
            mixed |= _between(own, near[first], near[second])
    y, x, own, near = y[mixed], x[mixed], own[mixed], near[:, mixed]
    choices = np.concatenate([near, np.broadcast_to(colors[:, None], (len(colors), *own.shape))])
    distance = np.linalg.norm(oklab(np.clip(choices, 0, 255).astype(np.uint8)) - oklab(own.astype(np.uint8)), axis=-1)
    distance[(choices < 0).any(axis=-1)] = np.inf
    distance[len(near) :][distance[len(near) :] > SIMILAR] = np.inf  # or grey mixtures would turn red
    result = sprite.copy()
    result[y, x, :3] = choices[distance.argmin(axis=0), np.arange(len(y))]
    return result


def ink_edges(sprite: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Give the darker side of every edge a darker colour out of ``colors``, where one of its hue is among them.

    A cell is at an edge if one of the four cells beside it is transparent or lighter. Thin lines, with lighter cells on both
    sides, keep their colour, and so do cells that are dark already. An edge gets dark only against paper (white or
    transparent) and only where the form goes on behind it, so that small things do not clot. Edges inside of a drawing take
    only shades of their own hue. Grey ones stay grey, and light ones of them do not turn black.

    Args:
        sprite: uint8 ``(h, w, 3)`` or ``(h, w, 4)``.
        colors: uint8 ``(n, 3)``.

    Returns:
        uint8, shape of ``sprite``; the cells beyond the canvas are taken for those at its border.
    """
    if not len(colors):
        return sprite.copy()
    lab, opaque = oklab(sprite[..., :3]), opaque_cells(sprite)
    lightness = np.where(opaque, lab[..., 0], TRANSPARENT)
    beside, cells = _beside(lightness), _cells(sprite)
    up, left, right, down = (neighbour - lightness > STEP for neighbour in beside)
    edges = opaque & (lightness > DARK) & (up | left | right | down)
    body, paper = np.zeros_like(opaque), np.maximum.reduce(beside) > WHITE
    for neighbour, at_edge in zip(_beside(cells), _beside(edges), strict=True):
        body |= (np.abs(neighbour - cells).max(axis=-1) <= ALIKE) & ~at_edge
    y, x = np.nonzero(edges & ~(up & down | left & right))
    cost = _cost(lab[y, x], oklab(colors), paper[y, x])
    cost[~(body & paper)[y, x, None] & _dark(colors)] = np.inf
    found = np.isfinite(cost.min(axis=1))
    result = sprite.copy()
    result[y[found], x[found], :3] = colors[cost.argmin(axis=1)[found]]
    return result


def _cost(own: np.ndarray, shades: np.ndarray, on_paper: np.ndarray) -> np.ndarray:
    """How badly shades ``(n, 3)`` suit edges of colours ``own (m, 3)``, all in Oklab: ``(m, n)``, infinite if not at all."""
    own = own[:, None]
    chroma, own_chroma = (np.linalg.norm(colors[..., 1:], axis=-1) for colors in (shades, own))
    drop = own[..., 0] - shades[:, 0]
    hue = np.linalg.norm(shades[:, 1:] - own[..., 1:] * np.minimum(shades[:, :1] / own[..., :1], 1), axis=-1)
    fits = (drop > DROP) & (hue < np.where(on_paper, HUE, INNER_HUE)[:, None])
    fits &= (chroma < GREY) | ((shades[:, 1:] * own[..., 1:]).sum(axis=-1) > 0)
    fits &= (own_chroma > GREY) | (drop < GREY_DROP) & (chroma < COLORED)
    return np.where(fits, hue + WEIGHT * np.abs(drop - AIM), np.inf)


def _too_dark(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> bool:
    """Whether too large a share of what is drawn, all but transparent and white cells, has become dark."""
    became_dark = sum((_dark(new[..., :3]) & ~_dark(old[..., :3])).sum() for old, new in zip(before, after, strict=True))
    drawn = sum((opaque_cells(sprite) & (oklab(sprite[..., :3])[..., 0] < WHITE)).sum() for sprite in before)
    return bool(became_dark > OUTLINES * drawn)


def _between(own: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Which colours ``(n, 3)`` are mixtures of two others."""
    own, first, second = (colors.astype(np.int32) for colors in (own, first, second))  # products do not fit into 16 bits
    way = second - first
    share = ((own - first) * way).sum(axis=-1) / np.maximum((way**2).sum(axis=-1), 1)
    near = np.abs(own - first - share[:, None] * way).max(axis=-1) <= ALIKE
    return near & (share > MIXED[0]) & (share < MIXED[1]) & (first >= 0).all(axis=-1) & (second >= 0).all(axis=-1)


def _dark(colors: np.ndarray) -> np.ndarray:
    """Which colours ``(..., 3)``, uint8, are dark ones."""
    return colors @ np.array(LUMINANCE) < INKY


def _flatness(sprite: np.ndarray) -> float:
    """Share of the cells side by side that are equal; 1 of a single cell."""
    cells = _cells(sprite)
    flat = [np.abs(np.diff(cells, axis=axis)).max(axis=-1) <= FLAT for axis in (0, 1)]
    return float(np.concatenate([*map(np.ravel, flat), [True]]).mean())


def _cells(sprite: np.ndarray) -> np.ndarray:
    """int16 ``(h, w, 3)``, to take differences; transparent cells are like no opaque one."""
    return np.where(opaque_cells(sprite)[..., None], sprite[..., :3], np.int16(CLEAR))


def _beside(cells: np.ndarray) -> list[np.ndarray]:
    """The four cells beside every cell: views of the shape of ``cells``, up, left, right, down; the border is repeated."""
    around = _around(cells)
    return [around[index] for index in (1, 3, 4, 6)]


def _around(cells: np.ndarray) -> list[np.ndarray]:
    """The eight cells around every cell: views of the shape of ``cells``, in reading order; the border is repeated."""
    height, width = cells.shape[:2]
    padded = np.pad(cells, [(1, 1), (1, 1)] + [(0, 0)] * (cells.ndim - 2), mode="edge")
    shifts = [(dy, dx) for dy in range(3) for dx in range(3) if (dy, dx) != (1, 1)]
    return [padded[dy : dy + height, dx : dx + width] for dy, dx in shifts]
