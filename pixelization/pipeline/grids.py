"""How a picture that shows pixel art is snapped: its grid is found once for all frames or tiles.

Knows where grids are looked for and what a grid means for a style; knows nothing of files.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from PIL import Image

from pixelization.cells.sizes import WantedSize
from pixelization.detection.geometry import SURE, GridDetection
from pixelization.errors import UserError
from pixelization.images.sprites import hard_edged
from pixelization.pipeline.pictures import (
    NO_FRAMES,
    Animation,
    Frames,
    Picture,
    Sheet,
    read_frame,
)
from pixelization.pipeline.style import Style
from pixelization.pipeline.votes import Votes
from pixelization.pipeline.voting import vote
from pixelization.reducers.base import CellSize, Reduce, check_cell_size
from pixelization.reducers.snapping import SnapResult, cells_in_words, find_grid, snap

FRAMES = 8  # of an animation, in which the grid is looked for


@dataclass(frozen=True)
class Snapping:
    """How the sprites of one picture are snapped.

    Attributes:
        reduce: makes a sprite of a still, a frame or a tile.
        style: the one asked for, with what only the picture can tell.
        grid: that all sprites are on; None if the style gives a size, or the cells of tiles.
        hard: alpha becomes 0 or 255 in any case.
        remarks: one line each: what is doubtful about it.
    """

    reduce: Reduce
    style: Style
    grid: GridDetection | None
    hard: bool
    remarks: tuple[str, ...] = ()


def check_snapping(style: Style) -> None:
    """Raise ``UserError`` if no picture can be snapped in this style."""
    if style.cell_size is not None:
        check_cell_size(style.cell_size, minimum=1)
    if style.wrap:
        raise UserError(
            "wrap does nothing here: cells of pixel art know no neighbours: leave it out"
        )
    if any(style.offset):
        raise UserError("offset does nothing here: where the grid lies is found: leave it out")
    if style.symmetric:
        raise UserError("symmetric does nothing here: cells of pixel art are kept: leave it out")


def plan_snapping(
    picture: Picture,
    style: Style = Style(),
    *,
    hard: bool = False,
    min_confidence: float = SURE,
    grid: GridDetection | None = None,
) -> Snapping:
    """Find the grid of a picture.

    Of cells that the style gives, only where they begin is found out.

    Args:
        picture: shows pixel art.
        style: of the sprites.
        hard: alpha becomes 0 or 255 in any case, as GIF and MP4 need it. Otherwise a sprite that
            has one pixel per cell already stays as it is, hidden colours and all, unless the style
            asks for something.
        min_confidence: least confidence of a detected grid, in [0, 1]; 0 takes the best guess.
        grid: what :func:`find_picture_grid` found in this picture before; None: it is called.

    Raises:
        UnsureError: no grid is sure enough.
        UserError: the cells of the style are smaller than a pixel, or ``min_confidence`` is out of
            range; or there are no frames.
    """
    check_snapping(style)
    # these options ask for no change of the sprite
    quiet = replace(
        style,
        cell_size=None,
        size=None,
        still=Style.still,
        hysteresis=Style.hysteresis,
        alpha=Style.alpha,
    )
    hard = hard or quiet != Style()
    reduce = partial(_snap, hard=hard)
    sheet = isinstance(picture, Sheet)
    if style.size is not None or (sheet and style.cell_size is not None):
        return Snapping(reduce, style, None, hard)
    if grid is None:
        grid = find_picture_grid(picture, style.cell_size, min_confidence=min_confidence)
    remarks: tuple[str, ...] = ()
    if grid.confidence < SURE:
        cells = cells_in_words(grid.cell, grid.size)
        remarks = (f"not sure of the grid: took cells of {cells}, {grid.confidence:.0%} likely",)
    if grid.native:
        style = replace(style, still=0, hysteresis=0.0)  # there is no noise to hold cells against
    if sheet:
        return Snapping(reduce, replace(style, cell_size=grid.cell), grid, hard, remarks)
    style = replace(style, cell_size=None)
    return Snapping(partial(reduce, grid=grid), style, grid, hard, remarks)


def find_picture_grid(
    picture: Picture, cell_size: CellSize | None = None, *, min_confidence: float = SURE
) -> GridDetection:
    """The grid of a still, a sheet, or of frames from all over an animation.

    Arguments and errors as of :func:`~pixelization.reducers.snapping.find_grid`; ``UserError`` also
    if the animation has no frames.
    """
    return find_grid(_looked_at(picture), cell_size, min_confidence=min_confidence)


def vote_snapped(
    picture: Picture,
    style: Style = Style(),
    *,
    hard: bool = False,
    min_confidence: float = SURE,
) -> tuple[Votes, Snapping]:
    """The voted sprites of a picture that shows pixel art, and how they were snapped.

    Arguments and errors as of :func:`plan_snapping`.
    """
    snapping = plan_snapping(picture, style, hard=hard, min_confidence=min_confidence)
    votes = vote(snapping.reduce, picture, snapping.style, minimum=1)
    return replace(votes, remarks=snapping.remarks + votes.remarks), snapping


def _snap(
    image: Image.Image,
    *,
    cell_size: CellSize | None,
    size: WantedSize | None,
    grid: GridDetection | None = None,
    hard: bool,
) -> SnapResult:
    result = snap(image, cell_size=cell_size, size=size, grid=grid)
    return replace(result, sprite=hard_edged(result.sprite)) if hard else result


def _looked_at(picture: Picture) -> list[np.ndarray]:
    """The still, the sheet, or frames from all over the animation."""
    if isinstance(picture, Animation):
        return _spread(picture.frames)
    return [np.asarray(picture.image)]


def _spread(frames: Frames) -> list[np.ndarray]:
    count = len(frames) if isinstance(frames, Sequence) else frames.count
    if count is None:  # a video that does not say
        count = sum(1 for _ in frames)
    wanted = {round(number * (count - 1) / (FRAMES - 1)) for number in range(FRAMES)}
    found = [np.asarray(read_frame(each)) for number, each in enumerate(frames) if number in wanted]
    if not found:
        raise UserError(NO_FRAMES)
    return found
