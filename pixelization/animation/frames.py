"""What every animation format shares.

A frame, a file that can be read, one to be written, composition, the part that changed, ticks.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image

from pixelization.errors import UserError
from pixelization.images.aseprite import Tag
from pixelization.limits import FRAMES, Limit


class Frame(NamedTuple):
    """One picture of an animation, composed as it is seen.

    Attributes:
        image: RGB or RGBA.
        duration: in milliseconds; 0 where the file says 0, which browsers play as 100.
    """

    image: Image.Image
    duration: float


@dataclass(frozen=True)
class AnimationSource:
    """A file whose structure has been read and whose frames have not been decoded.

    Attributes:
        format: "gif", "png", "webp", "aseprite", "mp4", "webm" or "sequence".
        size: (width, height).
        plays: how often it is played in all; 0 is forever.
        count: number of frames, None if only reading them all would tell.
        alpha: False if no frame can have a transparent pixel.
        frames: starts reading at the first frame; the images are RGB or RGBA.
        remarks: one line each: what is missing, or was left out.
        tags: frames that have a name; only of Aseprite's sprites.
    """

    format: str
    size: tuple[int, int]
    plays: int
    count: int | None
    alpha: bool
    frames: Callable[[], Iterator[Frame]]
    remarks: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True)
class Played:
    """An animation as it is to be written: all that its file may hold.

    Attributes:
        frames: sprites, uint8, all ``(h, w, 3)`` RGB or all ``(h, w, 4)`` RGBA.
        durations: in milliseconds, one per frame, 0 or more.
        plays: times that it is played in all, 0 for forever.
        palette: uint8 ``(n, 3)``: order of the colour table, of formats that have one. It holds
            every colour of the frames.
        transparent_first: entry 0 of that table is the transparent one.
        indexed: pixels are numbers of the palette's colours, where a format leaves the choice.
        tags: frames that have a name.

    Raises:
        ValueError: no frames, unlike frames, another number of durations, impossible times.
    """

    frames: Sequence[np.ndarray]
    durations: Sequence[float]
    plays: int
    palette: np.ndarray | None = None
    transparent_first: bool = False
    indexed: bool = False
    tags: Sequence[Tag] = ()

    def __post_init__(self) -> None:
        frames, durations = self.frames, self.durations
        if not len(frames):
            raise ValueError("an animation needs at least one frame")
        shape = frames[0].shape
        if len(shape) != 3 or shape[2] not in (3, 4) or 0 in shape:
            raise ValueError(f"expected frames of shape (h, w, 3) or (h, w, 4), got {shape}")
        for frame in frames:
            if frame.shape != shape or frame.dtype != np.uint8:
                raise ValueError(
                    f"expected uint8 frames of shape {shape} like the first, got {frame.dtype} "
                    f"{frame.shape}"
                )
        if len(durations) != len(frames) or not all(
            math.isfinite(duration) and duration >= 0 for duration in durations
        ):
            raise ValueError(
                f"expected {len(frames)} durations of 0 ms or more, got {list(durations)}"
            )
        if not 0 <= self.plays < 1 << 31:
            raise ValueError(f"expected a number of plays, or 0 for forever, got {self.plays}")


class Patch(NamedTuple):
    """What a GIF or an APNG stores for a frame: a rectangle, and what becomes of it afterwards."""

    image: Image.Image  # RGBA
    left: int
    top: int
    duration: float
    over: bool  # blended over what is there, or put in its place
    disposal: str  # when the next frame comes: "keep", "clear" or "restore"


def compose(size: tuple[int, int], patches: Iterable[Patch]) -> Iterator[Frame]:
    """Draw patches over one another the way browsers do: on a canvas that is transparent at first
    and where cleared.

    Args:
        size: (width, height) of the canvas; patches are cut off at it.
        patches: in the order of the file.
    """
    canvas = Image.new("RGBA", size)
    for patch in patches:
        left, top = patch.left, patch.top
        right, bottom = left + patch.image.width, top + patch.image.height
        box = (
            *(min(left, size[0]), min(top, size[1])),
            *(min(right, size[0]), min(bottom, size[1])),
        )
        before = canvas.crop(box) if patch.disposal == "restore" else None
        if patch.over and is_transparent(patch.image):
            canvas.alpha_composite(patch.image, (left, top))
        else:
            canvas.paste(patch.image, (left, top))
        yield Frame(canvas.copy(), patch.duration)
        if patch.disposal == "clear":
            canvas.paste((0, 0, 0, 0), box)
        elif before is not None:
            canvas.paste(before, box)


def is_transparent(image: Image.Image) -> bool:
    """Whether any pixel of an RGB or RGBA image is."""
    return image.mode == "RGBA" and image.getchannel("A").getextrema() != (255, 255)


def changed(before: np.ndarray | None, frame: np.ndarray) -> tuple[int, int, int, int]:
    """The smallest rectangle (left, top, right, bottom) that turns one frame into the next; never
    empty.

    Args:
        before: the frame before, ``(h, w, ...)``; None for the first, which is needed whole.
        frame: same shape.
    """
    height, width = frame.shape[:2]
    if before is None:
        return 0, 0, width, height
    different = (before != frame).reshape(height, width, -1).any(axis=2)
    rows, columns = np.flatnonzero(different.any(axis=1)), np.flatnonzero(different.any(axis=0))
    if not len(rows):
        return 0, 0, 1, 1  # a frame that repeats the one before still is a frame
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def ticks(durations: Sequence[float], unit: float, most: int) -> list[int]:
    """Durations in whole clock ticks; what rounding takes from one frame is given to the next, so
    the total stays right.

    Args:
        durations: in milliseconds.
        unit: milliseconds per tick.
        most: largest number that the format can store.

    Returns:
        One number per frame: 0 for a duration of 0, else at least 1.

    Raises:
        UserError: a duration is longer than the format can store.
    """
    counts: list[int] = []
    time, total = 0.0, 0
    for number, duration in enumerate(durations, 1):
        if duration > most * unit:
            raise UserError(
                f"frame {number}: {duration:.0f} ms is too long for this format: at most "
                f"{most * unit:.0f} ms"
            )
        time += duration
        left = round(time / unit) - total
        counts.append(min(most, max(1, left)) if duration > 0 else 0)
        total += counts[-1]
    return counts


def check_work(size: tuple[int, int], count: int, name: str, limit: Limit, more: int = 0) -> None:
    """Refuse animations that would take hours, before any frame is decoded.

    Args:
        size: (width, height) of a frame.
        count: number of frames.
        name: how the message calls the animation.
        limit: on the pixels of all frames.
        more: pixels that are taken above it.

    Raises:
        UserError: there are too many frames, or too many pixels in all of them.
    """
    FRAMES.check(count, name)
    what = f"{name}: {count} frames of {size[0]}x{size[1]} pixels"
    limit.check(count * size[0] * size[1], what, more)
