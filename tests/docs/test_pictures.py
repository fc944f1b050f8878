"""docs/pixelize.md says what the tool does, and its pictures are those that tools/doc_pictures.py
makes.
"""

import io
import json
import re
from contextlib import redirect_stdout
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization.apps.cli import pixelize
from pixelization.apps.cli.running import EXIT_INTERRUPTED, EXIT_SOME_FAILED, EXIT_USAGE, FIELDS
from pixelization.palettes.names import DITHERS
from pixelization.pipeline.style import OUTLINES
from pixelization.pipeline.style_files import load_style

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "pixelize.md"
PICTURES = ROOT / "docs" / "images" / "pixelize"
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
    """By file name, the picture that the tool makes, float ``(H, W, 3)``, and on which of its tiles
    each pixel is, 0 on none.
    """
    out, printed, tiles = tmp_path_factory.mktemp("pictures"), io.StringIO(), []
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.syspath_prepend(ROOT / "tools")
        import doc_pictures
        import picture_sheets

        def composed(rows, compose=picture_sheets.composed):
            numbers = count(1)

            def flat(tile):
                return tile._replace(
                    pixels=np.full_like(tile.pixels[..., :3], (next(numbers), 0, 255))
                )

            red, green, blue = np.moveaxis(
                np.asarray(compose([[flat(tile) for tile in row] for row in rows])), 2, 0
            )
            tiles.append(np.where((green == 0) & (blue == 255), red, 0))  # letters are grey
            return compose(rows)

        patch.setattr(picture_sheets, "composed", composed)
        assert doc_pictures.main(["-o", str(out)]) == 0
    paths = printed.getvalue().splitlines()
    assert sorted(paths) == sorted(map(str, out.iterdir()))
    return {
        Path(path).name: (pixels(path), places) for path, places in zip(paths, tiles, strict=True)
    }


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
    assert (
        style.size == (64, None)
        and style.pad == (72, 72)
        and style.isolated
        and style.dither_strength == 0.5
    )


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert (DOCUMENT.parent / target).is_file(), target


def test_document_shows_exactly_the_pictures_that_the_tool_makes(made):
    shown = re.findall(r"!\[[^\]]+\]\(images/pixelize/([^)]+)\)", TEXT)
    assert sorted(shown) == sorted(made)
    assert sorted(shown) == sorted(path.name for path in PICTURES.iterdir())


def test_pictures_are_up_to_date(made):
    for name, (new, tiles) in made.items():
        old = pixels(PICTURES / name)
        assert new.shape == old.shape, f"{name}: run tools/doc_pictures.py"
        changed = np.abs(new - old).max(axis=2) > 8
        shares = np.bincount(tiles.ravel(), changed.ravel()) / np.bincount(tiles.ravel())
        # On other processors single cells may tip over; an option that did nothing would change
        # 0.5 % of its tile or more.
        assert shares[1:].max() < 0.003, f"{name}: run tools/doc_pictures.py"


def test_clean_ups_are_visible(made):
    for name, zoom in (("isolated", 4), ("jaggies", 5)):
        marks = (made[f"{name}.png"][0] == (255, 0, 255)).all(axis=2)
        assert 5 <= marks.sum() / zoom**2 <= 100, name
