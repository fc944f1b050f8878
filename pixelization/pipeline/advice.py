"""What is told of a picture and its size in cells: it may be pixel art already, or squeezed.

Knows what pixel art looks like; changes nothing.
"""

from dataclasses import replace

import numpy as np
from PIL import Image

from pixelization.cells.sizes import Longest, Size, completed_size
from pixelization.detection.detector import detect_grid
from pixelization.detection.geometry import SURE
from pixelization.detection.profiles import comb_share, lines_along
from pixelization.pipeline.pictures import Picture, Sheet, first_image
from pixelization.pipeline.style import Style
from pixelization.pipeline.votes import Votes
from pixelization.pipeline.voting import vote
from pixelization.reducers.base import DEFAULT_SIZE, MIN_CELL_SIZE, Reduce, check_size

FEW_COLORS = 256
"""Pixel art has fewer, unless it was compressed; then cells of whole pixels still show."""
COMB = 0.6  # share of changes at borders of cells from which a grid is looked for, see comb_share
COMB_CELLS = (3, 64)  # smallest and largest, in pixels
SQUEEZED = 1.05  # how many times as wide as high a cell is, or the other way, from which it is said
THIN = 8  # cells along a side below which a sprite shows little
LARGEST = 1024  # pixels per side in which a grid is looked for, which takes a moment


def vote_advised(reduce: Reduce, picture: Picture, style: Style) -> Votes:
    """:func:`~pixelization.pipeline.voting.vote`, with :func:`size_advice` among the remarks."""
    votes = vote(reduce, picture, style)
    return replace(votes, remarks=votes.remarks + size_advice(picture, style))


def size_advice(picture: Picture, style: Style) -> tuple[str, ...]:
    """Remarks on a picture of which networks make a sprite of their own size.

    Args:
        picture: what the sprite is made of.
        style: the one asked for.

    Returns:
        If the style gives a size, one line if it squeezes the picture, or if a picture that is no
        sheet has too few pixels for the cells asked for. If it gives no cells at all, one line if
        every pixel of the picture or of its tiles is kept, if the picture shows pixel art already,
        as far as a quick look tells, or else if it is a strip that becomes a sprite of fewer than 8
        cells across, though there are pixels for 8.
    """
    if isinstance(style.size, Longest):
        return () if isinstance(picture, Sheet) else _fewer(first_image(picture).size, style.size)
    if style.size is not None:
        if isinstance(picture, Sheet):
            return _squeezed((picture.boxes[0].width, picture.boxes[0].height), style.size)
        return _squeezed(first_image(picture).size, style.size)
    if style.cell_size is not None:
        return ()
    if isinstance(picture, Sheet):
        largest = max(max(box.width, box.height) for box in picture.boxes)
        if largest > DEFAULT_SIZE.cells:
            return ()
        return (
            f"its tiles have at most {largest} pixels per side: each is kept as a cell: "
            "give a cell size for fewer",
        )
    image = first_image(picture)
    if max(image.size) <= DEFAULT_SIZE.cells:
        return (_kept(image.size),)
    return _pixel_art(image) or _thin(image.size)


def _pixel_art(image: Image.Image) -> tuple[str, ...]:
    """A line if a picture that is not too large shows pixel art for sure."""
    if max(image.size) > LARGEST:
        return ()
    pixels = np.asarray(image)
    few = image.convert("RGB").getcolors(FEW_COLORS) is not None
    if not few and any(
        comb_share(lines_along(pixels, axis), *COMB_CELLS) < COMB for axis in (0, 1)
    ):
        return ()
    grid = detect_grid(pixels)
    if grid.confidence < SURE:
        return ()
    width, height = grid.size
    return (
        f"shows pixel art already, of {width}x{height} cells: pixel-snap keeps them, "
        f"or a size of {width}x{height}",
    )


def _thin(pixels: Size) -> tuple[str, ...]:
    """A line if a long strip has few cells across by default and may have more."""
    width, height = check_size(DEFAULT_SIZE, pixels, MIN_CELL_SIZE)
    shorter = min(pixels)
    if min(width, height) >= THIN or shorter < THIN * MIN_CELL_SIZE:
        return ()
    more = "x".join(str(side * THIN // shorter) for side in pixels)
    return (f"becomes a sprite of only {width}x{height} cells: a size of {more} shows more",)


def _kept(pixels: Size) -> str:
    return f"has {pixels[0]}x{pixels[1]} pixels: each is kept as a cell: give a size for fewer"


def _squeezed(pixels: Size, size: tuple[int, int | None]) -> tuple[str, ...]:
    """A line on a size that changes the shape of so many pixels, and sizes that do not."""
    width, height = size
    if height is None:
        return ()
    stretch = width / pixels[0] * pixels[1] / height
    if max(stretch, 1 / stretch) <= SQUEEZED or (width, height) == completed_size(
        (width, None), pixels
    ):
        return ()
    inside = width if stretch < 1 else max(1, height * pixels[0] // pixels[1])
    return (
        f"is squeezed from {pixels[0]}x{pixels[1]} pixels into {width}x{height} cells: "
        f"a size of {width} keeps its shape, or of {inside} with a pad of {width}x{height} on such "
        "a canvas",
    )


def _fewer(pixels: Size, size: Longest) -> tuple[str, ...]:
    """A line on a longer side of more cells than so many pixels allow."""
    cells = max(check_size(size, pixels, MIN_CELL_SIZE))
    if cells == max(pixels):
        return (_kept(pixels),)
    if cells < size.cells:
        return (f"has {cells} cells along its longer side: there are no pixels for {size.cells}",)
    return ()
