"""Pixels need no torch, and nothing heavy is imported before it is needed."""

import subprocess
import sys

from tests.make import drawing

ROOMS = (
    "color",
    "cells",
    "images",
    "detection",
    "sheets",
    "palettes",
    "animation",
    "finishing",
)
ABOVE = ("reducers", "enlargers", "pipeline", "batch")  # they get the networks as a backend
# seconds each; pillow's formats are for whoever opens a file
HEAVY = (
    "torch",
    "skimage",
    "scipy.ndimage",
    "scipy.optimize",
    "scipy.sparse",
    "scipy.spatial",
    "av",
    "PIL.PngImagePlugin",
    "PIL.WebPImagePlugin",
)
EVERYTHING = """
import importlib, pkgutil, sys
for room in sys.argv[1:]:
    package = importlib.import_module("pixelization." + room)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(package.__name__ + "." + module.name)
    print(room, *(name for name in {heavy!r} if name in sys.modules))
"""


def test_rooms_that_are_no_network_import_nothing_heavy():
    """All in one fresh Python: the first line that is longer names the room that does."""
    command = [sys.executable, "-c", EVERYTHING.format(heavy=HEAVY), *ROOMS, *ABOVE]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [*ROOMS, *ABOVE]


ONE_PICTURE = """
import sys
from pixelization.__main__ import main
code = main(["pixelize", *sys.argv[1:]])
print(code, *(name for name in ("torch", "tqdm", "yaml", "scipy.ndimage") if name in sys.modules))
"""


def test_a_single_picture_waits_for_nothing_that_it_does_not_need(tmp_path):
    source = tmp_path / "in.png"
    drawing(64, 64, "RGB").save(source)
    command = [str(source), "-o", str(tmp_path / "out.png"), "--size", "16", "--backend", "onnx"]
    done = subprocess.run(
        [sys.executable, "-c", ONE_PICTURE, *command], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "0"
