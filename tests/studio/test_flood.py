"""A studio in a process of its own, flooded: it stays up, and its memory stays bounded."""

import http.client
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.make import drawing
from tests.studio.bombs import bombs, deep, long_edits
from tests.studio.conftest import png

for package in ("fastapi", "uvicorn", "cachetools"):
    pytest.importorskip(package)

ROOT = Path(__file__).parents[2]
KEPT = 64  # MiB that the studio may keep
MOST = 128  # MiB that the process may grow by at any time; one bomb that goes off takes more
BODIES = 384  # the same, for bodies of the largest size that is taken
STATUS = Path("/proc/self/status")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not STATUS.exists(), reason="memory is read from /proc"),
]


class Studio:
    """A running server."""

    def __init__(self, process):
        self.process = process
        self.port = int(process.stdout.readline().rsplit(":", 1)[1].strip("/\n"))
        self.key = self.ask("POST", "pictures?name=a.png", png(drawing(48, 32)))[1]["id"]

    def ask(self, method, path, body=None):
        """Status and value of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, f"/api/{path}", body, {"content-type": "application/json"})
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        kind = answer.headers.get_content_type()
        return answer.status, json.loads(data) if kind == "application/json" else data

    def peak(self):
        """MiB that the process had at most."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.split("VmHWM:")[1].split()[0]) >> 10


@pytest.fixture(scope="module")
def studio(tiny_weights):
    command = [sys.executable, "-m", "pixelization", "studio", "--no-browser", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--weights", str(tiny_weights)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "PIXELIZATION_MAX_STUDIO_MEMORY": str(KEPT << 20)},
    )
    try:
        studio = Studio(process)
        body = {"picture": studio.key, "model": tiny_weights.name, "style": {"size": 12}}
        status, _ = studio.ask("POST", "sprites", json.dumps(body))
        assert status == 200
        yield studio
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_two_hundred_requests_at_once_are_answered(studio, tiny_weights):
    def one(number):
        if number % 4 == 0:
            return studio.ask("GET", "about")[0]
        if number % 4 == 1:
            return studio.ask("POST", "pictures", png(drawing(24, 16, seed=number)))[0]
        style = {"size": 8 + number % 5, "palette": "pico-8"}
        body = {"picture": studio.key, "model": tiny_weights.name, "style": style}
        path = "sprites" if number % 4 == 2 else "files"
        return studio.ask("POST", path, json.dumps(body))[0]

    before = studio.peak()
    with ThreadPoolExecutor(200) as threads:
        found = list(threads.map(one, range(200)))
    assert set(found) <= {200, 201, 429}
    assert set(found[::4]) == {200} and 200 in found[2::4]
    assert studio.ask("GET", "about")[0] == 200
    print("PEAK", before, studio.peak())
    assert studio.peak() - before < MOST


def test_bombs_do_no_harm(studio):
    before = studio.peak()
    files = bombs()
    assert len(files) >= 20 and max(map(len, files.values())) < 1 << 21
    with ThreadPoolExecutor(4) as threads:
        found = dict(
            zip(
                files,
                threads.map(
                    lambda name: studio.ask("POST", f"pictures?name={name}", files[name]), files
                ),
                strict=True,
            )
        )
    assert studio.peak() - before < MOST
    for name, (status, told) in found.items():
        assert status in (201, 413, 422), (name, told)
        if status != 201:
            assert told["error"] and "\n" not in told["error"], name
    taken = [name for name, (status, _) in found.items() if status == 201]
    # these pictures are small; what is too much in them is not read
    assert set(taken) <= {"text.png", "profile.png", "longer.png", "frames.png"}
    for path, body in (
        ("sprites", deep(100_000)),
        ("files", long_edits(1 << 16)),
        ("palettes?name=a.gpl", b"GIMP Palette\n" + b"1 2 3\n" * 500_000),
        ("palettes?name=a.aseprite", files["cel.aseprite"]),
        ("palettes?name=a.png", files["wide.png"]),
    ):
        status, told = studio.ask("POST", path, body)
        assert status in (404, 422), told
    begun = time.monotonic()
    assert studio.ask("GET", f"pictures/{studio.key}")[0] == 200
    assert time.monotonic() - begun < 5
    print("PEAK", before, studio.peak())
    assert studio.peak() - before < BODIES
