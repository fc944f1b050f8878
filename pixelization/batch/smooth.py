"""Smooth images of many sprites, enlarged or not: each is opened, snapped, drawn and reported."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from pixelization.batch.jobs import Job
from pixelization.batch.options import OutputOptions, SmoothOptions, SourceOptions
from pixelization.batch.output import write_outputs
from pixelization.batch.report import JobReport, report_of
from pixelization.batch.run import HERE, Engine, Result, run_jobs, sweep_outputs
from pixelization.batch.voting import vote_job
from pixelization.enlargers.base import Enlarge
from pixelization.pipeline.finish import for_format
from pixelization.pipeline.sprites import smooth
from pixelization.pipeline.style import Style


def smooth_sprites(
    jobs: Sequence[Job],
    enlarge: Enlarge,
    style: Style,
    drawing: SmoothOptions,
    source: SourceOptions,
    output: OutputOptions,
    *,
    engine: Engine = HERE,
) -> Iterator[Result]:
    """Make the smooth images of all jobs, one result after the other, in their order.

    Args:
        jobs: of :func:`~pixelization.batch.jobs.plan_jobs`.
        enlarge: draws a sprite.
        style: its ``cell_size`` is that of the inputs; None: as detected.
        drawing: how large they are drawn, and in which colours.
        source: how inputs are read.
        output: what is written.
        engine: where.
    """
    sweep_outputs(jobs)
    make = partial(smooth_sprite, enlarge=enlarge, style=style, drawing=drawing, source=source)
    return run_jobs(jobs, make, output, engine, sheet=source.sheet is not None)


def smooth_sprite(
    job: Job,
    output: OutputOptions,
    enlarge: Enlarge,
    style: Style,
    drawing: SmoothOptions,
    source: SourceOptions,
) -> JobReport:
    """Make and write everything of one job; arguments as of :func:`smooth_sprites`.

    Raises:
        UnsureError: the grid was to be detected, and is not sure enough.
        UserError: the source cannot be read, the result would be huge, or a file cannot be written.
    """
    voted = vote_job(job, None, style, source, output, hard=True)
    done = smooth(
        voted.votes,
        enlarge,
        factor=drawing.factor,
        size=drawing.size,
        keep_colors=drawing.keep_colors,
        keep_alpha=style.alpha == "keep",
        wrap=drawing.wrap,
    )
    frames, lost = for_format(done.frames, job.format)
    done = replace(done, frames=frames)
    remarks = lost + write_outputs(job, voted, done, output)
    return report_of(job, voted, done, style, remarks, snapped=True)
