"""The first steps: one pixel per cell, held still and cleaned up, in whatever colours.

vote -> hold -> clean -> palette -> finish: here are the first three. A reducer votes; frames are
held still by :mod:`pixelization.pipeline.temporal`; then every frame is cleaned up. Knows no
palette, and not how an image is reduced.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from PIL import Image

from pixelization.animation.frames import Frame
from pixelization.animation.reading import AnimationReader
from pixelization.cells.sizes import Longest, WantedSize
from pixelization.errors import UserError
from pixelization.finishing.background import (
    background_color,
    background_colors,
    ground_areas,
    has_clear,
    remove_background,
)
from pixelization.finishing.isolated import remove_isolated
from pixelization.finishing.jaggies import repair_jaggies
from pixelization.finishing.shades import merge_shades
from pixelization.images.alpha import with_alpha
from pixelization.images.aseprite import Tag
from pixelization.images.reading import Source, read_image
from pixelization.images.sprites import opaque_cells
from pixelization.limits import ANIMATION_CELLS
from pixelization.palettes.extraction import ColorHistogram
from pixelization.pipeline.parsing import Color
from pixelization.pipeline.pictures import NO_FRAMES, Animation, Picture, Sheet, read_frame
from pixelization.pipeline.style import Style, check_on_sheet
from pixelization.pipeline.temporal import TemporalVote, gather
from pixelization.reducers.base import (
    DEFAULT_SIZE,
    MIN_CELL_SIZE,
    CellSize,
    Reduce,
    Reduced,
    check_cell_size,
    sprite_size,
    tile_cell,
)
from pixelization.reducers.offset import grid_corner, moved
from pixelization.reducers.symmetry import even_corner, mirrored, symmetric_axis
from pixelization.reducers.translucency import with_translucency
from pixelization.reducers.wrapping import reduce_wrapped
from pixelization.sheets.layout import Box, find_ring, ring_cells, scale_layout, sheet_size

LITTLE_LEFT = 0.03  # share of cells below which a person is told what removing the background took
NOT_REMOVED = "no background was removed: "  # begins the remark that says why
STRAY = 8  # times as common as a colour is the fill that it strays from


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
        return _together(len(self.sprites), [strip.sprites for strip in self.strips])


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
        votes = _vote_still(reduce, picture.image, style)
    remarks = votes.remarks + picture.remarks
    if style.symmetric and isinstance(picture, Animation | Sheet):
        remarks += ("symmetric is for single pictures: animations and sheets stay as they are",)
    if any(style.offset) and not any(votes.corner):
        remarks += (
            "the offset moves nothing: to the nearest pixel, the grid begins at the corner",
        )
    return replace(votes, remarks=remarks)


def vote_image(reduce: Reduce, image: Source, style: Style = Style()) -> Votes:
    """The voted sprite of one image; ``UserError`` as ``reduce`` raises it."""
    return _vote_still(reduce, read_image(image), style)


def _vote_still(reduce: Reduce, source: Image.Image, style: Style) -> Votes:
    """The same of an image that is read already."""
    histogram = ColorHistogram()
    _count_source(histogram, style, source)
    axis = None
    if style.symmetric:
        width, height = sprite_size(source.size, style.cell_size, style.size)
        axis = symmetric_axis(source, (height, width))
    source, corner = _under_grid(source, style, axis)
    result, sprite, lost = _reduced(reduce, source, style, style.cell_size, style.size)
    if axis is not None:
        sprite = mirrored(sprite, source, axis - 2 * corner[0])
    areas = _areas(result, source, sprite, _ground(sprite, style))
    (sprite,), remarks = _clean(_few_shades([sprite], style, result), [areas], style)
    _count_sprite(histogram, style, sprite)
    remarks += _lost(lost)
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
            result, sprite, gone = _reduced(reduce, image, style, style.cell_size, style.size)
            sprite = with_alpha(sprite)
            ground = _ground(sprite, style, ground)
            seen = _areas(result, image, sprite, ground)
            lost += gone
        before = source
        height, width = sprite.shape[:2]
        ANIMATION_CELLS.check(number * height * width, f"{number} frames of {width}x{height} cells")
        areas.append(seen)
        sprites.append(sprite)
        origins.append(temporal.vote(source, sprite))
        _count_source(histogram, style, whole)
    if before is None:
        raise UserError(NO_FRAMES)
    shaded = _few_shades(gather(sprites, origins), style, result)
    sprites, remarks = _clean(shaded, areas, style)
    remarks += _lost(lost)
    for sprite in sprites:
        _count_sprite(histogram, style, sprite)
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


def vote_sheet(
    reduce: Reduce,
    sheet: Source,
    boxes: Sequence[Box],
    style: Style = Style(),
    *,
    strips: Sequence[tuple[int, ...]] = (),
    minimum: float = MIN_CELL_SIZE,
) -> Votes:
    """The voted sprites of a sheet's tiles. No tile sees its neighbours, so nothing bleeds.

    Args:
        reduce: makes a sprite of a tile.
        sheet: the whole.
        boxes: the tiles in pixels of the sheet, at least one.
        style: its ``size`` is that of a tile, for tiles that are all of one size.
        strips: tiles that are the frames of one animation, all of one size, as indices of
            ``boxes``, in the order of time. They are held still as an animation is.
        minimum: pixels of a cell that ``reduce`` can make, at least: of pixel art, 1.

    Raises:
        UserError: the style trims, pads or has an offset, which would move what is on the tiles;
            no tile is as large as a cell; a size is given for unlike tiles.
    """
    check_on_sheet(style)
    if not boxes:
        raise UserError("the sheet has no tiles: give at least one box")
    image = read_image(sheet)
    if not all(Box(0, 0, *image.size).contains(box) for box in boxes):
        raise UserError(
            f"a tile reaches beyond the sheet of {image.width}x{image.height} pixels: "
            "is it a tile of this sheet?"
        )
    cell_size = _tile_cell(boxes, style, minimum)
    ring = find_ring(np.asarray(image), boxes)
    targets = scale_layout(boxes, cell_size, (ring, ring))
    around = ring_cells((ring, ring), cell_size)
    whole = sheet_size(image.size, boxes, targets, cell_size, (ring, ring))
    cell_size = _drawn_cell(boxes, targets, cell_size)
    histogram = ColorHistogram()
    tiles = _voted_tiles(reduce, image, boxes, targets, style, histogram)
    held = tuple(_held(image, boxes, tiles.sprites, numbers, style) for numbers in strips)
    sprites, remarks = _clean_tiles(tiles, strips, style)
    for sprite in sprites:
        _count_sprite(histogram, style, sprite)
    return Votes(
        tuple(sprites),
        cell_size,
        image.size,
        histogram,
        remarks + _lost(tiles.lost),
        strips=held,
        boxes=tuple(targets),
        ring=around,
        sheet=whole,
    )


class _Tiles(NamedTuple):
    """The tiles of a sheet as they were voted.

    ``areas`` is that of :func:`_areas` for each tile, ``result`` what its reducer says of any
    of them, ``lost`` as of :func:`_lost`.
    """

    sprites: list[np.ndarray]
    areas: list[np.ndarray | None]
    result: Reduced | None
    lost: np.ndarray


def _voted_tiles(
    reduce: Reduce,
    image: Image.Image,
    boxes: Sequence[Box],
    targets: Sequence[Box],
    style: Style,
    histogram: ColorHistogram,
) -> _Tiles:
    """Each tile of a sheet by itself; what the style takes of sources is counted."""
    sprites: list[np.ndarray] = []
    areas: list[np.ndarray | None] = []
    result: Reduced | None = None
    ground: Color | None = None
    lost = np.zeros(2, int)
    for box, target in zip(boxes, targets, strict=True):
        tile = _tile(image, box)
        _count_source(histogram, style, tile)
        if tile.mode == "RGBA" and tile.getchannel("A").getextrema()[1] == 0:  # nothing to see
            sprites.append(np.zeros((target.height, target.width, 4), np.uint8))
            areas.append(None)
            continue
        size = (target.width, target.height)
        result, voted, gone = _reduced(reduce, tile, style, None, size)
        lost += gone
        ground = _ground(voted, style, ground)
        areas.append(_areas(result, tile, voted, ground))
        sprites.append(voted if image.mode == "RGB" else with_alpha(voted))
    return _Tiles(sprites, areas, result, lost)


def _clean_tiles(
    tiles: _Tiles, strips: Sequence[tuple[int, ...]], style: Style
) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """The tiles of a sheet, cleaned up, and remarks; the frames of a strip are one picture."""
    sprites = list(tiles.sprites)
    remarks: tuple[str, ...] = ()
    for together in _together(len(sprites), strips):
        group = _few_shades([sprites[number] for number in together], style, tiles.result)
        cleaned, found = _clean(group, [tiles.areas[number] for number in together], style)
        remarks = remarks or found
        mixed = len({sprite.shape[2] for sprite in cleaned}) > 1
        for number, sprite in zip(together, cleaned, strict=True):
            sprites[number] = with_alpha(sprite) if mixed else sprite
    return sprites, remarks


def _tile(image: Image.Image, box: Box) -> Image.Image:
    return image.crop((box.x, box.y, box.right, box.bottom))


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


def _held(
    image: Image.Image,
    boxes: Sequence[Box],
    sprites: list[np.ndarray],
    numbers: tuple[int, ...],
    style: Style,
) -> Strip:
    """Hold tiles of a sheet still, in place, as the frames of an animation."""
    temporal = TemporalVote(still=style.still, hysteresis=style.hysteresis)
    origins = tuple(
        temporal.vote(
            np.asarray(_tile(image, boxes[number]).convert("RGBA")), with_alpha(sprites[number])
        )
        for number in numbers
    )
    still = gather([sprites[number] for number in numbers], origins)
    for number, sprite in zip(numbers, still, strict=True):
        sprites[number] = sprite
    return Strip(numbers, origins)


def _together(count: int, strips: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Which of ``count`` sprites belong together, see :attr:`Votes.together`."""
    in_strips = {number for numbers in strips for number in numbers}
    return [*strips, *((number,) for number in range(count) if number not in in_strips)]


