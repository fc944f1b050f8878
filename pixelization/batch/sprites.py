"""Sprites of many inputs: each is opened, reduced, finished in a style, written and reported."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from pixelization.batch.jobs import Job, fetched
from pixelization.batch.options import OutputOptions, SourceOptions
from pixelization.batch.output import write_outputs, write_palette_file
from pixelization.batch.report import JobReport, report_of
from pixelization.batch.run import HERE, Engine, Result, run_jobs, sweep_outputs
from pixelization.batch.voting import vote_job
from pixelization.palettes.extraction import ColorHistogram
from pixelization.palettes.palette import Palette
from pixelization.pipeline.finish import finish, for_format
from pixelization.pipeline.sprites import choose_palette, count_colors
from pixelization.pipeline.style import Style
from pixelization.reducers.base import Reduce


def write_sprites(
    jobs: Sequence[Job],
    reduce: Reduce | None,
    style: Style,
    source: SourceOptions,
    output: OutputOptions,
    *,
    engine: Engine = HERE,
) -> Iterator[Result]:
    """Make the sprites of all jobs, one result after the other, in their order.

    Args:
        jobs: of :func:`~pixelization.batch.jobs.plan_jobs`.
        reduce: makes a sprite of an image, such as ``pixelizer.networks``. None: snapping, at the
            grid that each job's source shows.
        style: of all sprites.
        source: how inputs are read.
        output: what is written.
        engine: where.

    Raises:
        UserError: the palette file cannot be written. What is wrong with a job is in its result.
    """
    sweep_outputs(jobs, output.palette_file)
    if output.palette_file and len(jobs) > 1 and isinstance(style.palette, Palette):
        write_palette_file(style.palette, output.palette_file, output)
        output = replace(output, palette_file=None)
    make = partial(write_sprite, reduce=reduce, style=style, source=source)
    return run_jobs(jobs, make, output, engine, sheet=source.sheet is not None)


def write_sprite(
    job: Job,
    output: OutputOptions,
    reduce: Reduce | None,
    style: Style,
    source: SourceOptions,
) -> JobReport:
    """Make and write everything of one job; arguments as of :func:`write_sprites`.

    Raises:
        UserError: the source cannot be read, the style does not fit it, or a file cannot be
            written.
    """
    voted = vote_job(job, reduce, style, source, output)
    done = finish(voted.votes, voted.style, choose_palette(voted.style, voted.votes.histogram))
    frames, lost = for_format(done.frames, job.format)
    done = replace(done, frames=frames)
    remarks = lost + write_outputs(job, voted, done, output)
    report = report_of(job, voted, done, style, remarks, snapped=reduce is None)
    return replace(report, colors=count_colors(done.frames))


def share_palette(
    jobs: Sequence[Job],
    reduce: Reduce | None,
    style: Style,
    source: SourceOptions,
    *,
    engine: Engine = HERE,
    tick: Callable[[], object] = lambda: None,
) -> Style:
    """The style with one palette, fitted to all jobs, in place of its number of colours.

    All sprites are voted for it, and voted again when they are made: there is no room for those of
    all jobs. Arguments as of :func:`write_sprites`; ``tick`` is called after every job.
    """
    count = partial(_counted, reduce=reduce, style=style, source=source)
    histogram = ColorHistogram()
    for found in engine.run(jobs, count, again=count, lost=lambda job: ColorHistogram()):
        histogram.update(found)
        tick()
    palette = choose_palette(style, histogram)
    return replace(style, palette=palette, colors=None) if palette else style


def _counted(
    job: Job, reduce: Reduce | None, style: Style, source: SourceOptions
) -> ColorHistogram:
    """The colours of a job's sprites; none, if it fails."""
    try:
        job = fetched(job, OutputOptions(), sheet=source.sheet is not None)
        return vote_job(job, reduce, style, source).votes.histogram
    # also one that nobody expected: it comes again in the job's turn, and is reported then
    except Exception:
        return ColorHistogram()
