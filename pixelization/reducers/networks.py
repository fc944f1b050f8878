"""The networks as a reducer: image -> GridNet -> PixelNet -> majority vote.

Knows how an image is resized, tiled and padded for a backend, and what becomes of alpha. Does not
know what runs the networks: a :class:`~pixelization.backends.base.Backend` does.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import numpy as np
from PIL import Image

from pixelization.backends.base import (
    HALO,
    MIN_SIDE,
    TILE,
    Backend,
    SpriteBackend,
)
from pixelization.cells.sizes import Size, WantedSize, check_pixels
from pixelization.cells.tiling import tiles
from pixelization.cells.voting import coverage_vote, majority_vote
from pixelization.color.oklab import NOTICEABLE
from pixelization.images.alpha import fill_transparent, with_alpha
from pixelization.images.reading import Source, read_image
from pixelization.images.sprites import hard_edged
from pixelization.lazily import Lazily
from pixelization.reducers.base import CellSize, Reduce, Reduced, sprite_size
from pixelization.reducers.edges import straighten_edges
from pixelization.reducers.gaps import join_lines
from pixelization.reducers.level_lines import straighten_lines
from pixelization.reducers.poles import flatten_poles
from pixelization.reducers.repeats import unite_repeats
from pixelization.reducers.spurs import remove_spurs
from pixelization.reducers.translucency import half_transparent, without_faint_areas
from pixelization.reducers.twins import unite_twins

MENDS = (
    straighten_lines,
    unite_repeats,
    straighten_edges,
    remove_spurs,
    flatten_poles,
    join_lines,
    unite_twins,
)
"""What looks at networks' choices of cells afterwards, with the picture, in this order."""


@dataclass(frozen=True, kw_only=True)
class NetworkResult(Reduced):
    """A sprite and where it comes from.

    Attributes:
        network_output: PixelNet's image (RGB), at the size the networks ran at. That of networks
            that make sprites directly has one pixel per cell.
        grid: GridNet's grid (RGB), of the sprite's size.
        scale: grid side / image side of the networks' run.
    """

    network_output: Image.Image
    grid: Image.Image
    scale: Fraction
    fills: bool = True


def reduce_by_networks(
    backend: Backend | SpriteBackend,
    image: Source,
    *,
    cell_size: CellSize | None = None,
    size: WantedSize | None = None,
) -> NetworkResult:
    """Make a sprite of an image, without any style.

    A :class:`~pixelization.backends.base.SpriteBackend` does it all. For a
    :class:`~pixelization.backends.base.Backend`, the image is resized so that, at the model's
    scale nearest to the cell size, GridNet's grid has exactly the sprite's size. The sprite is the
    majority vote over the cells of PixelNet's image.

    Args:
        backend: runs the networks.
        image: what :func:`read_image` reads.
        cell_size: pixels of the source per cell, or (width, height), at least 2, fractions allowed.
            The sprite measures ``round(side / cell_size)``, at least 1. 1 keeps every pixel, as the
            image's own size does: its alpha is made 0 or 255, and no network runs.
        size: instead, the sprite's ``(width, height)``; a height of None keeps the aspect ratio.
            Default: 64 cells along the longer side, or as many as there can be.

    Raises:
        UserError: the image cannot be read, or the cells would be smaller than 2 pixels.
        ValueError: both ``cell_size`` and ``size`` are given.
    """
    source = read_image(image)
    width, height = sprite_size(source.size, cell_size, size)
    cell = (source.width / width, source.height / height)
    if (width, height) == source.size:
        return _kept(source)
    if isinstance(backend, SpriteBackend):
        return _made_directly(backend, source, (height, width), cell)
    scale = min(backend.scales, key=lambda r: abs(math.log(math.sqrt(cell[0] * cell[1]) * r)))
    alpha = translucent = None
    if source.mode == "RGBA":
        rgba = np.asarray(source)
        alpha = coverage_vote(rgba[..., 3], (height, width))
        translucent = half_transparent(rgba, _bounds(source.size, (width, height)), alpha == 0)
        source = Image.fromarray(fill_transparent(rgba, radius=1.5 * max(cell)))
        del rgba

    run_size = (max(1, round(width / scale)), max(1, round(height / scale)))
    check_pixels(run_size, "the networks' image")
    pixels, grid_shape = _pad_to_minimum(
        np.asarray(_resize(source, run_size)), (height, width), scale
    )
    del source  # large images: one copy less in memory
    sprite, grid, refined = _run_in_tiles(backend, pixels, grid_shape, scale)
    sprite = sprite[:height, :width]
    return NetworkResult(
        Image.fromarray(sprite if alpha is None else with_alpha(sprite, alpha)),
        cell,
        translucent,
        network_output=Image.fromarray(refined[: run_size[1], : run_size[0]]),
        grid=Image.fromarray(grid[:height, :width]),
        scale=scale,
    )


