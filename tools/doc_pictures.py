#!/usr/bin/env python3
"""Write the pictures of docs/pixelize.md into docs/images/pixelize, with the shipped weights.

Captions are flags of the command line, and the styles are read from them as the command line reads
them.
"""

import argparse
import shlex
import sys
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from picture_sheets import Tile, marked, write_sheets
from PIL import Image
from PIL.Image import Resampling

from pixelization import Pixelizer
from pixelization.apps.cli.arguments import add_style_arguments, read_style
from pixelization.cells.sizes import WantedSize
from pixelization.palettes.classics import CLASSICS
from pixelization.palettes.names import DITHERS
from pixelization.pipeline.finish import finish
from pixelization.pipeline.sprites import choose_palette
from pixelization.pipeline.style import Style
from pixelization.pipeline.votes import vote_image
from pixelization.reducers.base import CellSize, Reduced

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "images" / "pixelize"
IMAGES, CARTOONS, SPRITES = (
    ROOT / "examples" / "images",
    ROOT / "tests" / "data" / "cartoons",
    ROOT / "examples" / "sprites",
)


def sizes() -> list[list[Tile]]:
    path, flags = IMAGES / "scooter.png", ("--cell-size 16/3", "--cell-size 8", "--size 24")
    zooms = (4, 6, 8)
    return [
        [
            original(path, 192),
            *(
                Tile(text, sprite(path, text), zoom)
                for text, zoom in zip(flags, zooms, strict=True)
            ),
        ]
    ]


def offset() -> list[list[Tile]]:
    # an array: what is made of a path is kept, whatever the offset
    image = np.asarray(Image.open(IMAGES / "monkey.png"))
    flags = [f"--offset {place}" for place in ("0", "0x0.25", "0.25x0.5", "0.5x0.75")]
    return [[Tile(text, sprite(image, f"--size 32 {text}"), 6) for text in flags]]


def palettes() -> list[list[Tile]]:
    path = IMAGES / "house.png"
    flags = ["", *(f"--palette {name}" for name in CLASSICS)]
    tiles = [
        Tile(text.removeprefix("--palette ") or "as voted", sprite(path, f"--size 48 {text}"), 4)
        for text in flags
    ]
    return [tiles[start : start + 4] for start in range(0, len(tiles), 4)]


def colors() -> list[list[Tile]]:
    return [
        [
            Tile(text, sprite(IMAGES / name, f"--size 48 {text}"), 4)
            for text in (f"--colors {n}" for n in (4, 8, 16, "auto"))
        ]
        for name in ("house.png", "cat.jpg")
    ]


def fit() -> list[list[Tile]]:
    names, flags = (
        ("sailboat.png", "snowman.png"),
        ("--colors 4 --fit sprite", "--colors 4 --fit source"),
    )
    return [
        [
            Tile(text, sprite(IMAGES / name, f"--size 48 {text}"), 4)
            for name in names
            for text in flags
        ]
    ]


def match() -> list[list[Tile]]:
    pictures = (("monkey.png", "pico-8"), ("sailboat.png", "sweetie-16"))
    return [
        [
            Tile(kind, sprite(IMAGES / name, f"--size 48 --palette {palette} --match {kind}"), 4)
            for name, palette in pictures
            for kind in ("nearest", "areas")
        ]
    ]


def dithering() -> list[list[Tile]]:
    path, base = IMAGES / "cat.jpg", "--size 48 --palette game-boy"
    tiles = [Tile("as voted", sprite(path, "--size 48"), 4), Tile("none", sprite(path, base), 4)]
    for kind in DITHERS[1:]:
        for strength in (1, 0.5):
            flags = f"{base} --dither {kind} --dither-strength {strength}"
            tiles.append(Tile(f"{kind}, strength {strength}", sprite(path, flags), 4))
    return [tiles[start : start + 4] for start in range(0, len(tiles), 4)]


def isolated() -> list[list[Tile]]:
    return before_and_after(IMAGES / "cat.jpg", "--size 64", "--isolated", 4)


def jaggies() -> list[list[Tile]]:
    return before_and_after(IMAGES / "monkey.png", "--size 48", "--jaggies", 5)


def background() -> list[list[Tile]]:
    path, remove = IMAGES / "sailboat.png", "--remove-background"
    return [
        [
            Tile(text or "as voted", sprite(path, f"--size 48 {text}"), 5)
            for text in ("", remove, f"{remove} --holes")
        ]
    ]


def outline() -> list[list[Tile]]:
    path, base = IMAGES / "scooter.png", "--size 32 --remove-background --pad 36"
    flags = (
        "--outline none",
        "--outline outside",
        "--outline inside",
        "--outline outside --outline-color 3b5dc9",
    )
    return [[Tile(text, sprite(path, f"{base} {text}"), 5) for text in flags]]


def canvas() -> list[list[Tile]]:
    path, base = IMAGES / "scooter.png", "--size 32 --remove-background"
    return [
        [
            Tile(text or "neither", sprite(path, f"{base} {text}"), 6)
            for text in ("", "--trim", "--trim --pad 40x32")
        ]
    ]


