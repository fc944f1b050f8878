"""Images that show pixel art -> one pixel per cell, at the grid that is there.

Knows single images and frames that share a grid. What the command ``pixel-snap`` gives, with a
style, is in :mod:`pixelization.pipeline.sprites`.

A cell's colour is that of most of its pixels. Where cells are large enough, only the pixels in
their middle vote: those at the border have been blurred, compressed or cut. Where no colour has
most of the votes, as in JPEG files and after interpolation, the median of every channel is taken,
over what is still nearer to the centre.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pixelization.cells.sizes import Size, WantedSize, round_half_up
from pixelization.cells.voting import HALF_OPAQUE, majority_vote
from pixelization.detection.detector import detect_grid
from pixelization.detection.geometry import (
    SURE,
    Candidate,
    GridDetection,
    UnsureError,
    cells_inside,
)
from pixelization.detection.lines import drawn_lines, without_lines
from pixelization.errors import UserError
from pixelization.images.alpha import fill_transparent, with_alpha
from pixelization.images.reading import Source, read_image
from pixelization.reducers.base import CellSize, Reduced, check_cell_size, check_size
from pixelization.reducers.sampling import cell_samples, voting_share
from pixelization.reducers.translucency import half_transparent

CENTRE = 1 / 3  # the share of a cell's side of which the median is taken
WHOLE = 0.05  # pixels; a guess so near to a whole number is that of a part, beside text and frames
EDGE = 40  # a difference of two neighbouring pixels that is surely an edge
# how many times as strong edges must be for a grid that does not begin at the image's border
CLEARLY = 1.25


@dataclass(frozen=True, kw_only=True)
class SnapResult(Reduced):
    """A sprite and the grid that it was found on.

    A source that has one pixel per cell already is the sprite, exactly as it was.

    Attributes:
        grid: as detected; None if the cells were given as numbers.
        confidence: how likely the size of the sprite is right, 0 to 1; 1 if it was given.
        native: the source has one pixel per cell.
    """

    grid: GridDetection | None
    confidence: float
    native: bool


def snap(
    image: Source,
    *,
    cell_size: CellSize | None = None,
    size: WantedSize | None = None,
    grid: GridDetection | None = None,
    min_confidence: float = SURE,
) -> SnapResult:
    """Recover the sprite that an image shows enlarged, without any style.

    Args:
        image: what :func:`read_image` reads.
        cell_size: pixels per cell, or (width, height), at least 1, fractions allowed, instead of
            detection; where the first cell begins is found out. Cells at the border count if at
            least half of their width is inside.
        size: instead, the sprite's ``(width, height)``, whose cells fill the image; height None
            keeps the aspect ratio.
        grid: instead, what :func:`find_grid` found, in this image or in another of the same series.
        min_confidence: as of :func:`find_grid`.

    Raises:
        UnsureError: the grid was to be detected, but no guess is sure enough; the message names the
            best.
        UserError: the image cannot be read, a number is out of range, or ``grid`` is that of an
            image of another size.
        ValueError: more than one of the three is given.
    """
    if sum(given is not None for given in (cell_size, size, grid)) > 1:
        raise ValueError("give one of cell_size, size and grid")
    source = read_image(image)
    pixels = np.asarray(source)
    if grid is not None and grid.image_size != source.size:
        sizes = f"{_times(grid.image_size)} pixels, this one has {_times(source.size)}"
        raise UserError(f"the grid is that of an image of {sizes}: find its own")
    if size is not None:
        cells_each = check_size(size, source.size, minimum=1)
        bounds = [
            np.linspace(0, side, cells + 1)
            for side, cells in zip(source.size, cells_each, strict=True)
        ]
    else:
        found = grid or find_grid([pixels], cell_size, min_confidence=min_confidence)
        bounds = [
            np.arange(side + 1.0) if found.native else found.bounds(axis)
            for axis, side in enumerate(source.size)
        ]
        pixels = without_lines(pixels, found.lines)
        grid = found if cell_size is None else None
    confidence = grid.confidence if grid else 1.0
    if tuple(len(each) - 1 for each in bounds) == source.size:
        return SnapResult(
            source,
            (1.0, 1.0),
            half_transparent(pixels, bounds),
            grid=grid,
            confidence=confidence,
            native=True,
        )
    width, height = (float(each[-1] - each[0]) / (len(each) - 1) for each in bounds)
    sprite = Image.fromarray(_vote(pixels, bounds))
    return SnapResult(
        sprite,
        (width, height),
        half_transparent(pixels, bounds),
        grid=grid,
        confidence=confidence,
        native=False,
    )


def find_grid(
    images: Sequence[np.ndarray],
    cell_size: CellSize | None = None,
    *,
    min_confidence: float = SURE,
) -> GridDetection:
    """The grid of one image, or the one of several that share it.

    Of the grids that the images show, that on which they agree most surely is taken.

    Args:
        images: uint8 ``(H, W, 3)`` or ``(H, W, 4)``, at least one, all of one size.
        cell_size: as of :func:`snap`; then only where the first cell begins is found out, by the
            edges of all images together.
        min_confidence: least confidence of the grid, in [0, 1]; 0 takes the best guess.

    Raises:
        UnsureError: it is not sure enough; the message names the best guesses.
        UserError: ``cell_size`` or ``min_confidence`` is out of range, or the images differ in
            size.
    """
    sizes = {(image.shape[1], image.shape[0]) for image in images}
    if len(sizes) > 1:
        raise UserError(
            f"images of {' and '.join(map(_times, sorted(sizes)))} pixels share no grid: "
            "give images of one size"
        )
    if not 0 <= min_confidence <= 1:
        raise UserError(f"min confidence {min_confidence:g} is out of range: give 0 to 1")
    if cell_size is not None:
        return _fitted_grid(images, check_cell_size(cell_size, minimum=1))
    found = [detect_grid(image) for image in images]
    support = [sum(other.confidence for other in found if _alike(one, other)) for one in found]
    best = max(zip(support, found, strict=True), key=lambda pair: (pair[0], pair[1].confidence))[1]
    alike = [one for one in found if _alike(best, one)]
    best = max(alike, key=lambda one: one.confidence)
    if best.confidence < min_confidence:
        raise UnsureError(_guesses(best), best)
    return best


def _vote(pixels: np.ndarray, bounds: Sequence[np.ndarray]) -> np.ndarray:
    """One pixel per cell, given the borders of the cells along x and along y."""
    share = voting_share(bounds)
    alpha = None
    if pixels.shape[2] == 4:
        alpha = cell_samples(pixels[..., 3:], bounds, share)[..., 0].mean(axis=2) >= HALF_OPAQUE
        pixels = fill_transparent(
            pixels, radius=1.5 * max(float(np.diff(each).max()) for each in bounds)
        )
    votes = cell_samples(pixels, bounds, share)
    height, width, count = votes.shape[:3]
    winners = majority_vote(votes.reshape(height, width * count, 3), (height, width))
    torn = 2 * (votes == winners[:, :, None]).all(axis=3).sum(axis=2) <= count
    winners[torn] = np.median(cell_samples(pixels, bounds, CENTRE)[torn], axis=1).round()
    if alpha is None:
        return winners
    return with_alpha(winners, np.where(alpha, 255, 0).astype(np.uint8))


def _edges(pixels: np.ndarray, axis: int) -> np.ndarray:
    """How strongly colours change at every border of two pixels along x (0) or y (1).

    ``(side + 1,)``, 0 at both ends.
    """
    if pixels.shape[2] == 4:
        pixels = np.where(pixels[..., 3:] > 0, pixels, 0)
    steps = np.abs(np.diff(pixels.astype(np.int16), axis=1 - axis)).max(axis=2)
    return np.pad(np.minimum(steps, EDGE).sum(axis=axis), 1).astype(float)


def _fitted_grid(images: Sequence[np.ndarray], cell_size: tuple[float, float]) -> GridDetection:
    """The grid whose cells have a given size and begin where the images' edges are."""
    height, width = images[0].shape[:2]
    drawn = drawn_lines(images[0])
    lines = ((), ()) if drawn is None else (drawn[0].covered, drawn[1].covered)
    images = [without_lines(image, lines) for image in images]
    strengths = [np.sum([_edges(image, axis) for image in images], axis=0) for axis in (0, 1)]
    (cell_x, phase_x), (cell_y, phase_y) = (
        _fitted(strength, cell) for strength, cell in zip(strengths, cell_size, strict=True)
    )
    size = (cells_inside(width, cell_x, phase_x)[1], cells_inside(height, cell_y, phase_y)[1])
    native = size == (width, height)
    return GridDetection(
        (cell_x, cell_y), (phase_x, phase_y), size, (width, height), 1.0, native, (), lines
    )


