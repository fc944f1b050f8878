"""The last step: colours and dithering, then what needs the whole canvas."""

from dataclasses import dataclass

import numpy as np

from pixelization.errors import UserError
from pixelization.finishing.canvas import bounding_box, crop, pad, touches_border
from pixelization.finishing.outline import add_outline
from pixelization.palettes.assignment import apply_palette
from pixelization.palettes.dithering import dither
from pixelization.palettes.palette import Palette
from pixelization.pipeline.style import Style
from pixelization.pipeline.temporal import held, shown_first
from pixelization.pipeline.votes import Votes
from pixelization.sheets.layout import assemble

NOTHING_LEFT = "nothing is left: every cell is less than half opaque"


@dataclass(frozen=True)
class Finished:
    """What becomes of :class:`Votes`.

    Attributes:
        frames: uint8, all ``(h, w, 3)`` or all ``(h, w, 4)`` with alpha 0 or 255; one, unless it is
            an animation.
        palette: what every opaque pixel is taken from; None if the style names no colours.
        remarks: one line each: what could not be done.
    """

    frames: tuple[np.ndarray, ...]
    palette: Palette | None
    remarks: tuple[str, ...]


def finish(votes: Votes, style: Style = Style(), palette: Palette | None = None) -> Finished:
    """Colours and dithering per frame; then what needs all of them: still cells, canvas, outline.

    Every opaque pixel of the result has a colour of ``palette``, the outline too.

    Raises:
        UserError: an outline is asked for, but the sprite has no transparency; ``style.pad`` is
            smaller than the sprite.
    """
    sprites, remarks = list(votes.sprites), votes.remarks
    if palette is not None:
        sprites = [
            dither(sprite, palette, style.dither, style.dither_strength) for sprite in sprites
        ]
        # where errors are spread, the same colour may be drawn in another way than before
        if votes.origins is not None:
            sprites = held(sprites, shown_first([*map(_with_alpha, votes.sprites)], votes.origins))
    if any(sprite.shape[2] == 4 for sprite in sprites):
        sprites = [_with_alpha(sprite) for sprite in sprites]
    elif style.outline != "none":  # trim and pad would make a silhouette of the picture's rectangle
        why = remarks[0] if remarks else "nothing is transparent: remove the background"
        raise UserError(f"there is nothing to outline: {why}")
    if style.trim:
        room = int(style.outline == "outside")
        box = bounding_box(sprites) or (0, 0, 1, 1)
        sprites = [_grown(crop(sprite, box), room) for sprite in sprites]
    if style.pad:
        sprites = [pad(sprite, style.pad[::-1]) for sprite in sprites]
    if style.outline != "none":
        if style.outline == "outside" and any(map(touches_border, sprites)):
            advice = (
                "pad it, or trim it"
                if votes.boxes is None
                else "leave a margin of one cell in every tile"
            )
            remarks += (f"the outline is cut where the drawing touches the border: {advice}",)
        sprites = [add_outline(sprite, style.outline, style.outline_color) for sprite in sprites]
        if palette is not None:
            sprites = [apply_palette(sprite, palette) for sprite in sprites]
    if votes.boxes is not None:
        sprites = [assemble(sprites, votes.boxes)]
    if bounding_box(sprites) is None:
        remarks += (NOTHING_LEFT + (", or background" if style.remove_background else ""),)
    # copies: some are read-only views of PIL's
    return Finished(tuple(map(np.array, sprites)), palette, remarks)


def _with_alpha(sprite: np.ndarray) -> np.ndarray:
    return (
        sprite
        if sprite.shape[2] == 4
        else np.dstack([sprite, np.full(sprite.shape[:2], 255, np.uint8)])
    )


def _grown(sprite: np.ndarray, cells: int) -> np.ndarray:
    return pad(sprite, (sprite.shape[0] + 2 * cells, sprite.shape[1] + 2 * cells))
