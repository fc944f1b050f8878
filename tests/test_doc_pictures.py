"""docs/pixelize.md says what the tool does, and its pictures are those that tools/doc_pictures.py makes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization.cli import pixelize
from pixelization.cli.running import EXIT_INTERRUPTED, EXIT_SOME_FAILED, EXIT_USAGE, FIELDS
from pixelization.style import DITHERS, OUTLINES, load_style

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "pixelize.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
FLAG = re.compile(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*")


def block(language):
    """The one code block of that language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return found


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"), float)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("pictures")
    run = subprocess.run([sys.executable, ROOT / "tools/doc_pictures.py", "-o", out], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert sorted(run.stdout.splitlines()) == sorted(map(str, out.iterdir()))
    return out


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
    (result,) = json.loads(block("json"))["results"]
    assert tuple(result) == FIELDS


def test_style_file_of_the_document_can_be_loaded(tmp_path):
    path = tmp_path / "house-style.yaml"
    path.write_text(block("yaml"), encoding="utf-8")
    style = load_style(path)
    assert style.size == (64, None) and style.pad == (72, 72) and style.isolated and style.dither_strength == 0.5


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert (DOCUMENT.parent / target).is_file(), target


def test_document_shows_exactly_the_pictures_that_the_tool_makes(made):
    shown = re.findall(r"!\[[^\]]+\]\(images/pixelize/([^)]+)\)", TEXT)
    assert sorted(shown) == sorted(path.name for path in made.iterdir())
    assert sorted(shown) == sorted(path.name for path in (DOCUMENT.parent / "images/pixelize").iterdir())


def test_pictures_are_up_to_date(made):
    for path in made.iterdir():
        new, old = (pixels(folder / path.name) for folder in (made, DOCUMENT.parent / "images/pixelize"))
        assert new.shape == old.shape, f"{path.name}: run tools/doc_pictures.py"
        # Other processors and libraries may tip single cells over and draw letters differently.
        assert np.abs(new - old).mean() < 1.5, f"{path.name}: run tools/doc_pictures.py"


def test_clean_ups_are_visible(made):
    for name, zoom in (("isolated", 4), ("jaggies", 5)):
        marks = (pixels(made / f"{name}.png") == (255, 0, 255)).all(axis=2)
        assert 5 <= marks.sum() / zoom**2 <= 100, name
