"""The steps that stills, frames and tiles share: reduce, count colours, clean up."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from pixelization.cells.sizes import WantedSize
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
from pixelization.images.sprites import opaque_cells
from pixelization.palettes.extraction import ColorHistogram
from pixelization.pipeline.parsing import Color
from pixelization.pipeline.style import Style
from pixelization.reducers.base import CellSize, Reduce, Reduced
from pixelization.reducers.translucency import with_translucency
from pixelization.reducers.wrapping import reduce_wrapped

LITTLE_LEFT = 0.03  # share of cells below which a person is told what removing the background took
NOT_REMOVED = "no background was removed: "  # begins the remark that says why
STRAY = 8  # times as common as a colour is the fill that it strays from


def reduced(
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


def lost_remark(cells: np.ndarray) -> tuple[str, ...]:
    """A remark on half transparent cells that became transparent, and opaque."""
    if not cells.any():
        return ()
    return (
        f"half transparent cells: {cells[0]} became transparent, {cells[1]} opaque: "
        "alpha 'keep' keeps them",
    )


def count_source(histogram: ColorHistogram, style: Style, source: Image.Image | np.ndarray) -> None:
    """Count the colours of a source, if the style's are to be taken from there."""
    if style.colors is not None and style.fit == "source":
        histogram.add(np.asarray(source))


def count_sprite(histogram: ColorHistogram, style: Style, sprite: np.ndarray) -> None:
    """Count the colours of a sprite, if the style's are to be taken from there."""
    if style.colors is not None and style.fit == "sprite":
        histogram.add(sprite[..., :3][opaque_cells(sprite)])  # also what is half transparent


def few_shades(
    sprites: Sequence[np.ndarray], style: Style, result: Reduced | None
) -> list[np.ndarray]:
    """Frames of one picture with near colours merged, as the style or their reducer says."""
    if style.merge is not None:
        return merge_shades(sprites, style.merge)
    return merge_shades(sprites, result.shade if result else 0.0, commoner=STRAY)


def ground_color(sprite: np.ndarray, style: Style, before: Color | None = None) -> Color | None:
    """The background that is to be removed from a sprite; None where none is.

    Args:
        before: that of the frames before, which a frame that shows none of its own has, too.
    """
    if not style.remove_background:
        return None
    return style.background_color or background_color(sprite) or before


def seen_areas(
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


def clean(
    sprites: Sequence[np.ndarray], areas: Sequence[np.ndarray | None], style: Style
) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """The frames of one picture, cleaned up, and remarks.

    ``areas`` is that of :func:`seen_areas` for each frame.

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
    :func:`clean`.
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
