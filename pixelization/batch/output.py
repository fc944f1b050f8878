"""Finished sprites to files or stdout."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from pixelization.animation.writing import write_animation
from pixelization.apps.cli.running import stdout
from pixelization.errors import UserError
from pixelization.images.writing import write_png
from pixelization.palettes.indexed import indexed_image
from pixelization.palettes.palette import Palette

MAX_PREVIEW_SIDE = 16384
MAX_PREVIEW_PIXELS = MAX_PREVIEW_SIDE**2  # of all frames, which are in memory at once


@dataclass(frozen=True)
class Timing:
    """When the frames of an animation are shown.

    Milliseconds each, and how often all are played (0: forever).
    """

    durations: Sequence[float]
    plays: int


def write_sprites(
    frames: Sequence[np.ndarray],
    target: Path | None,
    *,
    format: str | None,
    timing: Timing | None = None,
    palette: Palette | None = None,
    indexed: bool = False,
    overwrite: bool = False,
) -> list[str]:
    """Write one sprite as PNG, or the frames of an animation.

    Args:
        frames: uint8 ``(h, w, 3)`` or ``(h, w, 4)``; several only with ``format``.
        target: a path; None for stdout.
        format: of the animation, see :func:`~pixelization.animation.write_animation`; None: a still
            PNG.
        timing: of the animation.
        palette: the order of the colours in indexed files; holds every opaque colour.
        indexed: write a still PNG with a colour table; GIF has one always.

    Returns:
        Remarks: what the format could not keep.

    Raises:
        UserError: the file exists and ``overwrite`` is not set, or it cannot be written.
    """
    if target is None:
        with stdout() as stream:
            return _write(frames, stream.buffer, format, timing, palette, indexed, overwrite)
    return _write(frames, target, format, timing, palette, indexed, overwrite)


def _write(
    frames: Sequence[np.ndarray],
    target: Path | BinaryIO,
    format: str | None,
    timing: Timing | None,
    palette: Palette | None,
    indexed: bool,
    overwrite: bool,
) -> list[str]:
    if format is not None:
        colors = palette and palette.colors
        return write_animation(
            frames,
            target,
            durations=timing.durations,
            plays=timing.plays,
            format=format,
            overwrite=overwrite,
            palette=colors,
        )
    image = indexed_image(frames[0], palette) if indexed else Image.fromarray(frames[0])
    if isinstance(target, Path):
        write_png(image, target, overwrite=overwrite)
    else:
        image.save(target, format="PNG")
    return []


def enlarged(frames: Sequence[np.ndarray], times: int) -> list[np.ndarray]:
    """Every cell as ``times`` x ``times`` pixels; ``UserError`` if that is huge."""
    height, width = frames[0].shape[:2]
    if (
        max(height, width) * times > MAX_PREVIEW_SIDE
        or len(frames) * height * width * times**2 > MAX_PREVIEW_PIXELS
    ):
        of_frames = f"{len(frames)} frames of " if len(frames) > 1 else ""
        raise UserError(
            f"a preview of {of_frames}{width}x{height} cells times {times} is too large: lower --preview"
        )
    return [frame.repeat(times, axis=0).repeat(times, axis=1) for frame in frames]
