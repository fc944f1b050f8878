"""A job's source, opened and reduced: by networks, or at the grid that is there."""

from collections.abc import Sequence
from dataclasses import dataclass

from pixelization.animation.formats import NO_HALF_TRANSPARENCY
from pixelization.batch.jobs import Job
from pixelization.batch.options import SourceOptions
from pixelization.detection.geometry import GridDetection
from pixelization.pipeline.grids import plan_snapping
from pixelization.pipeline.pictures import Sheet, open_picture
from pixelization.pipeline.style import Style
from pixelization.pipeline.votes import Votes, vote
from pixelization.reducers.base import Reduce
from pixelization.sheets.layout import Box


@dataclass(frozen=True)
class Voted:
    """What a job's source became.

    Attributes:
        votes: one pixel per cell.
        style: the one asked for, with what only the source can tell.
        boxes: the tiles of a sheet in pixels; else None.
        grid: as detected; None if it was not.
    """

    votes: Votes
    style: Style
    boxes: Sequence[Box] | None = None
    grid: GridDetection | None = None


def vote_job(job: Job, reduce: Reduce | None, style: Style, source: SourceOptions) -> Voted:
    """Open the source of a job and reduce it.

    Args:
        job: names the source.
        reduce: makes a sprite of a still, a frame or a tile. None: snapping, at the grid that the
            source shows, found once for all frames or tiles.
        style: of the sprites.
        source: how it is read.

    Raises:
        UnsureError: no grid is sure enough.
        UserError: the source cannot be read, has no such tiles, or the style does not fit it.
    """
    how = {"sheet": source.sheet} if job.format is None else {"fps": source.fps}
    grid = None
    with open_picture(job.source, name=job.name, **how) as picture:
        if reduce is None:
            found = plan_snapping(picture, style, hard=job.format in NO_HALF_TRANSPARENCY)
            reduce, style, grid = found.reduce, found.style, found.grid
        votes = vote(reduce, picture, style)
    return Voted(votes, style, picture.boxes if isinstance(picture, Sheet) else None, grid)
