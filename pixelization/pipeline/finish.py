"""The last steps: colours and dithering, then what needs the whole canvas.

vote -> hold -> clean -> palette -> finish: here are the last two. Knows no source any more, only
:class:`Votes`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from pixelization.animation.formats import BY_SUFFIX, FOR_STILLS, NO_HALF_TRANSPARENCY
from pixelization.animation.sequence import FPS, named_format
from pixelization.animation.writing import write_animation
from pixelization.color.oklab import perceptual
from pixelization.errors import UserError
from pixelization.finishing.canvas import bounding_box, crop, pad, touches_border
from pixelization.finishing.outline import add_outline, edge_cells, outlined_cells
from pixelization.images.alpha import on_white, with_alpha
from pixelization.images.aseprite import DEFAULT_DURATION, Tag
from pixelization.images.sprites import hard_edged
from pixelization.images.writing import write_png
from pixelization.palettes.assignment import apply_palette
from pixelization.palettes.dithering import dither
from pixelization.palettes.matching import match_areas
from pixelization.palettes.palette import Palette
from pixelization.pipeline.steps import NOT_REMOVED
from pixelization.pipeline.style import Style
from pixelization.pipeline.temporal import first_alike, gather
from pixelization.pipeline.votes import Votes
from pixelization.sheets.layout import Box, assemble

NOTHING_LEFT = "nothing is left: every cell is less than half opaque"


@dataclass(frozen=True, repr=False)
class Finished:
    """A finished sprite, animation or sheet; or what ``depixelize`` makes of one.

    Attributes:
        frames: uint8, all ``(h, w, 3)`` or all ``(h, w, 4)``; one, unless it is an animation. The
            alpha of sprites is 0 or 255, unless ``style.alpha`` is "keep".
        palette: what every opaque pixel is taken from; None if the style names no colours.
        remarks: one line each: what could not be done.
        cell_size: (width, height) of a cell in pixels of the source.
        boxes: of a sheet, where its tiles are, in pixels of ``image``; else None.
        durations: of an animation, milliseconds of each frame; None if the source did not say.
        plays: how often the animation is played in all, 0 for forever.
        tags: of an animation, frames that have a name.
        corner: pixels further right and down than the source at which the grid begins.
    """

    frames: tuple[np.ndarray, ...]
    palette: Palette | None = None
    remarks: tuple[str, ...] = ()
    cell_size: tuple[float, float] = (1.0, 1.0)
    boxes: tuple[Box, ...] | None = None
    durations: tuple[float, ...] | None = None
    plays: int = 0
    tags: tuple[Tag, ...] = ()
    corner: tuple[int, int] = (0, 0)

    @property
    def image(self) -> Image.Image:
        """The first frame: RGB or RGBA."""
        return Image.fromarray(self.frames[0])

    def save(self, path: str | Path, overwrite: bool = False, *, sheet: bool = False) -> list[str]:
        """Write a PNG file or an Aseprite sprite, or the animation in the format that the name
        asks for.

        The file appears whole or not at all; missing folders are made.

        Args:
            path: ends in .png or .aseprite. An animation may also end in .gif, .webp, .mp4 or
                .webm; ``%04d`` in its name makes numbered PNG files.
            overwrite: replace files that exist.
            sheet: all frames on one PNG file, with a JSON file beside it that says where they are.

        Returns:
            Remarks for the user: what the format could not keep.

        Raises:
            UserError: the file exists, cannot be written, or its name is of no such kind; or frames
                are to be put on a sheet, and the result is one.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        still = self.durations is None and len(self.frames) == 1
        if still and not sheet:
            if suffix == ".png":
                write_png(self.image, path, overwrite=overwrite)
                return []
            if BY_SUFFIX.get(suffix) not in FOR_STILLS:
                raise UserError(
                    f"{path}: a still is a PNG file: give a name that ends in .png, or .aseprite"
                )
        if sheet and self.boxes is not None:
            raise UserError(f"{path}: what is to be saved is a sheet already: save it as a picture")
        if sheet:
            format: str | None = "sheet"
        else:
            format = BY_SUFFIX[suffix] if still else named_format(path)
        if format is None:
            raise UserError(f"{path}: an animation ends in one of {' '.join(BY_SUFFIX)}")
        frames, remarks = for_format(self.frames, format)
        usual = DEFAULT_DURATION if still else 1000 / FPS
        durations = self.durations or (usual,) * len(frames)
        return remarks + write_animation(
            frames,
            path,
            durations=durations,
            plays=self.plays,
            format=format,
            overwrite=overwrite,
            palette=None if self.palette is None else self.palette.colors,
            tags=self.tags,
        )

    def __repr__(self) -> str:
        height, width = self.frames[0].shape[:2]
        frames = f"{len(self.frames)} frames of " if len(self.frames) > 1 else ""
        colors = "" if self.palette is None else f", {len(self.palette)} colours"
        return f"<{type(self).__name__}: {frames}{width}x{height}{colors}>"


