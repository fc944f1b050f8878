"""From an image, an animation or a sheet to finished sprites: vote, hold and clean up; choose the palette; finish.

The three steps are apart because a palette may be fitted to all frames of an animation or all files of a batch::

    votes = vote_image(pixelizer.pixelize, "cat.png", style)
    palette = choose_palette(style, votes.histogram)
    sprite = finish(votes, style, palette).frames[0]
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import Image

from pixelization.pipeline.temporal import TemporalVote, held, shown_first
from pixelization.finishing.background import background_colors, has_clear, remove_background
from pixelization.finishing.canvas import bounding_box, crop, pad, touches_border
from pixelization.finishing.isolated import remove_isolated
from pixelization.finishing.jaggies import repair_jaggies
from pixelization.finishing.outline import add_outline
from pixelization.images.reading import Source, read_image
from pixelization.errors import UserError
from pixelization.pixelizer import DEFAULT_CELL_SIZE, CellSize, Pixelizer, check_cell_size
from pixelization.palettes.assignment import apply_palette
from pixelization.palettes.dithering import dither
from pixelization.palettes.extraction import ColorHistogram, auto_colors, fit_palette
from pixelization.palettes.lookup import find_palette
from pixelization.palettes.palette import Palette
from pixelization.sheets.layout import Box, assemble, scale_layout
from pixelization.pipeline.style import Style

NOTHING_LEFT = "nothing is left: every cell is less than half opaque"


class Reduced(Protocol):
    """An image with one pixel per cell: what :class:`~pixelization.pixelizer.PixelizeResult` has, among other things."""

    @property
    def sprite(self) -> Image.Image: ...

    @property
    def cell_size(self) -> tuple[float, float]: ...


class Reduce(Protocol):
    """Makes a sprite of an image: :meth:`Pixelizer.pixelize` is one."""

    def __call__(self, image: Image.Image, *, cell_size: CellSize | None, size: tuple[int, int | None] | None) -> Reduced: ...


@dataclass(frozen=True)
class Votes:
    """Sprites as the majority vote gives them, held still and cleaned up, in whatever colours.

    Attributes:
        sprites: frames or tiles, uint8 ``(h, w, 3)`` or ``(h, w, 4)`` with alpha 0 or 255; tiles may differ in size.
        origins: animation: for every frame, int32 ``(h, w)``, from which frame each cell took its voted colour; else None.
        cell_size: (width, height) of a cell in pixels of the source.
        source_size: (width, height) of the source in pixels.
        histogram: the colours that ``style.colors`` are taken from; empty if the style asks for none.
        remarks: one line each: what could not be done.
        boxes: sheet: where each tile goes, in cells; else None.
        result: image: everything that ``reduce`` gave; else None.
    """

    sprites: tuple[np.ndarray, ...]
    cell_size: tuple[float, float]
    source_size: tuple[int, int]
    histogram: ColorHistogram
    remarks: tuple[str, ...]
    origins: tuple[np.ndarray, ...] | None = None
    boxes: tuple[Box, ...] | None = None
    result: Reduced | None = None


@dataclass(frozen=True)
class Finished:
    """What becomes of :class:`Votes`.

    Attributes:
        frames: uint8, all ``(h, w, 3)`` or all ``(h, w, 4)`` with alpha 0 or 255; one, unless it is an animation.
        palette: what every opaque pixel is taken from; None if the style names no colours.
        remarks: one line each: what could not be done.
    """

    frames: tuple[np.ndarray, ...]
    palette: Palette | None
    remarks: tuple[str, ...]


def pixelize_image(pixelizer: Pixelizer, image: Source, style: Style = Style()) -> Finished:
    """An image as one finished sprite; ``UserError`` as :meth:`Pixelizer.pixelize` and :func:`finish` raise it."""
    return _finished(vote_image(pixelizer.pixelize, image, style), style)


def pixelize_animation(pixelizer: Pixelizer, frames: Iterable[Source], style: Style = Style()) -> Finished:
    """The frames of an animation, all of one size, with one palette and without flicker; see :func:`vote_animation`."""
    return _finished(vote_animation(pixelizer.pixelize, frames, style), style)


def pixelize_sheet(pixelizer: Pixelizer, sheet: Source, boxes: Sequence[Box], style: Style = Style()) -> Finished:
    """A sprite sheet whose tiles are pixelized each by itself; see :func:`vote_sheet`."""
    return _finished(vote_sheet(pixelizer.pixelize, sheet, boxes, style), style)


def vote_image(reduce: Reduce, image: Source, style: Style = Style()) -> Votes:
    """The voted sprite of one image."""
    source = read_image(image)
    result = reduce(source, cell_size=style.cell_size, size=style.size)
    histogram = ColorHistogram()
    _count_source(histogram, style, np.asarray(source))
    sprites, remarks = _cleaned([np.asarray(result.sprite)], style)
    _count_sprite(histogram, style, sprites[0])
    return Votes(tuple(sprites), result.cell_size, source.size, histogram, remarks, result=result)


def vote_animation(reduce: Reduce, frames: Iterable[Source], style: Style = Style()) -> Votes:
    """The voted sprites of frames of one size, of which one at a time is kept in full size; what holds still is told by
    :mod:`pixelization.pipeline.temporal`.

    Raises:
        UserError: there are no frames, or they differ in size.
    """
    histogram, temporal = ColorHistogram(), TemporalVote(still=style.still, hysteresis=style.hysteresis)
    sprites, origins = [], []
    before = cell_size = None
    for number, frame in enumerate(frames, start=1):
        image = read_image(frame)
        source = np.asarray(image.convert("RGBA"))
        if before is not None and source.shape != before.shape:
            others = f"{before.shape[1]}x{before.shape[0]}"
            raise UserError(f"frame {number} has {image.width}x{image.height} pixels, the others {others}")
        if before is None or not np.array_equal(source, before):
            result = reduce(image, cell_size=style.cell_size, size=style.size)
            sprite, cell_size = np.asarray(result.sprite.convert("RGBA")), result.cell_size
        before = source
        sprites.append(sprite)
        origins.append(temporal.vote(source, sprite))
        _count_source(histogram, style, source)
    if before is None:
        raise UserError("the animation has no frames")
    sprites, remarks = _cleaned(held(sprites, origins), style)
    for sprite in sprites:
        _count_sprite(histogram, style, sprite)
    if all((sprite[..., 3] == 255).all() for sprite in sprites):
        sprites = [sprite[..., :3] for sprite in sprites]
    return Votes(tuple(sprites), cell_size, (before.shape[1], before.shape[0]), histogram, remarks, origins=tuple(origins))


def vote_sheet(reduce: Reduce, sheet: Source, boxes: Sequence[Box], style: Style = Style()) -> Votes:
    """The voted sprites of a sheet's tiles. No tile sees its neighbours, so nothing bleeds.

    Args:
        boxes: the tiles in pixels of the sheet, at least one.
        style: its ``size`` is that of a tile, for tiles that are all of one size.

    Raises:
        UserError: the style trims or pads, which would move the tiles; no tile is as large as a cell; a size is given for unlike
            tiles.
    """
    if style.trim or style.pad:
        raise UserError("trim and pad move what is on a sheet: leave them out")
    if not boxes:
        raise UserError("the sheet has no tiles: give at least one box")
    image = read_image(sheet)
    if not all(Box(0, 0, *image.size).contains(box) for box in boxes):
        raise UserError(f"a tile reaches beyond the sheet of {image.width}x{image.height} pixels: is it a tile of this sheet?")
    cell_size = _tile_cell(boxes, style)
    targets = scale_layout(boxes, cell_size)
    cell_size = _drawn_cell(boxes, targets, cell_size)
    histogram, sprites, remarks = ColorHistogram(), [], ()
    for box, target in zip(boxes, targets, strict=True):
        tile = image.crop((box.x, box.y, box.x + box.width, box.y + box.height))
        _count_source(histogram, style, np.asarray(tile))
        if tile.mode == "RGBA" and tile.getchannel("A").getextrema()[1] == 0:  # nothing to see
            sprite = np.zeros((target.height, target.width, 4), np.uint8)
        else:
            sprite = np.asarray(reduce(tile, cell_size=None, size=(target.width, target.height)).sprite.convert(image.mode))
            (sprite,), found = _cleaned([sprite], style)
            remarks = remarks or found
        sprites.append(sprite)
        _count_sprite(histogram, style, sprite)
    return Votes(tuple(sprites), cell_size, image.size, histogram, remarks, boxes=tuple(targets))


def choose_palette(style: Style, histogram: ColorHistogram) -> Palette | None:
    """The palette that a style names, or fits to the colours of ``histogram``; None if it asks for neither.

    Raises:
        UserError: there is no such palette.
    """
    if style.palette is not None:
        return style.palette if isinstance(style.palette, Palette) else find_palette(str(style.palette))
    if style.colors is None or not len(histogram.colors):
        return None
    return fit_palette(histogram, auto_colors(histogram) if style.colors == "auto" else style.colors)


def finish(votes: Votes, style: Style = Style(), palette: Palette | None = None) -> Finished:
    """Colours and dithering per frame; then what needs all of them: still cells, canvas, outline.

    Every opaque pixel of the result has a colour of ``palette``, the outline too.

    Raises:
        UserError: an outline is asked for, but the sprite has no transparency; ``style.pad`` is smaller than the sprite.
    """
    sprites, remarks = list(votes.sprites), votes.remarks
    if palette is not None:
        sprites = [dither(sprite, palette, style.dither, style.dither_strength) for sprite in sprites]
        if votes.origins is not None:  # where errors are spread, the same colour may be drawn in another way than before
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
            advice = "pad it, or trim it" if votes.boxes is None else "leave a margin of one cell in every tile"
            remarks += (f"the outline is cut where the drawing touches the border: {advice}",)
        sprites = [add_outline(sprite, style.outline, style.outline_color) for sprite in sprites]
        if palette is not None:
            sprites = [apply_palette(sprite, palette) for sprite in sprites]
    if votes.boxes is not None:
        sprites = [assemble(sprites, votes.boxes)]
    if bounding_box(sprites) is None:
        remarks += (NOTHING_LEFT + (", or background" if style.remove_background else ""),)
    return Finished(tuple(map(np.array, sprites)), palette, remarks)  # copies: some are read-only views of PIL's


def count_colors(frames: Iterable[np.ndarray]) -> int:
    """How many distinct colours the opaque pixels of all frames have."""
    histogram = ColorHistogram()
    for frame in frames:
        histogram.add(frame)
    return len(histogram.colors)


def _finished(votes: Votes, style: Style) -> Finished:
    return finish(votes, style, choose_palette(style, votes.histogram))


def _cleaned(sprites: Sequence[np.ndarray], style: Style) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """The frames of one picture, cleaned up, and remarks.

    Of frames that are held: what a cell becomes depends on its neighbours, and these may change where it does not. Before the
    palette: dithering would look like stray cells.
    """
    sprites, remarks = list(sprites), ()
    if style.remove_background:
        colors = background_colors(sprites)
        if any(color is None and not has_clear(sprite) for sprite, color in zip(sprites, colors, strict=True)):
            remarks = ("no background was removed: the border has no colour that most of its cells share",)
        sprites = [remove_background(sprite, color, holes=style.holes) for sprite, color in zip(sprites, colors, strict=True)]
    if style.isolated:
        sprites = [remove_isolated(sprite) for sprite in sprites]
    if style.jaggies:
        sprites = [repair_jaggies(sprite) for sprite in sprites]
    return sprites, remarks


def _with_alpha(sprite: np.ndarray) -> np.ndarray:
    return sprite if sprite.shape[2] == 4 else np.dstack([sprite, np.full(sprite.shape[:2], 255, np.uint8)])


def _grown(sprite: np.ndarray, cells: int) -> np.ndarray:
    return pad(sprite, (sprite.shape[0] + 2 * cells, sprite.shape[1] + 2 * cells))


def _count_source(histogram: ColorHistogram, style: Style, source: np.ndarray) -> None:
    if style.colors is not None and style.fit == "source":
        histogram.add(source)


def _count_sprite(histogram: ColorHistogram, style: Style, sprite: np.ndarray) -> None:
    if style.colors is not None and style.fit == "sprite":
        histogram.add(sprite)


def _tile_cell(boxes: Sequence[Box], style: Style) -> tuple[float, float]:
    """(width, height) of a cell that is asked for, in pixels."""
    if style.size is None:
        width, height = check_cell_size(DEFAULT_CELL_SIZE if style.cell_size is None else style.cell_size, minimum=1)
        if all(box.width < width or box.height < height for box in boxes):
            largest = max(boxes, key=lambda box: box.width * box.height)
            problem = f"tiles of {largest.width}x{largest.height} pixels are smaller than a cell of {width:.4g}x{height:.4g}"
            raise UserError(f"{problem}: give larger tiles or a smaller cell size")
        return width, height
    if len({(box.width, box.height) for box in boxes}) > 1:
        raise UserError("a size needs tiles of one size: give a cell size")
    width, height = style.size
    cell = boxes[0].width / width
    return cell, cell if height is None else boxes[0].height / height


def _drawn_cell(boxes: Sequence[Box], targets: Sequence[Box], cell: tuple[float, float]) -> tuple[float, float]:
    """(width, height) of a cell in pixels as the tiles have it, in whole cells; of unlike tiles, the one that was asked for."""
    cells = {(box.width / target.width, box.height / target.height) for box, target in zip(boxes, targets, strict=True)}
    return cells.pop() if len(cells) == 1 else cell
