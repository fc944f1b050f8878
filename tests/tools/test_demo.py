"""tools/demo.py as `make demo` calls it, with the shipped weights."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo")
    run = subprocess.run(
        [sys.executable, ROOT / "tools/demo.py", "--out", out],
        cwd=out,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stderr
    return out, run.stdout.splitlines()


def test_prints_exactly_the_paths_that_it_wrote(demo):
    out, printed = demo
    assert sorted(printed) == sorted(str(path) for path in out.iterdir())
    assert len(printed) == 6 * 2 + 5 + 3 + 5


@pytest.mark.parametrize(
    "name, size", [("house", (64, 64)), ("snowman", (48, 48)), ("cat", (72, 48))]
)
def test_sprites_have_one_pixel_per_cell_and_previews_repeat_them(demo, name, size):
    sprite, preview = (Image.open(demo[0] / f"{name}{end}.png") for end in ("", "_preview"))
    assert sprite.size == size
    enlarged = np.asarray(sprite).repeat(8, axis=0).repeat(8, axis=1)
    assert np.array_equal(np.asarray(preview), enlarged)


def test_transparency_survives_in_both_directions(demo):
    sprite = np.asarray(Image.open(demo[0] / "monkey.png"))
    assert sprite.shape == (48, 48, 4) and set(np.unique(sprite[..., 3])) == {0, 255}
    smooth = Image.open(demo[0] / "frog_depixelized.png")
    assert smooth.mode == "RGBA" and smooth.size == (256, 256)
    assert smooth.getpixel((0, 0))[3] == 0


def test_a_folder_that_cannot_be_written_is_one_line_and_exit_code_2(tmp_path):
    (tmp_path / "taken").write_text("a file, not a folder")
    run = subprocess.run(
        [sys.executable, ROOT / "tools/demo.py", "--out", tmp_path / "taken"],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 2
    assert run.stderr.startswith("demo: error:") and run.stderr.count("\n") == 1
    assert (tmp_path / "taken").read_text() == "a file, not a folder"
