"""Pixels need no torch, and nothing heavy is imported before it is needed."""

import subprocess
import sys

import pytest

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
import importlib, pkgutil, sys, time
started = time.process_time()
for room in {rooms!r}:
    package = importlib.import_module("pixelization." + room)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(package.__name__ + "." + module.name)
print(time.process_time() - started)
print(*(name for name in {heavy!r} if name in sys.modules))
"""


def cold(*rooms):
    """CPU seconds that a fresh Python takes to import all modules of rooms, and the heavy ones that
    it imported with them.
    """
    code = EVERYTHING.format(rooms=rooms, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, heavy = done.stdout.split("\n")[:2]
    return float(seconds), heavy.split()


@pytest.mark.parametrize("room", ROOMS + ABOVE)
def test_a_room_that_is_no_network_imports_nothing_heavy(room):
    assert cold(room)[1] == []


def test_all_rooms_of_pixels_are_there_in_half_a_second():
    seconds = min(cold(*ROOMS)[0] for _ in range(3))
    assert seconds < 0.5
