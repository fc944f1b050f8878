"""What the tools for images share once their arguments are parsed: values for the library below.

Namespaces of argparse end here.
"""

import io
import os
import sys
from argparse import Namespace
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from pixelization.animation.formats import FOR_STILLS
from pixelization.apps.cli.running import print_results, progress_bar
from pixelization.batch.jobs import Job, plan_jobs
from pixelization.batch.options import OutputOptions, SourceOptions
from pixelization.batch.run import HERE, Engine, Result, Threads, run_jobs
from pixelization.batch.table import Table, is_table
from pixelization.cells.sizes import WantedSize
from pixelization.detection.geometry import SURE
from pixelization.errors import UserError
from pixelization.files import check_free, read_stream, read_whole, reading
from pixelization.remote import Remote, is_url, without_keys
from pixelization.sheets.layout import TileGrid

T = TypeVar("T")
STDIO = "-"


@dataclass(frozen=True)
class Batch:
    """What a command line asks for.

    Attributes:
        jobs: which file is made from which.
        source: how inputs are read.
        output: what is written.
        engine: where the jobs are worked on.
        table: takes the results in place of files.
        as_json: print the reports as lines of JSON instead of the paths.
        quiet: print neither paths nor progress nor warnings.
        dry_run: write nothing; only say what would be written.
    """

    jobs: list[Job]
    source: SourceOptions
    output: OutputOptions
    engine: Engine
    table: Table | None
    as_json: bool
    quiet: bool
    dry_run: bool


def read_batch(
    args: Namespace,
    output: OutputOptions,
    *,
    protected: Iterable[Path] = (),
    sizes: Sequence[WantedSize] = (),
) -> Batch:
    """Plan the jobs that a command line asks for.

    Args:
        args: of :func:`~pixelization.apps.cli.arguments.build_parser`.
        output: what is written.
        protected: files that are read besides the inputs, their list and the weights.
        sizes: several sizes of sprites, each of which is made of every input.

    Raises:
        UserError: see :func:`~pixelization.batch.jobs.plan_jobs`; or options do not fit the inputs.
    """
    if not args.input and args.list is None:
        raise UserError("there is no input: give a file or a folder, or --list FILE")
    if is_url(args.output) and not is_table(args.output):
        raise UserError(
            f"{without_keys(args.output)}: results go to a folder of this machine, or to a table: "
            "give a name that ends in .parquet"
        )
    if args.output == STDIO and args.json:
        raise UserError("--json and -o - would both write to stdout: give one")
    table = Table(args.output) if is_table(args.output) else None
    where = table.name if table else args.output
    jobs = plan_jobs(
        [_stdin(args.input) if each == STDIO else each for each in args.input],
        io.BytesIO() if where == STDIO else where,
        output,
        recursive=args.recursive,
        sheet=args.sheet is not None,
        protected=[*protected, *_read_besides(args)],
        sizes=sizes,
        listed=_listed(args.list),
    )
    if table:
        jobs = table.opened(jobs, overwrite=output.overwrite, skip_existing=output.skip_existing)
        output = replace(output, in_memory=True)
        table.check_outside([output.palette_file, output.grid_file])
    moving = any(job.moving for job in jobs)
    unknown = any(isinstance(job.source, Remote) for job in jobs)
    tagged = any("atlas" in job.outputs for job in jobs)  # sheets, whose tags are animations, too
    for name in ("format", "fps", "still", "hysteresis"):
        there = moving or unknown or (tagged and name in ("still", "hysteresis"))
        given = getattr(args, name, None)
        if given is not None and given not in FOR_STILLS and not there:
            why = (
                "--sheet cuts one picture, and of animations the first frame counts"
                if args.sheet is not None
                else "no input can be read as one"
            )
            raise UserError(f"--{name} is for animations: {why}")
    if output.grid_file is not None:
        if len(jobs) > 1:
            raise UserError("--show-grid is for one input: give one")
        check_free(output.grid_file, output.overwrite)
    source = SourceOptions(_tiles(args), args.fps, _min_confidence(args))
    return Batch(jobs, source, output, _engine(args), table, args.json, args.quiet, args.dry_run)


def print_batch(prog: str, batch: Batch, results: Iterator[Result]) -> int:
    """Print what becomes of all jobs, while it does, and put it into the table if there is one.

    Arguments, exit code and errors as of :func:`~pixelization.apps.cli.running.print_results`.
    """
    if batch.table is None:
        return _print(prog, batch, results)
    with closing(batch.table.written(results)) as written:  # where printing fails, too
        return _print(prog, batch, written)


