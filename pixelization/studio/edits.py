"""Cells that a person has painted by hand, put into a finished sprite.

Knows cells and colours; does not know where a sprite comes from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pixelization.errors import UserError
from pixelization.images.alpha import with_alpha
from pixelization.palettes.names import MAX_COLORS
from pixelization.palettes.palette import Palette
from pixelization.pipeline.finish import Finished


@dataclass(frozen=True)
class Edit:
    """One cell.

    Attributes:
        frame: number of the frame, from 0.
        x, y: of the cell, from the upper left.
        color: RGB; None makes it transparent.
    """

    frame: int
    x: int
    y: int
    color: tuple[int, int, int] | None


def edited(done: Finished, edits: Sequence[Edit]) -> Finished:
    """A sprite with cells painted; the last of several edits of a cell holds.

    A palette grows by colours that it does not have.

    Raises:
        UserError: a cell lies outside, or the palette grows beyond ``MAX_COLORS``.
    """
    if not edits:
        return done
    clear = any(edit.color is None for edit in edits)
    frames = [
        with_alpha(frame) if clear and frame.shape[2] == 3 else frame.copy()
        for frame in done.frames
    ]
    height, width = frames[0].shape[:2]
    for edit in edits:
        if not (0 <= edit.frame < len(frames) and 0 <= edit.x < width and 0 <= edit.y < height):
            raise UserError(
                f"there is no cell {edit.x}, {edit.y} in frame {edit.frame} of {len(frames)} "
                f"with {width}x{height} cells"
            )
        frame = frames[edit.frame]
        frame[edit.y, edit.x] = 0
        if edit.color is not None:
            frame[edit.y, edit.x, :3] = edit.color
            frame[edit.y, edit.x, 3:] = 255
    return replace(done, frames=tuple(frames), palette=_grown(done.palette, edits))


def _grown(palette: Palette | None, edits: Sequence[Edit]) -> Palette | None:
    if palette is None:
        return None
    known = set(map(tuple, palette.colors.tolist()))
    new = list(dict.fromkeys(edit.color for edit in edits if edit.color not in (None, *known)))
    if not new:
        return palette
    if len(palette) + len(new) > MAX_COLORS:
        raise UserError(f"painted colours make the palette larger than {MAX_COLORS}: use its own")
    return Palette(np.vstack([palette.colors, np.array(new, np.uint8)]), palette.name)
