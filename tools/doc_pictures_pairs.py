#!/usr/bin/env python3
"""Write the pictures of docs/pairs.md into docs/images/pairs: sprites, and drawings of them step by
step.

A step more is an option more of the same maker with the same seed.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from picture_sheets import Tile, write_sheets
from PIL import Image

from pixelization.evaluation.pairs import as_array
from pixelization.images.alpha import on_white
from pixelization.training.data.artist_pairs.maker import PairMaker, PairOptions
from pixelization.training.data.artist_pairs.sprites import (
    Sprite,
    SpriteSet,
    centred,
    read_sprite_set,
)

ROOT = Path(__file__).resolve().parents[1]
SPRITES = [ROOT / "examples" / "sprites" / f"{name}.png" for name in ("frog", "warden", "snake")]
CELLS, SHOWN = 36, 288  # of a canvas, and pixels of a tile
SEED = 13

SMOOTH = PairOptions(
    cells=CELLS, plain=0, amplitude=0, shift=0, strokes=0, thinning=(1, 0, 0, 0, 0), extras=False
)
THINNED = replace(SMOOTH, thinning=(0, 0, 0, 1, 0))
DEFORMED = replace(THINNED, amplitude=0.42, shift=0.25)
DRAWN = replace(DEFORMED, strokes=1, extras=True, roughness=2)
STEPS = {
    "S: smooth shapes": SMOOTH,
    "T: thin strokes": THINNED,
    "W: deformed": DEFORMED,
    "D: line art, texture, damage": DRAWN,
}


def steps() -> list[list[Tile]]:
    sprites = read_sprite_set(SPRITES)
    return [
        [
            Tile("p: the artist's sprite", _target(sprite), SHOWN // CELLS),
            *(
                Tile(text, _drawing(sprites, sprite, options, number), 1)
                for text, options in STEPS.items()
            ),
        ]
        for number, sprite in enumerate(centred(each, CELLS) for each in sprites.sprites)
    ]


def _target(sprite: Sprite) -> np.ndarray:
    paint = np.concatenate([np.ones((1, 3)), sprite.colors])
    return np.rint(255 * paint[sprite.labels]).astype(np.uint8)


def _drawing(sprites: SpriteSet, sprite: Sprite, options: PairOptions, number: int) -> np.ndarray:
    drawn = PairMaker(sprites, options).drawn_of([sprite], (SEED, number))
    picture = on_white(Image.fromarray(as_array(drawn.pictures[0])))
    return np.asarray(picture.resize((SHOWN, SHOWN), Image.Resampling.NEAREST))


def main(argv: Sequence[str] | None = None) -> int:
    about = (__doc__ or "").strip()
    return write_sheets(
        "doc_pictures_pairs.py", about, (steps,), ROOT / "docs" / "images" / "pairs", argv
    )


if __name__ == "__main__":
    sys.exit(main())
