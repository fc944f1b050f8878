"""What sprites are made from: a still, an animation or a sheet, told apart as the commands do.

Knows files and frames; knows nothing of networks, grids or styles.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard, cast

from PIL import Image

from pixelization.animation.frames import Frame
from pixelization.animation.reading import AnimationReader, animation_format, open_animation
from pixelization.errors import UserError
from pixelization.files import is_pipe, read_whole
from pixelization.images.reading import Source, read_image
from pixelization.pipeline.parsing import full_size
from pixelization.sheets.atlas import Atlas, find_atlas, read_atlas
from pixelization.sheets.layout import Box, TileGrid, grid_tiles
from pixelization.sheets.tags import tagged_tiles

Frames = AnimationReader | Sequence[Frame | Source]
"""An animation: a reader, or the frames themselves, all of one size."""
Tiles = TileGrid | tuple[int, int] | int | str | Sequence[Box]
"""Of a sheet: (width, height) of every tile, ``"auto"`` for those of its JSON, or the boxes.

A :class:`~pixelization.sheets.layout.TileGrid` has a margin and a spacing, too.

A size may also be a text such as ``"64x48"``, or one number for squares.
"""


@dataclass(frozen=True)
class Still:
    """One picture, RGB or RGBA."""

    image: Image.Image
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Animation:
    """Pictures of one size, which are read again whenever somebody loops over them."""

    frames: Frames

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the file lacks; frames in memory lack nothing."""
        return self.frames.remarks if isinstance(self.frames, AnimationReader) else ()


@dataclass(frozen=True)
class Sheet:
    """One picture, RGB or RGBA, and its tiles.

    Attributes:
        image: the whole.
        boxes: the tiles, in pixels.
        remarks: see :data:`Picture`.
        strips: tiles that are the frames of one animation, as indices of ``boxes``, in the order of
            time; a tile is in one at most.
    """

    image: Image.Image
    boxes: Sequence[Box]
    remarks: tuple[str, ...] = ()
    strips: Sequence[tuple[int, ...]] = ()


Picture = Still | Animation | Sheet
"""Each has ``remarks``: one line for each thing that its file lacks or that was left out."""


NO_FRAMES = "the animation has no frames"


def read_frame(frame: Frame | Source) -> Image.Image:
    """The image of a frame with its duration, or without: RGB or RGBA."""
    return read_image(frame.image if isinstance(frame, Frame) else frame)


def all_images(picture: Picture) -> Iterator[Image.Image]:
    """The still, the sheet, or frame after frame: RGB or RGBA."""
    if isinstance(picture, Animation):
        yield from map(read_frame, picture.frames)
    else:
        yield picture.image


def first_image(picture: Picture) -> Image.Image:
    """The still, the sheet, or the first frame: RGB or RGBA."""
    return next(all_images(picture))


@contextmanager
def open_picture(
    source: Source | Frames,
    *,
    sheet: Tiles | None = None,
    fps: float | None = None,
    name: str | None = None,
    atlas: Atlas | None = None,
    moving: bool | None = None,
) -> Iterator[Picture]:
    """Read a still or a sheet, or open an animation for as long as the context lasts.

    Args:
        source: what :func:`read_image` reads, or an animation. A file with more than one frame, a
            video, a pattern ``walk_%04d.png``, a reader, and a list or tuple of pictures are
            animations.
        sheet: the picture is a sheet with these tiles; of an animation, the first frame counts.
        fps: frames per second of an animation in a file; replaces the file's durations.
        name: how messages call the source.
        atlas: the JSON of the sheet; None: that beside the source's file, if there is one.
        moving: whether a file is an animation, where that is known already.

    Raises:
        UserError: the source cannot be read, is no animation although ``fps`` is given, or has no
            such tiles.
    """
    if isinstance(source, str | Path) and is_pipe(source):
        source, name = read_whole(source), name or str(source)
    if isinstance(source, AnimationReader) or _is_frames(source):
        if sheet is not None or fps is not None:
            raise ValueError("sheet and fps are for files and single pictures")
        yield Animation(source)
    elif (
        sheet is None
        and isinstance(source, str | Path | bytes)
        and (animation_format(source) if moving is None else moving)
    ):
        with open_animation(source, name=name, fps=fps) as reader:
            yield Animation(reader)
    elif fps is not None:
        raise UserError("fps is for animations: this cannot be read as one")
    else:
        remarks: list[str] = []
        image = read_image(cast(Source, source), name, remarks)
        if sheet is None:
            yield Still(image, tuple(remarks))
        else:
            atlas = atlas or _atlas_beside(source, sheet)
            boxes = _boxes(source, image.size, sheet, name, atlas)
            strips, unheld = _strips(atlas, image.size, boxes)
            if isinstance(source, str | Path | bytes) and animation_format(source):
                remarks.append("is an animation, of which the first frame is taken for the sheet")
            yield Sheet(image, boxes, (*remarks, *unheld), strips)


def _atlas_beside(source: Source | Frames, sheet: Tiles) -> Atlas | None:
    """The JSON beside the file of a sheet, whose boxes are not given."""
    chosen = isinstance(sheet, Sequence) and any(isinstance(each, Box) for each in sheet)
    path = find_atlas(source) if isinstance(source, str | Path) and not chosen else None
    return read_atlas(path, cast(str | Path, source)) if path else None


def _strips(
    atlas: Atlas | None, size: tuple[int, int], boxes: Sequence[Box]
) -> tuple[Sequence[tuple[int, ...]], tuple[str, ...]]:
    """The animations on a sheet, as its JSON tags them, and remarks."""
    if atlas is None:
        return (), ()
    atlas.check_fits(size)
    strips, remarks = tagged_tiles(atlas, boxes)
    if atlas.sheets > 1:
        name = Path(atlas.name).name
        remarks += (f"{name} is of {atlas.sheets} sheets: what is of this one goes along",)
    return strips, remarks


def _is_frames(source: Source | Frames) -> TypeGuard[Sequence[Frame | Source]]:
    """Whether these are the frames of an animation in memory."""
    return isinstance(source, Sequence) and not isinstance(source, str | bytes)


def _boxes(
    source: Source | Frames,
    size: tuple[int, int],
    sheet: Tiles,
    name: str | None,
    atlas: Atlas | None,
) -> Sequence[Box]:
    """The tiles that are meant, in pixels of a sheet of ``size``."""
    if sheet == "auto":
        if atlas is None:
            what = name or (source if isinstance(source, str | Path) else "the sheet")
            raise UserError(
                f"{what}: has no JSON of Aseprite or TexturePacker beside it: give the tiles' size",
                option="sheet",
            )
        atlas.check_fits(size)
        return atlas.boxes
    if isinstance(sheet, TileGrid):
        return grid_tiles(size, sheet.size, sheet.margin, sheet.spacing)
    if isinstance(sheet, str | int):
        try:
            return grid_tiles(size, full_size(str(sheet)))
        except ValueError as error:
            raise UserError(f"sheet {error}: give the tiles' size, or auto") from None
    boxes = [each for each in sheet if isinstance(each, Box)]
    if len(boxes) == len(sheet):
        return boxes
    width, height = (each for each in sheet if not isinstance(each, Box))
    return grid_tiles(size, (width, height))
