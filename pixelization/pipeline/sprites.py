"""What the commands give, as calls: sprites of pictures, and smooth images of sprites.

A picture is a still, an animation or a sheet. An image takes these steps: vote, hold and clean
(:mod:`pixelization.pipeline.votes`), choose the palette, finish. They are apart because a palette
may be fitted to all frames of an animation or all files of a batch::

    votes = vote_image(pixelizer.networks, "cat.png", style)
    palette = choose_palette(style, votes.histogram)
    sprite = finish(votes, style, palette).image

Knows no networks: whatever reduces or enlarges is given.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from pixelization.cells.sizes import Size, WantedSize, completed_size, round_half_up
from pixelization.color.packing import pack
from pixelization.detection.geometry import SURE
from pixelization.enlargers.base import DEFAULT_FACTOR, FACTORS, Enlarge, check_factor
from pixelization.enlargers.faithful import enlarge_frames
from pixelization.enlargers.scalers import classical_enlarger
from pixelization.errors import UserError
from pixelization.finishing.canvas import bounding_box
from pixelization.images.reading import Source
from pixelization.images.sprites import check_sprite, opaque_cells
from pixelization.palettes.extraction import ColorHistogram, auto_colors, fit_palette, hue_palette
from pixelization.palettes.lookup import find_palette
from pixelization.palettes.palette import Palette
from pixelization.pipeline.advice import vote_advised
from pixelization.pipeline.finish import NOTHING_LEFT, Finished, finish
from pixelization.pipeline.grids import vote_snapped
from pixelization.pipeline.pictures import Frames, Tiles, open_picture
from pixelization.pipeline.style import Style, make_style, smooth_style
from pixelization.pipeline.votes import Votes
from pixelization.reducers.base import CellSize, Reduce
from pixelization.sheets.layout import assemble, ring_cells, scale_layout, sheet_size


def make_sprites(
    reduce: Reduce,
    source: Source | Frames,
    style: Style | None = None,
    *,
    sheet: Tiles | None = None,
    fps: float | None = None,
    **options: Any,
) -> Finished:
    """A picture as finished sprites, reduced in any way; ``pixelize`` does so by networks.

    Args:
        reduce: makes a sprite of an image.
        source: an image or an animation, see
            :func:`~pixelization.pipeline.pictures.open_picture`.
        style: how the sprites should look.
        sheet: the image is a sheet: (width, height) of its tiles, their boxes, or ``"auto"``.
        fps: frames per second; replaces the durations of an animation in a file.
        options: fields of the style, put into it; see
            :func:`~pixelization.pipeline.style.make_style`.

    Raises:
        UserError: the source cannot be read, or an option is wrong.
    """
    style = make_style(style, **options)
    with open_picture(source, sheet=sheet, fps=fps) as picture:
        return _finished(vote_advised(reduce, picture, style), style)


def pixel_snap(
    source: Source | Frames,
    style: Style | None = None,
    *,
    sheet: Tiles | None = None,
    fps: float | None = None,
    min_confidence: float = SURE,
    **options: Any,
) -> Finished:
    """A picture that shows pixel art as the sprite itself: what the command ``pixel-snap`` gives.

    Arguments as of :func:`make_sprites`; a grid of less than ``min_confidence``, in [0, 1], is not
    taken. The reducer alone, without options, is
    :func:`~pixelization.reducers.snapping.snap`.

    Raises:
        UnsureError: no grid is sure enough.
        UserError: as of :func:`make_sprites`.
    """
    style = make_style(style, **options)
    with open_picture(source, sheet=sheet, fps=fps) as picture:
        votes, snapping = vote_snapped(picture, style, min_confidence=min_confidence)
        return _finished(votes, snapping.style)


def depixelize(
    source: Source | Frames,
    method: str | Enlarge,
    *,
    factor: float = DEFAULT_FACTOR,
    size: tuple[int, int | None] | int | str | None = None,
    cell_size: CellSize | str | None = None,
    native: bool = False,
    keep_colors: bool = False,
    alpha: str = "hard",
    wrap: bool = False,
    sheet: Tiles | None = None,
    fps: float | None = None,
    min_confidence: float = SURE,
) -> Finished:
    """A picture that shows pixel art as a smooth image: what the command ``depixelize`` gives.

    Args:
        source: as of :func:`make_sprites`.
        method: a classical one, by name (see
            :func:`~pixelization.enlargers.scalers.classical_enlarger`), or any enlarger.
        factor: pixels of the result per cell, 2 to 16, fractions allowed.
        size: instead, (width, height) of the result in pixels; a height of None, or the width
            alone, keeps the aspect ratio.
        cell_size: pixels of the source per cell, or (width, height), at least 1; default: as
            detected.
        native: the source has one pixel per cell.
        keep_colors: draw the mean colour of every cell to the sprite's.
        alpha: ``"keep"``: cells that are half transparent all over stay so.
        wrap: the sprite, or every tile of a sheet, repeats: opposite sides fit each other.
        sheet, fps: as of :func:`make_sprites`.
        min_confidence: least confidence of a detected grid, in [0, 1]; 0 takes the best guess.

    Raises:
        UnsureError: the grid was to be detected, and is not sure enough.
        UserError: the source cannot be read, or a number is out of range.
    """
    enlarge = classical_enlarger(method) if isinstance(method, str) else method
    style = smooth_style(cell_size, alpha, native=native)
    if size is not None and sheet is not None:
        raise UserError("size and sheet exclude each other: give a factor")
    check_factor(factor)
    wanted = make_style(size=size).size
    with open_picture(source, sheet=sheet, fps=fps) as picture:
        votes, _ = vote_snapped(picture, style, hard=True, min_confidence=min_confidence)
    return smooth(
        votes,
        enlarge,
        factor=factor,
        size=wanted,
        keep_colors=keep_colors,
        keep_alpha=style.alpha == "keep",
        wrap=wrap,
    )


def smooth(
    votes: Votes,
    enlarge: Enlarge,
    *,
    factor: float = DEFAULT_FACTOR,
    size: WantedSize | None = None,
    keep_colors: bool = False,
    keep_alpha: bool = False,
    wrap: bool = False,
) -> Finished:
    """Smooth images of voted sprites; arguments as of :func:`depixelize`.

    Frames of an animation, those on a sheet, too, hold still where nothing happens; other tiles
    are drawn each by itself.

    Raises:
        UserError: the factor or the size is out of range.
    """
    how = {"keep_colors": keep_colors, "keep_alpha": keep_alpha, "wrap": wrap}
    if votes.boxes is not None:
        cell = (1 / factor, 1 / factor)
        boxes = scale_layout(votes.boxes, cell, votes.ring)
        tiles = [votes.sprites[0]] * len(boxes)
        for numbers in votes.together:
            played = [votes.sprites[number] for number in numbers]
            size = (boxes[numbers[0]].width, boxes[numbers[0]].height)
            for number, tile in zip(
                numbers, enlarge_frames(played, size, enlarge, **how), strict=True
            ):
                tiles[number] = tile
        whole = sheet_size(votes.sheet, votes.boxes, boxes, cell, votes.ring)
        frames = [assemble(tiles, boxes, ring_cells(votes.ring, cell), whole)]
    else:
        boxes = None
        sprites = finish(votes).frames
        target = _result_size(sprites[0].shape, factor, size)
        frames = enlarge_frames(sprites, target, enlarge, **how)
    width, height = votes.cell_size
    return Finished(
        tuple(frames),
        remarks=votes.remarks if bounding_box(frames) else (*votes.remarks, NOTHING_LEFT),
        cell_size=(width / factor, height / factor),
        boxes=None if boxes is None else tuple(boxes),
        durations=votes.durations,
        plays=votes.plays,
        tags=votes.tags,
    )


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
    if style.colors == "hues":
        return hue_palette(histogram)
    count = auto_colors(histogram) if style.colors == "auto" else int(style.colors)
    return fit_palette(histogram, count)


def count_colors(frames: Iterable[np.ndarray]) -> int:
    """How many distinct colours all frames show, half transparent ones among them.

    Args:
        frames: uint8 ``(h, w, 3)`` or ``(h, w, 4)``, of which pixels with alpha 0 do not count.

    Raises:
        ValueError: an array of another kind.
    """
    seen: set[int] = set()
    for frame in frames:
        check_sprite(frame)
        seen.update(pack(frame)[opaque_cells(frame)].tolist())
    return len(seen)


def _finished(votes: Votes, style: Style) -> Finished:
    return finish(votes, style, choose_palette(style, votes.histogram))


def _result_size(shape: tuple[int, ...], factor: float, size: WantedSize | None) -> Size:
    """(width, height) of a smooth image of a sprite of ``shape``."""
    height, width = shape[:2]
    if size is None:
        return round_half_up(width * factor), round_half_up(height * factor)
    wanted = completed_size(size, (width, height))
    for pixels, cells, side in zip(wanted, (width, height), ("width", "height"), strict=True):
        least, most = (cells * factor for factor in FACTORS)
        if not least <= pixels <= most:
            raise UserError(
                f"{side} {pixels} is out of range for {cells} cells: give {least} to {most} pixels"
            )
    return wanted
