"""Limits on what one input may cost: how large, how many, how long.

``docs/limits.md`` lists them; a test compares both. A person who means it raises one by an
environment variable, and every message names that variable.

Bounds that nobody would raise stand where they belong: what a format can hold, how deep JSON is
nested, the range of an option, how many pictures or painted cells one request of the studio names.
"""

import os
from dataclasses import dataclass

from pixelization.errors import UserError

PREFIX = "PIXELIZATION_MAX_"
LARGEST = 1 << 62  # nothing that can be counted in 64 bits is more


@dataclass(frozen=True)
class Limit:
    """The most of something that is taken.

    Attributes:
        name: what is counted, as in the name of the variable.
        default: the limit, where the environment does not say another.
        unit: what it counts, as messages put it, in the plural.
        what: what is limited, for the docs.
    """

    name: str
    default: int
    unit: str
    what: str

    @property
    def variable(self) -> str:
        """The environment variable that replaces the default."""
        return PREFIX + self.name

    @property
    def value(self) -> int:
        """What holds now; the environment is asked every time.

        Raises:
            UserError: the variable is no whole number above 0.
        """
        text = os.environ.get(self.variable, "").strip()
        if not text:
            return self.default
        if not (text.isascii() and text.isdecimal()) or len(text) > 30 or not int(text):
            raise UserError(
                f"{self.variable}: expected a whole number of {self.unit} above 0, "
                f"got {text[:40]!r}"
            )
        return min(int(text), LARGEST)

    def check(self, count: int, what: str, more: int = 0) -> None:
        """Refuse what is above the limit.

        Args:
            count: how many there are, or would be.
            what: what has so many, the beginning of the message: ``"walk.gif: 9 frames of 8x8"``.
            more: how many are taken above it.

        Raises:
            UserError: there are too many; the message names the limit and the way out.
        """
        if count > self.value + more:
            raise UserError(f"{what}: is too large: {self.exceeded(count, more)}")

    def exceeded(self, count: int | None = None, more: int = 0) -> str:
        """The rest of a message: how many there are, how many may be, and how to raise the limit.

        Args:
            count: how many there are; None where nobody has counted further than the limit.
            more: how many are taken above it.
        """
        found = "" if count is None else f"{count} {self.unit}, "
        return (
            f"{found}at most {self.value + more} {self.unit} are taken: "
            f"reduce it, or set {self.variable} to allow more"
        )


PIXELS = Limit("PIXELS", 8192 * 8192, "pixels", "pixels of an image, or of a frame")
SIDE = Limit("SIDE", 65535, "pixels", "width or height of an image, or of a frame")
FRAMES = Limit("FRAMES", 20_000, "frames", "frames of an animation or a video")
ANIMATION_PIXELS = Limit(
    "ANIMATION_PIXELS",
    1 << 27,
    "pixels",
    "pixels of all frames of a GIF, APNG, WebP or AVIF, of all layers of an Aseprite sprite; "
    "a GIF may have 64 more for each byte of its file, at most as many more as a video may have",
)
VIDEO_PIXELS = Limit("VIDEO_PIXELS", 1 << 33, "pixels", "pixels of all frames of a video")
# 18 to 19 bytes a cell is by how much the memory of `pixel-snap --cell-size 1` differs at its peak
# between GIFs of 512 and of 1024 frames of 256x256.
ANIMATION_CELLS = Limit(
    "ANIMATION_CELLS",
    1 << 27,
    "cells",
    "cells of the sprites of all frames, which are in memory together: 2.5 GB",
)
RESULT_PIXELS = Limit(
    "RESULT_PIXELS", 1 << 28, "pixels", "pixels of a smooth image, or of an image of the networks"
)
PREVIEW_SIDE = Limit("PREVIEW_SIDE", 16384, "pixels", "width or height of a preview")
PREVIEW_PIXELS = Limit(
    "PREVIEW_PIXELS", 1 << 28, "pixels", "pixels of all frames of a preview, which are in memory"
)
SHEET_BYTES = Limit("SHEET_BYTES", 1 << 26, "bytes", "bytes of the JSON of a sheet")
SHEET_FRAMES = Limit("SHEET_FRAMES", 1 << 16, "frames", "frames in the JSON of a sheet")
SHEET_PIXELS = Limit(
    "SHEET_PIXELS", 1 << 28, "pixels", "pixels of all frames in the JSON of a sheet"
)
SCANS = Limit("SCANS", 500, "scans", "scans of a progressive JPEG image, each over all pixels")
FILE_BYTES = Limit(
    "FILE_BYTES", 1 << 30, "bytes", "bytes of a file that is read whole: all but videos"
)
CHECKPOINT_BYTES = Limit(
    "CHECKPOINT_BYTES", 1 << 34, "bytes", "bytes of a checkpoint from which training goes on"
)
PALETTE_BYTES = Limit("PALETTE_BYTES", 1 << 22, "bytes", "bytes of a palette file that is no image")
PALETTE_COLORS = Limit("PALETTE_COLORS", 4096, "colours", "colours of a palette")
CONFIG_BYTES = Limit("CONFIG_BYTES", 1 << 16, "bytes", "bytes of a YAML file, or of an override")
CONFIG_FILES = Limit("CONFIG_FILES", 32, "files", "YAML files that name one another by `_base_`")
CONFIG_ITEMS = Limit("CONFIG_ITEMS", 1000, "items", "items of a list in a configuration")
PARAMETERS = Limit("PARAMETERS", 1 << 28, "parameters", "parameters of all networks of a training")
BATCH_PIXELS = Limit("BATCH_PIXELS", 1 << 28, "pixels", "pixels of the cartoons of a training step")
STUDIO_PICTURE_BYTES = Limit(
    "STUDIO_PICTURE_BYTES",
    1 << 26,
    "bytes",
    "bytes of a picture that is opened in the studio, and of whatever else is sent to it",
)
STUDIO_PIXELS = Limit(
    "STUDIO_PIXELS", 4096 * 4096, "pixels", "pixels of a picture, or of a frame, in the studio"
)
STUDIO_FRAMES = Limit("STUDIO_FRAMES", 1000, "frames", "frames of an animation in the studio")
STUDIO_MEMORY = Limit(
    "STUDIO_MEMORY", 1 << 30, "bytes", "bytes of pictures and sprites that the studio keeps"
)

LIMITS = tuple(value for value in tuple(globals().values()) if isinstance(value, Limit))
"""All of them."""
