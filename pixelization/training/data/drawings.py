"""Pictures drawn twice, smooth and as an artist of sprites would.

Pairs of both teach DepixelNet what cells stand for. Reductions of cartoons have few of the things
that sprites are made of: strokes one cell wide, bands of shading, highlights of single cells,
texture of short strokes. Here random forms with all of these are drawn as smooth curves, and in
cells: areas by the majority, strokes as chains of cells that touch at their sides or corners,
without doubled corners. A chain covers less the more it leans, so the smooth stroke is as wide as
keeps its area: the means of the cells stay about what they are.
"""

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

FINE = 3  # samples per side of a pixel of the smooth picture
STEP = 0.25  # cells between the points of a curve


class Drawing:
    """One scene on two canvases; all coordinates are in cells, ``(N, 2)`` arrays of x and y.

    Args:
        cells: side of the square canvas in cells.
        side: of the smooth picture in pixels.
        color: of the background.
    """

    def __init__(self, cells: int, side: int, color: tuple[int, ...]) -> None:
        self.cells, self.side, self.unit = cells, side, side * FINE / cells
        self.coarse, self.fine = (
            Image.new("RGB", (size, size), color) for size in (cells, side * FINE)
        )

    def area(self, outline: np.ndarray) -> tuple[Image.Image, Image.Image]:
        """Masks of a closed curve, in cells and smooth."""
        fine = Image.new("L", self.fine.size)
        ImageDraw.Draw(fine).polygon([tuple(point) for point in outline * self.unit], fill=255)
        return fine.resize(self.coarse.size, Image.Resampling.BOX).point(
            lambda share: 255 * (share >= 128)
        ), fine

    def fill(self, masks: tuple[Image.Image, Image.Image], color: tuple[int, ...]) -> None:
        """Paint masks of :meth:`area`."""
        for canvas, mask in zip((self.coarse, self.fine), masks, strict=True):
            canvas.paste(color, (0, 0), mask)

    def stroke(self, curve: np.ndarray, color: tuple[int, ...]) -> None:
        """Paint a stroke one cell wide along a curve of points ``STEP`` apart.

        A single point makes a dot.
        """
        for cell in chain(curve):
            if min(cell) >= 0 and max(cell) < self.cells:
                self.coarse.putpixel(cell, color)
        draw = ImageDraw.Draw(self.fine)
        ways = np.diff(curve, axis=0)
        widths = np.abs(ways).max(axis=1) / np.maximum(np.hypot(*ways.T), 1e-6)
        widths = (
            np.convolve(np.pad(widths, 4, mode="edge"), np.full(9, 1 / 9), mode="valid")
            if len(ways)
            else np.array([1.13])
        )
        radii = widths[np.minimum(np.arange(len(curve)), len(widths) - 1), None] * self.unit / 2
        for box in np.hstack([curve * self.unit - radii, curve * self.unit + radii]).tolist():
            draw.ellipse(box, fill=color)

    def inside(
        self, masks: tuple[Image.Image, Image.Image], before: tuple[Image.Image, Image.Image]
    ) -> None:
        """Take back what was painted outside of masks since the copies ``before``."""
        self.coarse, self.fine = (
            Image.composite(canvas, old, mask)
            for canvas, old, mask in zip((self.coarse, self.fine), before, masks, strict=True)
        )

    def copies(self) -> tuple[Image.Image, Image.Image]:
        """The canvases as they are now."""
        return self.coarse.copy(), self.fine.copy()

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """The sprite, uint8 ``(3, n, n)``, and the smooth picture, ``(3, S, S)``."""
        smooth = self.fine.resize((self.side, self.side), Image.Resampling.BOX)
        sprite, picture = (
            np.ascontiguousarray(np.asarray(image).transpose(2, 0, 1))
            for image in (self.coarse, smooth)
        )
        return sprite, picture


