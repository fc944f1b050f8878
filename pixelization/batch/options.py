"""What a batch is asked for: frozen values, made once by a door and handed down.

Knows what the options mean; does not know where they come from.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pixelization.cells.sizes import WantedSize
from pixelization.detection.geometry import SURE
from pixelization.enlargers.base import DEFAULT_FACTOR
from pixelization.sheets.layout import TileGrid


@dataclass(frozen=True)
class SourceOptions:
    """How inputs are read.

    Attributes:
        sheet: inputs are sheets with these tiles, or tiles of (width, height) pixels edge to edge;
            ``"auto"``: those of the JSON beside each. Of animations the first frame counts then.
        fps: frames per second of animations; None: their own, and 12 for numbered images.
        min_confidence: least confidence of a detected grid, in [0, 1].
    """

    sheet: TileGrid | tuple[int, int] | Literal["auto"] | None = None
    fps: float | None = None
    min_confidence: float = SURE


@dataclass(frozen=True)
class OutputOptions:
    """What is written of a result.

    Attributes:
        format: of animations, one of :data:`~pixelization.animation.formats.FORMATS`; None: that of
            the output's name, else that of the input. "aseprite" is for stills, too.
        suffix: put at the end of the outputs' names, before the dot.
        overwrite: replace files that exist; an input never is.
        skip_existing: leave jobs out whose main file exists. What lies beside one that is missing
            is of a run that was killed, and is replaced.
        preview: also write the sprite so many times as large, STEM_preview.png.
        network_output: also write the networks' image of a still, STEM_network.png.
        indexed: PNG files and Aseprite's with a colour table in the palette's order.
        transparent_first: entry 0 of a colour table is the transparent one, not the last.
        palette_file: also write the palette there; that of one job, or the one of all jobs.
        in_memory: the main file is not written: the result has its bytes, for a table.
        grid_file: also write a picture of the one and only source with its grid there, be the grid
            sure or not.
    """

    format: str | None = None
    suffix: str = ""
    overwrite: bool = False
    skip_existing: bool = False
    preview: int | None = None
    network_output: bool = False
    indexed: bool = False
    transparent_first: bool = False
    palette_file: Path | None = None
    in_memory: bool = False
    grid_file: Path | None = None


@dataclass(frozen=True)
class SmoothOptions:
    """How sprites become smooth images.

    Attributes:
        factor: pixels of the result per cell, 2 to 16, fractions allowed.
        size: instead, (width, height) of the result in pixels; a height of None keeps the aspect
            ratio. Not for sheets.
        keep_colors: draw the mean colour of every cell to the sprite's.
        wrap: sprites, or tiles of a sheet, repeat: opposite sides fit each other.
    """

    factor: float = DEFAULT_FACTOR
    size: WantedSize | None = None
    keep_colors: bool = False
    wrap: bool = False
