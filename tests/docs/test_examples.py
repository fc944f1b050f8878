"""Every example of the Markdown pages here and in docs/ runs.

A page's blocks run in their order in one folder, which holds what :func:`folder` makes. A block
that cannot run has a line above it that says why: ``<!-- not run: takes hours -->``. The sessions
of docs/api.md run in test_api.py, and those in ``console`` blocks where their page is tested.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from pixelization import __main__ as package
from pixelization.animation.writing import write_animation
from pixelization.apps.cli import depixelize, pixelize, snap

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
TOOLS = {"pixelize": pixelize.main, "depixelize": depixelize.main, "pixel-snap": snap.main}
SHELL = re.compile(r"[|<>&;$`*]")
RUN, ELSEWHERE = {"bash", "python"}, {"", "text", "yaml", "json", "bibtex", "console", "pycon"}


class Block(NamedTuple):
    """A fenced block: its language, its text, and why it is not run, if so."""

    language: str
    text: str
    not_run: str | None


def blocks(page):
    """The fenced blocks of a page in their order."""
    fence = r"^(?:<!-- not run: ([^\n]+) -->\n)?```(\w*)\n(.*?)^```$"
    found = re.findall(fence, page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [Block(language, text, reason or None) for reason, language, text in found]


def commands(text):
    """The commands of a shell block: comments are gone, and lines ending in \\ are joined."""
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [line for line in (re.sub(r"(^|\s)#.*", "", each).strip() for each in lines) if line]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with what the examples name: the repository's own, and pictures of a user.

    ``drawing.png`` and ``drawings/`` are cartoons, ``enlarged.png`` and ``enlargements/`` sprites
    that were enlarged and cropped, ``walk.gif`` and ``frames/`` an animation, ``sheet.png`` a sheet
    of two tiles with its JSON, ``house-style.yaml`` the style file of docs/pixelize.md.
    """
    for name in ("configs", "docs", "examples", "tests", "tools"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("drawings", "enlargements", "frames"):
        (tmp_path / name).mkdir()
    cartoons = ROOT / "tests" / "data" / "cartoons"
    hat = Image.open(cartoons / "hat.png").convert("RGB")
    hat.save(tmp_path / "drawing.png")
    for name in ("hat.png", "tennis.png"):
        (tmp_path / "drawings" / name).write_bytes((cartoons / name).read_bytes())
    for name in ("frog", "snake"):
        sprite = Image.open(ROOT / "examples" / "sprites" / f"{name}.png").convert("RGBA")
        size = tuple(6 * side for side in sprite.size)
        wild = sprite.resize(size, Image.Resampling.NEAREST).crop((2, 3, *size))
        wild.save(tmp_path / "enlargements" / f"{name}.png")
        if name == "frog":
            wild.save(tmp_path / "enlarged.png")
    still = np.asarray(hat.resize((96, 96), Image.Resampling.NEAREST))
    steps = [np.roll(still, 8 * step, axis=1) for step in range(2)]
    write_animation(steps, tmp_path / "walk.gif", durations=[100, 300], plays=0, format="gif")
    for number, step in enumerate(steps, start=1):
        Image.fromarray(step).save(tmp_path / "frames" / f"walk_{number:04d}.png")
    tiles = [step[:64, :64] for step in steps]
    Image.fromarray(np.hstack(tiles)).save(tmp_path / "sheet.png")
    frames = {f"walk {i}.png": {"frame": {"x": 64 * i, "y": 0, "w": 64, "h": 64}} for i in range(2)}
    (tmp_path / "sheet.json").write_text(json.dumps({"frames": frames}))
    style = next(b for b in blocks(ROOT / "docs" / "pixelize.md") if b.language == "yaml")
    (tmp_path / "house-style.yaml").write_text(style.text)
    shims = tmp_path / "bin"
    shims.mkdir()
    python = shlex.quote(sys.executable)
    calls = {"python": python}
    for name, main in TOOLS.items():
        code = f"import sys; from {main.__module__} import main; sys.exit(main(sys.argv[1:]))"
        calls[name] = f'{python} -c "{code}"'
    for name, call in calls.items():
        (shims / name).write_text(f'#!/bin/sh\nexec {call} "$@"\n')
        (shims / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(shims), prepend=os.pathsep)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command):
    """Run one command of a shell block; what is only a call of our tools runs in this process."""
    name, *arguments = shlex.split(command)
    ours = TOOLS.get(name)
    if [name, *arguments[:2]] == ["python", "-m", "pixelization"]:
        ours, arguments = package.main, arguments[2:]
    if ours and not SHELL.search(re.sub("'[^']*'", "", command)):
        assert ours(arguments) == 0, command
        return
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_run(page, folder):
    namespace = {"__name__": "example"}
    for block in blocks(page):
        if block.not_run:
            continue
        if block.language == "python":
            exec(compile(block.text, str(page), "exec"), namespace)
        elif block.language == "bash":
            for command in commands(block.text):
                run(command)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_is_seen_and_has_a_language_that_is_known(page):
    found = blocks(page)
    assert 2 * len(found) == len(re.findall(r"^\s*```", page.read_text(), re.MULTILINE))
    assert {block.language for block in found} <= RUN | ELSEWHERE
    assert [block for block in found if block.not_run and block.language not in RUN] == []