def draw_pair(cells: int, side: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw a random scene.

    Args:
        cells: side of the sprite in cells.
        side: of the smooth picture in pixels.

    Returns:
        The sprite, uint8 ``(3, cells, cells)``, and the smooth picture, uint8 ``(3, side, side)``.
    """
    background = ((255, 255, 255), (0, 0, 0), _color(rng))[int(rng.choice(3, p=(0.4, 0.1, 0.5)))]
    drawing = Drawing(cells, side, background)
    for _ in range(int(rng.integers(1, 5))):
        _form(drawing, rng)
    for _ in range(int(rng.integers(0, 4))):
        drawing.stroke(
            curve(rng, rng.uniform(0, cells, 2), rng.uniform(2, 0.8 * cells)), _color(rng)
        )
    return drawing.arrays()


class Drawn:
    """Scenes in place of a folder of images, to try training without any.

    They are the same in every run, whatever its seed. Each is drawn when it is first wanted.

    Args:
        count: of scenes.
    """

    def __init__(self, count: int) -> None:
        self.paths: list[Path] = []
        self.skipped: list[str] = []
        self._images: list[np.ndarray | None] = [None] * count

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> np.ndarray:
        pixels = self._images[index]
        if pixels is None:
            pixels = self._images[index] = self._draw(index)
        return pixels

    def usable(self) -> Iterator[tuple[str, np.ndarray]]:
        """Name and pixels of every scene."""
        yield from ((f"drawing {index}", self[index]) for index in range(len(self)))

    def _draw(self, index: int) -> np.ndarray:
        raise NotImplementedError


class DrawnCartoons(Drawn):
    """Smooth scenes: uint8 ``(128, 128, 3)``."""

    def _draw(self, index: int) -> np.ndarray:
        _, picture = draw_pair(32, 128, np.random.default_rng((index, 5)))
        return picture.transpose(1, 2, 0)


class DrawnSprites(Drawn):
    """Scenes in cells, other ones: uint8 ``(24, 24, 4)``, nowhere transparent."""

    def _draw(self, index: int) -> np.ndarray:
        sprite, _ = draw_pair(24, 24, np.random.default_rng((index, 6)))
        return np.dstack([sprite.transpose(1, 2, 0), np.full((24, 24), 255, np.uint8)])


def _form(drawing: Drawing, rng: np.random.Generator) -> None:
    """A form with bands of shading, texture, strokes and an outline, each or none of them."""
    cells = drawing.cells
    center, radius = rng.uniform(0, cells, 2), rng.uniform(1.5, 0.55 * cells)
    shades = _ramp(rng)
    outline = closed(rng, center, radius)
    whole, before = drawing.area(outline), drawing.copies()
    base = int(rng.integers(len(shades)))
    drawing.fill(whole, shades[base])
    place = center + rng.uniform(-0.6, 0.6, 2) * radius
    ways = range(base + 1, len(shades)) if rng.random() < 0.6 else range(base - 1, -1, -1)
    for count, shade in enumerate(ways, 1):
        if rng.random() < 0.8:
            drawing.fill(drawing.area(place + (outline - center) * 0.75**count), shades[shade])
    # Texture: hair and scales have a direction, other texture has none.
    along, spread = rng.uniform(0, 2 * math.pi), rng.choice((0.3, 3))
    density = rng.choice((0, 0, 0.05, 0.1, 0.25))  # strokes per cell
    for _ in range(int(density * min(4 * radius**2, cells**2))):
        start, angle = center + rng.uniform(-1, 1, 2) * radius, along + rng.uniform(-spread, spread)
        drawing.stroke(
            curve(rng, start, rng.choice((0, 1.5, 2, 3, 4, 6)), angle),
            shades[int(rng.integers(len(shades)))],
        )
    for _ in range(int(rng.integers(0, 4))):
        start = center + rng.uniform(-0.8, 0.8, 2) * radius
        color = _color(rng) if rng.random() < 0.3 else shades[int(rng.choice((0, -1)))]
        drawing.stroke(curve(rng, start, rng.uniform(1, 1.5 * radius)), color)
    drawing.inside(whole, before)
    if rng.random() < 0.6:
        color = (
            _color(rng)
            if rng.random() < 0.2
            else tuple(int(value * rng.uniform(0, 0.5)) for value in shades[0])
        )
        drawing.stroke(resampled(np.vstack([outline, outline[:1]])), color)


def closed(rng: np.random.Generator, center: np.ndarray, radius: float) -> np.ndarray:
    """The outline of a random form.

    A rectangle on cell borders, a polygon, an ellipse or a blob.
    """
    kind = rng.choice(("rectangle", "polygon", "ellipse", "blob"), p=(0.15, 0.2, 0.3, 0.35))
    if kind == "rectangle":
        low, high = (
            np.round(center - radius * rng.uniform(0.3, 1, 2)),
            np.round(center + radius * rng.uniform(0.3, 1, 2)),
        )
        return resampled(np.array([low, (high[0], low[1]), high, (low[0], high[1]), low]))[:-1]
    if kind == "polygon":
        angles = np.sort(rng.uniform(0, 2 * math.pi, int(rng.integers(3, 7))))
        corners = center + radius * rng.uniform(0.6, 1, (len(angles), 1)) * np.column_stack(
            [np.cos(angles), np.sin(angles)]
        )
        return resampled(np.vstack([corners, corners[:1]]))[:-1]
    angles = np.arange(0, 2 * math.pi, STEP / radius)
    sides, turn = (
        np.array([radius, radius * rng.uniform(0.3, 1)]),
        rng.uniform(0, math.pi) * (rng.random() < 0.7),
    )
    if kind == "blob":
        waves = sum(
            rng.normal(0, 0.25 / k) * np.cos(k * angles + rng.uniform(0, 2 * math.pi))
            for k in (2, 3, 4, 5)
        )
        sides = sides * np.clip(1 + waves, 0.3, 1.7)[:, None]
    points = np.column_stack([np.cos(angles), np.sin(angles)]) * sides
    return center + points @ np.array(
        [[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]]
    )


def curve(
    rng: np.random.Generator, start: np.ndarray, length: float, angle: float | None = None
) -> np.ndarray:
    """An open curve of constant curvature, often none, from ``start``.

    It is the middle of the cell of ``start`` if ``length`` is 0.

    Args:
        start: x and y in cells.
        length: in cells.
        angle: where it starts to; random without one.
    """
    if not length:
        return np.floor(start)[None] + 0.5
    steps = np.arange(0, length, STEP)
    bend = rng.uniform(-2.5, 2.5) / length * (rng.random() < 0.6)
    angles = (rng.uniform(0, 2 * math.pi) if angle is None else angle) + bend * steps
    return start + np.cumsum(STEP * np.column_stack([np.cos(angles), np.sin(angles)]), axis=0)


def resampled(points: np.ndarray) -> np.ndarray:
    """Points of a polyline at most ``STEP`` apart."""
    parts = [points[:1]]
    for start, end in pairwise(points):
        count = max(1, math.ceil(math.hypot(*(end - start)) / STEP))
        parts.append(start + (end - start) * np.arange(1, count + 1)[:, None] / count)
    return np.vstack(parts)


def chain(curve: np.ndarray) -> list[tuple[int, int]]:
    """The cells of a stroke, in order.

    Neighbours touch at a side or a corner, and no corner is doubled.
    """
    cells: list[tuple[int, int]] = []
    for x, y in np.floor(curve).astype(int).tolist():
        if cells and cells[-1] == (x, y):
            continue
        # A cell beside both the one before and this one, which touch at a corner, makes a step of a
        # staircase.
        if len(cells) > 1 and abs(cells[-2][0] - x) == 1 == abs(cells[-2][1] - y):
            cells.pop()
        cells.append((x, y))
    return cells


def _color(rng: np.random.Generator) -> tuple[int, ...]:
    return tuple(rng.integers(0, 256, 3).tolist())


def _ramp(rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Three to six shades of one colour, dark to light, of low or high contrast."""
    count, contrast = int(rng.integers(3, 7)), rng.uniform(0.15, 1)
    base, drift = rng.uniform(30, 225, 3), rng.uniform(-40, 40, 3)
    places = np.linspace(-0.5, 0.5, count)[:, None]
    shades = base * (1 + contrast * places) + drift * places * contrast + 120 * contrast * places
    return [tuple(shade) for shade in shades.round().clip(0, 255).astype(int).tolist()]
