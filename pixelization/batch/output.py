"""Finished pictures to the files of a job: each appears whole or not at all, the main one last."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from pixelization.animation.aseprite import SourceLayer
from pixelization.animation.writing import write_animation
from pixelization.batch.jobs import Job, exists
from pixelization.batch.options import OutputOptions
from pixelization.batch.voting import Voted
from pixelization.detection.geometry import cells_inside
from pixelization.errors import UserError
from pixelization.files import check_free
from pixelization.images.aseprite import DEFAULT_DURATION
from pixelization.images.writing import write_png
from pixelization.limits import PREVIEW_PIXELS, PREVIEW_SIDE
from pixelization.palettes.files import read_palette, write_palette
from pixelization.palettes.indexed import indexed_image
from pixelization.palettes.palette import Palette
from pixelization.pipeline.finish import Finished
from pixelization.pipeline.pictures import all_images, open_picture
from pixelization.reducers.networks import NetworkResult
from pixelization.sheets.atlas import find_atlas, read_atlas, write_json

SOURCE_PIXELS = 8  # at most, per pixel of the sprite, of the layer that shows the source


def write_outputs(job: Job, voted: Voted, done: Finished, options: OutputOptions) -> list[str]:
    """Write everything of one job.

    Args:
        job: names the outputs.
        voted: what its source was reduced to.
        done: what was made of that.
        options: how it is written.

    Returns:
        Remarks: what a format could not keep.

    Raises:
        UserError: a file exists and may not be replaced, or cannot be written; the preview would be
            huge; there is no palette to write.
    """
    palette_file = options.palette_file
    if palette_file and done.palette is None:
        raise UserError(
            "has no colours, so there is no palette to write: ask for no palette file",
            option="palette_out",
        )
    paths, main = job.paths, job.outputs["main"]
    preview = enlarged(done.frames, options.preview or 1) if "preview" in paths else None
    atlas = _scaled_atlas(job, voted, done) if "atlas" in paths else None
    result = voted.votes.result
    for path in paths.values():
        for file in job.files(path, len(done.frames)):
            check_free(file, options.overwrite)
    # The main output comes last: where it is, all of the others are.
    beside: list[Path] = []
    try:
        if palette_file and done.palette:
            new = not os.path.exists(palette_file)
            write_palette_file(done.palette, palette_file, options)
            if new:
                beside.append(palette_file)
        if preview:
            write_frames(preview, paths["preview"], job.format, done, options)
            beside += job.files(paths["preview"], len(preview))
        if "network" in paths and isinstance(result, NetworkResult):
            write_png(result.network_output, paths["network"], overwrite=options.overwrite)
            beside.append(paths["network"])
        if atlas:
            write_json(atlas, paths["atlas"], options.overwrite)
            beside.append(paths["atlas"])
        layer, lost = source_layer(job, voted, done, options)
        return lost + write_frames(done.frames, main, job.format, done, options, layer)
    except BaseException:
        # Alone, new ones would stand in the way of another try.
        if (options.skip_existing or not options.overwrite) and not exists(job):
            for file in beside:
                with suppress(OSError):
                    file.unlink()
        raise


def write_palette_file(palette: Palette, path: Path, options: OutputOptions) -> None:
    """Write the palette of a batch; where existing files are skipped, one that holds it stays.

    Raises:
        UserError: the file exists and may not be replaced, or cannot be written; or it holds
            another palette, which the results that are skipped may have.
    """
    if not (options.skip_existing and path.exists()):
        write_palette(palette, path, overwrite=options.overwrite)
    elif read_palette(path).hex() != palette.hex():
        raise UserError(
            f"{path}: holds another palette than the inputs have now: go on with that as their "
            "palette, or choose another file",
            option="palette",
        )


def write_frames(
    frames: Sequence[np.ndarray],
    target: Path | BinaryIO,
    format: str | None,
    done: Finished,
    options: OutputOptions,
    source: SourceLayer | None = None,
) -> list[str]:
    """Write a still as PNG, or the frames of an animation.

    Args:
        frames: uint8 ``(h, w, 3)`` or ``(h, w, 4)``; several only with ``format``.
        target: a path or a binary stream.
        format: of the animation, see :func:`~pixelization.animation.writing.write_animation`; None:
            a still.
        done: says when the frames are shown, and which palette holds every opaque colour.
        options: how to write.
        source: what an Aseprite sprite shows below.

    Returns:
        Remarks: what the format could not keep.

    Raises:
        UserError: the file exists and may not be replaced, or cannot be written.
    """
    if format is not None:
        return write_animation(
            frames,
            target,
            durations=done.durations or (DEFAULT_DURATION,) * len(frames),
            plays=done.plays,
            format=format,
            overwrite=options.overwrite,
            palette=done.palette.colors if done.palette else None,
            transparent_first=options.transparent_first,
            indexed=options.indexed and done.palette is not None,
            tags=done.tags,
            source=source,
        )
    image = Image.fromarray(frames[0])
    if options.indexed and done.palette:
        image = indexed_image(frames[0], done.palette, transparent_first=options.transparent_first)
    if isinstance(target, Path):
        write_png(image, target, overwrite=options.overwrite)
    else:
        image.save(target, format="PNG")
    return []


def source_layer(
    job: Job, voted: Voted, done: Finished, options: OutputOptions
) -> tuple[SourceLayer | None, list[str]]:
    """The source of a job as a layer of an Aseprite sprite; remarks if there can be none.

    It is read again: of an animation, no more than a frame is in memory.

    Raises:
        UserError: it can no longer be read.
    """
    if job.format != "aseprite":
        return None, []
    if options.indexed and done.palette:
        return None, ["an indexed sprite has no layer of its source: the palette lacks its colours"]
    if voted.style.trim or voted.style.pad or done.boxes:
        return None, ["trimmed or padded sprites and sheets have no layer of their source"]
    rows, columns = done.frames[0].shape[:2]
    box = [0.0, 0.0, float(columns), float(rows)]
    cell = voted.votes.cell_size
    for axis, away in enumerate(voted.votes.corner):
        box[axis] = -away / cell[axis]
    if (grid := voted.grid) is not None:  # its border cells may be cut off
        for axis, side in enumerate((columns, rows)):
            scale = side / grid.size[axis] / grid.cell[axis]  # pixels of the result to the source's
            first, _ = cells_inside(grid.image_size[axis], grid.cell[axis], grid.phase[axis])
            box[axis] = -(grid.phase[axis] + first * grid.cell[axis]) * scale
            box[axis + 2] = voted.votes.source_size[axis] * scale
    largest = (columns * SOURCE_PIXELS, rows * SOURCE_PIXELS)

    def pictures() -> Iterator[np.ndarray]:
        with open_picture(job.at_hand, name=job.name) as picture:
            for image in all_images(picture):
                image.thumbnail(largest)
                yield np.asarray(image)

    left, top, width, height = box
    return SourceLayer(pictures(), (left, top, width, height)), []


def enlarged(frames: Sequence[np.ndarray], times: int) -> list[np.ndarray]:
    """Every cell as ``times`` x ``times`` pixels; ``UserError`` if that is huge."""
    height, width = frames[0].shape[:2]
    of_frames = f"{len(frames)} frames of " if len(frames) > 1 else ""
    what = f"a preview of {of_frames}{width}x{height} cells times {times}"
    PREVIEW_SIDE.check(max(height, width) * times, what)
    PREVIEW_PIXELS.check(len(frames) * height * width * times**2, what)
    return [frame.repeat(times, axis=0).repeat(times, axis=1) for frame in frames]


def _scaled_atlas(job: Job, voted: Voted, done: Finished) -> dict[str, Any] | None:
    """The JSON to write beside a sheet whose tiles have moved."""
    if not isinstance(job.source, Path) or voted.boxes is None or done.boxes is None:
        return None
    path = find_atlas(job.source)
    if path is None:
        return None
    atlas = read_atlas(path, job.source)
    atlas.check_fits(voted.votes.source_size)
    height, width = done.frames[0].shape[:2]
    name = job.paths["main"].name
    return atlas.scaled(voted.boxes, done.boxes, done.cell_size, (width, height), name)