def _fitted(edges: np.ndarray, cell: float) -> tuple[float, float]:
    """Cell and phase along one axis, as in ``GridDetection``, of cells of a given size that begin
    where the edges are.
    """
    side = len(edges) - 1
    if cell >= side:
        return float(side), 0.0
    starts = np.arange(0, cell, 0.25)
    strength = [
        np.interp(np.arange(start, side, cell), np.arange(side + 1), edges).sum() / (side - start)
        for start in starts
    ]
    start = (
        float(starts[int(np.argmax(strength))]) if max(strength) > CLEARLY * strength[0] else 0.0
    )
    # whole cells, of a size that was rounded
    if start == 0 and abs(side - cell * round_half_up(side / cell)) < 1:
        return side / round_half_up(side / cell), 0.0
    return cell, start - cell if start else 0.0


def _alike(one: GridDetection, other: GridDetection) -> bool:
    return one.native == other.native and one.size == other.size


def cells_in_words(cell: tuple[float, float], size: Size) -> str:
    """How large cells are, and how many there are, as messages say it."""
    return f"{cell[0]:.4g}x{cell[1]:.4g} pixels ({_times(size)} cells)"


def _times(size: Size) -> str:
    return f"{size[0]}x{size[1]}"


def _guesses(grid: GridDetection) -> str:
    """What to tell the user of a grid that is not sure."""
    found: list[GridDetection | Candidate] = [grid, *grid.candidates]
    places = dict.fromkeys((each.cell, each.size) for each in found)
    guesses = [cells_in_words(*place) for place in list(places)[:3]]
    whole = [
        round(each.cell[0])
        for each in grid.candidates
        if max(abs(side - max(2, round(each.cell[0]))) for side in each.cell) <= WHOLE
    ]
    part = f"perhaps {whole[0]}x{whole[0]} in a part: crop to the pixel art; " if whole else ""
    advice = (
        "look at it, take the best guess, or give the cell size, "
        "which is 1 where every pixel is a cell; drawings and photos are for pixelize"
    )
    return f"not sure of the grid: perhaps cells of {' or '.join(guesses)}: {part}{advice}"
