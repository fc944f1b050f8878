"""What goes over the wire, as pydantic checks it and OpenAPI describes it; and to values and back.

Knows names and types of fields; makes nothing.
"""

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model
from pydantic_core import PydanticCustomError

from pixelization.batch.options import SmoothOptions, SourceOptions
from pixelization.color.packing import pack
from pixelization.detection.geometry import SURE, Candidate, GridDetection
from pixelization.enlargers.base import DEFAULT_FACTOR, FACTORS, check_factor
from pixelization.errors import UserError
from pixelization.images.sprites import opaque_cells
from pixelization.images.writing import png_bytes
from pixelization.networks.shipped import DEFAULT_MODEL
from pixelization.palettes.names import MAX_COLORS
from pixelization.palettes.palette import parse_hex
from pixelization.pipeline.finish import Finished
from pixelization.pipeline.parsing import full_size
from pixelization.pipeline.style import Style, smooth_style
from pixelization.sheets.atlas import Atlas
from pixelization.sheets.layout import Box, TileGrid
from pixelization.sheets.tags import tagged_frames
from pixelization.studio.edits import Edit
from pixelization.studio.pictures import Upload
from pixelization.studio.settings import FileOptions, Settings, command, read_style, style_file

MOST_EDITS = 1 << 18
MOST_BATCH = 500  # pictures in one zip
LISTED = MAX_COLORS  # of the colours that a result shows
KEY = r"^[0-9a-f]{64}$"
Hex = Annotated[str, Field(max_length=7, examples=["ff8000"])]
Exact = Field(strict=True)
Text = Annotated[str, Field(max_length=4096)]


def _no_truth(value: Any) -> Any:
    """Refuse true and false, which would count as 1 and 0."""
    if isinstance(value, bool):
        raise PydanticCustomError("truth", "give a number, not true or false")
    return value


NO_TRUTH = BeforeValidator(_no_truth)
Whole = Annotated[int, NO_TRUTH]
Number = Annotated[float, NO_TRUTH]
Rectangle = tuple[int, int, int, int]
# Types have to spell what other modules list; a test compares both.
Tool = Literal["pixelize", "snap", "depixelize"]
Method = Literal["depixelnet", "epx", "hqx", "xbr", "bicubic", "nearest"]
Format = Literal["png", "gif", "webp", "aseprite", "mp4", "webm"]
PaletteSuffix = Literal[".gpl", ".pal", ".hex", ".txt", ".act", ".png"]


