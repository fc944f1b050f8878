"""docs/pixelize.md and docs/animation.md say what the tool does.

Their pictures are those that tools/doc_pictures.py makes.
"""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization.apps.cli import pixelize
from pixelization.apps.cli.running import EXIT_SOME_FAILED, EXIT_USAGE
from pixelization.batch.report import FIELDS
from pixelization.interrupts import EXIT_INTERRUPTED
from pixelization.palettes.names import DITHERS
from pixelization.pipeline.style import OUTLINES
from pixelization.pipeline.style_files import load_style
from tests.make import json_lines, tool_module

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "docs" / name for name in ("pixelize.md", "animation.md")]
PICTURES = ROOT / "docs" / "images" / "pixelize"
TEXT = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
FLAG = re.compile(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*")


def block(language):
    """The one code block of that language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return found


@pytest.fixture(scope="module")
def made():
    """By name, the tiles of every picture as the tool places them now, with the shipped weights."""
    with tool_module("doc_pictures") as pictures, tool_module("picture_sheets") as sheets:
        return {f"{make.__name__}.png": sheets.placed(make()) for make in pictures.MAKERS}


def test_document_names_every_flag_and_no_other(capsys):
    with pytest.raises(SystemExit):
        pixelize.main(["--help"])
    flags = set(FLAG.findall(capsys.readouterr().out))
    assert len(flags) > 40
    assert set(FLAG.findall(TEXT)) == flags


def test_document_names_every_choice_and_exit_code():
    for word in (*DITHERS, *OUTLINES, "gif", "webp", "mp4", "webm", "sequence"):
        assert word in TEXT
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)}
    assert codes == {0, EXIT_SOME_FAILED, EXIT_USAGE, EXIT_INTERRUPTED}


def test_json_example_has_the_fields_of_reports():
    (result,) = json_lines(block("json"))
    assert tuple(result) == FIELDS


def test_style_file_of_the_document_can_be_loaded(tmp_path):
    path = tmp_path / "house-style.yaml"
    path.write_text(block("yaml"), encoding="utf-8")
    style = load_style(path)
    assert (
        style.size == (64, None)
        and style.pad == (72, 72)
        and style.isolated
        and style.dither_strength == 0.5
    )


def test_document_shows_exactly_the_pictures_that_the_tool_makes(made):
    shown = re.findall(r"!\[[^\]]+\]\(images/pixelize/([^)]+)\)", TEXT)
    assert sorted(shown) == sorted(made)
    assert sorted(shown) == sorted(path.name for path in PICTURES.iterdir())


def test_pictures_are_up_to_date(made):
    for name, tiles in made.items():
        with Image.open(PICTURES / name) as picture:
            stored = picture.convert("RGB")
        for tile in tiles:
            assert tile.box[2] <= stored.width and tile.box[3] <= stored.height, name
            old, new = (np.asarray(each, int) for each in (stored.crop(tile.box), tile.image))
            share = (np.abs(new - old).max(axis=2) > 8).mean()
            # On other processors single cells may tip over. An option that did nothing would
            # change 0.5 % of its tile or more.
            assert share < 0.003, f"{name}, {tile.lines}: run tools/doc_pictures.py"


def test_clean_ups_are_visible(made):
    for name, zoom in (("isolated", 4), ("jaggies", 5)):
        *_, marked = made[f"{name}.png"]
        marks = (np.asarray(marked.image) == (255, 0, 255)).all(axis=2)
        assert 5 <= marks.sum() / zoom**2 <= 100, name
