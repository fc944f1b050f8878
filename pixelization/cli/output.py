"""Finished sprites to files or stdout."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pixelization.animation import write_animation
from pixelization.data.images import write_png
from pixelization.errors import UserError
from pixelization.palettes import Palette, indexed_image

MAX_PREVIEW_SIDE = 16384


@dataclass(frozen=True)
class Timing:
    """When the frames of an animation are shown: milliseconds each, and how often all are played (0: forever)."""

    durations: Sequence[float]
    plays: int


def write_sprites(
    frames: Sequence[np.ndarray], target: Path | None, *, format: str | None, timing: Timing | None = None,
    palette: Palette | None = None, indexed: bool = False, overwrite: bool = False,
) -> list[str]:  # fmt: skip
    """Write one sprite as PNG, or the frames of an animation.

    Args:
        frames: uint8 ``(h, w, 3)`` or ``(h, w, 4)``; several only with ``format``.
        target: a path; None for stdout.
        format: of the animation, see :func:`~pixelization.animation.write_animation`; None: a still PNG.
        timing: of the animation.
        palette: the order of the colours in indexed files; holds every opaque colour.
        indexed: write a still PNG with a colour table; GIF has one always.

    Returns:
        Remarks: what the format could not keep.

    Raises:
        UserError: the file exists and ``overwrite`` is not set, or it cannot be written.
    """
    if format is not None:
        stream = sys.stdout.buffer if target is None else target
        colors = palette and palette.colors
        return write_animation(
            frames, stream, durations=timing.durations, plays=timing.plays, format=format, overwrite=overwrite, palette=colors
        )
    image = indexed_image(frames[0], palette) if indexed else Image.fromarray(frames[0])
    if target is None:
        image.save(sys.stdout.buffer, format="PNG")
        sys.stdout.buffer.flush()
    else:
        write_png(image, target, overwrite=overwrite)
    return []


def enlarged(frames: Sequence[np.ndarray], times: int) -> list[np.ndarray]:
    """Every cell as ``times`` x ``times`` pixels; ``UserError`` if that is huge."""
    height, width = frames[0].shape[:2]
    if max(height, width) * times > MAX_PREVIEW_SIDE:
        raise UserError(f"a preview of {width}x{height} cells times {times} is too large: lower --preview")
    return [frame.repeat(times, axis=0).repeat(times, axis=1) for frame in frames]
