#!/usr/bin/env python3
"""Pixelize six bundled images, one of them in several styles, and depixelize three sprites, with
the shipped weights; `make demo` runs this.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from picture_sheets import Tile, composed
from PIL import Image
from PIL.Image import Resampling

from pixelization import Pixelizer, read_image, write_png
from pixelization.apps.cli.running import run_tool

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
# Cell sizes in pixels, chosen for 48 cells along the shorter side, and 64 for the house with its
# thin beams.
CELL_SIZES = {
    "house.png": 4,
    "sailboat.png": 16 / 3,
    "scooter.png": 16 / 3,
    "snowman.png": 16 / 3,
    "monkey.png": 16 / 3,
    "cat.jpg": 6.25,
}
# The same drawing finished in several ways: caption, options.
STYLED = "scooter.png"
STYLES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("by default", {}),
    ("--colors 8", {"colors": 8}),
    ("--palette pico-8", {"palette": "pico-8"}),
    ("--palette game-boy --dither bayer4", {"palette": "game-boy", "dither": "bayer4"}),
    (
        "--remove-background --outline outside --pad 64",
        {"remove_background": True, "outline": "outside", "pad": (64, 64)},
    ),
)
SPRITES = ("frog.png", "snake.png", "avatar.png")
FACTOR = 8
PREVIEW = 8
# Multiples of 48, 64, 32 and 16: nearest-neighbour zoom keeps their cells equal.
TILE_HEIGHT, SMALL = 384, 192


def tile(caption: str, image: Image.Image, zoom: Resampling, height: int = TILE_HEIGHT) -> Tile:
    """A captioned picture of that height; nearest is the zoom of whatever has cells."""
    size = (round(image.width * height / image.height), height)
    return Tile(caption, np.asarray(image.resize(size, zoom)), 1)


def run(out: Path) -> list[Path]:
    """Write every picture of the demo into ``out``; returns their paths."""
    written = []

    def save(image: Image.Image, name: str) -> None:
        written.append(out / name)
        write_png(image, out / name, overwrite=True)

    pixelizer = Pixelizer.from_pretrained()
    inputs: list[Tile] = []
    outputs: list[Tile] = []
    sheets: dict[str, list[list[Tile]]] = {
        "sheet_overview.png": [inputs, outputs],
        "sheet_cartoons.png": [],
        "sheet_photo.png": [],
        "sheet_styles.png": [],
        "sheet_depixelize.png": [],
    }
    for name, cell_size in CELL_SIZES.items():
        image, stem = read_image(EXAMPLES / "images" / name), Path(name).stem
        sprite = pixelizer.pixelize(image, cell_size=cell_size).image
        save(sprite, f"{stem}.png")
        save(
            sprite.resize((sprite.width * PREVIEW, sprite.height * PREVIEW), Resampling.NEAREST),
            f"{stem}_preview.png",
        )
        inputs.append(tile(name, image, Resampling.LANCZOS, SMALL))
        outputs.append(tile(f"{sprite.width}x{sprite.height}", sprite, Resampling.NEAREST, SMALL))
        sheets["sheet_photo.png" if name.endswith(".jpg") else "sheet_cartoons.png"].append(
            [
                tile(f"{name}, {image.width}x{image.height}", image, Resampling.LANCZOS),
                tile(
                    "nearest subsampling",
                    image.resize(sprite.size, Resampling.NEAREST),
                    Resampling.NEAREST,
                ),
                tile("bicubic", image.resize(sprite.size, Resampling.BICUBIC), Resampling.NEAREST),
                tile(f"pixelize, {sprite.width}x{sprite.height}", sprite, Resampling.NEAREST),
            ]
        )
    drawing, tiles = read_image(EXAMPLES / "images" / STYLED), []
    for caption, options in STYLES:
        sprite = pixelizer.pixelize(drawing, cell_size=CELL_SIZES[STYLED], **options).image
        save(sprite, f"{Path(STYLED).stem}_{'_'.join(caption.replace('-', ' ').split())}.png")
        tiles.append(tile(caption, sprite, Resampling.NEAREST))
    sheets["sheet_styles.png"].append(tiles)
    for name in SPRITES:
        sprite = read_image(EXAMPLES / "sprites" / name)
        smooth = pixelizer.depixelize(sprite, factor=FACTOR, native=True).image
        save(smooth, f"{Path(name).stem}_depixelized.png")
        sheets["sheet_depixelize.png"].append(
            [
                tile(f"{name}, {sprite.width}x{sprite.height}", sprite, Resampling.NEAREST),
                tile(
                    f"bicubic, {FACTOR}x",
                    sprite.resize(smooth.size, Resampling.BICUBIC),
                    Resampling.LANCZOS,
                ),
                tile(f"depixelize, {FACTOR}x", smooth, Resampling.LANCZOS),
            ]
        )
    for name, rows in sheets.items():
        save(composed(rows), name)
    return written


def main(argv: list[str] | None = None) -> int:
    """Run the demo; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        default=Path("demo"),
        help="folder for the results (default: demo)",
    )
    args = parser.parse_args(argv)

    def body() -> int:
        for path in run(args.out):
            print(path)
        return 0

    return run_tool("demo", body)


if __name__ == "__main__":
    sys.exit(main())
