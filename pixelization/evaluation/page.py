"""The report as one HTML page that loads nothing: style, script and pictures are in it."""

import base64
import math
from html import escape
from pathlib import Path

from pixelization.evaluation.tables import (
    PrintedTable,
    Report,
    Table,
    heading,
    number,
    printed_tables,
    reading,
    shown_columns,
)

SIDE = 192  # pixels; about what the longer side of a sprite is zoomed to, by a whole factor
STYLE, SCRIPT = (Path(__file__).with_name(name) for name in ("page.css", "page.js"))


def html_page(report: Report) -> str:
    """The page of a report.

    It has tables that sort by a click on the heading, a viewer, contact sheets, and what the
    numbers come from.
    """
    name = escape(report.config.name)
    pictures = _Pictures()
    sheets = "\n".join(_sheet(table, report.config.show, pictures) for table in report.tables)
    notes = _notes("Left out", report.left_out) + _notes(
        "Images that could not be used", report.failures
    )
    meanings = [f"{heading(column)}: {column.meaning}" for column in shown_columns(report)]
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{name}</title>
<style>{STYLE.read_text(encoding="utf-8")}</style></head><body>
<h1>{name}</h1>
<p>{escape(report.config.about)}</p>
<nav><a href="#tables">Tables</a><a href="#viewer">Side by side</a>
<a href="#sheets">Contact sheets</a><a href="#origin">Origin</a></nav>
<h2 id="tables">Tables</h2>
<p>Click a heading to sort. {escape(reading(report))} Arrows point the better way.</p>
{"".join(map(_numbers, printed_tables(report)))}
{_notes("What the columns mean", meanings)}
{notes}
<h2 id="viewer">Side by side</h2>
<label>Images <select id="sheet"></select></label>
<label>Image <select id="picture"></select></label>
<label>Left <select id="left"></select></label><label>Right <select id="right"></select></label>
<div class="panels" id="panels"></div>
<h2 id="sheets">Contact sheets</h2>
<label>Zoom <select id="zoom"><option>0.5<option selected>1<option>2<option>3</select></label>
{sheets}
<h2 id="origin">Origin</h2>
<pre>{escape(report.command)}</pre>
{_notes("Versions", [f"{key}: {value}" for key, value in report.versions.items()])}
{_notes("Weights, sha256", [f"{key}: {value}" for key, value in report.weights.items()])}
<script>{SCRIPT.read_text(encoding="utf-8")}</script>
</body></html>
"""


class _Pictures:
    """Embeds every picture once.

    The same again, such as a source at another size, points to the first.
    """

    def __init__(self) -> None:
        self.ids: dict[bytes, str] = {}

    def img(self, png: bytes, alt: str, kind: str, width: int) -> str:
        attributes = f'alt="{escape(alt)}" class="{kind}" style="--width: {width}px"'
        if png in self.ids:
            return f'<img data-same="{self.ids[png]}" {attributes}>'
        self.ids[png] = f"p{len(self.ids)}"
        data = base64.b64encode(png).decode()
        return f'<img id="{self.ids[png]}" src="data:image/png;base64,{data}" {attributes}>'


def _numbers(table: PrintedTable) -> str:
    columns = table.columns
    head = "".join(
        f'<th title="{escape(column.meaning)}">{escape(heading(column))}</th>' for column in columns
    )

    def cells(name: str, row: dict[str, float]) -> str:
        parts = []
        for column in columns:
            value = row.get(column.key, math.nan)
            text = number(value, column)
            best = (name, column.key) in table.bold
            sort = "" if math.isnan(value) else f"{value:.8g}"
            parts.append(f'<td data-value="{sort}">{f"<b>{text}</b>" if best else text}</td>')
        return "".join(parts)

    body = "".join(
        f'<tr><td data-value="{escape(name)}">{escape(name)}</td>{cells(name, row)}</tr>'
        for name, row in table.rows.items()
    )
    apart = "".join(
        f"<tr><td>{escape(name)}</td>{cells(name, row)}</tr>" for name, row in table.foot.items()
    )
    foot = f"<tfoot>{apart}</tfoot>" if apart else ""
    return (
        f'<h3>{escape(table.title)}</h3>\n<div class="scroll"><table class="numbers">'
        f"<thead><tr><th>{table.corner}</th>{head}</tr></thead><tbody>{body}</tbody>{foot}</table></div>\n"
    )


def _sheet(table: Table, show: int, pictures: _Pictures) -> str:
    shown = table.pictures[: show or None]
    rows = []
    for picture in shown:
        width, height = picture.cells
        zoomed = width * max(1, round(SIDE / max(width, height)))
        cells = ""
        for caption, png in picture.given.items():
            kind = "cells" if caption == "sprite" else "smooth"
            cells += f'<td class="given">{pictures.img(png, caption, kind, zoomed)}</td>'
        for method, png in picture.made.items():
            kind = "smooth" if "sprite" in picture.given else "cells"
            image = pictures.img(png, method, kind, zoomed)
            cells += f'<td class="made" data-method="{escape(method)}">{image}</td>'
        data = f'data-name="{escape(picture.name)}" data-width="{width}" data-height="{height}"'
        rows.append(f'<tr {data} title="{escape(picture.name)}">{cells}</tr>')
    heads = "".join(f"<th>{escape(caption)}</th>" for caption in (*shown[0].given, *shown[0].made))
    count = f": the first {len(shown)}" if len(shown) < table.count else ""
    return (
        f'<details><summary>{escape(table.title)}{count}</summary><div class="scroll">'
        f'<table class="sheet" data-title="{escape(table.title)}">'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div></details>"
    )


def _notes(title: str, notes: list[str]) -> str:
    if not notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f"<h3>{escape(title)}</h3><ul>{items}</ul>\n"
