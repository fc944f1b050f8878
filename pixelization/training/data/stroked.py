"""Thin strokes over a real cartoon and its teacher's sprite.

Teachers drop lines that are much thinner than a cell, light ones first. Here the answer is known:
the chain of cells that a stroke runs through.
"""

import numpy as np
from PIL import Image, ImageDraw

from pixelization.cells.lattice import SAMPLES
from pixelization.images.alpha import over
from pixelization.training.data.artist_pairs.strokes import CLEAR, random_strokes

FLAT = 0.5  # share of the cells that have the ground's colour: drawings, hardly ever photos
GROUND = 0.1  # distance of colours in [-1, 1] up to which a cell is ground
FINER = 4  # times as many pixels per side, for anti-aliasing
TRIES = 20  # colours looked at for one that the ground shows


def with_strokes(
    picture: np.ndarray, sprite: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw one to seven strokes over both, if the sprite has a ground.

    They are at least a pixel wide, dark, light or of any colour that differs from the ground.

    Args:
        picture: RGBA ``(4, S, S)`` in [-1, 1].
        sprite: of it, RGBA ``(4, n, n)`` in [-1, 1].

    Returns:
        Both, new; or the same where no colour is on half of the cells.
    """
    ground = _ground(sprite)
    if ground is None:
        return picture, sprite
    cells, side = sprite.shape[-1], picture.shape[-1]
    colors = _colors(ground, rng)
    picture, sprite = picture.copy(), sprite.copy()
    for stroke in random_strokes(cells, list(range(len(colors))), rng):
        color = colors[stroke.label]
        # What is drawn alike has the same answer, above all where a line lies between two rows.
        drawn = np.round(stroke.points * (side / cells * FINER))
        _blend(picture, color, _cover(drawn, stroke.width * side / cells / SAMPLES, side))
        shown = stroke._replace(points=drawn / (side / cells * FINER))
        for column, row in shown.cells():
            if 0 <= row < cells and 0 <= column < cells:
                sprite[:, row, column] = [*color, 1]
    return picture, sprite


def _ground(sprite: np.ndarray) -> np.ndarray | None:
    """The colour in [-1, 1] of half of the cells; None without one.

    An empty array where it is nothing.
    """
    empty = sprite[3] < 0
    if empty.mean() >= FLAT:
        return np.empty(0)
    colors = sprite[:3, ~empty]
    median = np.median(colors, axis=1)
    alike = np.linalg.norm(colors - median[:, None], axis=0) <= GROUND
    return median if alike.sum() >= FLAT * empty.size else None


def _colors(ground: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Two colours that can be seen on the ground, in [-1, 1]."""
    colors: list[np.ndarray] = []
    for _ in range(TRIES):
        light = (-1, 1)[int(rng.integers(2))] * rng.uniform(0.7, 1)
        color = np.full(3, light) if rng.random() < 0.6 else rng.uniform(-1, 1, 3)
        if not ground.size or np.linalg.norm(color - ground) >= 2 * CLEAR:
            colors.append(color)
    return colors[:2]


def _cover(points: np.ndarray, width: float, side: int) -> np.ndarray:
    """How much of every pixel a stroke covers: ``(S, S)`` in [0, 1].

    Args:
        points: x and y in finer pixels, ``(N, 2)``.
        width: in pixels; at least one is drawn.
    """
    mask = Image.new("L", (side * FINER, side * FINER))
    finer = max(FINER, round(width * FINER))
    ImageDraw.Draw(mask).line([tuple(point) for point in points.tolist()], fill=255, width=finer)
    return np.asarray(mask.resize((side, side), Image.Resampling.BOX)) / 255.0


def _blend(picture: np.ndarray, color: np.ndarray, cover: np.ndarray) -> None:
    """Paint a colour over RGBA, in place, as much as it covers."""
    colors, alpha = over(color[:, None, None], cover, picture[:3], (picture[3] + 1) / 2)
    picture[:3] = np.where(cover > 0, colors, picture[:3])
    picture[3] = 2 * alpha - 1
