"""The report as one HTML page that loads nothing: style, script and pictures are in it."""

import base64
import math
from html import escape

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

STYLE = """
:root { color-scheme: light; --zoom: 1; }
body { font: 15px/1.45 system-ui, sans-serif; color: #222; background: #fafafa; margin: 0 auto; padding: 1rem 2rem; }
h1 { margin: 0 0 .3rem; } h2 { margin: 2rem 0 .5rem; } h3 { margin: 1.2rem 0 .4rem; }
p, ul { max-width: 60rem; } nav a { margin-right: 1rem; }
.scroll { overflow-x: auto; max-width: 100%; }
table.numbers { border-collapse: collapse; background: #fff; font-variant-numeric: tabular-nums; }
.numbers th, .numbers td { padding: .25rem .6rem; border-bottom: 1px solid #e2e2e2; text-align: right; white-space: nowrap; }
.numbers th:first-child, .numbers td:first-child { text-align: left; position: sticky; left: 0; background: inherit; }
.numbers thead, .numbers tr { background: #fff; }
.numbers thead th { cursor: pointer; vertical-align: bottom; white-space: normal; }
.numbers thead th[aria-sort]::after { content: " ▴"; } .numbers thead th[aria-sort=descending]::after { content: " ▾"; }
.numbers tfoot td { color: #666; font-style: italic; }
.sheet { border-spacing: 6px; } .sheet th { font-weight: 600; font-size: 13px; text-align: left; }
.sheet td, .panel { vertical-align: top; } .sheet img { width: calc(var(--zoom) * var(--width)); }
img { display: block; background: #fff; } img.cells { image-rendering: pixelated; }
summary { cursor: pointer; font-weight: 600; margin: .6rem 0; }
.panels { display: flex; gap: 12px; margin-top: .6rem; flex-wrap: wrap; } .panel div { margin-bottom: .2rem; }
select { font: inherit; margin-right: .8rem; }
pre { background: #f0f0f0; padding: .6rem; white-space: pre-wrap; max-width: 70rem; }
li { overflow-wrap: anywhere; }
"""

SCRIPT = """
const all = (query, root = document) => [...root.querySelectorAll(query)];
for (const image of all("img[data-same]")) image.src = document.getElementById(image.dataset.same).src;

for (const head of all(".numbers thead th")) head.onclick = () => {
  const down = head.getAttribute("aria-sort") === "ascending", body = head.closest("table").tBodies[0];
  all("th[aria-sort]", head.parentNode).forEach(each => each.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const key = row => row.cells[head.cellIndex].dataset.value;
  const order = (a, b) => a === "" || b === "" ? (a === "") - (b === "")       // nothing goes last, both ways
    : (down ? -1 : 1) * (isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b);
  body.append(...[...body.rows].sort((a, b) => order(key(a), key(b))));
};

document.getElementById("zoom").onchange = event => document.body.style.setProperty("--zoom", event.target.value);

const [sheet, picture, left, right] = ["sheet", "picture", "left", "right"].map(id => document.getElementById(id));
const fill = (select, names, wanted) => {
  select.replaceChildren(...names.map((name, i) => new Option(name, i)));
  const at = names.indexOf(wanted);
  if (at >= 0) select.selectedIndex = at;
};
const chosen = select => select.selectedOptions[0] && select.selectedOptions[0].text;
const show = () => {
  const row = all("tbody tr", all(".sheet")[sheet.value])[picture.value], made = all("td.made", row);
  const cells = [...all("td.given", row), made[left.value], made[right.value]];
  const width = (document.body.clientWidth - 12 * cells.length) / cells.length;
  const zoom = Math.max(1, Math.floor(Math.min(width / row.dataset.width, 640 / row.dataset.height)));
  document.getElementById("panels").replaceChildren(...cells.map(cell => {
    const [panel, caption] = [0, 1].map(() => document.createElement("div")), image = cell.querySelector("img").cloneNode();
    panel.className = "panel"; caption.textContent = image.alt; image.removeAttribute("id");
    image.style.width = zoom * row.dataset.width + "px";
    panel.append(caption, image);
    return panel;
  }));
};
const refill = () => {
  const table = all(".sheet")[sheet.value], rows = all("tbody tr", table), before = [picture, left, right].map(chosen);
  fill(picture, rows.map(row => row.dataset.name), before[0]);
  const methods = all("td.made", rows[0]).map(cell => cell.dataset.method);
  fill(left, methods, before[1]);
  fill(right, methods, before[2] || methods[methods.length - 1]);
  show();
};
fill(sheet, all(".sheet").map(each => each.dataset.title));
sheet.onchange = refill;
for (const select of [picture, left, right]) select.onchange = show;
window.onresize = show;
refill();
"""


def html_page(report: Report) -> str:
    """Tables that sort by a click on the heading, a viewer, contact sheets, and what the numbers
    come from.
    """
    name = escape(report.config.name)
    pictures = _Pictures()
    sheets = "\n".join(_sheet(table, report.config.show, pictures) for table in report.tables)
    notes = _notes("Left out", report.left_out) + _notes(
        "Images that could not be used", report.failures
    )
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{name}</title>
<style>{STYLE}</style></head><body>
<h1>{name}</h1>
<p>{escape(report.config.about)}</p>
<nav><a href="#tables">Tables</a><a href="#viewer">Side by side</a><a href="#sheets">Contact sheets</a>
<a href="#origin">Origin</a></nav>
<h2 id="tables">Tables</h2>
<p>Click a heading to sort. {escape(reading(report))} Arrows point the better way.</p>
{"".join(map(_numbers, printed_tables(report)))}
{_notes("What the columns mean", [f"{heading(column)}: {column.meaning}" for column in shown_columns(report)])}
{notes}
<h2 id="viewer">Side by side</h2>
<label>Images <select id="sheet"></select></label><label>Image <select id="picture"></select></label>
<label>Left <select id="left"></select></label><label>Right <select id="right"></select></label>
<div class="panels" id="panels"></div>
<h2 id="sheets">Contact sheets</h2>
<label>Zoom <select id="zoom"><option>0.5<option selected>1<option>2<option>3</select></label>
{sheets}
<h2 id="origin">Origin</h2>
<pre>{escape(report.command)}</pre>
{_notes("Versions", [f"{key}: {value}" for key, value in report.versions.items()])}
{_notes("Weights, sha256", [f"{key}: {value}" for key, value in report.weights.items()])}
<script>{SCRIPT}</script>
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
        return f'<img id="{self.ids[png]}" src="data:image/png;base64,{base64.b64encode(png).decode()}" {attributes}>'


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
            cells += f'<td class="made" data-method="{escape(method)}">{pictures.img(png, method, kind, zoomed)}</td>'
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
    return (
        "<h3>"
        + escape(title)
        + "</h3><ul>"
        + "".join(f"<li>{escape(note)}</li>" for note in notes)
        + "</ul>\n"
    )