def reduce_when_needed(networks: Lazily[Reduce]) -> Reduce:
    """A reducer that loads its networks for the first image that needs them.

    An image whose pixels are the cells needs none. Many threads may call it. Where it is pickled,
    the networks stay behind.

    Args:
        networks: gives :func:`reduce_by_networks` of a backend.
    """
    return partial(_reduced, networks)


def _reduced(
    networks: Lazily[Reduce],
    image: Image.Image,
    *,
    cell_size: CellSize | None,
    size: WantedSize | None,
) -> Reduced:
    if sprite_size(image.size, cell_size, size) == image.size:
        return _kept(image)
    return networks()(image, cell_size=cell_size, size=size)


def _kept(source: Image.Image) -> NetworkResult:
    """An image whose pixels are the cells; nothing is left to decide but its alpha."""
    opaque = source.convert("RGB")
    translucent = half_transparent(np.asarray(source), _bounds(source.size, source.size))
    return NetworkResult(
        hard_edged(source),
        (1.0, 1.0),
        translucent,
        network_output=opaque,
        grid=opaque,
        scale=Fraction(1),
    )


def _made_directly(
    backend: SpriteBackend, source: Image.Image, grid: Size, cell: tuple[float, float]
) -> NetworkResult:
    """The sprite of networks that decide alpha, too; an opaque source has an opaque one."""
    transparent = source.mode == "RGBA"
    pixels = np.asarray(source if transparent else source.convert("RGBA"))
    seen = without_faint_areas(pixels, cell) if transparent else pixels
    made = backend.sprites(seen[None], grid)
    sprite = made.refined[0]
    for mend in MENDS:
        sprite = mend(seen, sprite)
    opaque = Image.fromarray(np.ascontiguousarray(sprite[..., :3]))
    return NetworkResult(
        Image.fromarray(sprite) if transparent else opaque,
        cell,
        half_transparent(pixels, _bounds(source.size, grid[::-1]), sprite[..., 3] == 0)
        if transparent
        else None,
        NOTICEABLE,
        network_output=Image.fromarray(np.ascontiguousarray(made.refined[0][..., :3])),
        grid=Image.fromarray(np.ascontiguousarray(made.grids[0][..., :3])),
        scale=Fraction(1),
    )


def _bounds(size: Size, cells: Size) -> list[np.ndarray]:
    """Of cells along x and along y; both sizes are (width, height)."""
    return [np.linspace(0, side, count + 1) for side, count in zip(size, cells, strict=True)]


def _run_in_tiles(
    backend: Backend, pixels: np.ndarray, grid_shape: Size, scale: Fraction
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The voted sprite and GridNet's grid, both ``(h, w, 3)``, and PixelNet's image ``(H, W, 3)``.

    Every tile votes by itself, which bounds the memory.
    """
    tile = TILE if backend.tileable else max(pixels.shape)
    refined, grid = np.empty_like(pixels), np.empty((*grid_shape, 3), np.uint8)
    sprite = np.empty_like(grid)
    height, width = pixels.shape[:2]
    for cells, window in tiles(grid_shape, (height, width), scale, tile=tile, halo=HALO):
        output = backend.pixelize(window.read(pixels)[None], scale)
        grid_tile, refined_tile = output.grids[0], output.refined[0]
        rows, columns = grid_tile.shape[:2]
        cells.write(grid, grid_tile)
        cells.write(sprite, majority_vote(refined_tile, (rows, columns)))
        window.write(refined, refined_tile)
    return sprite, grid, refined


def _resize(image: Image.Image, size: Size) -> Image.Image:
    """Area mean along a side that shrinks, bicubic along one that grows.

    Both skip a side that stays.
    """
    smaller = (min(image.width, size[0]), min(image.height, size[1]))
    return image.resize(smaller, Image.Resampling.BOX).resize(size, Image.Resampling.BICUBIC)


def _pad_to_minimum(image: np.ndarray, grid: Size, scale: Fraction) -> tuple[np.ndarray, Size]:
    """Repeat the edge on the right and at the bottom up to ``MIN_SIDE``.

    Returns the image and its grid ``(h, w)``.
    """
    least = math.ceil(MIN_SIDE * scale)
    grid = (max(grid[0], least), max(grid[1], least))
    down, right = (max(MIN_SIDE, side) - side for side in image.shape[:2])
    if down or right:
        image = np.pad(image, ((0, down), (0, right), (0, 0)), mode="edge")
    return image, grid