def _reduced(
    reduce: Reduce,
    image: Image.Image,
    style: Style,
    cell_size: CellSize | None,
    size: WantedSize | None,
) -> tuple[Reduced, np.ndarray, np.ndarray]:
    """What a reducer gives; its sprite with the alpha that the style asks for; and how many half
    transparent cells became transparent, and how many opaque.
    """
    if style.wrap:
        result = reduce_wrapped(reduce, image, cell_size=cell_size, size=size)
    else:
        result = reduce(image, cell_size=cell_size, size=size)
    sprite = np.asarray(result.sprite)
    translucent = result.translucent
    lost = np.zeros(2, int)
    if translucent is not None and style.alpha == "keep":
        sprite = with_translucency(sprite, translucent)
    elif translucent is not None:
        became = sprite[..., 3][translucent[..., 3] > 0]
        lost += (became == 0).sum(), (became == 255).sum()
    return result, sprite, lost


def _lost(cells: np.ndarray) -> tuple[str, ...]:
    """A remark on half transparent cells that became transparent, and opaque."""
    if not cells.any():
        return ()
    return (
        f"half transparent cells: {cells[0]} became transparent, {cells[1]} opaque: "
        "alpha 'keep' keeps them",
    )


def _few_shades(
    sprites: Sequence[np.ndarray], style: Style, result: Reduced | None
) -> list[np.ndarray]:
    """Frames of one picture with near colours merged, as the style or their reducer says."""
    if style.merge is not None:
        return merge_shades(sprites, style.merge)
    return merge_shades(sprites, result.shade if result else 0.0, commoner=STRAY)