@contextmanager
def shown_inside(work: Callable[..., T], batch: Batch) -> Iterator[Callable[..., T]]:
    """``work``, which is called for every frame or tile, with a bar that counts the calls.

    Args:
        work: reduces an image, or enlarges a sprite.
        batch: a bar is shown if there are animations or sheets, and the work is done in this
            process.
    """
    if not isinstance(batch.engine, Threads):
        yield work
        return
    tiles = batch.source.sheet is not None
    slow = tiles or any(job.moving for job in batch.jobs)
    bar = progress_bar(None, "tile" if tiles else "frame", hidden=batch.quiet or not slow)

    def counted(*arguments: Any, **options: Any) -> T:
        result = work(*arguments, **options)
        bar.update()
        return result

    with bar:
        yield counted


def print_plan(prog: str, batch: Batch) -> int:
    """Print what would be written, as if it had been; returns the exit code."""
    return _print(prog, batch, run_jobs(batch.jobs, None, batch.output, HERE))


def _print(prog: str, batch: Batch, results: Iterator[Result]) -> int:
    return print_results(prog, results, len(batch.jobs), as_json=batch.as_json, quiet=batch.quiet)


def networks_here(args: Namespace) -> bool:
    """Whether networks can be loaded in this process: a GPU may be with the workers alone."""
    return not (args.engine == "ray" and args.device == "cuda")


def _engine(args: Namespace) -> Engine:
    """Where the jobs are worked on."""
    if args.engine == "ray":
        # Only with this engine.
        from pixelization.batch.cluster import Cluster  # noqa: PLC0415

        return Cluster(args.address, args.jobs, gpus=int(getattr(args, "device", "") == "cuda"))
    if args.address is not None:
        raise UserError("--address is of a cluster: give --engine ray")
    return Threads(args.jobs or 1)


def _listed(path: Path | None) -> list[str]:
    """The names in a file, one on each line.

    Lines end as in Unix or Windows, nowhere else: a name may hold what else Unicode ends a line at.
    """
    if path is None:
        return []
    data = read_whole(path)
    if b"\0" in data:  # an image, or UTF-16
        raise UserError(
            f"{path}: is no list: give a text in UTF-8, a name on each line", option="list"
        )
    lines = os.fsdecode(data.removeprefix(BOM_UTF8)).split("\n")
    names = [line.removesuffix("\r") for line in lines]
    if not any(names):
        raise UserError(f"{path}: names no file: give one on each line", option="list")
    return [name for name in names if name]


def _tiles(args: Namespace) -> TileGrid | Literal["auto"] | None:
    """The tiles of sheets."""
    if (args.margin is not None or args.spacing is not None) and not isinstance(args.sheet, tuple):
        raise UserError("--margin and --spacing say where tiles of a size are: give --sheet WxH")
    if args.sheet is None or args.sheet == "auto":
        return args.sheet
    return TileGrid(args.sheet, args.margin or 0, args.spacing or 0)


def _read_besides(args: Namespace) -> list[Path]:
    """The list of inputs and the weights, where they are given."""
    return [path for path in (args.list, getattr(args, "weights", None)) if path is not None]


def grid_file(args: Namespace, given: bool) -> Path | None:
    """Where the picture of the grid goes, if one is asked for.

    Args:
        args: of :func:`~pixelization.apps.cli.arguments.add_grid_arguments`, or of a tool that
            finds no grid.
        given: where the cells are is told otherwise.

    Raises:
        UserError: no grid is looked for, or the name is not one of a PNG file.
    """
    path: Path | None = getattr(args, "show_grid", None)
    if path is not None and given:
        raise UserError("--show-grid shows where cells are found: leave out --size and --native")
    if path is not None and path.suffix.lower() != ".png":
        raise UserError(f"--show-grid {path}: it is a PNG file: give a name that ends in .png")
    return path


def _min_confidence(args: Namespace) -> float:
    """Least confidence of a detected grid."""
    least = getattr(args, "min_confidence", None)
    if least is None:
        return SURE
    if not 0 <= least <= 1:
        raise UserError(f"--min-confidence {least:g} is out of range: give 0 to 1")
    return float(least)


def _stdin(inputs: list[str]) -> bytes:
    if inputs.count(STDIO) > 1:
        raise UserError("- stands for stdin and can be given once")
    if sys.stdin is None:
        raise UserError("stdin: is closed: pipe an image into it")
    with reading("stdin"):
        return read_stream(sys.stdin.buffer, "stdin")
