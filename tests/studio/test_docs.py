"""The examples of docs/studio.md run, and its table has the routes that there are."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.studio.browser import listening

pytest.importorskip("uvicorn")
server = pytest.importorskip("pixelization.studio.server")
PAGE = (Path(__file__).parents[2] / "docs" / "studio.md").read_text(encoding="utf-8")


def block(language):
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return text


@pytest.fixture
def address(folder, workshop):
    with listening(server.build_app(workshop)) as address:
        yield address


def test_the_commands_of_the_page_run(address, folder):
    script = re.sub(r"^\$ ", "", block("console"), flags=re.MULTILINE)
    script = script.replace("http://127.0.0.1:8420/", address)
    (folder / "python").symlink_to(sys.executable)
    subprocess.run(
        ["bash", "-euc", script],
        check=True,
        timeout=60,
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
    )
    assert Image.open("sprite.png").size == (48, 32)


def test_the_session_of_the_page_runs(address, folder):
    text = block("pycon").replace("http://127.0.0.1:8420/", address)
    test = doctest.DocTestParser().get_doctest(text, {}, "studio.md", None, 0)
    said = []
    assert doctest.DocTestRunner().run(test, out=said.append).failed == 0, "".join(said)
    assert Image.open("sprite.png").size == (48, 32)


def test_the_table_has_every_route(workshop):
    described = server.build_app(workshop).openapi()["paths"]
    told = re.findall(r"/api/[\w/.-]+", PAGE)
    assert {path.replace("{key}", "ID") for path in described} <= set(told)