def _ground(sprite: np.ndarray, style: Style, before: Color | None = None) -> Color | None:
    """The background that is to be removed from a sprite; None where none is.

    Args:
        before: that of the frames before, which a frame that shows none of its own has, too.
    """
    if not style.remove_background:
        return None
    return style.background_color or background_color(sprite) or before


def _areas(
    result: Reduced, image: Image.Image, sprite: np.ndarray, ground: Color | None
) -> np.ndarray | None:
    """What the source shows of the background; see
    :func:`~pixelization.finishing.background.ground_areas`.

    None where nothing is known: cells of pixel art are flat and need no source.
    """
    if ground is None or not result.fills:
        return None
    height, width = sprite.shape[:2]
    return ground_areas(np.asarray(image), ground, (height, width))


def _clean(
    sprites: Sequence[np.ndarray], areas: Sequence[np.ndarray | None], style: Style
) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """The frames of one picture, cleaned up, and remarks.

    ``areas`` is that of :func:`_areas` for each frame.

    Frames are held still before: what a cell becomes depends on its neighbours, and these may
    change where it does not. The palette comes later: dithering would look like stray cells.
    """
    sprites = list(sprites)
    remarks: tuple[str, ...] = ()
    if style.remove_background:
        sprites, remarks = _without_background(sprites, areas, style)
    if style.isolated:
        sprites = [remove_isolated(sprite) for sprite in sprites]
    if style.jaggies:
        sprites = [repair_jaggies(sprite) for sprite in sprites]
    return sprites, remarks


