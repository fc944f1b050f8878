"""The report's folder, written whole or not at all.

::

    index.html             tables, contact sheets and a viewer in one file that loads nothing
    report.md              tables, command and versions
    tables.csv             the same tables
    images.csv             the values of every image
    sheets/                contact sheets as PNG
    sprites/SET/SIZE/METHOD/IMAGE.png
    config.yaml            the resolved configuration
    run.json               command, versions, weights, what was left out
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pixelization.config import as_yaml
from pixelization.errors import UserError, reason
from pixelization.evaluation.config import file_name
from pixelization.evaluation.page import html_page
from pixelization.evaluation.sheet import contact_sheet
from pixelization.evaluation.tables import Report, markdown, singles_csv, tables_csv
from pixelization.files import sweep, temporary_folder


@contextmanager
def new_folder(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """A folder to write into, which gets its name when the block ends well and is gone when it does
    not. What killed runs left beside it is removed.

    Raises:
        UserError: there is such a folder and ``overwrite`` is not set, it is not a report, or
            nothing can be written there.
    """
    old = path.with_name(f".{path.name}.old")
    with ExitStack() as stack:
        with writing(path):
            if old.exists() and not path.exists():  # a run was killed while it replaced the report
                os.replace(old, path)
            stack.callback(_put_back, old, path)
            if path.exists():
                if not overwrite:
                    raise UserError(
                        f"{path}: exists: give --overwrite to replace it, or another name=..."
                    )
                if not (path / "run.json").is_file():
                    raise UserError(
                        f"{path}: is not a report, so it is not replaced: give another name=..."
                    )
            sweep(path.parent)
            temporary = stack.enter_context(temporary_folder(path.parent))
        yield temporary
        with writing(path):
            shutil.rmtree(old, ignore_errors=True)
            if path.exists():  # a folder cannot be replaced in one step; both steps are renames
                os.replace(path, old)
            os.replace(temporary, path)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what keeps a folder from being written into ``UserError`` of one line, which begins with
    its name.
    """
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{path}: cannot be written ({reason(error)}): choose another out=..."
        ) from None


def _put_back(old: Path, path: Path) -> None:
    if path.exists():
        shutil.rmtree(old, ignore_errors=True)
    elif old.exists():
        os.replace(old, path)


def write_report(folder: Path, report: Report) -> None:
    """Fill the empty folder.

    Raises:
        UserError: it cannot be written.
    """
    with writing(Path(report.config.out) / report.config.name):
        _write_files(folder, report)


def _write_files(folder: Path, report: Report) -> None:
    for table in report.tables:
        set_name, size = file_name(table.images), file_name(table.size)
        for picture in table.pictures:
            for method, png in picture.made.items():
                path = (
                    folder / "sprites" / set_name / size / file_name(method) / f"{picture.name}.png"
                )
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(png)
        sheet = folder / "sheets" / f"{set_name}_{size}.png"
        sheet.parent.mkdir(exist_ok=True)
        contact_sheet(table, report.config.show).save(sheet)
    origin = ("command", "versions", "weights", "left_out", "failures")
    texts = {
        "index.html": html_page(report),
        "report.md": markdown(report),
        "tables.csv": tables_csv(report),
        "images.csv": singles_csv(report),
        "config.yaml": as_yaml(report.config),
        "run.json": json.dumps({key: getattr(report, key) for key in origin}, indent=2),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
