"""Results as rows of a table: a folder ``NAME.parquet`` of parts, which all readers take for one.

A part appears whole or not at all. One process writes, whatever engine makes the results.
"""

import os
import posixpath
import secrets
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pixelization.animation.formats import SEVERAL_FILES
from pixelization.batch.jobs import Job
from pixelization.batch.run import Result
from pixelization.errors import UserError, reason
from pixelization.files import write_whole
from pixelization.optional import optional_module
from pixelization.remote import is_url, remote, without_keys

SUFFIX = ".parquet"
PART_ROWS = 1000  # of a part; as many may be lost where the process is killed
PART_BYTES = 1 << 26  # of the pictures of a part
PART, FAILED = "part", "failed"  # what names of parts begin with


class Table:
    """A table of results, new or to go on with.

    Its columns are ``name`` (the path that the result would have in a folder), ``image`` (the bytes
    of that file; null where ``error`` is set), and those of
    :meth:`~pixelization.batch.report.JobReport.as_json` but ``output``, ``skipped`` and ``grid``.
    Failures stand in parts of their own, which a run removes if it tries all of them again.

    Args:
        where: the folder, also as a URL.

    Attributes:
        name: what messages call it; its jobs are planned as for a folder of that name.

    Raises:
        UserError: pyarrow is not installed, or what is there is no table, or cannot be read.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self.name = without_keys(where) if is_url(where) else where
        self.arrow = optional_module("pyarrow", "ray")
        self.parquet = optional_module("pyarrow.parquet", "ray")
        self.parts = {part: set(self._names(part)) for part in self._files()}

    def check_outside(self, files: Sequence[Path | None]) -> None:
        """Raise ``UserError`` if a file would be written into the table, and make it none."""
        for file in files:
            if file and Path(os.path.realpath(self.where)) in Path(os.path.realpath(file)).parents:
                raise UserError(
                    f"{file}: lies in the table {self.name}, which holds its parts only: "
                    "choose another name"
                )

    def opened(self, jobs: Sequence[Job], *, overwrite: bool, skip_existing: bool) -> list[Job]:
        """Jobs for this table, of which those are marked whose rows are there.

        Args:
            jobs: planned as for the folder that it is called.
            overwrite, skip_existing: see :class:`~pixelization.batch.options.OutputOptions`.

        Raises:
            UserError: results are there already and are not to be kept, or they have more than one
                file each.
        """
        done: set[str] = set()
        for part, names in self.parts.items():
            if _kind(part) == PART:
                done |= names
        if done and not skip_existing:
            advice = "remove it first" if overwrite else "skip what is there to go on with it"
            raise UserError(
                f"{self.name}: holds {len(done)} results: {advice}, or choose another output",
                option=None if overwrite else "skip_existing",
            )
        if any(len(job.outputs) > 1 or job.format in SEVERAL_FILES for job in jobs):
            raise UserError(
                f"{self.name}: a table takes one file of each result: name a folder for previews, "
                "numbered images, sheets and JSON"
            )
        jobs = [replace(job, table=self.name) for job in jobs]
        return [replace(job, done=job.row in done, problem=_problem(job)) for job in jobs]

    def written(self, results: Iterator[Result]) -> Generator[Result, None, None]:
        """The same results; those that are new are in the table when it ends or is closed.

        Raises:
            UserError: it cannot be written.
        """
        rows: list[dict[str, Any]] = []
        failures: list[dict[str, Any]] = []
        size = 0
        tried: set[str] = set()
        before = {part: names for part, names in self.parts.items() if _kind(part) == FAILED}
        try:
            for result in results:
                if not result.report.skipped:
                    row = self._row(result)
                    tried.add(row["name"])
                    (failures if result.error else rows).append(row)
                    size += len(result.data or b"")
                    if len(rows) == PART_ROWS or size >= PART_BYTES:
                        self._write(PART, rows)
                        rows, size = [], 0
                yield replace(result, data=None)
        finally:
            self._write(PART, rows)
            self._write(FAILED, failures)
            for part, names in before.items():
                if names <= tried:
                    self._remove(part)
                    del self.parts[part]

    def _row(self, result: Result) -> dict[str, Any]:
        report = result.report.as_json()
        for name in ("output", "skipped", "grid"):
            report.pop(name, None)
        row = {"name": result.job.row, "image": result.data, **report}
        return {name: _text(value) for name, value in row.items()}

    def _write(self, kind: str, rows: list[dict[str, Any]]) -> None:
        """A new part."""
        if not rows:
            return
        arrow, stream = self.arrow, self.arrow.BufferOutputStream()
        self.parquet.write_table(arrow.Table.from_pylist(rows, schema=self._schema()), stream)
        part = f"{kind}-{len(self.parts):06}-{secrets.token_hex(4)}{SUFFIX}"
        data = stream.getvalue().to_pybytes()
        if is_url(self.where):
            remote(self.where).joined(part).write(data)
        else:
            write_whole(Path(self.where, part), data, overwrite=False)
        self.parts[part] = {row["name"] for row in rows}

    def _schema(self) -> Any:
        """Of every part, whatever its rows lack."""
        arrow = self.arrow
        pair = arrow.list_(arrow.int32())
        return arrow.schema(
            [
                ("name", arrow.string()),
                ("image", arrow.binary()),
                ("input", arrow.string()),
                ("input_size", pair),
                ("size", pair),
                ("frames", arrow.int32()),
                ("cell_size", arrow.list_(arrow.float64())),
                ("palette", arrow.list_(arrow.string())),
                ("colors", arrow.int32()),
                ("seconds", arrow.float64()),
                ("warnings", arrow.list_(arrow.string())),
                ("error", arrow.string()),
            ]
        )

    def _files(self) -> list[str]:
        """Names of the parts that are there.

        Raises:
            UserError: there is something that is no part.
        """
        if is_url(self.where):
            found = remote(self.where).files(recursive=False, wanted=_is_shown)
            names = [name for _, name in found]
        else:
            names = sorted(filter(_is_shown, self._listed()))
        for name in names:
            if not _is_part(name):
                raise UserError(
                    f"{self.name}: is no table of results, for there is {name}: "
                    "choose another output"
                )
        return names

    def _listed(self) -> list[str]:
        """Names of all that lies in a folder of this machine, which need not be there yet."""
        try:
            return os.listdir(self.where)
        except FileNotFoundError:
            return []
        except NotADirectoryError:  # it is a file, or lies below one
            raise UserError(
                f"{self.name}: a table is a folder, and there is a file: choose another output"
            ) from None
        except OSError as error:
            raise UserError(f"{self.name}: cannot be read ({reason(error)})") from None

    def _names(self, part: str) -> list[str]:
        """Of the rows of a part."""
        try:
            if is_url(self.where):
                place = remote(self.where).joined(part)
                table = self.parquet.read_table(
                    place.path, filesystem=place.file_system, columns=["name"], partitioning=None
                )
            else:
                file = self.parquet.ParquetFile(os.path.join(self.where, part))
                table = file.read(columns=["name"])
            names: list[str] = table.column("name").to_pylist()
        except (OSError, KeyError, self.arrow.ArrowException) as error:
            raise UserError(
                f"{posixpath.join(self.name, part)}: cannot be read ({error})"
            ) from None
        return names

    def _remove(self, part: str) -> None:
        if is_url(self.where):
            remote(self.where).joined(part).remove()
        else:
            Path(self.where, part).unlink(missing_ok=True)


def is_table(output: object) -> bool:
    """Whether results go into a table."""
    return isinstance(output, str) and output.partition("?")[0].rstrip("/").endswith(SUFFIX)


def _problem(job: Job) -> str | None:
    """Why a job can have no row, or what else is wrong with it."""
    if job.problem or job.row == _text(job.row):
        return job.problem
    return f"{job.name}: is no name in UTF-8, as a table needs it: rename it, or name a folder"


def _text(value: Any) -> Any:
    """The value; of a text that is no UTF-8, as names may be, with escapes for the rest."""
    if isinstance(value, tuple | list):
        return [_text(each) for each in value]
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value


def _is_shown(name: str) -> bool:
    """Hidden files are of the system, or of runs that were killed."""
    return not name.startswith(".")


def _is_part(name: str) -> bool:
    return name.endswith(SUFFIX) and _kind(name) in (PART, FAILED)


def _kind(part: str) -> str:
    return part.partition("-")[0]
