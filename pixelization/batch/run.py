"""The loop over jobs: a bad one does not stop the others, and what became of each is a value."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from pixelization.batch.jobs import Job, exists
from pixelization.batch.report import JobReport
from pixelization.detection.geometry import UnsureError
from pixelization.errors import UserError, one_line, unexpected
from pixelization.files import check_free, sweep

T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """What became of a job.

    Attributes:
        error: why it failed; None if it did not.
    """

    job: Job
    report: JobReport
    error: UserError | None


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
    waiting = deque(pool.submit(work, job) for job in jobs)
    try:
        while waiting:
            result = waiting[0].result()
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


def plan_only(job: Job) -> JobReport:
    """Makes nothing of a job: for a look at what would be written."""
    return JobReport()


def try_job(
    job: Job, make: Callable[[Job], JobReport], overwrite: bool, skip_existing: bool = False
) -> Result:
    """Make what a job asks for; whatever goes wrong is in the result.

    Args:
        job: what to do.
        make: writes the outputs of a job and reports what it knows.
        overwrite: replace outputs that exist.
        skip_existing: make nothing if the main output exists.
    """
    started, failure = time.perf_counter(), None
    try:
        if skip_existing and exists(job):
            return Result(job, JobReport(job.name, skipped=True), None)
        if job.problem:
            raise UserError(job.problem)
        for path in job.paths.values():
            check_free(path, overwrite)
        report = replace(make(job), input=job.name)
        if "main" in job.paths:
            report = replace(report, output=os.fspath(job.paths["main"]))
    except Exception as error:  # also one that nobody expected must not lose the other files
        failure = error if isinstance(error, UserError) else UserError(unexpected(error))
        message, name = one_line(failure), one_line(job.name)
        message = message if name in message else f"{name}: {message}"
        failure.args = (message,)
        if failure is not error:  # a bug: whoever gets the result can still look at its traceback
            failure.__cause__ = error
        report = JobReport(job.name, error=message)
        if isinstance(failure, UnsureError):
            report = replace(report, grid=failure.grid, finds_grid=True)
    report = replace(report, seconds=round(time.perf_counter() - started, 3))
    return Result(job, report, failure)
