"""What every tool does around its work: exit codes, stdout and stderr, printed results."""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from tqdm import tqdm

from pixelization.apps.cli.allocator import reuse_freed_memory
from pixelization.detection.geometry import UnsureError
from pixelization.errors import UserError, one_line

if TYPE_CHECKING:  # --help does not wait for SciPy and Pillow
    from pixelization.batch.run import Result

EXIT_SOME_FAILED, EXIT_USAGE, EXIT_UNSURE, EXIT_INTERRUPTED = 1, 2, 3, 130


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
        print(f"{prog}: error: {one_line(error)}", file=sys.stderr)
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


def print_results(
    prog: str, results: Iterator["Result"], count: int, *, as_json: bool, quiet: bool
) -> int:
    """Print what becomes of all jobs, while it does.

    Args:
        prog: the tool's name, for warnings.
        results: of all jobs.
        count: how many there will be.
        as_json: print the reports as one JSON object, at the end, instead of the paths.
        quiet: print neither paths nor progress nor warnings.

    Returns:
        0; or 1 if files failed, listed on stderr.

    Raises:
        UserError: the one and only job failed, or stdout cannot be written.
    """
    reports, failures = [], []
    bar = tqdm(total=count, unit="file", file=sys.stderr, disable=quiet or count == 1)
    with bar:
        for result in results:
            bar.update()
            main = result.job.outputs["main"]
            if result.error:
                failures.append(result.error)
            elif isinstance(main, io.BytesIO):
                with stdout() as stream:
                    stream.buffer.write(main.getvalue())
            elif not (quiet or as_json):
                with stdout() as stream:
                    bar.write("\n".join(map(os.fspath, result.job.paths.values())), file=stream)
            for warning in () if quiet else result.report.warnings:
                bar.write(f"{prog}: warning: {result.job.name}: {warning}", file=sys.stderr)
            if as_json:
                reports.append(result.report.as_json())
    if as_json:
        with stdout() as stream:
            print(json.dumps({"results": reports}), file=stream)
    if failures and count == 1:
        raise failures[0]
    if failures:
        print(f"{len(failures)} of {count} files failed:", *failures, sep="\n  ", file=sys.stderr)
    return EXIT_SOME_FAILED if failures else 0
