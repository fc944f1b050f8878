"""docs/depixelize.md says what snap and depixelize do, and its pictures are those that
tools/doc_pictures_depixelize.py makes.
"""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization.apps.cli import depixelize, snap
from pixelization.apps.cli.running import EXIT_SOME_FAILED, EXIT_UNSURE, EXIT_USAGE
from pixelization.detection.geometry import SURE
from pixelization.interrupts import EXIT_INTERRUPTED
from tests.make import json_lines

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "depixelize.md"
PICTURES = ROOT / "docs" / "images" / "depixelize"
TEXT = DOCUMENT.read_text(encoding="utf-8")
FLAG = re.compile(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*")


def block(language):
    """The first code block of that language."""
    return re.search(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)[1]


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"), float)


def shape_of(value):
    """The keys of JSON and the types of its values."""
    if isinstance(value, dict):
        return {key: shape_of(each) for key, each in value.items()}
    return [shape_of(each) for each in value] if isinstance(value, list) else type(value)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    pytest.importorskip("scalerack")
    out = tmp_path_factory.mktemp("pictures")
    command = [sys.executable, ROOT / "tools/doc_pictures_depixelize.py", "-o", out]
    run = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stderr
    assert sorted(run.stdout.splitlines()) == sorted(map(str, out.iterdir()))
    return out


def test_document_names_every_flag_of_both_tools_and_no_other(capsys):
    flags = set()
    for tool in (snap, depixelize):
        with pytest.raises(SystemExit):
            tool.main(["--help"])
        flags |= set(FLAG.findall(capsys.readouterr().out))
    assert len(flags) > 40
    assert set(FLAG.findall(TEXT)) == flags


def test_document_names_every_method_exit_code_and_the_limit():
    for method in depixelize.METHODS:
        assert f"`{method}`" in TEXT
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)}
    assert codes == {0, EXIT_SOME_FAILED, EXIT_USAGE, EXIT_UNSURE, EXIT_INTERRUPTED}
    assert f"from a confidence of {SURE:g}." in TEXT


def test_example_of_doubt_is_what_the_tool_says(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    patterns = (r"^\$ pixel-snap (.*)$", r"^pixel-snap: .*$")
    (command,), (message,) = (
        re.findall(pattern, block("console"), re.MULTILINE) for pattern in patterns
    )
    assert snap.main(command.split()) == EXIT_UNSURE
    assert not Path("cat.png").exists()

    def without_numbers(text):  # which may differ between processors
        return re.sub(r"[\d.]+", "N", text.strip())

    assert without_numbers(capsys.readouterr().err) == without_numbers(message)


def test_json_example_has_the_fields_of_reports(tmp_path, capsys):
    sprite = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(sprite).resize((96, 96), Image.Resampling.NEAREST).crop((2, 3, 96, 96)).save(
        tmp_path / "wild.png"
    )
    assert (
        snap.main([str(tmp_path / "wild.png"), "-o", str(tmp_path / "sprite.png"), "--json"]) == 0
    )
    (found,), (shown,) = (json_lines(text) for text in (capsys.readouterr().out, block("json")))
    del found["grid"]["runners_up"][1:]
    assert shape_of(found) == shape_of(shown) and list(found) == list(shown)


@pytest.mark.parametrize(("factor", "right"), [(1.5, False), (2, True)])
def test_cells_below_two_pixels_are_the_limit(factor, right, tmp_path, capsys):
    sprite = Image.open(ROOT / "examples/sprites/frog.png").convert("RGBA")
    sprite.resize((round(32 * factor),) * 2, Image.Resampling.NEAREST).save(tmp_path / "wild.png")
    assert (
        snap.main([str(tmp_path / "wild.png"), "-o", str(tmp_path / "sprite.png"), "--json"]) == 0
    )
    (report,) = json_lines(capsys.readouterr().out)
    assert report["grid"]["native"] is not right
    assert report["size"] == ([32, 32] if right else [48, 48])


def test_document_shows_exactly_the_pictures_that_the_tool_makes(made):
    shown = re.findall(r"!\[[^\]]+\]\(images/depixelize/([^)]+)\)", TEXT)
    assert (
        sorted(shown)
        == sorted(path.name for path in made.iterdir())
        == sorted(path.name for path in PICTURES.iterdir())
    )


def test_pictures_are_small_and_up_to_date(made):
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < 1_200_000
    for path in made.iterdir():
        new, old = pixels(path), pixels(PICTURES / path.name)
        assert new.shape == old.shape, f"{path.name}: run tools/doc_pictures_depixelize.py"
        # Other processors and libraries may tip single cells over and draw letters differently.
        assert np.abs(new - old).mean() < 1.5, f"{path.name}: run tools/doc_pictures_depixelize.py"


def test_held_pixels_are_visible(made):
    marks = (pixels(made / "animation.png") == (255, 0, 255)).all(axis=2)
    alone, held = marks[:, : marks.shape[1] // 2], marks[:, marks.shape[1] // 2 :]
    frog = slice(0, alone.shape[1] // 2)  # it sits still in the left half of both
    assert alone[:, frog].sum() > 10
    assert held[:, frog].sum() == 0
