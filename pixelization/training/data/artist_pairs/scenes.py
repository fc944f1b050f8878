"""Scenes: one to four sprites on a ground, in cells."""

import numpy as np

from pixelization.training.data.artist_pairs.sprites import Sprite, SpriteSet

GROUNDS = ("nothing", "white", "color", "patches")
GROUND_CHANCES = (0.4, 0.27, 0.23, 0.1)
DARK = "dark"  # one more ground, only where it is asked for
DARKEST, LIGHTEST = 0.02, 0.2  # of its channels


def compose(
    sprites: SpriteSet,
    cells: int,
    rng: np.random.Generator,
    ground: str | None = None,
    *,
    recolor: bool = True,
) -> Sprite:
    """A scene of ``cells`` x ``cells`` cells: sprites, turned and flipped at random, before one
    another on a ground.

    Args:
        ground: of ``GROUNDS``, or ``DARK``; None: any of the former, by their chances.
        recolor: change colours, see :func:`recolored`; else they are the artists'.
    """
    kind = GROUNDS[int(rng.choice(len(GROUNDS), p=GROUND_CHANCES))] if ground is None else ground
    labels, colors = _ground(kind, cells, rng)
    wanted = int(rng.choice((1, 2, 3, 4), p=(0.45, 0.3, 0.15, 0.1)))
    for _ in range(wanted):
        sprite = sprites.draw(rng)
        _paste(labels, _turned(sprite.labels, rng), len(colors), rng)
        colors = np.concatenate([colors, sprite.colors])
    return _compact(labels, recolored(colors, rng) if recolor else colors)


def recolored(colors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Other colours, ``(K, 3)`` in [0, 1], that differ as these do.

    Channels changed, light turned dark, gamma, fading.
    """
    if rng.random() < 0.5:
        colors = colors[:, rng.permutation(3)]
    if rng.random() < 0.5:
        colors = 1 - colors
    colors = colors ** np.exp(rng.normal(0, 0.2))
    if rng.random() < 0.3:
        paper, share = (
            rng.random(3) if rng.random() < 0.5 else rng.choice((0.0, 1.0)),
            rng.uniform(0, 0.5),
        )
        colors = colors + share * (paper - colors)
    return colors


def _ground(kind: str, cells: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Labels ``(cells, cells)`` and colours ``(K, 3)`` of a ground."""
    if kind == "nothing":
        return np.zeros((cells, cells), np.int64), np.zeros((0, 3))
    if kind == "white":
        return np.ones((cells, cells), np.int64), np.ones((1, 3))
    if kind == "color":
        return np.ones((cells, cells), np.int64), rng.random((1, 3))
    if kind == DARK:
        return np.ones((cells, cells), np.int64), rng.uniform(DARKEST, LIGHTEST, (1, 3))
    count = int(rng.integers(2, 5))
    rows, columns = np.mgrid[:cells, :cells] / cells
    waves = [
        rng.normal(0, 4, 2) @ np.stack([rows, columns]).reshape(2, -1) + rng.uniform(0, 7)
        for _ in range(count)
    ]
    labels = np.sin(waves).argmax(0).reshape(cells, cells) + 1
    return labels, rng.random(3) * 0.5 + rng.random((count, 3)) * 0.5


def _turned(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.5:
        labels = labels[:, ::-1]
    return np.rot90(labels, int(rng.integers(4))) if rng.random() < 0.4 else labels


def _paste(scene: np.ndarray, labels: np.ndarray, first: int, rng: np.random.Generator) -> None:
    """Put what is there of a sprite into a scene.

    At a place where at least half of its shorter way lies inside.
    """
    spans = []
    for side, length in zip(scene.shape, labels.shape, strict=True):
        slack = abs(side - length) // 2 + min(side, length) // 4
        spans.append((side - length) // 2 + int(rng.integers(-slack, slack + 1)))
    top, left = spans
    rows = slice(max(0, top), min(scene.shape[0], top + labels.shape[0]))
    columns = slice(max(0, left), min(scene.shape[1], left + labels.shape[1]))
    part = labels[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    np.copyto(scene[rows, columns], part + first, where=part > 0)


def _compact(labels: np.ndarray, colors: np.ndarray) -> Sprite:
    """The same scene with only the colours that are seen; equal colours become one."""
    used = np.unique(labels[labels > 0])
    numbers = np.zeros(len(colors) + 1, np.int64)
    unique, places = np.unique((colors[used - 1] * 255).round(), axis=0, return_inverse=True)
    numbers[used] = places.reshape(-1) + 1
    return Sprite(numbers[labels], unique / 255)
