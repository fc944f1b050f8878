#!/usr/bin/env python3
"""Write the pictures of docs/depixelize.md into docs/images/depixelize, with the shipped weights.

hqx and xBR need the package scalerack.
"""

import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from picture_sheets import Tile, marked, write_sheets
from PIL import Image

from pixelization import Pixelizer, read_image, snap
from pixelization.enlargers.faithful import enlarge_frames, enlarge_sprite
from pixelization.enlargers.scalers import classical_enlarger
from pixelization.evaluation.damage import DAMAGES
from pixelization.evaluation.metrics.contours import contour_turning

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "images" / "depixelize"
BUNDLED = (ROOT / "examples", ROOT / "tests" / "data")
# What happened to which sprite: a kind of damage, its seed, and how to say it.
WILD = (
    ("klown", "nearest-phase", 22, "enlarged by {0:.3g} and cropped"),
    ("apple", "jpeg-75", 31, "by {0:.3g}, JPEG of quality 75"),
    ("whip", "blur-0.3", 34, "by {0:.3g}, blurred"),
    ("firebat", "bicubic", 18, "by {0:.3g}, bicubic"),
    ("scales", "noise", 22, "by {0:.3g}, noise"),
    ("giant", "generator-jpeg", 26, "by {0:.3g}, as image generators draw cells, JPEG"),
)
SHOWN = (
    "frog",
    "warden",
    "snake",
    "apple",
    "klown",
    "iguana",
    "coins",
    "giant",
    "firebat",
    "scales",
    "avatar",
    "avatar2",
)
# Bundled sprites, and sprites so many cells wide that pixelize makes of bundled drawings, on which
# contours turn least with DepixelNet.
SMOOTHEST = (
    ("scales", "apple", "avatar1"),
    ("avatar2", "house", "sailboat"),
    ("scooter", "strawberry", "tennis"),
    ("dinosaur", "hat"),
    ("snowman",),
)
DRAWINGS = {
    "house": 32,
    "sailboat": 32,
    "scooter": 32,
    "strawberry": 32,
    "tennis": 32,
    "dinosaur": 48,
    "hat": 48,
    "snowman": 64,
}
DARK, LIGHT = (24, 24, 32), (255, 255, 255)


def found() -> list[list[Tile]]:
    pairs = []
    for name, kind, seed, words in WILD:
        damaged = DAMAGES[kind](sprite(name), np.random.default_rng(seed))
        result = np.asarray(snap(damaged.image).sprite)
        height, width = result.shape[:2]
        pairs += [
            Tile(words.format(*damaged.cell), damaged.image, 1),
            Tile(f"snap: {width}x{height}", result, 192 // width),
        ]
    return [pairs[start : start + 4] for start in range(0, len(pairs), 4)]


def methods() -> list[list[Tile]]:
    tiles = []
    for name in SHOWN:
        cells = sprite(name)
        zoom = 32 // len(cells)
        for method in ("nearest", "hqx", "xbr", "depixelnet"):
            caption = name if method == "nearest" else method
            tiles.append(Tile(caption, on_color(smooth(cells, 4, method), LIGHT), zoom))
        tiles.append(
            Tile("--keep-colors", on_color(smooth(cells, 4, keep_colors=True), LIGHT), zoom)
        )
    return [tiles[start : start + 10] for start in range(0, len(tiles), 10)]


def smoothest() -> list[list[Tile]]:
    def tiles(name: str) -> list[Tile]:
        width = DRAWINGS.get(name)
        cells = (
            np.asarray(pixelizer().networks(bundled(f"{name}.png"), size=(width, None)).sprite)
            if width
            else sprite(name)
        )
        zoom = max(1, 32 // len(cells))
        row = [Tile(name, on_color(smooth(cells, 4, "nearest"), LIGHT), zoom)]
        for method in ("hqx", "xbr", "depixelnet"):
            image = on_color(smooth(cells, 4, method), LIGHT)
            row.append(Tile(f"{method}: {contour_turning(image, 4):.3f}", image, zoom))
        return row

    return [[tile for name in names for tile in tiles(name)] for names in SMOOTHEST]


def alpha() -> list[list[Tile]]:
    cells = sprite("frog")
    shown = (("--method nearest", smooth(cells, 6, "nearest")), ("--factor 6", smooth(cells, 6)))
    return [
        [Tile(text, on_color(image, color), 1) for color in (DARK, LIGHT) for text, image in shown]
    ]


def animation() -> list[list[Tile]]:
    frames = walk()
    size = (frames[0].shape[1] * 4, frames[0].shape[0] * 4)
    # lite's DepixelNet sees only cells nearby: what stands still hardly changes anyway
    enlarge = Pixelizer.from_pretrained("cascade").enlarge
    alone, held = (
        [enlarge_sprite(frame, size, enlarge, keep_colors=True) for frame in frames],
        enlarge_frames(frames, size, enlarge, keep_colors=True),
    )
    return [
        [Tile(f"frame {number}", frame, 4) for number, frame in enumerate(frames, 1)],
        [Tile("depixelized: frame 1", held[0], 1), Tile("frame 2", held[1], 1)],
        [
            Tile("each by itself: pixels that change", marked(*alone), 1),
            Tile("as an animation", marked(*held), 1),
        ],
    ]


MAKERS = (found, methods, smoothest, alpha, animation)


@cache
def pixelizer() -> Pixelizer:
    return Pixelizer.from_pretrained()


def smooth(
    cells: np.ndarray, factor: int, method: str = "depixelnet", keep_colors: bool = False
) -> np.ndarray:
    """A sprite as ``depixelize`` enlarges it."""
    size = (cells.shape[1] * factor, cells.shape[0] * factor)
    if method == "depixelnet":
        return enlarge_sprite(cells, size, pixelizer().enlarge, keep_colors=keep_colors)
    return enlarge_sprite(cells, size, classical_enlarger(method), keep_colors=False)


def walk() -> list[np.ndarray]:
    """Two frames.

    An iguana takes a step of four cells beside a frog that sits still, on a striped meadow.
    """
    meadow = Image.new("RGB", (72, 40), (112, 160, 72))
    for top in range(0, 40, 8):
        meadow.paste((104, 150, 66), (0, top, 72, top + 3))
    frog, iguana = (Image.fromarray(sprite(name)) for name in ("frog", "iguana"))
    frames = []
    for left in (38, 42):
        frame = meadow.copy()
        frame.paste(frog, (2, 6), frog)
        frame.paste(iguana, (left, 6), iguana)
        frames.append(np.asarray(frame))
    return frames


@cache
def sprite(name: str) -> np.ndarray:
    """A bundled sprite, uint8 ``(h, w, 4)``."""
    return np.asarray(read_image(bundled(f"sprites/{name}.png")))


def bundled(name: str) -> Path:
    """The first of the bundled files whose path ends so."""
    return next(
        path
        for folder in BUNDLED
        for path in sorted(folder.rglob("*.png"))
        if path.as_posix().endswith(f"/{name}")
    )


def on_color(image: np.ndarray, color: tuple[int, int, int]) -> np.ndarray:
    """RGB or RGBA on a background of one colour."""
    page, top = Image.new("RGB", image.shape[1::-1], color), Image.fromarray(image)
    page.paste(top, (0, 0), top if top.mode == "RGBA" else None)
    return np.asarray(page)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the pictures; returns the exit code."""
    return write_sheets("doc_pictures_depixelize", __doc__, MAKERS, PICTURES, argv)


if __name__ == "__main__":
    sys.exit(main())
