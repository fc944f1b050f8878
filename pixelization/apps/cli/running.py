"""What every tool does around its work: exit codes, signals, stdout and stderr, printed results."""

import io
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

from pixelization.apps.cli.allocator import reuse_freed_memory
from pixelization.detection.geometry import UnsureError
from pixelization.errors import UserError, is_lack_of_memory, one_line, printable, reason
from pixelization.interrupts import EXIT_INTERRUPTED, STOPPING
from pixelization.optional import missing

if TYPE_CHECKING:  # --help does not wait for SciPy and Pillow
    from tqdm import tqdm

    from pixelization.batch.run import Result

EXIT_SOME_FAILED, EXIT_USAGE, EXIT_UNSURE = 1, 2, 3
EXIT_SIGNAL = 128  # and the signal's number
TRAINING_PACKAGES = {"torch", "safetensors", "tensorboardX"}  # of an extra


class Stopped(KeyboardInterrupt):
    """A signal asks the process to end: everything that minds Ctrl-C minds it, too.

    Attributes:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def run_tool(prog: str, body: Callable[[], int]) -> int:
    """Call ``body``.

    A ``UserError`` becomes one line on stderr and exit code 2 (3: unsure). Ctrl-C becomes exit code
    130, and signals that ask the process to end 128 and their number.
    """
    reuse_freed_memory()
    _occupy_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The names of files go out as the bytes that they are.
        sys.stdout.reconfigure(encoding=sys.getfilesystemencoding(), errors="surrogateescape")
    with _forgiving_stderr():
        try:
            with _stopped_by_signals():  # inside: one may come while this is left
                return body()
        except UserError as error:
            print(f"{prog}: error: {told(error)}", file=sys.stderr)
            return EXIT_UNSURE if isinstance(error, UnsureError) else EXIT_USAGE
        except ModuleNotFoundError as error:
            if error.name not in TRAINING_PACKAGES:
                raise
            print(f"{prog}: error: {missing(error.name, 'train')}", file=sys.stderr)
            return EXIT_USAGE
        except (MemoryError, RuntimeError) as error:
            if not is_lack_of_memory(error):
                raise
            print(f"{prog}: error: this machine has too little memory for that", file=sys.stderr)
            return EXIT_USAGE
        except KeyboardInterrupt as stop:
            print(f"{prog}: interrupted", file=sys.stderr)
            return EXIT_SIGNAL + stop.number if isinstance(stop, Stopped) else EXIT_INTERRUPTED
        except BrokenPipeError:  # whoever read stdout has gone
            _drop(sys.stdout)
            return EXIT_SOME_FAILED


def told(error: UserError) -> str:
    """The line that a person is told, with the flags that mend it."""
    if isinstance(error, UnsureError):
        return f"{one_line(error)} (--show-grid FILE, --best-guess, --cell-size N)"
    flag = f" (--{error.option.replace('_', '-')})" if error.option else ""
    return f"{one_line(error)}{flag}"


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
        _drop(sys.stdout)
        raise UserError(f"stdout: cannot be written ({reason(error)})") from None


def say(*lines: object) -> None:
    """Print lines about what is done already; without a stdout, nobody wants to know.

    Raises:
        UserError: stdout cannot be written.
    """
    if sys.stdout is not None:
        with stdout() as stream:
            print(*lines, sep="\n", file=stream)


def _occupy_streams() -> None:
    """Open what a daemon has closed, so that no file that is opened later becomes stderr."""
    with suppress(OSError):
        while (file := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(file)


class _Forgiving:
    """Stderr, to which writing never fails: nobody may be there to read it."""

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        self._try(lambda stream: stream.write(text))
        return len(text)

    def flush(self) -> None:
        self._try(lambda stream: stream.flush())

    def _try(self, action: Callable[[TextIO], Any]) -> None:
        if self.stream is None:
            return
        try:
            action(self.stream)
        except (OSError, ValueError):  # the latter for one that was closed
            _drop(self.stream)
            self.stream = None

    def __getattr__(self, name: str) -> Any:
        if self.stream is None and name == "isatty":
            return lambda: False
        return getattr(self.stream, name)


@contextmanager
def _forgiving_stderr() -> Iterator[None]:
    before = sys.stderr
    sys.stderr = _Forgiving(before)
    try:
        yield
    finally:
        sys.stderr = before


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Signals that ask the process to end raise ``Stopped``, unless they are ignored (nohup)."""

    def stop(number: int, frame: object) -> None:
        raise Stopped(number)

    before = {}
    if threading.current_thread() is threading.main_thread():
        before = {
            number: signal.signal(number, stop)
            for number in STOPPING
            if signal.getsignal(number) == signal.SIG_DFL
        }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _drop(stream: TextIO) -> None:
    """Without this Python would try again at exit, and complain."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def print_results(
    prog: str, results: Iterator["Result"], count: int, *, as_json: bool, quiet: bool
) -> int:
    """Print what becomes of all jobs, while it does.

    Args:
        prog: the tool's name, for warnings.
        results: of all jobs.
        count: how many there will be.
        as_json: print the report of each job as a JSON object on a line, instead of the paths.
        quiet: print neither paths nor progress nor warnings, nor how many were left out.

    Returns:
        0; or 1 if files failed, listed on stderr.

    Raises:
        UserError: the one and only job failed, or stdout cannot be written.
        KeyboardInterrupt: somebody stops it; what was done until then is printed.
    """
    failures, done, skipped = [], 0, 0
    bar = progress_bar(count, "file", hidden=quiet or count == 1)
    with bar:
        try:
            for result in results:
                bar.update()
                done += not result.error
                skipped += result.report.skipped
                if result.error:
                    failures.append(result.error)
                _print_result(prog, result, bar, as_json=as_json, quiet=quiet)
        except KeyboardInterrupt:
            bar.close()
            if count > 1:
                _list_failures(failures, count)
                print(f"{prog}: {done} of {count} files were done before", file=sys.stderr)
            raise
    if failures and count == 1:
        raise failures[0]
    if skipped and not quiet:
        left = f"{skipped} of {count} results are there already, and were left out"
        print(f"{prog}: {left}", file=sys.stderr)
    _list_failures(failures, count)
    return EXIT_SOME_FAILED if failures else 0


class NoBar:
    """In place of a progress bar that nobody sees."""

    def __enter__(self) -> "NoBar":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def update(self) -> None:
        """Count one more."""

    def close(self) -> None:
        """Show it no longer."""

    def write(self, text: str, file: TextIO) -> None:
        """Print lines; a bar of frames or tiles that is shown gives way to them."""
        loaded = sys.modules.get("tqdm")  # only where there is such a bar
        (loaded.tqdm.write if loaded else print)(text, file=file)


def progress_bar(
    total: int | None, unit: str, *, hidden: bool, about: str | None = None
) -> "tqdm | NoBar":
    """A bar on stderr, if that is a terminal."""
    if hidden or sys.stderr is None or not sys.stderr.isatty():
        return NoBar()
    from tqdm import tqdm  # noqa: PLC0415 - a single picture need not wait for it

    return tqdm(total=total, unit=unit, desc=about, file=sys.stderr)


def _print_result(
    prog: str, result: "Result", bar: "tqdm | NoBar", *, as_json: bool, quiet: bool
) -> None:
    main = result.job.outputs["main"]
    if as_json:
        with stdout() as stream:
            bar.write(json.dumps(result.report.as_json()), file=stream)
    elif isinstance(main, io.BytesIO) and not result.error:
        with stdout() as stream:
            stream.buffer.write(main.getvalue())
    elif not (quiet or result.error or result.report.skipped):
        with stdout() as stream:
            names: Iterable[str] = _written(result)
            if stream.isatty():
                names = map(printable, names)
            bar.write("\n".join(names), file=stream)
    for warning in () if quiet else result.report.warnings:
        bar.write(one_line(f"{prog}: warning: {result.job.name}: {warning}"), file=sys.stderr)


def _written(result: "Result") -> list[str]:
    """The files of a job; of a pattern, those that it stands for; of a table, the row."""
    if result.job.table:
        return [result.job.main_name]
    return [
        os.fspath(file)
        for path in result.job.paths.values()
        for file in result.job.files(path, result.report.frames)
    ]


def _list_failures(failures: list[UserError], count: int) -> None:
    if failures:
        lines = map(told, failures)
        print(f"{len(failures)} of {count} files failed:", *lines, sep="\n  ", file=sys.stderr)
