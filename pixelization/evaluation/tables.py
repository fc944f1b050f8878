"""Results, and as text: the tables in Markdown and CSV."""

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pixelization.evaluation.config import REAL, EvaluationConfig
from pixelization.evaluation.measures import COLUMNS, Column, mean_values
from pixelization.evaluation.pair_kinds import PAIRS

NOTHING = "–"
ALL = "all kinds"  # of damage
COMPARED = ("exact", "near", "pixel_match")  # columns of the damage suite with a table of their own


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
        pictures: one per image that is shown.
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
        return f"{self.images}, {self.size} ({self.count} image{'s' * (self.count != 1)})"

    @property
    def count(self) -> int:
        """Images that the means are of."""
        return len(next(iter(self.singles.values())))

    @property
    def columns(self) -> list[Column]:
        """The columns that say anything here."""
        return _filled(self.rows)


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


@dataclass(frozen=True)
class PrintedTable:
    """Numbers as they are printed.

    Attributes:
        title: heading.
        corner: what the rows are.
        columns: in their order.
        rows: value by column key, by the name of the row; NaN or absent where there is none.
        foot: the same of rows apart, which are not compared.
        bold: the best, as (row, column key).
    """

    title: str
    corner: str
    columns: list[Column]
    rows: dict[str, dict[str, float]]
    foot: dict[str, dict[str, float]]
    bold: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def printed_tables(report: Report) -> list[PrintedTable]:
    """What is printed of a report.

    Its tables, or those of the damage suite with a row for every kind.
    """
    if report.config.task == "snap":
        return _tables_by_kind(report.tables)
    return [
        PrintedTable(
            each.title,
            "method",
            each.columns,
            each.rows,
            {REAL: each.real} if each.real else {},
            _best_of_columns(each),
        )
        for each in report.tables
    ]


def reading(report: Report) -> str:
    """A sentence on how the tables are to be read."""
    if report.config.task == "snap":
        return (
            f"Rows are kinds of damage, '{ALL}' is over all images. "
            "Where methods are columns, the best of a row is bold."
        )
    if report.config.task == "pairs":
        kinds = "; ".join(f"{table.size}: {PAIRS[table.size].about}" for table in report.tables)
        return (
            "Shares of the cells of all drawings together; seconds are medians. "
            f"The best of a column is bold. Drawings are {kinds}."
        )
    return (
        "Means over the images. "
        "The best of a column is bold, unless the column is not one to win by."
    )


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
    lines = [
        f"# {report.config.name}",
        "",
        *([report.config.about, ""] if report.config.about else []),
    ]
    lines += ["Made by", "```", report.command, "```", ""]
    for table in printed_tables(report):
        lines += [f"## {table.title}", "", *_markdown_table(table), ""]
    lines += [
        "## What the columns mean",
        *(f"- {heading(column)}: {column.meaning}." for column in shown_columns(report)),
    ]
    lines += ["", reading(report), ""]
    for title, notes in (
        ("Left out", report.left_out),
        ("Images that could not be used", report.failures),
    ):
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
    keys = {
        key
        for table in report.tables
        for images in table.singles.values()
        for row in images.values()
        for key in row
    }
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


def _tables_by_kind(tables: list[Table]) -> list[PrintedTable]:
    """The columns that methods are compared by, a table each; then a table of every method."""
    count = f"{tables[0].count} sprite{'s' * (tables[0].count != 1)} of each kind"
    methods = list(tables[0].rows)
    rows = {method: {table.size: table.rows[method] for table in tables} for method in methods}
    total = {
        method: mean_values(
            {
                (table.size, name): row
                for table in tables
                for name, row in table.singles[method].items()
            }
        )
        for method in methods
    }
    found = []
    for column in COLUMNS:
        if column.key in COMPARED:
            columns = [replace(column, key=method, title=method, better="") for method in methods]
            values = {
                kind: {method: rows[method][kind][column.key] for method in methods}
                for kind in rows[methods[0]]
            }
            bold = frozenset(
                (kind, method) for kind, row in values.items() for method in _best(row, column)
            )
            foot = {ALL: {method: total[method][column.key] for method in methods}}
            found.append(
                PrintedTable(
                    f"{column.title.capitalize()} ({count})", "damage", columns, values, foot, bold
                )
            )
    for method in methods:
        found.append(
            PrintedTable(
                f"{method} ({count})",
                "damage",
                _filled(rows[method]),
                rows[method],
                {ALL: total[method]},
            )
        )
    return found


def _filled(rows: dict[str, dict[str, float]]) -> list[Column]:
    """The columns that have a value in any row."""
    return [
        column
        for column in COLUMNS
        if not all(math.isnan(row.get(column.key, math.nan)) for row in rows.values())
    ]


def _best_of_columns(table: Table) -> frozenset[tuple[str, str]]:
    return frozenset(
        (method, column.key)
        for column in table.columns
        for method in _best(
            {name: row.get(column.key, math.nan) for name, row in table.rows.items()}, column
        )
    )


def _best(values: dict[str, float], column: Column) -> list[str]:
    """Whose value is the best as it is printed, so that equal ones are all best.

    None where nothing is to be won.
    """
    known = [value for value in values.values() if not math.isnan(value)]
    if column.gate or not column.better or len(known) < 2:
        return []
    best = number(max(known) if column.better == "higher" else min(known), column)
    return [name for name, value in values.items() if number(value, column) == best]


def _markdown_table(table: PrintedTable) -> list[str]:
    lines = [
        f"| {table.corner} | {' | '.join(map(heading, table.columns))} |",
        "|---|" + "---:|" * len(table.columns),
    ]
    for name, row in [
        *table.rows.items(),
        *((f"*{name}*", row) for name, row in table.foot.items()),
    ]:
        texts = [
            (number(row.get(column.key, math.nan), column), (name, column.key) in table.bold)
            for column in table.columns
        ]
        lines.append(
            f"| {name} | {' | '.join(f'**{text}**' if bold else text for text, bold in texts)} |"
        )
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
