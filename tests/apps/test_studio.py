"""``python -m pixelization studio``: what is wrong is said before anything listens."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from pixelization.__main__ import main
from pixelization.apps.cli import pixelize, studio
from pixelization.backends.choice import onnx_file
from tests.make import drawing

ROOT = Path(__file__).parents[2]
needs_extra = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("fastapi", "uvicorn", "cachetools")),
    reason="the extra studio is not installed",
)


@pytest.mark.parametrize("port", ["65536", "-1", "many", "٣", "1e3", ""])
def test_a_port_is_a_number(capsys, port):
    assert studio.main([f"--port={port}"]) == 2
    assert "is not a port: give 0 to 65535" in capsys.readouterr().err


def test_a_missing_extra_is_one_line(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["studio"]) == 2
    error = capsys.readouterr().err
    assert "pip install 'pixelization[studio]'" in error and error.count("\n") == 1


def test_pixelize_hands_on(capsys):
    assert pixelize.main(["--studio", "--port", "no"]) == 2
    assert "'no' is not a port" in capsys.readouterr().err


@needs_extra
@pytest.mark.parametrize(
    "arguments, told",
    [
        (["missing.png"], "missing.png: no such file"),
        (["words.txt"], "words.txt: is not an image of a known format"),
        (["--model", "no-such"], "no model 'no-such'; there are cascade, lite"),
        (["--backend", "onnx", "--model", "cascade"], "no model 'cascade'; there are lite"),
        (["--weights", "words.txt"], "words.txt"),
        (["--backend", "torch", "--weights", "x.draw.onnx"], "leave out --backend torch"),
        (["--backend", "onnx", "--weights", "x.safetensors"], "x.safetensors: runs with torch"),
        (["--models", "."], "has no weights files"),
        (["--palette", "no-such"], "palette"),
        (["sub/words.txt"], "error: sub/words.txt: is not an image of a known format"),
        (["sub/missing.png"], "error: sub/missing.png: no such file"),
        (["--models", "no-such"], "no-such: no such folder"),
        (["--size", "16,32"], "the studio begins with one size"),
        (["--host", "no-such-host.invalid"], "cannot listen at no-such-host.invalid:8420"),
        (["--host", "no-such-host.invalid"], "give another --host"),
        (["--host", "192.0.2.1"], "give another --host"),
        (["--host", "a" * 100], "give another --host"),
    ],
)
def test_what_is_wrong_is_said_at_once(tmp_path, monkeypatch, capsys, arguments, told):
    monkeypatch.chdir(tmp_path)
    Path("words.txt").write_text("words")
    Path("sub").mkdir()
    Path("sub/words.txt").write_text("words")
    assert studio.main(["--no-browser", *arguments]) == 2
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1


@needs_extra
def test_a_port_that_is_taken_is_said(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert studio.main(["--no-browser", "--port", port]) == 2
    error = capsys.readouterr().err
    assert f"cannot listen at 127.0.0.1:{port}" in error and "give another --port" in error


@pytest.fixture
def started(tmp_path, quick_weights):
    """Starts a studio with arguments; gives its address and its token."""
    running = []
    drawing(40, 30).save(tmp_path / "a b.png")
    (tmp_path / "two.hex").write_text("102030\nf0e0d0\n")

    def start(*arguments):
        command = [sys.executable, "-m", "pixelization", "studio", "--no-browser", "--port", "0"]
        process = subprocess.Popen(
            [*command, "--weights", str(quick_weights), *arguments],
            cwd=tmp_path,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        running.append(process)
        address, _, token = process.stdout.readline().strip().partition("#token=")
        return process, address, token

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def ask(address, path, token=None, body=None):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    headers["content-type"] = "application/json"
    return json.loads(urlopen(Request(f"{address}api/{path}", body, headers), timeout=30).read())


@needs_extra
def test_pictures_and_style_of_the_command_line_are_what_the_page_begins_with(
    started, tmp_path, tiny_weights, quick_weights
):
    (tmp_path / "runs" / "first").mkdir(parents=True)
    shutil.copy(tiny_weights, tmp_path / "runs" / "first" / "weights.safetensors")
    for kind in ("sprite", "draw"):
        name = f"lite.{kind}.onnx"
        shutil.copy(onnx_file("lite").with_name(name), tmp_path / "runs" / f"mine.{kind}.onnx")
    process, address, token = started(
        "a b.png", "--size", "20", "--palette", "two.hex", "--dither", "bayer2", "--models", "runs"
    )
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address) and not token
    (kept,) = ask(address, "pictures")
    assert kept["name"] == "a b.png"
    assert ask(address, "about")["start"] == {
        "pictures": [kept["id"]],
        "style": {"size": "20", "palette": "102030,f0e0d0", "dither": "bayer2"},
        "model": quick_weights.name,
    }
    models = set(ask(address, "about")["models"])
    assert {"lite", "first/weights.safetensors", "mine.sprite.onnx"} < models
    assert "mine.draw.onnx" not in models  # is of the same
    picture = ask(address, "pictures")[0]["id"]
    body = {"picture": picture, "model": "mine.sprite.onnx", "style": {"size": 8}}
    assert ask(address, "sprites", body=json.dumps(body).encode())["width"] == 8
    body = {"picture": picture, "model": "first/weights.safetensors", "style": {"size": 8}}
    made = ask(address, "sprites", body=json.dumps(body).encode())
    assert made["command"].endswith("--weights first/weights.safetensors --size 8")
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 128 + signal.SIGTERM
    assert process.stderr.read() == "studio: interrupted\n"


@needs_extra
def test_elsewhere_than_on_this_machine_the_address_has_a_token(started):
    _, address, token = started("--host", "0.0.0.0")
    assert len(token) >= 30
    here = re.sub("//[^:]+", "//127.0.0.1", address)
    assert ask(here, "about", token)["models"]
    with pytest.raises(HTTPError, match="401"):
        ask(here, "about")
