"""The loop over jobs: a bad one does not stop the others, and what became of each is a value.

Knows what is done with a job; an :class:`Engine` knows where.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Protocol, TypeVar

from pixelization.batch.jobs import Job, check_outputs, exists, fetched, last_files
from pixelization.batch.options import OutputOptions
from pixelization.batch.report import JobReport
from pixelization.detection.geometry import UnsureError
from pixelization.errors import UserError, one_line, unexpected
from pixelization.files import check_free, sweep

T = TypeVar("T")
Make = Callable[[Job, OutputOptions], JobReport]
"""Writes the outputs of a job, and reports what it knows."""
AHEAD = 8  # jobs of each worker that are begun and not handed on, at most: results are kept


@dataclass(frozen=True)
class Result:
    """What became of a job.

    Attributes:
        error: why it failed; None if it did not.
        data: the bytes of the main file, where it was not written, for a table.
    """

    job: Job
    report: JobReport
    error: UserError | None
    data: bytes | None = None


class Engine(Protocol):
    """Where jobs are worked on: in threads of this process, or on other machines."""

    def run(
        self,
        jobs: Sequence[Job],
        work: Callable[[Job], T],
        *,
        again: Callable[[Job], T],
        lost: Callable[[Job], T],
    ) -> Iterator[T]:
        """What ``work`` makes of each job, in the order of the jobs.

        What is passed can be pickled, where it leaves the process.

        Args:
            jobs: all of them.
            work: called with each.
            again: called instead, where a worker that had begun the job has died.
            lost: called here instead, where every worker died that had begun it.

        Raises:
            UserError: the engine cannot start, or stops.
            KeyboardInterrupt: somebody stops it.
        """


@dataclass(frozen=True)
class Threads:
    """The engine of this process.

    Attributes:
        workers: jobs worked on at the same time.
    """

    workers: int = 1

    def run(
        self,
        jobs: Sequence[Job],
        work: Callable[[Job], T],
        *,
        again: Callable[[Job], T],
        lost: Callable[[Job], T],
    ) -> Iterator[T]:
        """See :class:`Engine`. A thread does not die alone."""
        return in_order(jobs, work, self.workers)


HERE = Threads()
"""One job after the other."""


def run_jobs(
    jobs: Sequence[Job],
    make: Make | None,
    options: OutputOptions,
    engine: Engine,
    *,
    sheet: bool = False,
) -> Iterator[Result]:
    """Make what all jobs ask for, one result after the other, in their order.

    Args:
        jobs: of :func:`~pixelization.batch.jobs.plan_jobs`.
        make: called with each that is to be made; None: for a look at what would be written.
        options: what is written.
        engine: where.
        sheet: the sources are sheets.
    """
    # A worker that does again what a dead one has begun replaces what that has left. So what was
    # there before is found before any of them begins.
    elsewhere = not isinstance(engine, Threads)
    known: dict[int, UserError | None] = {}
    for place, job in enumerate(jobs):
        if options.skip_existing and exists(job):
            known[place] = None
        elif elsewhere and (error := _in_the_way(job, options)):
            known[place] = error
    to_do = [job for place, job in enumerate(jobs) if place not in known]
    work = partial(try_job, make=make, options=options, sheet=sheet)
    results = engine.run(to_do, work, again=partial(work, again=True), lost=_lost)
    if elsewhere:
        results = _swept(to_do, results)
    return _with_known(jobs, known, results)


def _in_the_way(job: Job, options: OutputOptions) -> UserError | None:
    """Why the outputs of a job cannot be written, if that is known before it is begun."""
    try:
        if not job.problem:
            check_outputs(job, _going_on(job, options).overwrite)
    except UserError as error:
        return error
    return None


def _going_on(job: Job, options: OutputOptions) -> OutputOptions:
    """The options for a job whose main file is not there.

    Where a run goes on, what lies beside is of one that was killed, and may be replaced.

    Raises:
        UserError: under the main file's name is something else, which may not be replaced.
    """
    if not options.skip_existing:
        return options
    for file in last_files(job):
        check_free(file, options.overwrite)
    return replace(options, overwrite=True)


def _swept(jobs: Sequence[Job], results: Iterator[Result]) -> Iterator[Result]:
    """The results; at last what workers have left that died is removed."""
    yield from results
    sweep_outputs(jobs)


def _with_known(
    jobs: Sequence[Job], known: dict[int, UserError | None], results: Iterator[Result]
) -> Iterator[Result]:
    """The results of all jobs.

    Args:
        jobs: all of them.
        known: by their places, those that were not begun: why they failed; None: they are skipped.
        results: of the others.
    """
    for place, job in enumerate(jobs):
        if place not in known:
            yield next(results)
        elif error := known[place]:
            yield _failed(job, error)
        else:
            yield _skipped(job)
    yield from results  # none is left, but it ends


def _lost(job: Job) -> Result:
    return _failed(job, UserError("every worker that tried it died: is it too large for them?"))


def in_order(jobs: Sequence[Job], work: Callable[[Job], T], workers: int) -> Iterator[T]:
    """What ``work`` makes of each job, in the order of the jobs.

    Args:
        jobs: all of them.
        work: called with each.
        workers: jobs worked on at the same time, in threads: the networks and the codecs release
            Python's lock.

    Raises:
        KeyboardInterrupt: somebody stops it, after the results of all jobs that were begun.
    """
    if workers == 1:
        yield from map(work, jobs)
        return
    pool = ThreadPoolExecutor(workers)
    submitted = (pool.submit(work, job) for job in jobs)
    waiting = deque(islice(submitted, AHEAD * workers))
    try:
        while waiting:
            result = waiting[0].result()
            waiting.extend(islice(submitted, 1))
            waiting.popleft()
            yield result
    except KeyboardInterrupt:  # what is begun is finished, and said
        pool.shutdown(cancel_futures=True)
        yield from (each.result() for each in waiting if not each.cancelled())
        raise
    finally:  # Ctrl-C must not wait for the whole batch
        pool.shutdown(cancel_futures=True)


def sweep_outputs(jobs: Sequence[Job], palette_file: Path | None = None) -> None:
    """Remove what killed runs have left where these jobs write."""
    paths = [path for job in jobs for path in job.paths.values()]
    for folder in {path.parent for path in [*paths, *([palette_file] if palette_file else [])]}:
        sweep(folder)


def try_job(
    job: Job,
    make: Make | None,
    options: OutputOptions,
    *,
    sheet: bool = False,
    again: bool = False,
) -> Result:
    """Make what a job asks for; whatever goes wrong is in the result.

    Args:
        job: what to do.
        make: called if it is to be done; None: for a look at what would be written.
        options: what is written, and what may be replaced.
        sheet: the source is a sheet.
        again: a worker that had begun it has died: what is there under the names that were planned
            is of that.
    """
    started = time.perf_counter()
    try:
        result = _tried(job, make, options, sheet, again)
    except Exception as error:  # also one that nobody expected must not lose the other files
        result = _failed(job, error)
    seconds = round(time.perf_counter() - started, 3)
    return replace(result, report=replace(result.report, seconds=seconds))


def _tried(job: Job, make: Make | None, options: OutputOptions, sheet: bool, again: bool) -> Result:
    if job.problem:
        raise UserError(job.problem)
    there = fetched(job, options, sheet=sheet) if make else job
    if again and there.outputs == job.outputs:
        options = replace(options, overwrite=True)
    # Under the name that an animation has, and by a run beside this one; run_jobs has left out what
    # was there before.
    elif options.skip_existing and exists(there):
        return _skipped(job)
    else:
        options = _going_on(there, options)
    for path in there.paths.values():
        check_free(path, options.overwrite)
    stream = BytesIO()
    written = replace(there, outputs={"main": stream}) if options.in_memory else there
    report = make(written, options) if make else JobReport()
    report = replace(report, input=job.name)
    if "main" in there.paths:
        report = replace(report, output=there.main_name)
    data = stream.getvalue() if options.in_memory else None
    return Result(replace(there, source=job.source), report, None, data)


def _skipped(job: Job) -> Result:
    return Result(job, JobReport(job.name, skipped=True), None)


def _failed(job: Job, error: Exception) -> Result:
    """The result of a job that an exception has ended."""
    failure = error if isinstance(error, UserError) else UserError(unexpected(error))
    message, name = one_line(failure), one_line(job.name)
    message = message if name in message else f"{name}: {message}"
    failure.args = (message,)
    if failure is not error:  # a bug: whoever gets the result can still look at its traceback
        failure.__cause__ = error
    report = JobReport(job.name, error=message)
    if isinstance(failure, UnsureError):
        report = replace(report, grid=failure.grid, finds_grid=True)
    return Result(job, report, failure)