def finish(votes: Votes, style: Style = Style(), palette: Palette | None = None) -> Finished:
    """Colours and dithering per frame; then what needs all of them: still cells, canvas, outline.

    Every opaque pixel of the result has a colour of ``palette``, the outline too.

    Raises:
        UserError: an outline is asked for, but the sprite has no transparency; ``style.pad`` is
            smaller than the sprite.
    """
    sprites, remarks = list(votes.sprites), votes.remarks
    if palette is not None:
        sprites = _in_palette(votes, style, palette)
    if any(sprite.shape[2] == 4 for sprite in sprites):
        sprites = [with_alpha(sprite) for sprite in sprites]
    elif style.outline != "none":  # trim and pad would make a silhouette of the picture's rectangle
        kept = [line for line in remarks if line.startswith(NOT_REMOVED)]
        why = kept[0] if kept else "nothing is transparent: remove the background"
        raise UserError(f"there is nothing to outline: {why}")
    if style.trim:
        room = int(style.outline == "outside")
        box = bounding_box(sprites) or (0, 0, 1, 1)
        sprites = [_grown(crop(sprite, box), room) for sprite in sprites]
    if style.pad is not None:
        sprites = [pad(sprite, (style.pad[1], style.pad[0])) for sprite in sprites]
    if style.outline != "none":
        if style.outline == "outside" and any(map(touches_border, sprites)):
            advice = (
                _room(votes, sprites[0])
                if votes.boxes is None
                else "leave a margin of one cell in every tile"
            )
            remarks += (f"the outline is cut where the drawing touches the border: {advice}",)
        if style.outline == "outside":
            remarks += _outlined(sprites, style, palette)
        where: Literal["outside", "inside"] = "outside" if style.outline == "outside" else "inside"
        bare = sprites
        sprites = [
            add_outline(sprite, where, style.outline_color, palette=palette) for sprite in bare
        ]
        if palette is not None and where == "outside" and style.outline_color is None:
            sprites = _in_one_color(votes, bare, sprites, palette)
        elif palette is not None:
            sprites = [apply_palette(sprite, palette) for sprite in sprites]
            remarks += _other_outline(style, palette)
    if votes.boxes is not None:
        sprites = [assemble(sprites, votes.boxes, votes.ring, votes.sheet)]
    if bounding_box(sprites) is None:
        remarks += (NOTHING_LEFT + (", or background" if style.remove_background else ""),)
    return Finished(
        tuple(map(np.array, sprites)),  # copies: some are read-only views of PIL's
        palette,
        remarks,
        votes.cell_size,
        votes.boxes,
        votes.durations,
        votes.plays,
        votes.tags,
        votes.corner,
    )


def for_format(
    frames: tuple[np.ndarray, ...], format: str | None
) -> tuple[tuple[np.ndarray, ...], list[str]]:
    """Frames without the soft edges that a format of animations cannot hold.

    Args:
        frames: uint8, all ``(h, w, 3)`` or all ``(h, w, 4)``.
        format: see :func:`~pixelization.animation.writing.write_animation`; None: a still.

    Returns:
        The frames, and remarks on what was changed.
    """
    if format not in NO_HALF_TRANSPARENCY or frames[0].shape[2] == 3:
        return frames, []
    if all(np.isin(frame[..., 3], (0, 255)).all() for frame in frames):
        return frames, []
    images = map(Image.fromarray, frames)
    if format == "gif":
        hard = tuple(np.asarray(hard_edged(image)) for image in images)
        return hard, ["GIF has no half transparency: write WebP or APNG for soft edges"]
    white = tuple(np.asarray(on_white(image)) for image in images)
    return white, ["MP4 has no transparency: the background is white"]


