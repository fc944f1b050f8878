"""The votes of a sheet: every tile by itself, and strips of them held still as animations are."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from pixelization.cells.sizes import Longest
from pixelization.errors import UserError
from pixelization.images.alpha import with_alpha
from pixelization.images.reading import Source, read_image
from pixelization.palettes.extraction import ColorHistogram
from pixelization.pipeline.parsing import Color
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
from pixelization.pipeline.style import Style, check_on_sheet
from pixelization.pipeline.temporal import TemporalVote, gather
from pixelization.pipeline.votes import Strip, Votes, grouped
from pixelization.reducers.base import (
    DEFAULT_SIZE,
    MIN_CELL_SIZE,
    Reduce,
    Reduced,
    check_cell_size,
    tile_cell,
)
from pixelization.sheets.layout import Box, find_ring, ring_cells, scale_layout, sheet_size


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
        count_sprite(histogram, style, sprite)
    return Votes(
        tuple(sprites),
        cell_size,
        image.size,
        histogram,
        remarks + lost_remark(tiles.lost),
        strips=held,
        boxes=tuple(targets),
        ring=around,
        sheet=whole,
    )


class _Tiles(NamedTuple):
    """The tiles of a sheet as they were voted.

    ``areas`` is that of :func:`seen_areas` for each tile, ``result`` what its reducer says of any
    of them, ``lost`` as of :func:`lost_remark`.
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
        count_source(histogram, style, tile)
        if tile.mode == "RGBA" and tile.getchannel("A").getextrema()[1] == 0:  # nothing to see
            sprites.append(np.zeros((target.height, target.width, 4), np.uint8))
            areas.append(None)
            continue
        size = (target.width, target.height)
        result, voted, gone = reduced(reduce, tile, style, None, size)
        lost += gone
        ground = ground_color(voted, style, ground)
        areas.append(seen_areas(result, tile, voted, ground))
        sprites.append(voted if image.mode == "RGB" else with_alpha(voted))
    return _Tiles(sprites, areas, result, lost)


def _clean_tiles(
    tiles: _Tiles, strips: Sequence[tuple[int, ...]], style: Style
) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """The tiles of a sheet, cleaned up, and remarks; the frames of a strip are one picture."""
    sprites = list(tiles.sprites)
    remarks: tuple[str, ...] = ()
    for together in grouped(len(sprites), strips):
        group = few_shades([sprites[number] for number in together], style, tiles.result)
        cleaned, found = clean(group, [tiles.areas[number] for number in together], style)
        remarks = remarks or found
        mixed = len({sprite.shape[2] for sprite in cleaned}) > 1
        for number, sprite in zip(together, cleaned, strict=True):
            sprites[number] = with_alpha(sprite) if mixed else sprite
    return sprites, remarks


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


def _tile(image: Image.Image, box: Box) -> Image.Image:
    return image.crop((box.x, box.y, box.right, box.bottom))


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