class Strict(BaseModel):
    """A body of which every field is known."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


def _style_field(each: Any) -> Any:
    """A field of ``Style`` as JSON may give it: as a text, as on the command line, or as it is."""
    about = Field(default=None, description=each.metadata["help"])
    if isinstance(each.default, bool):
        return (bool | None, about)
    if each.name == "palette":
        colors = Annotated[list[Hex], Field(max_length=MAX_COLORS)]
        return (Text | colors | None, about)
    number = Annotated[int, Exact] | Annotated[float, Exact]  # a text that is too long is none
    return (Annotated[Text | number | None, NO_TRUTH], about)


StyleModel: Any = create_model(
    "StyleModel",
    __base__=Strict,
    __doc__="Options of sprites, written as on the command line; none is a file.",
    **{each.name: _style_field(each) for each in fields(Style)},
)


class EditModel(Strict):
    """A cell that was painted; without a colour it becomes transparent."""

    frame: Whole = Field(0, ge=0)
    x: Whole = Field(ge=0)
    y: Whole = Field(ge=0)
    color: Hex | None = None

    def value(self) -> Edit:
        """The edit; ``UserError`` if its colour is none."""
        try:
            color = None if self.color is None else parse_hex(self.color)
        except ValueError as error:
            raise UserError(f"a painted cell: {error}") from None
        return Edit(self.frame, self.x, self.y, color)


class SettingsModel(Strict):
    """How a picture becomes a result."""

    tool: Tool = Field(
        "pixelize", description="what is made: sprites by networks, at the grid, or smooth images"
    )
    model: str = Field(DEFAULT_MODEL, max_length=200, description="a name of GET /api/about")
    style: StyleModel = Field(default_factory=StyleModel)
    tiles: Text | None = Field(
        None,
        description="the picture is a sheet of such tiles: 64x48; auto: those of its JSON",
    )
    margin: Whole = Field(0, ge=0, le=65535, description="pixels around all tiles of a sheet")
    spacing: Whole = Field(0, ge=0, le=65535, description="pixels between tiles of a sheet")
    fps: Annotated[float | None, NO_TRUTH] = Field(
        None, gt=0, le=1000, description="of an animation: frames a second"
    )
    min_confidence: Number = Field(SURE, ge=0, le=1, description="of a grid that is found")
    method: Method = Field("depixelnet", description="of depixelize")
    factor: Number = Field(
        DEFAULT_FACTOR, ge=FACTORS[0], le=FACTORS[1], description="of depixelize: pixels per cell"
    )
    native: bool = Field(False, description="of depixelize: the picture has one pixel per cell")
    keep_colors: bool = Field(False, description="of depixelize: cells keep their mean colours")

    def value(self) -> Settings:
        """The settings; ``UserError`` if an option is wrong."""
        style = read_style(self.style.model_dump(exclude_none=True))
        wrap = style.wrap
        tiles: TileGrid | Literal["auto"] | None = None
        if self.tiles == "auto":
            tiles = "auto"
        elif self.tiles:
            try:
                tiles = TileGrid(full_size(self.tiles), self.margin, self.spacing)
            except ValueError as error:
                raise UserError(f"tiles: {error}") from None
        if self.tool == "depixelize":
            check_factor(self.factor)
            style = smooth_style(style.cell_size, style.alpha, native=self.native)
        return Settings(
            self.tool,
            self.model,
            style,
            SourceOptions(tiles, self.fps, self.min_confidence),
            self.method,
            self.native,
            SmoothOptions(factor=self.factor, keep_colors=self.keep_colors, wrap=wrap),
        )


class SpriteRequest(SettingsModel):
    """A picture and what becomes of it."""

    picture: str = Field(pattern=KEY, description="of POST /api/pictures")
    edits: list[EditModel] = Field([], max_length=MOST_EDITS)

    def edit_values(self) -> list[Edit]:
        """The cells that were painted."""
        return [each.value() for each in self.edits]


class Written(Strict):
    """How results are written; ``scale`` above 1 is the preview of the commands."""

    format: Literal["own", Format] = Field("png", description="of animations; own: that of each")
    indexed: bool = Field(False, description="a colour table in the palette's order")
    scale: Whole = Field(1, ge=1, le=64, description="every cell as so many pixels")

    def options(self) -> FileOptions:
        """What is written of each."""
        return FileOptions(self.format, self.indexed, self.scale)


class FileRequest(SpriteRequest, Written):
    """The file of a result."""

    format: Format = "png"


class PaletteRequest(SpriteRequest):
    """The palette of a result as a file."""

    suffix: PaletteSuffix = ".gpl"


class BatchRequest(SettingsModel, Written):
    """Results of several pictures."""

    pictures: list[Annotated[str, Field(pattern=KEY)]] = Field(min_length=1, max_length=MOST_BATCH)


class SharedRequest(SettingsModel):
    """One palette for several pictures, of as many colours as ``style.colors`` says."""

    pictures: list[Annotated[str, Field(pattern=KEY)]] = Field(min_length=1, max_length=MOST_BATCH)


class FromPicture(Strict):
    """Colours of a picture."""

    picture: str = Field(pattern=KEY)
    colors: Annotated[Annotated[int, Field(ge=1, le=MAX_COLORS)] | Literal["auto"], NO_TRUTH] = 16


class TagModel(BaseModel):
    """Tiles of a sheet that are played one after another."""

    name: str
    tiles: list[int] = Field(description="of ``tiles``, in the order of time")
    durations: list[float | None] = Field(description="milliseconds")


class PictureModel(BaseModel):
    """A picture that is kept."""

    id: str
    name: str
    width: int
    height: int
    frames: int | None = Field(description="1 for a still; null for a video that does not say")
    moving: bool
    format: str | None = Field(description="of an animation, which its results have, too")
    remarks: list[str]
    tiles: list[Rectangle] | None = Field(description="x, y, width, height, as its JSON says")
    tags: list[TagModel]


class StyleTexts(BaseModel):
    """The options of a style that differ from the defaults, by the keys of style files."""

    style: dict[str, str]


class PaletteModel(BaseModel):
    """Colours in their order."""

    name: str
    colors: list[Hex]


class FrameModel(BaseModel):
    """A frame of a result."""

    png: str = Field(description="base64")
    duration: float | None = Field(description="milliseconds; null for a still")


class UsedColor(BaseModel):
    """A colour that a result shows."""

    color: Hex
    cells: int


class SpriteModel(BaseModel):
    """A result."""

    width: int
    height: int
    frames: list[FrameModel]
    plays: int
    palette: list[Hex] | None
    used: list[UsedColor] = Field(description=f"the {LISTED} most frequent")
    colors: int = Field(description="how many are shown")
    cell_size: tuple[float, float]
    corner: tuple[int, int] = Field(description="of the grid, in pixels of the picture")
    tiles: list[Rectangle] | None = Field(description="of a sheet: x, y, width, height in cells")
    remarks: list[str]
    command: str
    style_file: str


class GridModel(BaseModel):
    """The grid of a picture; pairs are (x, y)."""

    cell: tuple[float, float]
    phase: tuple[float, float]
    size: tuple[int, int]
    confidence: float
    sure: bool
    native: bool
    candidates: list["CandidateModel"]


class CandidateModel(BaseModel):
    """Another grid that a picture may have."""

    cell: tuple[float, float]
    phase: tuple[float, float]
    size: tuple[int, int]
    score: float


class ErrorModel(BaseModel):
    """What is wrong, and what to do."""

    error: str
    grid: GridModel | None = None


def describe_picture(upload: Upload) -> PictureModel:
    """An upload without its bytes."""
    width, height = upload.size
    return PictureModel(
        id=upload.key,
        name=upload.name,
        width=width,
        height=height,
        frames=upload.frames,
        moving=upload.format is not None,
        format=upload.format,
        remarks=list(upload.remarks),
        tiles=_rectangles(upload.description.atlas.boxes) if upload.description else None,
        tags=_tags(upload.description.atlas) if upload.description else [],
    )


def _tags(atlas: Atlas) -> list[TagModel]:
    frames, boxes = atlas.frames, {box: number for number, box in enumerate(atlas.boxes)}
    return [
        TagModel(
            name=name,
            tiles=[boxes[frames[number].box] for number in numbers],
            durations=[frames[number].duration for number in numbers],
        )
        for name, numbers in tagged_frames(atlas)
        if all(frames[number].box in boxes for number in numbers)
    ]


def _rectangles(boxes: Sequence[Box]) -> list[Rectangle]:
    return [(box.x, box.y, box.width, box.height) for box in boxes]


def describe_sprite(upload: Upload, settings: Settings, done: Finished) -> SpriteModel:
    """A result with its frames."""
    height, width = done.frames[0].shape[:2]
    durations: Sequence[float | None] = done.durations or [None] * len(done.frames)
    suffix = f".{upload.format}" if upload.format and settings.source.sheet is None else ".png"
    used, colors = _used(done.frames)
    return SpriteModel(
        width=width,
        height=height,
        frames=[
            FrameModel(png=_png(frame), duration=duration)
            for frame, duration in zip(done.frames, durations, strict=True)
        ],
        plays=done.plays,
        palette=done.palette.hex() if done.palette else None,
        used=used,
        colors=colors,
        cell_size=done.cell_size,
        corner=done.corner,
        tiles=_rectangles(done.boxes) if done.boxes is not None else None,
        remarks=list(done.remarks),
        command=command(settings, upload.name, suffix),
        style_file=style_file(settings.style),
    )


def describe_grid(grid: GridDetection) -> GridModel:
    """A grid and its runners-up."""
    return GridModel(
        cell=grid.cell,
        phase=grid.phase,
        size=grid.size,
        confidence=grid.confidence,
        sure=grid.confidence >= SURE,
        native=grid.native,
        candidates=[_candidate(each) for each in grid.candidates],
    )


def _candidate(each: Candidate) -> CandidateModel:
    return CandidateModel(cell=each.cell, phase=each.phase, size=each.size, score=each.score)


def _png(frame: np.ndarray) -> str:
    return base64.b64encode(png_bytes(frame, compress_level=1)).decode()


def _used(frames: Sequence[np.ndarray]) -> tuple[list[UsedColor], int]:
    """The most frequent colours of cells that can be seen, and how many there are in all."""
    counts: Counter[int] = Counter()
    for frame in frames:
        found, times = np.unique(pack(frame[opaque_cells(frame)]), return_counts=True)
        counts.update(dict(zip(found.tolist(), times.tolist(), strict=True)))
    most = counts.most_common(LISTED)
    return [UsedColor(color=f"{code:06x}", cells=cells) for code, cells in most], len(counts)
