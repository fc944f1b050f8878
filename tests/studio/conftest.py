"""A studio of tiny networks, and pictures for it."""

import io
import json
import shlex
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization.animation.writing import write_animation
from pixelization.apps.cli import depixelize, pixelize, snap
from tests.make import drawing, enlarged, shaded_sprite

MAINS = {"pixelize": pixelize.main, "depixelize": depixelize.main, "pixel-snap": snap.main}


def studio_of(weights):
    from pixelization.studio.workshop import Workshop  # noqa: PLC0415 - the extra may be missing

    return Workshop({"lite": weights, "other": weights}, "cpu")


@contextmanager
def asking(workshop):
    """Asks a studio without a socket between."""
    from starlette.testclient import TestClient  # noqa: PLC0415 - the extra may be missing

    from pixelization.studio.server import build_app  # noqa: PLC0415

    with TestClient(build_app(workshop), base_url="http://localhost:8420") as client:
        yield client


@pytest.fixture
def workshop(tiny_weights):
    return studio_of(tiny_weights)


@pytest.fixture
def client(workshop):
    with asking(workshop) as client:
        yield client


@pytest.fixture(scope="module")
def open_client(tiny_weights):
    """Of one studio for all tests that may find pictures of other tests there: a studio takes
    longer to build than to ask.
    """
    with asking(studio_of(tiny_weights)) as client:
        yield client


@pytest.fixture
def folder(tmp_path, monkeypatch, tiny_weights):
    """A folder with a drawing, an enlarged sprite and an animation, in which commands run.

    Their default model is the studio's.
    """
    drawing(96, 64, "RGBA").save(tmp_path / "drawing.png")
    sprite = np.pad(shaded_sprite(side=20), ((2, 2), (2, 2), (0, 0)), mode="edge")
    Image.fromarray(enlarged(sprite, 6)).save(tmp_path / "large.png")
    still = np.asarray(drawing(48, 48))
    frames = [np.roll(still, 6 * step, axis=1) for step in range(3)]
    write_animation(frames, tmp_path / "walk.gif", durations=[50, 100, 150], plays=0, format="gif")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pixelization.networks.weights.pretrained_path", lambda name: tiny_weights)
    monkeypatch.setattr("pixelization.backends.choice.onnx_models", dict)
    return tmp_path


@pytest.fixture
def add(client):
    """Hands a file to the studio; returns its key."""

    def add(path):
        answer = client.post("/api/pictures", params={"name": path.name}, content=path.read_bytes())
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    return add


def run_command(line):
    """Run a command that the studio wrote, in the current folder; returns its output file."""
    name, *arguments = shlex.split(line)
    assert MAINS[name]([*arguments, "-q"]) == 0, line
    return Path(arguments[arguments.index("-o") + 1])


def png(image):
    """The bytes of a PNG file."""
    stream = io.BytesIO()
    image.save(stream, format="PNG")
    return stream.getvalue()


def events(text):
    """Server-sent events as (kind, value)."""
    parts = (event.split("\n") for event in text.strip().split("\n\n"))
    return [(kind.removeprefix("event: "), json.loads(data[6:])) for kind, data in parts]
