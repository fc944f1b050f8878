"""The first steps: one pixel per cell, held still and cleaned up, in whatever colours.

vote -> hold -> clean -> palette -> finish: here are the first three. A reducer votes; frames are
held still by :mod:`pixelization.pipeline.temporal`; then every frame is cleaned up. Here is how
stills and animations go that way, with the steps of :mod:`pixelization.pipeline.steps`; sheets do
in :mod:`pixelization.pipeline.sheet_votes`. Knows no palette, and not how an image is reduced.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pixelization.animation.frames import Frame
from pixelization.animation.reading import AnimationReader
from pixelization.errors import UserError
from pixelization.images.alpha import with_alpha
from pixelization.images.aseprite import Tag
from pixelization.images.reading import Source, read_image
from pixelization.limits import ANIMATION_CELLS
from pixelization.palettes.extraction import ColorHistogram
from pixelization.pipeline.parsing import Color
from pixelization.pipeline.pictures import NO_FRAMES, read_frame
from pixelization.pipeline.steps import (
    clean,
    count_source,
    count_sprite,
    few_shades,
    ground_color,
    lost_remark,
    reduced,
    seen_areas,
)
from pixelization.pipeline.style import Style
from pixelization.pipeline.temporal import TemporalVote, gather
from pixelization.reducers.base import Reduce, Reduced, sprite_size
from pixelization.reducers.offset import grid_corner, moved
from pixelization.reducers.symmetry import even_corner, mirrored, symmetric_axis
from pixelization.sheets.layout import Box


@dataclass(frozen=True)
class Strip:
    """Frames or tiles that are played one after another, held still together.

    Attributes:
        sprites: which they are, as indices of :attr:`Votes.sprites`, in the order of time.
        origins: for each of them, int32 ``(h, w)``: from which of them, counted from 0, each cell
            took its voted colour.
    """

    sprites: tuple[int, ...]
    origins: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Votes:
    """Sprites as a reducer gives them, held still and cleaned up, in whatever colours.

    Attributes:
        sprites: frames or tiles, uint8 ``(h, w, 3)`` or ``(h, w, 4)`` with alpha 0 or 255,
            unless ``style.alpha`` is "keep". Tiles may differ in size.
        strips: the animation, or those on a sheet; a sprite is in one at most.
        cell_size: (width, height) of a cell in pixels of the source.
        source_size: (width, height) of the source in pixels.
        histogram: the colours that ``style.colors`` are taken from; empty if the style asks for
            none.
        remarks: one line each: what could not be done.
        boxes: sheet: where each tile goes, in cells; else None.
        ring: sheet: cells around every tile, across and down, that repeat its border.
        sheet: sheet: (width, height) of the whole in cells.
        result: image: everything that ``reduce`` gave; else None.
        durations: animation whose frames have them: milliseconds each; else None.
        plays: animation: how often it is played in all, 0 for forever.
        tags: animation: frames that have a name.
        corner: pixels further right and down than the source at which the grid begins.
    """

    sprites: tuple[np.ndarray, ...]
    cell_size: tuple[float, float]
    source_size: tuple[int, int]
    histogram: ColorHistogram
    remarks: tuple[str, ...]
    strips: tuple[Strip, ...] = ()
    boxes: tuple[Box, ...] | None = None
    ring: tuple[int, int] = (0, 0)
    sheet: tuple[int, int] = (0, 0)
    result: Reduced | None = None
    durations: tuple[float, ...] | None = None
    plays: int = 0
    tags: tuple[Tag, ...] = ()
    corner: tuple[int, int] = (0, 0)

    @property
    def together(self) -> list[tuple[int, ...]]:
        """Indices of sprites that belong together: those of a strip, others by themselves."""
        return grouped(len(self.sprites), [strip.sprites for strip in self.strips])


def vote_image(reduce: Reduce, image: Source, style: Style = Style()) -> Votes:
    """The voted sprite of one image; ``UserError`` as ``reduce`` raises it."""
    return vote_still(reduce, read_image(image), style)


def vote_still(reduce: Reduce, source: Image.Image, style: Style) -> Votes:
    """The same of an image that is read already."""
    histogram = ColorHistogram()
    count_source(histogram, style, source)
    axis = None
    if style.symmetric:
        width, height = sprite_size(source.size, style.cell_size, style.size)
        axis = symmetric_axis(source, (height, width))
    source, corner = _under_grid(source, style, axis)
    result, sprite, lost = reduced(reduce, source, style, style.cell_size, style.size)
    if axis is not None:
        sprite = mirrored(sprite, source, axis - 2 * corner[0])
    areas = seen_areas(result, source, sprite, ground_color(sprite, style))
    (sprite,), remarks = clean(few_shades([sprite], style, result), [areas], style)
    count_sprite(histogram, style, sprite)
    remarks += lost_remark(lost)
    if style.symmetric and axis is None:
        remarks += (
            "no drawing that is its own mirror image is amid the picture: it is left as is",
        )
    return Votes(
        (sprite,), result.cell_size, source.size, histogram, remarks, result=result, corner=corner
    )


def vote_animation(
    reduce: Reduce,
    frames: AnimationReader | Iterable[Frame | Source],
    style: Style = Style(),
) -> Votes:
    """The voted sprites of an animation, held still.

    One frame at a time is kept in full size. What holds still is told by
    :mod:`pixelization.pipeline.temporal`.

    Args:
        reduce: makes a sprite of a frame.
        frames: all of one size; with their durations, or without.
        style: see :class:`Style`.

    Raises:
        UserError: there are no frames, they differ in size, or have too many cells in all.
    """
    histogram = ColorHistogram()
    temporal = TemporalVote(still=style.still, hysteresis=style.hysteresis)
    sprites: list[np.ndarray] = []
    origins: list[np.ndarray] = []
    areas: list[np.ndarray | None] = []
    durations: list[float] = []
    lost = np.zeros(2, int)
    before: np.ndarray | None = None
    ground: Color | None = None
    for number, frame in enumerate(frames, start=1):
        if isinstance(frame, Frame):
            durations.append(frame.duration)
        whole = read_frame(frame)
        image, corner = _under_grid(whole, style)
        source = np.asarray(image.convert("RGBA"))
        if before is not None and source.shape != before.shape:
            others = f"{before.shape[1]}x{before.shape[0]}"
            raise UserError(
                f"frame {number} has {image.width}x{image.height} pixels, the others {others}"
            )
        if before is None or not np.array_equal(source, before):
            result, sprite, gone = reduced(reduce, image, style, style.cell_size, style.size)
            sprite = with_alpha(sprite)
            ground = ground_color(sprite, style, ground)
            seen = seen_areas(result, image, sprite, ground)
            lost += gone
        before = source
        height, width = sprite.shape[:2]
        ANIMATION_CELLS.check(number * height * width, f"{number} frames of {width}x{height} cells")
        areas.append(seen)
        sprites.append(sprite)
        origins.append(temporal.vote(source, sprite))
        count_source(histogram, style, whole)
    if before is None:
        raise UserError(NO_FRAMES)
    shaded = few_shades(gather(sprites, origins), style, result)
    sprites, remarks = clean(shaded, areas, style)
    remarks += lost_remark(lost)
    for sprite in sprites:
        count_sprite(histogram, style, sprite)
    if all((sprite[..., 3] == 255).all() for sprite in sprites):
        sprites = [sprite[..., :3] for sprite in sprites]
    return Votes(
        tuple(sprites),
        result.cell_size,
        (before.shape[1], before.shape[0]),
        histogram,
        remarks,
        strips=(Strip(tuple(range(len(origins))), tuple(origins)),),
        durations=tuple(durations) if len(durations) == len(sprites) else None,
        plays=frames.plays if isinstance(frames, AnimationReader) else 0,
        tags=frames.tags if isinstance(frames, AnimationReader) else (),
        corner=corner,
    )


def _under_grid(
    image: Image.Image, style: Style, axis: int | None = None
) -> tuple[Image.Image, tuple[int, int]]:
    """A still or a frame under the grid of its sprite, and where that begins.

    Args:
        axis: of a symmetric still.
    """
    if axis is None and not any(style.offset):
        return image, (0, 0)  # sprite_size would refuse cells as small as those of pixel art
    columns, rows = sprite_size(image.size, style.cell_size, style.size)
    corner = grid_corner(style.offset, (image.width / columns, image.height / rows))
    if axis is not None:
        corner = (even_corner(axis, image.width, columns), 0)
    return moved(image, corner, repeats=style.wrap), corner


def grouped(count: int, strips: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Which of ``count`` sprites belong together, see :attr:`Votes.together`."""
    in_strips = {number for numbers in strips for number in numbers}
    return [*strips, *((number,) for number in range(count) if number not in in_strips)]
