"""A study as one HTML page that loads nothing: judges answer with keys and save their answers."""

import base64
import hashlib
import json
from html import escape
from pathlib import Path

from pixelization.errors import UserError
from pixelization.evaluation.study.key import LETTERS, QUESTIONS
from pixelization.evaluation.study.sheets import ABOUT, SOURCE, TILES

STYLE, SCRIPT = "judge.css", "judge.js"  # beside this file


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
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
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
<style>{_part(STYLE)}</style></head><body>
<h1>{escape(title)}</h1>
<p>{escape(question)}</p>
<p id="keys"></p>
<p id="state" role="status"></p>
<div id="row"></div>
<p><button id="back">Back</button> <button id="undo">Undo</button> <button id="next">Next</button>
<button id="save">Save answers</button></p>
<script>const STUDY = {data}, IDENTITY = "{identity}";
{_part(SCRIPT)}</script>
</body></html>
"""


def _row(tiles: Path, number: int, letters: int) -> dict[str, str]:
    """Data URLs by caption; the source, if there is one, first."""
    captions = [SOURCE] if (tiles / f"{number:02d}_{SOURCE}.png").exists() else []
    return {
        caption: _url(tiles / f"{number:02d}_{caption}.png")
        for caption in [*captions, *LETTERS[:letters]]
    }


def _url(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"


def _part(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
