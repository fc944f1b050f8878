"""Results as text: the tables in Markdown and CSV."""

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass

from pixelization.evaluation.config import REAL, EvaluationConfig
from pixelization.evaluation.measures import COLUMNS, Column

NOTHING = "–"


@dataclass(frozen=True)
class Picture:
    """One image with what was made of it, as PNG files.

    Attributes:
        name: of the image.
        given: by caption: the source; or the original, where there is one, and the sprite.
        made: by method.
        cells: width and height of the sprite.
    """

    name: str
    given: dict[str, bytes]
    made: dict[str, bytes]
    cells: tuple[int, int]


@dataclass(frozen=True)
class Table:
    """A set of images at one size.

    Attributes:
        images, size: their names.
        rows: value by column key, by method; NaN or absent where there is none.
        singles: the same for every image: by method, then by image.
        real: of the real sprites.
        pictures: one per image.
    """

    images: str
    size: str
    rows: dict[str, dict[str, float]]
    singles: dict[str, dict[str, dict[str, float]]]
    real: dict[str, float]
    pictures: list[Picture]

    @property
    def title(self) -> str:
        """Heading: set, size and number of images."""
        return f"{self.images}, {self.size} ({len(self.pictures)} image{'s' * (len(self.pictures) != 1)})"

    @property
    def columns(self) -> list[Column]:
        """The columns that say anything here."""
        return [
            column for column in COLUMNS
            if not all(math.isnan(row.get(column.key, math.nan)) for row in self.rows.values())
        ]  # fmt: skip

    def best(self, column: Column) -> str:
        """The best value as it is printed, so that equal ones share the honour; empty where none is to be marked."""
        values = [row[column.key] for row in self.rows.values() if not math.isnan(row.get(column.key, math.nan))]
        if column.gate or not column.better or len(values) < 2:
            return ""
        return number(max(values) if column.better == "higher" else min(values), column)


@dataclass(frozen=True)
class Report:
    """All that the report's files are made from.

    Attributes:
        config: of the evaluation.
        tables: one per set of images and size.
        command: as typed.
        versions: of packages and machine, by name.
        weights: SHA-256 by name or path.
        left_out: a line on each method and metric that is not in the tables.
        failures: a line on each image that is not.
    """

    config: EvaluationConfig
    tables: list[Table]
    command: str
    versions: dict[str, str]
    weights: dict[str, str]
    left_out: list[str]
    failures: list[str]


def number(value: float, column: Column) -> str:
    """As the tables print it."""
    return NOTHING if math.isnan(value) else f"{value:.{column.digits}f}"


def heading(column: Column) -> str:
    """Title and arrow of the better direction."""
    return column.title + {"lower": " ↓", "higher": " ↑", "": ""}[column.better]


def shown_columns(report: Report) -> list[Column]:
    """The columns of any table."""
    keys = {column.key for table in report.tables for column in table.columns}
    return [column for column in COLUMNS if column.key in keys]


def markdown(report: Report) -> str:
    """The whole report without the pictures; a page of documentation as it stands."""
    lines = [f"# {report.config.name}", "", *([report.config.about, ""] if report.config.about else [])]
    lines += ["Made by", "```", report.command, "```", ""]
    for table in report.tables:
        lines += [f"## {table.title}", "", *_markdown_table(table), ""]
    lines += ["## What the columns mean", *(f"- {heading(column)}: {column.meaning}." for column in shown_columns(report))]
    lines += ["", "Means over the images. The best of a column is bold, unless the column is not one to win by.", ""]
    for title, notes in (("Left out", report.left_out), ("Images that could not be used", report.failures)):
        lines += [f"## {title}", *(f"- {note}" for note in notes), ""] if notes else []
    lines += ["## Versions", *(f"- {name}: {version}" for name, version in report.versions.items())]
    lines += [f"- weights `{name}`: sha256 {digest}" for name, digest in report.weights.items()]
    return "\n".join(lines) + "\n"


def tables_csv(report: Report) -> str:
    """All tables as one: a line per set, size and method."""
    columns = shown_columns(report)
    return _csv(
        ["images", "size", "method", *(column.key for column in columns)],
        (
            [table.images, table.size, method, *_exact(row, columns)]
            for table in report.tables
            for method, row in [*table.rows.items(), *([(REAL, table.real)] if table.real else [])]
        ),
    )


def singles_csv(report: Report) -> str:
    """A line per set, size, method and image."""
    keys = {key for table in report.tables for images in table.singles.values() for row in images.values() for key in row}
    columns = [column for column in COLUMNS if column.key in keys]
    return _csv(
        ["images", "size", "method", "image", *(column.key for column in columns)],
        (
            [table.images, table.size, method, image, *_exact(row, columns)]
            for table in report.tables
            for method, images in table.singles.items()
            for image, row in images.items()
        ),
    )


def _markdown_table(table: Table) -> list[str]:
    columns = table.columns
    lines = [f"| method | {' | '.join(map(heading, columns))} |", "|---|" + "---:|" * len(columns)]
    for method, row in table.rows.items():
        texts = [(number(row.get(column.key, math.nan), column), table.best(column)) for column in columns]
        lines.append(f"| {method} | {' | '.join(f'**{text}**' if text == best else text for text, best in texts)} |")
    if table.real:
        lines.append(f"| *{REAL}* | {' | '.join(number(table.real.get(column.key, math.nan), column) for column in columns)} |")
    return lines


def _exact(row: dict[str, float], columns: list[Column]) -> list[str]:
    values = [row.get(column.key, math.nan) for column in columns]
    return ["" if math.isnan(value) else f"{value:.8g}" for value in values]


def _csv(head: list[str], rows: Iterable[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()
