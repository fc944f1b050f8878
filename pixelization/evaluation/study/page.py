"""A study as one HTML page that loads nothing: judges answer with keys and save their answers."""

import base64
import hashlib
import json
from html import escape
from pathlib import Path
from typing import Any

from pixelization.cells.sizes import Size
from pixelization.errors import UserError
from pixelization.evaluation.study.key import LETTERS, QUESTIONS
from pixelization.evaluation.study.sheets import (
    ABOUT,
    SOURCE,
    TILE,
    TILES,
    is_sprite,
    source_size,
    sprite_size,
)
from pixelization.files import read_whole
from pixelization.images.opening import open_image
from pixelization.json_text import parse_json

STYLE, SCRIPT = (Path(__file__).with_name(name) for name in ("judge.css", "judge.js"))


def judging_page(folder: Path, title: str) -> str:
    """The page of a study.

    It is made of what judges may see, so it cannot tell them more. Its answers are those that
    :func:`~pixelization.evaluation.study.key.read_answers` reads.

    Args:
        folder: as :func:`~pixelization.evaluation.study.sheets.write_study` writes it.
        title: of the page, and of the file with answers.

    Raises:
        UserError: the folder is no study.
    """
    try:
        about = parse_json((folder / ABOUT).read_bytes())
        question = QUESTIONS[about["question"]]
        rows = [
            _row(folder / TILES, number, letters)
            for number, letters in enumerate(about["letters"], start=1)
        ]
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{folder}: is not the folder of a study, or not whole") from None
    study = {"title": title, "question": about["question"], "rows": rows}
    data = json.dumps(study).replace("<", "\\u003c")  # no tag ends the script
    identity = hashlib.sha256(data.encode()).hexdigest()[:16]
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(title)}</title>
<style>{STYLE.read_text(encoding="utf-8")}</style></head><body>
<h1>{escape(title)}</h1>
<p>{escape(question)}</p>
<p id="keys"></p>
<p id="state" role="status"></p>
<div id="row"></div>
<p><button id="back">Back</button> <button id="undo">Undo</button> <button id="next">Next</button>
<button id="save">Save answers</button></p>
<script>const STUDY = {data}, IDENTITY = "{identity}";
{SCRIPT.read_text(encoding="utf-8")}</script>
</body></html>
"""


def _row(tiles: Path, number: int, letters: int) -> list[dict[str, Any]]:
    """What a row shows: captions, data URLs and sizes; the source, if there is one, first."""
    paths = {letter: tiles / f"{number:02d}_{letter}.png" for letter in LETTERS[:letters]}
    sprite = _size(paths["A"])
    figures = [
        _figure(letter, path, sprite_size(sprite), cells=max(sprite) <= TILE)
        for letter, path in paths.items()
    ]
    source = tiles / f"{number:02d}_{SOURCE}.png"
    if not source.exists():
        return figures
    size = _size(source)
    cells = is_sprite(size, sprite)
    return [_figure(SOURCE, source, source_size(size, sprite), cells=cells), *figures]


def _figure(caption: str, path: Path, size: Size, *, cells: bool) -> dict[str, Any]:
    url = f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
    return {"caption": caption, "url": url, "width": size[0], "height": size[1], "cells": cells}


def _size(path: Path) -> Size:
    return open_image(read_whole(path), str(path)).size
