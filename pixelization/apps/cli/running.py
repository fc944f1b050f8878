"""The loop over files that the tools share.

Exit codes, progress, reports; a bad file does not stop the others.
"""

import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from pixelization.apps.cli.allocator import reuse_freed_memory
from pixelization.batch.jobs import Job
from pixelization.detection.geometry import UnsureError
from pixelization.errors import UserError
from pixelization.files import check_free

if TYPE_CHECKING:
    from pixelization.detection.geometry import Candidate, GridDetection

EXIT_SOME_FAILED, EXIT_USAGE, EXIT_UNSURE, EXIT_INTERRUPTED = 1, 2, 3, 130
FIELDS = (
    "input",
    "output",
    "input_size",
    "size",
    "frames",
    "cell_size",
    "palette",
    "colors",
    "seconds",
    "warnings",
    "error",
)


def run_tool(prog: str, body: Callable[[], int]) -> int:
    """Call ``body``.

    A ``UserError`` becomes one line on stderr and exit code 2 (3: unsure), Ctrl-C exit code 130.
    """
    reuse_freed_memory()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The names of files go out as the bytes that they are.
        sys.stdout.reconfigure(encoding=sys.getfilesystemencoding(), errors="surrogateescape")
    try:
        return body()
    except UserError as error:
        print(f"{prog}: error: {_one_line(error)}", file=sys.stderr)
        return EXIT_UNSURE if isinstance(error, UnsureError) else EXIT_USAGE
    except KeyboardInterrupt:
        print(f"{prog}: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # whoever read stdout has gone
        _drop_stdout()
        return EXIT_SOME_FAILED


@contextmanager
def stdout() -> Iterator[TextIO]:
    """Stdout, flushed at the end; ``UserError`` if it cannot be written."""
    if sys.stdout is None:
        raise UserError("stdout: is closed: give -o a name, and --quiet")
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _drop_stdout()
        raise UserError(f"stdout: cannot be written ({error.strerror or error})") from None


def _drop_stdout() -> None:
    """Without this Python would try again at exit, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run_jobs(
    prog: str,
    jobs: Sequence[Job],
    process: Callable[[Job], dict[str, Any]],
    *,
    overwrite: bool,
    workers: int = 1,
    as_json: bool = False,
    quiet: bool = False,
) -> int:
    """Process all jobs.

    Args:
        prog: the tool's name, for warnings.
        process: writes ``job.outputs`` and returns what it knows of ``FIELDS``.
        overwrite: replace outputs that exist.
        workers: jobs processed at the same time, in threads: the networks and the codecs release
            Python's lock.
        as_json: print the reports as one JSON object, at the end, instead of the paths.
        quiet: print neither paths nor progress nor warnings.

    Returns:
        0; or 1 if files failed, listed on stderr.

    Raises:
        UserError: the one and only job failed, or stdout is asked for two things.
    """
    from tqdm import tqdm

    to_stdout = any(job.outputs["main"] is None for job in jobs)
    if to_stdout and as_json:
        raise UserError("--json and -o - would both write to stdout: give one")

    reports, failures = [], []
    with tqdm(
        total=len(jobs), unit="file", file=sys.stderr, disable=quiet or len(jobs) == 1
    ) as progress:
        for job, (report, error) in zip(
            jobs, in_order(jobs, lambda job: _report(job, overwrite, process), workers), strict=True
        ):
            progress.update()
            if error:
                failures.append(error)
            elif not (quiet or as_json or to_stdout):
                with stdout() as stream:
                    progress.write("\n".join(map(os.fspath, job.outputs.values())), file=stream)
            for warning in () if quiet else report["warnings"]:
                progress.write(f"{prog}: warning: {job.name}: {warning}", file=sys.stderr)
            if as_json:
                reports.append(report)
    if as_json:
        with stdout() as stream:
            print(json.dumps({"results": reports}), file=stream)
    if failures and len(jobs) == 1:
        raise failures[0]
    if failures:
        print(
            f"{len(failures)} of {len(jobs)} files failed:", *failures, sep="\n  ", file=sys.stderr
        )
    return EXIT_SOME_FAILED if failures else 0


def in_order(jobs: Sequence[Job], work: Callable[[Job], Any], workers: int) -> Iterator[Any]:
    """What ``work`` makes of each job, in the order of the jobs, of which ``workers`` are worked on
    at the same time.
    """
    if workers == 1:
        yield from map(work, jobs)
        return
    pool = ThreadPoolExecutor(workers)
    try:
        yield from pool.map(work, jobs)
    finally:  # Ctrl-C must not wait for the whole batch
        pool.shutdown(cancel_futures=True)


def _report(
    job: Job, overwrite: bool, process: Callable[[Job], dict[str, Any]]
) -> tuple[dict[str, Any], UserError | None]:
    """What is known of a job that was tried, and why it failed, if it did."""
    started, failure = time.perf_counter(), None
    report = dict.fromkeys(FIELDS) | {"input": job.name, "warnings": []}
    try:
        for path in filter(None, job.outputs.values()):
            check_free(path, overwrite)
        report |= process(job)
        report["output"] = job.outputs["main"] and os.fspath(job.outputs["main"])
    except BrokenPipeError:
        raise
    except Exception as error:  # also one that nobody expected must not lose the other files
        failure = (
            error if isinstance(error, UserError) else UserError(f"{type(error).__name__}: {error}")
        )
        message, name = _one_line(failure), _one_line(job.name)
        report["error"] = message if name in message else f"{name}: {message}"
        failure.args = (report["error"],)
        if isinstance(failure, UnsureError):
            report["grid"] = grid_report(failure.grid)
    report["seconds"] = round(time.perf_counter() - started, 3)
    return report, failure


def grid_report(grid: "GridDetection") -> dict[str, Any]:
    """A grid as ``--json`` tells it."""

    def place(found: "GridDetection | Candidate") -> dict[str, Any]:
        # not -0.0
        return {
            "cell": list(found.cell),
            "phase": [side + 0.0 for side in found.phase],
            "size": list(found.size),
        }

    runners_up = [
        place(each) | {"confidence": round(float(each.score), 4)} for each in grid.candidates
    ]
    return place(grid) | {
        "confidence": round(float(grid.confidence), 4),
        "native": bool(grid.native),
        "runners_up": runners_up,
    }


def _one_line(text: object) -> str:
    return " ".join(str(text).split())