def _in_palette(votes: Votes, style: Style, palette: Palette) -> list[np.ndarray]:
    """The sprites in the colours of a palette; cells of an animation that look alike stay alike."""
    if style.dither == "none" and style.match == "areas":
        drawn = match_areas(votes.sprites, palette)
    else:
        kind, strength = style.dither, style.dither_strength
        drawn = [dither(sprite, palette, kind, strength) for sprite in votes.sprites]
    for strip in votes.strips:
        # where errors are spread, or cells joined, a colour may be drawn in another way than before
        decided = [with_alpha(votes.sprites[number]) for number in strip.sprites]
        first = first_alike(decided, strip.origins)
        still = gather([drawn[number] for number in strip.sprites], first)
        for number, sprite in zip(strip.sprites, still, strict=True):
            drawn[number] = sprite
    return drawn


def _room(votes: Votes, sprite: np.ndarray) -> str:
    """What makes room for an outline around a sprite, on its canvas or on a larger one."""
    (height, width), (rows, columns) = sprite.shape[:2], votes.sprites[0].shape[:2]
    larger = f"give a pad of {width + 2}x{height + 2}"
    inside = min(width - 2, columns * (height - 2) // rows)
    if inside < 1:
        return larger
    return f"{larger}, or, of a drawing, a size of {inside} with a pad of {width}x{height}"


def _in_one_color(
    votes: Votes, bare: list[np.ndarray], outlined: list[np.ndarray], palette: Palette
) -> list[np.ndarray]:
    """Outlines outside, each in the colour of the palette that is nearest to all of its shades.

    Small palettes would draw the shades of one outline in black, brown and grey.

    Args:
        votes: tell which sprites belong together: these share the colour.
        bare: the sprites without, in colours of the palette.
        outlined: with outlines in any colours.
        palette: of all sprites.
    """
    entries = perceptual(palette.colors)
    result = list(outlined)
    for together in votes.together:
        added = {number: outlined[number][..., 3] != bare[number][..., 3] for number in together}
        shades, counts = np.unique(
            np.concatenate([outlined[number][added[number], :3] for number in together]),
            axis=0,
            return_counts=True,
        )
        unlike = counts @ np.linalg.norm(perceptual(shades)[:, None] - entries, axis=2)
        for number in together:
            result[number] = outlined[number].copy()
            result[number][added[number], :3] = palette.colors[unlike.argmin()]
    return result


def _outlined(sprites: list[np.ndarray], style: Style, palette: Palette | None) -> tuple[str, ...]:
    """A remark, if the drawing has the outline that is asked for, or parts of it."""
    cells = [outlined_cells(sprite, style.outline_color, palette) for sprite in sprites]
    there = sum(int(each.sum()) for each in cells)
    if not there:
        return ()
    edge = sum(int(edge_cells(sprite).sum()) for sprite in sprites)
    return (
        f"{there} of {edge} cells along the silhouette look like an outline already: "
        "only the others got one",
    )


def _other_outline(style: Style, palette: Palette) -> tuple[str, ...]:
    """A remark, if the palette lacks the colour that is asked for."""
    if style.outline_color is None:
        return ()
    asked = np.array([[style.outline_color]], np.uint8)
    wanted, got = (bytes(each).hex() for each in (asked, apply_palette(asked, palette)))
    return () if wanted == got else (f"the palette has no #{wanted}: the outline is #{got}",)


def _grown(sprite: np.ndarray, cells: int) -> np.ndarray:
    return pad(sprite, (sprite.shape[0] + 2 * cells, sprite.shape[1] + 2 * cells))
