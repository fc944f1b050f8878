"""The grid of what a job reads: found once for all its frames or tiles."""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pixelization.apps.cli.running import grid_report
from pixelization.batch.jobs import Job
from pixelization.batch.sprites import Reducer
from pixelization.pipeline.style import Style

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    from pixelization.reducers.snapping import SnapResult

FRAMES = 8  # of an animation, in which the grid is looked for


def snap_reducer(args: Namespace, job: Job, style: Style) -> Reducer:
    """Snaps a job's images to their grid; of cells that the style gives, only where they begin is
    found out.

    Args:
        args: with those of :func:`~pixelization.batch.sprites.add_source_arguments`.

    Raises:
        UnsureError: no grid is sure enough.
        UserError: the source cannot be read.
    """
    from pixelization.reducers.snapping import find_grid

    # A sprite that is as it should be stays as it is, hidden colours and all, unless something is
    # asked for.
    asked = (
        replace(style, cell_size=None, size=None, still=Style.still, hysteresis=Style.hysteresis)
        != Style()
    )
    # which would show what is half transparent in full
    reduce = partial(_snap, hard=asked or job.format in ("gif", "mp4"))
    if style.size is not None or (args.sheet and style.cell_size is not None):
        return Reducer(reduce, style, {"grid": None})
    grid = find_grid(_pictures(job, args), style.cell_size)
    report = {"grid": grid_report(grid) if style.cell_size is None else None}
    if args.sheet:
        return Reducer(reduce, replace(style, cell_size=grid.cell), report)
    if grid.native:
        style = replace(style, still=0, hysteresis=0.0)  # there is no noise to hold cells against
    return Reducer(partial(reduce, grid=grid), replace(style, cell_size=None), report)


def _snap(image: "Image.Image", *, hard: bool, **options: Any) -> "SnapResult":
    from pixelization.images.sprites import hard_edged
    from pixelization.reducers.snapping import snap

    result = snap(image, **options)
    return replace(result, sprite=hard_edged(result.sprite)) if hard else result


def _pictures(job: Job, args: Namespace) -> "Sequence[np.ndarray]":
    """The still, the sheet, or frames from all over the animation."""
    import numpy as np

    from pixelization.animation.reading import open_animation
    from pixelization.images.reading import read_image

    if job.format is None:
        return [np.asarray(read_image(job.source, job.name))]
    with open_animation(job.source, name=job.name, fps=args.fps) as reader:
        count = reader.count or sum(1 for _ in reader)
        wanted = {round(number * (count - 1) / (FRAMES - 1)) for number in range(FRAMES)}
        return [np.asarray(frame.image) for number, frame in enumerate(reader) if number in wanted]
