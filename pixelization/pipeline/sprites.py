"""From an image, an animation or a sheet to finished sprites: vote, hold and clean up; choose the
palette; finish.

The three steps are apart because a palette may be fitted to all frames of an animation or all files
of a batch::

    votes = vote_image(pixelizer.pixelize, "cat.png", style)
    palette = choose_palette(style, votes.histogram)
    sprite = finish(votes, style, palette).frames[0]
"""

from collections.abc import Iterable, Sequence

import numpy as np

from pixelization.images.reading import Source
from pixelization.palettes.extraction import ColorHistogram, auto_colors, fit_palette
from pixelization.palettes.lookup import find_palette
from pixelization.palettes.palette import Palette
from pixelization.pipeline.finish import Finished, finish
from pixelization.pipeline.style import Style
from pixelization.pipeline.votes import Votes, vote_animation, vote_image, vote_sheet
from pixelization.pixelizer import Pixelizer
from pixelization.sheets.layout import Box


def pixelize_image(pixelizer: Pixelizer, image: Source, style: Style = Style()) -> Finished:
    """An image as one finished sprite.

    ``UserError`` as :meth:`Pixelizer.pixelize` and :func:`finish` raise it.
    """
    return _finished(vote_image(pixelizer.pixelize, image, style), style)


def pixelize_animation(
    pixelizer: Pixelizer, frames: Iterable[Source], style: Style = Style()
) -> Finished:
    """The frames of an animation, all of one size, with one palette and without flicker.

    See :func:`vote_animation`.
    """
    return _finished(vote_animation(pixelizer.pixelize, frames, style), style)


def pixelize_sheet(
    pixelizer: Pixelizer, sheet: Source, boxes: Sequence[Box], style: Style = Style()
) -> Finished:
    """A sprite sheet whose tiles are pixelized each by itself; see :func:`vote_sheet`."""
    return _finished(vote_sheet(pixelizer.pixelize, sheet, boxes, style), style)


def choose_palette(style: Style, histogram: ColorHistogram) -> Palette | None:
    """The palette that a style names, or fits to the colours of ``histogram``; None if it asks for
    neither.

    Raises:
        UserError: there is no such palette.
    """
    if style.palette is not None:
        return (
            style.palette
            if isinstance(style.palette, Palette)
            else find_palette(str(style.palette))
        )
    if style.colors is None or not len(histogram.colors):
        return None
    return fit_palette(
        histogram, auto_colors(histogram) if style.colors == "auto" else style.colors
    )


def count_colors(frames: Iterable[np.ndarray]) -> int:
    """How many distinct colours the opaque pixels of all frames have."""
    histogram = ColorHistogram()
    for frame in frames:
        histogram.add(frame)
    return len(histogram.colors)


def _finished(votes: Votes, style: Style) -> Finished:
    return finish(votes, style, choose_palette(style, votes.histogram))
