"""One way to write animations: every frame that is given arrives, with its duration."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from pixelization.animation import apng, aseprite, gif, video, webp
from pixelization.animation.aseprite import SourceLayer
from pixelization.animation.formats import SEVERAL_FILES
from pixelization.animation.frames import Played
from pixelization.animation.sequence import write_sequence
from pixelization.animation.sheet import write_sheet
from pixelization.errors import UserError
from pixelization.files import check_free, write_whole
from pixelization.images.aseprite import Tag

_NO_TAGS = "the tags of the input are lost: only .aseprite files and sheets hold them"


def write_animation(
    frames: Sequence[np.ndarray],
    target: str | Path | BinaryIO,
    *,
    durations: Sequence[float],
    plays: int,
    format: str,
    overwrite: bool = False,
    palette: np.ndarray | None = None,
    transparent_first: bool = False,
    indexed: bool = False,
    tags: Sequence[Tag] = (),
    source: SourceLayer | None = None,
) -> list[str]:
    """Write an animation with exactly the frames, durations and number of plays that are given.

    | format | colours | transparency | durations | plays |
    |---|---|---|---|---|
    | "gif" | at most 256, see below | kept | in 10 ms, the total is right | kept |
    | "png" (APNG) | exact | kept | exact | kept |
    | "webp" | exact | kept | in 1 ms | kept |
    | "aseprite" | exact | kept | in 1 ms | not stored |
    | "mp4", "webm" | see `animation/video.py` | see there | in 1 ms | not stored |
    | "sequence" | exact | kept | not stored | not stored |
    | "sheet" | exact | kept | in 1 ms, in its JSON | not stored |

    A GIF has one colour table for all frames: 256 colours, 255 beside transparency. More are
    reduced to that.

    Args:
        frames: sprites, uint8, all ``(h, w, 3)`` RGB or all ``(h, w, 4)`` RGBA. Alpha for
            "gif", "mp4" and an indexed Aseprite sprite is 0 or 255.
        target: a path, for "sequence" with a printf pattern (numbers start at 1), for "sheet"
            of a PNG file, which gets a JSON file beside it; or else a binary stream.
        durations: in milliseconds, one per frame, 0 or more. Browsers play a GIF's 0 and 10 ms as
            100 ms.
        plays: times that the animation is played in all, 0 for forever.
        format: one of the above.
        overwrite: replace files that exist.
        palette: uint8 ``(n, 3)``: order of the colour table of a GIF, an Aseprite sprite or a
            sheet; must hold every colour of the frames, and no other is used.
        transparent_first: entry 0 of that colour table is the transparent one.
        indexed: the pixels of the Aseprite sprite or sheet are numbers of the palette's colours.
        tags: frames that have a name; only Aseprite's sprites and sheets hold them.
        source: what the frames were made from, another layer of an Aseprite sprite.

    Returns:
        Remarks for the user: what the format could not keep.

    Raises:
        UserError: the file exists and ``overwrite`` is not set, it cannot be written, or the format
            cannot hold the frames' size or durations.
        ValueError: no frames, unlike frames, another number of durations, an unknown format, a
            colour not in the palette.
    """
    played = Played(frames, durations, plays, palette, transparent_first, indexed, tags)
    lost = [] if format in ("aseprite", "sheet") or not tags else [_NO_TAGS]
    remarks: list[str] = []
    if format in SEVERAL_FILES:
        if not isinstance(target, str | Path):
            raise UserError(
                "numbered images and sheets are several files, and a stream takes one: give a "
                "path, such as walk_%04d.png or walk.png"
            )
        write = write_sheet if format == "sheet" else write_sequence
        return lost + write(played, target, overwrite=overwrite)
    if isinstance(target, str | Path):
        check_free(Path(target), overwrite)  # before the work
    if format == "gif":
        data, remarks = gif.write_gif(played)
    elif format == "png":
        data = apng.write_apng(played)
    elif format == "webp":
        data, remarks = webp.write_webp(played)
    elif format == "aseprite":
        data, remarks = aseprite.write_aseprite(played, source)
    elif format in ("mp4", "webm"):
        data, remarks = video.write_video(played, format)
    else:
        raise ValueError(f"unknown format of animations: {format!r}")
    if isinstance(target, str | Path):
        write_whole(target, data, overwrite=overwrite)
    else:
        target.write(data)
    return lost + remarks
