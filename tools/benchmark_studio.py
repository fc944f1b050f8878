#!/usr/bin/env python3
"""Measure the studio over HTTP, as a page asks it; prints a Markdown table.

    python tools/benchmark_studio.py --repeats 5 --backend onnx

A real server is started. Drawings of 512x512 pixels become 64 cells; every drawing is handed in as
a new one, so nothing of it is remembered. The exit code is 1 where a bar is missed.
"""

import argparse
import http.client
import io
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
DRAWINGS = ROOT / "examples" / "images"
SIDE, CELLS = 512, 64
FIRST, CHANGE, SIZE = "drop to first sprite", "palette", "the same drawing at another size"
BARS = {FIRST: 1.5, CHANGE: 0.15}  # seconds, medians
EVENTS = "text/event-stream"
CHANGES: dict[str, list[dict[str, Any]]] = {
    CHANGE: [{"palette": name} for name in ("pico-8", "nes", "game-boy")],
    "number of colours": [{"colors": 8}, {"colors": 16}, {"colors": 24, "fit": "source"}],
    "dithering": [{"colors": 16, "dither": kind} for kind in ("bayer4", "floyd-steinberg")],
    "clean-up": [{"isolated": True}, {"jaggies": True}, {"isolated": True, "jaggies": True}],
    "background": [{"remove_background": True}, {"remove_background": True, "holes": True}],
    "canvas": [{"pad": "80"}, {"pad": "96x80"}],
    SIZE: [{"size": f"max:{CELLS - 1}"}, {"size": f"max:{CELLS - 2}"}],
}


class Studio:
    """A server of its own process; a context.

    Args:
        options: of ``python -m pixelization studio``.
    """

    def __init__(self, options: list[str]) -> None:
        command = [sys.executable, "-m", "pixelization", "studio", "--no-browser", "--port", "0"]
        self._process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        assert self._process.stdout is not None
        address = self._process.stdout.readline()
        self._connection = http.client.HTTPConnection(
            "127.0.0.1", int(address.rsplit(":", 1)[1].strip("/\n")), timeout=600
        )

    def __enter__(self) -> "Studio":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)

    def add(self, data: bytes) -> str:
        """Hand in a picture; returns its key."""
        return str(json.loads(self._ask("pictures?name=drawing.png", data))["id"])

    def sprite(self, picture: str, style: dict[str, Any]) -> None:
        """Have a sprite made."""
        style = {"size": f"max:{CELLS}", **style}
        body = json.dumps({"picture": picture, "style": style}).encode()
        answer = self._ask("sprites", body, {"accept": EVENTS, "content-type": "application/json"})
        if b"event: result" not in answer:
            raise RuntimeError(answer.decode())

    def worked(self) -> float:
        """Seconds that the server had a processor, to the hundredth; NaN where nobody tells."""
        try:
            stat = Path(f"/proc/{self._process.pid}/stat").read_text()
        except OSError:
            return float("nan")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _ask(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
        self._connection.request("POST", f"/api/{path}", body, headers or {})
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise RuntimeError(data.decode())
        return data


def drawings(repeats: int) -> list[bytes]:
    """PNG files of all example drawings, each as often as that, each time another one."""
    files = []
    for number in range(repeats):
        for path in sorted(DRAWINGS.iterdir()):
            pixels = np.array(Image.open(path).convert("RGBA").resize((SIDE, SIDE)))
            pixels[0, 0, 0] ^= number
            file = io.BytesIO()
            Image.fromarray(pixels).save(file, "PNG")
            files.append(file.getvalue())
    return files


Found = dict[str, list[tuple[float, float]]]
"""Of each kind of request seconds that it took, and seconds of a processor among them."""


def measure(studio: Studio, repeats: int) -> Found:
    """Requests in the order in which a person makes them."""
    found: Found = {}

    def timed(name: str, action: Callable[[], object]) -> None:
        begun, worked = time.perf_counter(), studio.worked()
        action()
        took = time.perf_counter() - begun, studio.worked() - worked
        found.setdefault(name, []).append(took)

    for data in drawings(repeats):
        keys: list[str] = []

        def first(data: bytes = data, keys: list[str] = keys) -> None:
            keys.append(studio.add(data))
            studio.sprite(keys[0], {})

        timed(FIRST, first)
        for name, styles in CHANGES.items():
            for style in styles:
                timed(name, partial(studio.sprite, keys[0], style))
    return found


def report(title: str, found: Found) -> bool:
    """Print a table; whether every bar is met."""
    print(f"\n### {title}")
    print("| what | median, s | slowest, s | processor, median, s | at most, s |")
    print("| --- | --- | --- | --- | --- |")
    met = True
    for name, took in found.items():
        seconds, work = zip(*took, strict=True)
        median, bar = statistics.median(seconds), BARS.get(name)
        met = met and (bar is None or median <= bar)
        worked = statistics.median(work)
        print(f"| {name} | {median:.3f} | {max(seconds):.3f} | {worked:.2f} | {bar or ''} |")
    return met


def main(argv: list[str] | None = None) -> int:
    """Run the measurements; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3, help="of every drawing (default: 3)")
    parser.add_argument("--backend", default="auto", help="auto, onnx or torch (default: auto)")
    args = parser.parse_args(argv)
    if args.repeats < 1:
        parser.error("--repeats takes numbers from 1 up")
    with Studio(["--backend", args.backend]) as studio:
        found = measure(studio, args.repeats)
    title = f"The studio, {SIDE}x{SIDE} pixels to {CELLS} cells, backend {args.backend}"
    return 0 if report(title, found) else 1


if __name__ == "__main__":
    sys.exit(main())
