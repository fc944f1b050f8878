"""What the nodes are called, what goes in and out, and what each runs.

Knows nothing of ComfyUI's schemas: ``v3.py`` and ``v1.py`` make them from these tables.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pixelization
from pixelization.enlargers.base import METHODS, NETWORK
from pixelization.palettes.names import CLASSICS, DITHERS, MAX_COLORS

from . import work

CATEGORY = "image/pixel art"
MODELS = sorted(
    path.stem for path in (Path(pixelization.__file__).parent / "pretrained").glob("*.safetensors")
)


@dataclass(frozen=True)
class Socket:
    """An input or an output.

    Attributes:
        name: as the function calls it.
        kind: ``"IMAGE"``, ``"MASK"``, ``"INT"``, ``"FLOAT"``, ``"STRING"``, ``"BOOLEAN"`` or
            ``"COMBO"``.
        tooltip: one line.
        options: of the widget: ``default``, ``min``, ``max``, ``step``; of ``"COMBO"`` ``options``.
        optional: it need not be connected.
    """

    name: str
    kind: str
    tooltip: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    optional: bool = False


@dataclass(frozen=True)
class Node:
    """A node.

    Attributes:
        id: what workflows store; never changed.
        name: what people read.
        about: one line.
        inputs, outputs: in their order.
        run: called with the inputs by name; returns a tuple of the outputs.
    """

    id: str
    name: str
    about: str
    inputs: tuple[Socket, ...]
    outputs: tuple[Socket, ...]
    run: Callable[..., tuple]


def _number(name: str, tooltip: str, default: float, least: float, most: float) -> Socket:
    kind, step = ("INT", 1) if isinstance(default, int) else ("FLOAT", 0.01)
    options = {"default": default, "min": least, "max": most, "step": step}
    return Socket(name, kind, tooltip, options)


def _choice(name: str, tooltip: str, options: list[str], default: str) -> Socket:
    return Socket(name, "COMBO", tooltip, {"options": options, "default": default})


def _switch(name: str, tooltip: str) -> Socket:
    return Socket(name, "BOOLEAN", tooltip, {"default": False})


IMAGE = Socket("image", "IMAGE", "what to work on; a batch is done whole")
MASK = Socket("mask", "MASK", "what is transparent: 1 is, 0 is not", optional=True)
ANIMATION = _switch(
    "animation", "the batch is an animation: one palette, and cells that hold still"
)
COLORS = (
    Socket(
        "palette",
        "STRING",
        "the only colours: pico-8 or another built-in palette, ff0000,00ff00, or a node Palette",
        {"default": ""},
    ),
    _number("colors", "or so many colours of the image itself; 0: as they are", 0, 0, MAX_COLORS),
    _choice("dither", "mixes colours by a pattern; needs a palette or colors", [*DITHERS], "none"),
)
RESULT = (Socket("image", "IMAGE"), Socket("mask", "MASK"))
QUARTERS = {"default": 0.0, "min": 0.0, "max": 0.75, "step": 0.25}  # of a cell
MODEL = _choice("model", "which networks", MODELS, "lite")
OFFSET = tuple(  # optional and last: workflows that are stored know nothing of it
    Socket(f"offset_{way}", "FLOAT", about, QUARTERS, optional=True)
    for way, about in (
        ("right", "the grid begins this part of a cell further right: eyes come out otherwise"),
        ("down", "the same, further down"),
    )
)
SYMMETRIC = Socket(
    "symmetric",
    "BOOLEAN",
    "where the drawing is its own mirror image, the sprite is",
    {"default": False},
    optional=True,
)

NODES = (
    Node(
        "PixelizationPixelize",
        "Pixelize",
        "A picture to a sprite: one pixel per cell, in the picture's own colours.",
        (
            IMAGE,
            _number("size", "cells of the sprite", 64, 1, 4096),
            _choice("along", "which side has so many", [*work.SIDES], work.LONGER),
            *COLORS,
            _switch("remove_background", "the flat colour around the drawing becomes transparent"),
            _switch("isolated", "stray single cells take the colour around them"),
            _switch("jaggies", "lines of one cell lose their doubled corners"),
            _choice("outline", "of the silhouette", ["none", "outside", "inside"], "none"),
            ANIMATION,
            MODEL,
            MASK,
            *OFFSET,
            SYMMETRIC,
        ),
        RESULT,
        work.pixelize,
    ),
    Node(
        "PixelizationSnap",
        "Snap to pixels",
        "Enlarged, blurred or compressed pixel art back to one pixel per cell.",
        (
            IMAGE,
            _number("min_confidence", "of a grid, at least; 0: the best guess", 0.9, 0.0, 1.0),
            *COLORS,
            ANIMATION,
            MASK,
        ),
        RESULT,
        work.snap,
    ),
    Node(
        "PixelizationDepixelize",
        "Depixelize",
        "A sprite, enlarged or not, to a smooth picture.",
        (
            IMAGE,
            _number("factor", "pixels of the result per cell", 4, 2, 16),
            _choice("method", "what draws; epx, hqx and xbr need scalerack", [*METHODS], NETWORK),
            _switch("native", "the image has one pixel per cell: no grid is looked for"),
            ANIMATION,
            MODEL,
            MASK,
        ),
        RESULT,
        work.depixelize,
    ),
    Node(
        "PixelizationPalette",
        "Palette",
        "A palette for the other nodes: a built-in one, or fitted to images.",
        (
            _choice("name", "which", [work.FROM_IMAGE, *CLASSICS], work.FROM_IMAGE),
            _number("colors", "how many, if taken from the image", 16, 1, MAX_COLORS),
            Socket("image", "IMAGE", "all of a batch count", optional=True),
            MASK,
        ),
        (Socket("palette", "STRING"), Socket("swatches", "IMAGE")),
        work.palette,
    ),
)
