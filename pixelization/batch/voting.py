"""A job's source, opened and reduced: by networks, or at the grid that is there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from pixelization.animation.formats import NO_HALF_TRANSPARENCY
from pixelization.batch.jobs import Job
from pixelization.batch.options import OutputOptions, SourceOptions
from pixelization.detection.geometry import GridDetection, UnsureError
from pixelization.detection.picture import draw_grid
from pixelization.errors import UserError
from pixelization.images.alpha import on_white
from pixelization.images.writing import write_png
from pixelization.pipeline.advice import vote_advised
from pixelization.pipeline.grids import vote_snapped
from pixelization.pipeline.pictures import Picture, Sheet, first_image, open_picture
from pixelization.pipeline.style import Style
from pixelization.pipeline.votes import Votes
from pixelization.reducers.base import Reduce
from pixelization.sheets.layout import Box


@dataclass(frozen=True)
class Voted:
    """What a job's source became.

    Attributes:
        votes: one pixel per cell.
        style: the one asked for, with what only the source can tell.
        boxes: the tiles of a sheet in pixels; else None.
        grid: see :class:`~pixelization.pipeline.grids.Snapping`; None of networks.
    """

    votes: Votes
    style: Style
    boxes: Sequence[Box] | None = None
    grid: GridDetection | None = None


def vote_job(
    job: Job,
    reduce: Reduce | None,
    style: Style,
    source: SourceOptions,
    output: OutputOptions | None = None,
    *,
    hard: bool = False,
) -> Voted:
    """Open the source of a job and reduce it.

    Args:
        job: names the source.
        reduce: makes a sprite of a still, a frame or a tile. None: snapping, at the grid that the
            source shows, found once for all frames or tiles.
        style: of the sprites.
        source: how it is read.
        output: of what is written, only the picture of the grid is written here: whoever has a
            grid that is not sure enough wants to see it.
        hard: alpha of snapped sprites becomes 0 or 255 in any case.

    Raises:
        UnsureError: no grid is sure enough.
        UserError: the source cannot be read, has no such tiles, or the style does not fit it; there
            is no grid to show.
    """
    if job.size is not None:
        style = replace(style, size=job.size, cell_size=None)
    how = {"sheet": source.sheet} if not job.moving else {"fps": source.fps}
    grid = None
    with open_picture(job.at_hand, name=job.name, moving=job.moving, **how) as picture:
        if reduce is not None:
            votes = vote_advised(reduce, picture, style)
        else:
            try:
                votes, found = vote_snapped(
                    picture,
                    style,
                    hard=hard or job.format in NO_HALF_TRANSPARENCY,
                    min_confidence=source.min_confidence,
                )
            except UnsureError as error:
                _show_grid(picture, error.grid, output)
                raise
            _show_grid(picture, found.grid, output)
            style, grid = found.style, found.grid
    return Voted(votes, style, picture.boxes if isinstance(picture, Sheet) else None, grid)


def _show_grid(picture: Picture, grid: GridDetection | None, output: OutputOptions | None) -> None:
    """Write the picture of a grid, if one is asked for; ``UserError`` if there is none."""
    if output is None or output.grid_file is None:
        return
    if grid is None:
        raise UserError(
            "no grid is looked for where a size or the cells of tiles are given: "
            "ask for no picture of it",
            option="show_grid",
        )
    image = first_image(picture)
    drawn = draw_grid(np.asarray(on_white(image)), grid)
    write_png(Image.fromarray(drawn), output.grid_file, overwrite=output.overwrite)