def _without_background(
    sprites: Sequence[np.ndarray], areas: Sequence[np.ndarray | None], style: Style
) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """The frames of one picture without their background, and remarks; arguments as of
    :func:`_clean`.
    """
    asked = style.background_color
    colors = background_colors(sprites) if asked is None else [asked] * len(sprites)
    bare = [
        remove_background(sprite, color, holes=style.holes, areas=seen)
        for sprite, color, seen in zip(sprites, colors, areas, strict=True)
    ]
    if asked is not None:
        left = all(
            np.array_equal(opaque_cells(before), opaque_cells(after))
            for before, after in zip(sprites, bare, strict=True)
        )
        where = "the sprite has no cell" if style.holes else "nothing at the border is"
        why = f"{where} of the colour {bytes(asked).hex()}"
    else:
        left = any(
            color is None and not has_clear(sprite)
            for sprite, color in zip(sprites, colors, strict=True)
        )
        why = "the border has no colour that most of its cells share"
    if left:
        return bare, (NOT_REMOVED + why,)
    before, after = (sum(int(opaque_cells(each).sum()) for each in all) for all in (sprites, bare))
    if after < LITTLE_LEFT * before:
        return bare, (
            f"the background took {before - after} of {before} cells: if that is too much, keep "
            "it, or name another background colour",
        )
    return bare, ()


def _count_source(
    histogram: ColorHistogram, style: Style, source: Image.Image | np.ndarray
) -> None:
    if style.colors is not None and style.fit == "source":
        histogram.add(np.asarray(source))


def _count_sprite(histogram: ColorHistogram, style: Style, sprite: np.ndarray) -> None:
    if style.colors is not None and style.fit == "sprite":
        histogram.add(sprite[..., :3][opaque_cells(sprite)])  # also what is half transparent


def _tile_cell(boxes: Sequence[Box], style: Style, minimum: float) -> tuple[float, float]:
    """(width, height) of a cell that is asked for, in pixels."""
    wanted = style.size or (DEFAULT_SIZE if style.cell_size is None else None)
    if isinstance(wanted, Longest):
        cell = tile_cell(wanted, max(max(box.width, box.height) for box in boxes), minimum)
        return cell, cell
    if style.cell_size is not None:
        width, height = check_cell_size(style.cell_size, minimum)
        if all(box.width < width or box.height < height for box in boxes):
            largest = max(boxes, key=lambda box: box.width * box.height)
            raise UserError(
                f"tiles of {largest.width}x{largest.height} pixels are smaller than a cell of "
                f"{width:.4g}x{height:.4g}: give larger tiles or a smaller cell size"
            )
        return width, height
    if len({(box.width, box.height) for box in boxes}) > 1:
        raise UserError("a size needs tiles of one size: give a cell size")
    assert wanted is not None
    columns, rows = wanted
    width = boxes[0].width / columns
    return width, width if rows is None else boxes[0].height / rows


def _drawn_cell(
    boxes: Sequence[Box], targets: Sequence[Box], cell: tuple[float, float]
) -> tuple[float, float]:
    """(width, height) of a cell in pixels as the tiles have it, in whole cells.

    Of unlike tiles, the one that was asked for.
    """
    cells = {
        (box.width / target.width, box.height / target.height)
        for box, target in zip(boxes, targets, strict=True)
    }
    return cells.pop() if len(cells) == 1 else cell
