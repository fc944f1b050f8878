"""Strokes that are thin from the start: curves in the drawing, chains of cells in the sprite.

Sprites have few long thin lines, line art has nothing else. Here the answer is known without an
artist: cells that touch at their sides or corners, without doubled corners and without gaps.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from pixelization.cells.lattice import SAMPLES
from pixelization.training.data.drawings import chain, closed, curve, resampled

WIDTHS = (1, 1, 2, 2, 3, 3, 4, 5, 6)
"""Pixels, of eight to a cell, each as often as it stands here."""

TIE = 0.1
"""Cells beyond a border, down or to the right, up to which a level or upright line is before it.

Drawings have such lines at whole pixels, and so often just on a border. Both rows would be right,
but one must be taken all along the line.
"""

FRAMES = 0.25  # share of strokes

LEVEL = 1e-3  # cells by which a field may vary and still leave lines straight
ITERATIONS = 5  # after which a displacement of half a cell is known to a hundredth
LIGHT = 0.8  # of all channels, from which on a colour may be paper
CLEAR = 0.3  # distance of colours in [0, 1] from which a stroke can be seen on a ground


class Stroke(NamedTuple):
    """A thin curve.

    Attributes:
        points: x and y in cells, ``(N, 2)``.
        width: in pixels, of eight to a cell.
        label: the number of its colour.
        square: it is level and upright only, with corners.
    """

    points: np.ndarray
    width: int
    label: int
    square: bool = False

    def cells(self) -> list[tuple[int, int]]:
        """Columns and rows of the cells that it runs through."""
        if self.square:
            return list(dict.fromkeys(map(tuple, np.floor(self.points - TIE).astype(int).tolist())))
        return chain(self.points)


def visible(labels: list[int], cells: np.ndarray, colors: np.ndarray) -> list[int]:
    """Those of some labels that can be seen on what most of a scene's cells are; never none.

    On nothing all are seen. Light ones are twice among them there: a network takes them for what
    is left of white paper.

    Args:
        labels: to choose from.
        cells: labels of a scene's cells; 0 is nothing.
        colors: of labels, ``(K, 3)`` in [0, 1].
    """
    ground = int(np.bincount(cells.ravel()).argmax())
    if ground == 0:
        return labels + [label for label in labels if colors[label].min() > LIGHT]
    distances = np.linalg.norm(colors[labels] - colors[ground], axis=1)
    seen = [label for label, distance in zip(labels, distances, strict=True) if distance >= CLEAR]
    return seen or [labels[int(distances.argmax())]]


def random_strokes(cells: int, labels: list[int], rng: np.random.Generator) -> list[Stroke]:
    """One to seven curves on a canvas, mostly of one width and colour: lines, bows, outlines and
    frames.
    """
    strokes, width, label = [], int(rng.choice(WIDTHS)), int(rng.choice(labels))
    for _ in range(int(rng.integers(1, 8))):
        kind, square = rng.random(), False
        if kind < FRAMES:
            points, square = _frame(cells, rng), True
        elif kind < FRAMES + 0.3 * (1 - FRAMES):
            outline = closed(rng, rng.uniform(0, cells, 2), rng.uniform(1.5, 0.45 * cells))
            points = resampled(np.vstack([outline, outline[:1]]))
        else:
            angle = (
                float(rng.choice(4)) * np.pi / 2 if rng.random() < 0.25 else None
            )  # level and upright ones are frequent
            points = curve(rng, rng.uniform(0, cells, 2), rng.uniform(3, 1.1 * cells), angle)
        if rng.random() < 0.15:
            width, label = int(rng.choice(WIDTHS)), int(rng.choice(labels))
        strokes.append(Stroke(points, width, label, square))
    return strokes


def _frame(cells: int, rng: np.random.Generator) -> np.ndarray:
    """A rectangle, or a level or upright line; half of their sides lie just on borders of cells."""
    first = rng.uniform(-2, cells - 2, 2)
    last = first + rng.uniform(2, cells, 2) * (rng.random(2) < 0.8)
    sides = np.stack([first, last])
    sides = np.where(rng.random((2, 2)) < 0.5, sides.round(), sides)
    (left, top), (right, bottom) = sides
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    return resampled(np.array(corners))


def displaced(strokes: list[Stroke], field: np.ndarray) -> list[Stroke]:
    """Strokes where a drawing shows them that was moved by a field.

    Args:
        strokes: before.
        field: what :func:`~pixelization.training.data.artist_pairs.deform.warped` took, in cells,
            ``(2, S, S)``.
    """
    straight = bool(np.ptp(field, axis=(1, 2)).max() < LEVEL)
    return [
        stroke._replace(points=_moved(stroke.points, field), square=stroke.square and straight)
        for stroke in strokes
    ]


def _moved(points: np.ndarray, field: np.ndarray) -> np.ndarray:
    """Places that the field sends to these points, by fixed-point iteration."""
    places = points
    for _ in range(ITERATIONS):
        columns, rows = (places * SAMPLES).astype(int).clip(0, field.shape[1] - 1).T
        places = points - field[:, rows, columns].T
    return resampled(places)


def paint_cells(labels: np.ndarray, strokes: list[Stroke]) -> None:
    """Draw the chains of strokes into the cells, in place."""
    for stroke in strokes:
        for column, row in stroke.cells():
            if 0 <= row < labels.shape[0] and 0 <= column < labels.shape[1]:
                labels[row, column] = stroke.label


def paint_pixels(fine: np.ndarray, strokes: list[Stroke]) -> None:
    """Draw the strokes into the drawing, in place, as wide as they are."""
    for stroke in strokes:
        mask = Image.new("1", fine.shape[::-1])
        ImageDraw.Draw(mask).line(
            [tuple(point) for point in (stroke.points * SAMPLES).tolist()],
            fill=1,
            width=stroke.width,
        )
        fine[np.asarray(mask)] = stroke.label
