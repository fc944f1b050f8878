"""The votes of any picture: a still, an animation or a sheet."""

from dataclasses import replace

from pixelization.pipeline.pictures import Animation, Picture, Sheet
from pixelization.pipeline.sheet_votes import vote_sheet
from pixelization.pipeline.style import Style
from pixelization.pipeline.votes import Votes, vote_animation, vote_still
from pixelization.reducers.base import MIN_CELL_SIZE, Reduce


def vote(
    reduce: Reduce, picture: Picture, style: Style = Style(), *, minimum: float = MIN_CELL_SIZE
) -> Votes:
    """The voted sprites of a still, an animation or a sheet.

    ``minimum`` as of :func:`vote_sheet`.
    """
    if isinstance(picture, Animation):
        votes = vote_animation(reduce, picture.frames, style)
    elif isinstance(picture, Sheet):
        votes = vote_sheet(
            reduce, picture.image, picture.boxes, style, strips=picture.strips, minimum=minimum
        )
    else:
        votes = vote_still(reduce, picture.image, style)
    remarks = votes.remarks + picture.remarks
    if style.symmetric and isinstance(picture, Animation | Sheet):
        remarks += ("symmetric is for single pictures: animations and sheets stay as they are",)
    if any(style.offset) and not any(votes.corner):
        remarks += (
            "the offset moves nothing: to the nearest pixel, the grid begins at the corner",
        )
    return replace(votes, remarks=remarks)