def animation() -> list[list[Tile]]:
    rows = []
    for text, flags in (("without", "--still 0 --hysteresis 0"), ("with", "")):
        frames = animated(flags)
        rows.append(
            [
                Tile(f"{text}: frame {number}", frame, 4)
                for number, frame in enumerate(frames, start=1)
            ]
        )
        blank = np.full_like(frames[0], 255)
        rows.append(
            [
                Tile("", blank, 4),
                *(Tile("cells that changed", marked(*pair), 4) for pair in pairwise(frames)),
            ]
        )
    return rows


def sheet() -> list[list[Tile]]:
    flags, drawings = (
        "--cell-size 5",
        (CARTOONS / "hat.png", CARTOONS / "strawberry.png", CARTOONS / "dinosaur.png"),
    )
    photo = (
        Image.open(IMAGES / "cat.jpg")
        .resize((192, 128), Resampling.LANCZOS)
        .crop((20, 0, 148, 128))
    )
    tiles = [
        np.asarray(image)
        for image in (photo, *(Image.open(path).convert("RGB") for path in drawings))
    ]
    source = np.vstack([np.hstack(tiles[:2]), np.hstack(tiles[2:])])
    whole = sprite(source, flags)
    by_tile = pixelizer().pixelize(source, style(flags), sheet=(128, 128)).frames[0]
    return [
        [
            Tile("sheet of four tiles, 128x128", cut(source, 128, 5), 1),
            Tile("all at once, then cut", cut(whole, 26, 1), 5),
            Tile("--sheet 128x128", cut(by_tile, 26, 1), 5),
        ]
    ]


MAKERS = (
    sizes,
    offset,
    palettes,
    colors,
    fit,
    match,
    dithering,
    isolated,
    jaggies,
    background,
    outline,
    canvas,
    animation,
    sheet,
)


def style(flags: str) -> Style:
    """The options that flags of ``pixelize`` stand for."""
    parser = argparse.ArgumentParser()
    add_style_arguments(parser)
    return read_style(parser.parse_args(shlex.split(flags)))


@cache
def pixelizer() -> Pixelizer:
    return Pixelizer.from_pretrained()


@cache
def reduced(path: Path, cell_size: CellSize | None, size: WantedSize | None) -> Reduced:
    return pixelizer().networks(path, cell_size=cell_size, size=size)


def sprite(source: Path | np.ndarray, flags: str) -> np.ndarray:
    """An image as ``pixelize`` finishes it with these flags."""

    def reduce(
        image: Image.Image, *, cell_size: CellSize | None, size: WantedSize | None
    ) -> Reduced:
        if isinstance(source, Path):
            return reduced(source, cell_size, size)
        return pixelizer().networks(image, cell_size=cell_size, size=size)

    votes = vote_image(reduce, source, style(flags))
    return finish(votes, style(flags), choose_palette(style(flags), votes.histogram)).frames[0]


def animated(flags: str) -> list[np.ndarray]:
    """Four frames of a frog that walks past a photo, with the noise of a camera, in the colours of
    DawnBringer 32.
    """
    backdrop = Image.open(IMAGES / "cat.jpg").convert("RGB").resize((384, 256), Resampling.LANCZOS)
    frog = Image.open(SPRITES / "frog.png").convert("RGBA").resize((128, 128), Resampling.NEAREST)
    random, sources = np.random.default_rng(0), []
    for left in (0, 72, 144, 216):
        scene = backdrop.copy()
        scene.paste(frog, (left, 120), frog)
        noise = random.integers(-4, 5, (256, 384, 3))
        sources.append((np.asarray(scene) + noise).clip(0, 255).astype(np.uint8))
    return list(pixelizer().pixelize(sources, style(f"--size 48 --palette db32 {flags}")).frames)


def before_and_after(path: Path, base: str, flag: str, zoom: int) -> list[list[Tile]]:
    before, after = sprite(path, base), sprite(path, f"{base} {flag}")
    return [
        [
            Tile("without", before, zoom),
            Tile(flag, after, zoom),
            Tile("cells that changed", marked(before, after), zoom),
        ]
    ]


def cut(pixels: np.ndarray, at: int, gap: int) -> np.ndarray:
    """A sheet with a white gap between its tiles."""
    for axis in (0, 1):
        pixels = np.insert(pixels, [at] * gap, 255, axis=axis)
    return pixels


def original(path: Path, side: int) -> Tile:
    """The image itself, made small."""
    image = Image.open(path).convert("RGB")
    return Tile(
        f"{path.name}, {image.width}x{image.height}",
        np.asarray(image.resize((side, side), Resampling.LANCZOS)),
        1,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Write the pictures; returns the exit code."""
    return write_sheets("doc_pictures", __doc__, MAKERS, PICTURES, argv)


if __name__ == "__main__":
    sys.exit(main())
