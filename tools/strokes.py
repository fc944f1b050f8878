#!/usr/bin/env python3
"""Count how much of thin strokes pixelization keeps, wherever they lie.

Strokes of one colour are drawn over drawings that were made transparent, on white, dark and
transparent grounds. What is counted is in docs/results-strokes.md, which this writes:

    tools/strokes.py ../shared/data/cartoon/val --markdown docs/results-strokes.md
"""

import itertools
import math
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage
from tqdm import tqdm

from pixelization.apps.cli.arguments import ArgumentParser
from pixelization.apps.cli.running import run_tool
from pixelization.color.oklab import perceptual
from pixelization.evaluation.config import EvaluationConfig, MethodConfig
from pixelization.evaluation.methods import Method, build_methods
from pixelization.files import write_whole
from pixelization.finishing.background import remove_background
from pixelization.images.alpha import on_white, with_alpha
from pixelization.images.reading import list_images, read_image
from pixelization.images.sprites import hard_edged, opaque_cells
from pixelization.reducers import resampling

SIZES = (32, 48)  # cells along the width
GROUNDS = {"white": (255, 255, 255), "dark": (18, 22, 40), "transparent": None}
INKS = {"dark": (28, 26, 34), "light": (250, 244, 214)}
# strokes that can be seen wherever they lie
CASES = (("white", "dark"), ("dark", "light"), ("transparent", "dark"), ("transparent", "light"))
WIDTHS = ("1 px", "2 px", "1/2 cell")
# of a drawing: across, down, and at any angle
STROKES = 6
LENGTH = (0.3, 0.8)  # of a stroke, as a share of the width
SIDE = 256  # pixels of an empty picture with one level line
ROWS = range(100, 140)  # pixels above level lines
# of level lines and of frames, each drawn alone: ground, ink and cells
ALONE = tuple((*case, cells) for case in CASES[:2] for cells in SIZES)
FRAMES = 60  # of each ground and size
FRAME_WIDTHS = (1, 6)  # pixels, from the first to before the second
NEAR, FAR = (12, 60), (196, 244)  # pixels, where the sides of frames are
# A cell has the stroke's colour if it differs from it by at most this share of what the ground
# differs; a stroke of 1 px between two rows of pixels is half of the ground's colour.
SHARE = 0.6
ON_NOTHING = 0.3  # the same on transparent ground, as a perceptual distance; black to white is 1
FAINT = 1 / 255  # coverage below which nothing is drawn

ABOUT = """\
# Strokes

How many of the cells of thin strokes are present in sprites, wherever the strokes lie.

Made by
```
tools/strokes.py ../shared/data/cartoon/val --markdown docs/results-strokes.md
```

{count} drawings of 256 x 256 pixels lose their white background.
Over each, {strokes} straight strokes are drawn, anti-aliased: one level, one upright, the others at
any angle, all at any position.
They are dark or light, 1 pixel, 2 pixels or half a cell wide.
The ground is white, dark or transparent.

**What is counted.**
A stroke that is nearer to level than to upright passes every column of cells once.
The stroke's cell there is the one that its middle line is in at the column's middle.
An upright one has one cell in every row.
A cell counts if the column's whole width is passed, and if the cell and its two neighbours across
the stroke hold nothing but ground and this stroke.
It is *present* if it, or one of these two neighbours, is opaque and has the stroke's colour: it
differs from it by at most {share:.0%} of what the ground differs (on transparent ground by at most
{nothing} of the distance from black to white).
Differences are those of [Oklab with the toe](architecture.md#conventions).

**Level lines** are drawn alone, whole pixels, on {rows} rows of {side} pixels one after the other.
One is lost if fewer than half of its cells are present.

**Frames** are rectangles, drawn alone, whole pixels, {least} to {most} of them wide.
One is broken if a way leads out of it, from cell to cell, level or upright, over cells that have
not its colour.
"""


@dataclass(frozen=True)
class Stroke:
    """A straight stroke, in pixels.

    Attributes:
        start, end: (x, y) of the ends of its middle line.
        width: of the stroke.
    """

    start: np.ndarray
    end: np.ndarray
    width: float

    @property
    def straight(self) -> bool:
        """Level or upright."""
        return bool((self.start == self.end).any())

    def coverage(self, side: int) -> np.ndarray:
        """Which share of every pixel it covers, by distance: float64 ``(side, side)``."""
        along = self.end - self.start
        length = math.hypot(*along)
        along = along / length
        y, x = np.mgrid[:side, :side] + 0.5
        x, y = x - self.start[0], y - self.start[1]
        beside = np.abs(x * along[1] - y * along[0])
        beyond = np.abs(x * along[0] + y * along[1] - length / 2) - length / 2
        return (self.width / 2 + 0.5 - beside).clip(0, 1) * (0.5 - beyond).clip(0, 1)


def draw_strokes(rng: np.random.Generator, side: int, width: float) -> list[Stroke]:
    """One level, one upright, others at any angle, all of them whole on the canvas."""
    strokes: list[Stroke] = []
    while len(strokes) < STROKES:
        angle = (0, math.pi / 2)[len(strokes)] if len(strokes) < 2 else rng.uniform(0, math.pi)
        half = rng.uniform(*LENGTH) * side / 2 * np.array([math.cos(angle), math.sin(angle)])
        half[np.abs(half) < 1e-9] = 0
        room = np.abs(half) + width
        centre = rng.uniform(room, side - room)
        strokes.append(Stroke(centre - half, centre + half, width))
    return strokes


def stroke_cells(stroke: Stroke, side: int, cells: int) -> Iterator[np.ndarray]:
    """Its cell in every column, or row, that it passes whole, between its two neighbours across.

    int64 ``(3, 2)``, rows and columns; only where all three are in the grid.
    """
    cell = side / cells
    along = int(abs(stroke.end - stroke.start).argmax())
    ends = sorted((stroke.start, stroke.end), key=lambda end: float(end[along]))
    slope = (ends[1] - ends[0])[1 - along] / (ends[1] - ends[0])[along]
    first, last = (float(end[along]) / cell for end in ends)
    for step in range(math.ceil(first), math.floor(last)):
        across = ends[0][1 - along] + slope * ((step + 0.5) * cell - ends[0][along])
        place = int(across / cell)
        if 1 <= place < cells - 1:
            three = np.array([[place - 1, step], [place, step], [place + 1, step]])
            yield three if along == 0 else three[:, ::-1]


def composed(
    drawing: np.ndarray, strokes: Sequence[Stroke], ink: str, ground: str
) -> tuple[np.ndarray, list[np.ndarray]]:
    """The strokes over a drawing on its ground, and what each stroke covers.

    uint8 ``(H, W, 3)``, or ``(H, W, 4)`` on transparent ground.
    """
    image = Image.fromarray(drawing)
    below = GROUNDS[ground]
    if below is not None:
        canvas = Image.new("RGBA", image.size, below)
        canvas.alpha_composite(image)
        image = canvas
    covers = [stroke.coverage(len(drawing)) for stroke in strokes]
    for cover in covers:
        colors = np.broadcast_to(np.array(INKS[ink], np.uint8), (*cover.shape, 3))
        image.alpha_composite(
            Image.fromarray(with_alpha(colors, (cover * 255).round().astype(np.uint8)))
        )
    return np.asarray(image if below is None else image.convert("RGB")), covers


def present(
    sprite: np.ndarray,
    stroke: Stroke,
    others: np.ndarray,
    ink: str,
    ground: str,
) -> list[bool]:
    """Whether each of a stroke's cells is present in a square sprite, as the page says.

    Args:
        sprite: uint8 ``(h, h, 3 or 4)``.
        stroke: in pixels of the source.
        others: bool ``(H, H)``, which pixels of the source the drawing or another stroke covers.
        ink, ground: keys of ``INKS`` and ``GROUNDS``.
    """
    side, cells = len(others), len(sprite)
    has = inked(sprite, ink, ground)
    found = []
    for three in stroke_cells(stroke, side, cells):
        top, left = np.floor(three.min(axis=0) * side / cells).astype(int)
        bottom, right = np.ceil((three.max(axis=0) + 1) * side / cells).astype(int)
        if not others[top:bottom, left:right].any():
            found.append(bool(has[three[:, 0], three[:, 1]].any()))
    return found


def inked(sprite: np.ndarray, ink: str, ground: str) -> np.ndarray:
    """Which cells have a stroke's colour, as the page says: bool ``(h, w)``."""
    color = perceptual(np.array(INKS[ink], np.uint8))
    below = GROUNDS[ground]
    reach = ON_NOTHING
    if below is not None:
        reach = SHARE * float(np.linalg.norm(perceptual(np.array(below, np.uint8)) - color))
    apart = np.linalg.norm(perceptual(np.ascontiguousarray(sprite[..., :3])) - color, axis=2)
    return np.asarray((apart <= reach) & opaque_cells(sprite))


def nearest(image: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, None]:
    """Subsampling, of alpha too."""
    return np.asarray(hard_edged(Image.fromarray(resampling.nearest(image, size)))), None


def read_drawings(folder: str, limit: int) -> dict[str, np.ndarray]:
    """Every so many of the drawings in a folder, without their background, by name.

    uint8 ``(H, W, 4)``, alpha 0 or 255; square ones only.
    """
    paths = list_images(folder)
    drawings: dict[str, np.ndarray] = {}
    for path in paths[:: max(1, len(paths) // limit)]:
        pixels = np.asarray(on_white(read_image(path)))
        if pixels.shape[0] == pixels.shape[1] and len(drawings) < limit:
            drawings[path.stem] = with_alpha(remove_background(pixels, (255, 255, 255)))
    return drawings


Key = tuple[str, str, str, str, int, bool]
"""Method, ground, ink, width, cells, whether the stroke is level or upright."""


def measure(
    drawings: dict[str, np.ndarray], methods: Sequence[Method], seed: int
) -> dict[Key, list[bool]]:
    """Which cells are present."""
    counts: dict[Key, list[bool]] = defaultdict(list)
    total = len(drawings) * len(SIZES) * len(WIDTHS) * len(CASES) * len(methods)
    with tqdm(total=total, unit="sprite", dynamic_ncols=True) as progress:
        for name, drawing in drawings.items():
            side = len(drawing)
            for cells in SIZES:
                for width in WIDTHS:
                    pixels = side / cells / 2 if width == "1/2 cell" else float(width[0])
                    # the same strokes at every width, size and ground
                    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
                    strokes = draw_strokes(rng, side, pixels)
                    for ground, ink in CASES:
                        image, covers = composed(drawing, strokes, ink, ground)
                        drawn = np.stack([drawing[..., 3] > 0, *(each > FAINT for each in covers)])
                        for method in methods:
                            sprite = method.run(image, (cells, cells))[0]
                            for index, stroke in enumerate(strokes, 1):
                                others = np.asarray(np.delete(drawn, index, axis=0).any(axis=0))
                                counts[method.name, ground, ink, width, cells, stroke.straight] += (
                                    present(sprite, stroke, others, ink, ground)
                                )
                            progress.update()
    return counts


def level_lines(methods: Sequence[Method]) -> str:
    """Markdown: how many level lines methods lose."""
    empty = np.zeros((SIDE, SIDE, 4), np.uint8)
    widths = [int(width[0]) for width in WIDTHS if width.endswith("px")]

    def lost(method: Method, ground: str, ink: str, cells: int) -> int:
        count = 0
        for width, row in itertools.product(widths, ROWS):
            middle = row + width / 2
            line = Stroke(np.array([20.0, middle]), np.array([SIDE - 20.0, middle]), width)
            image, _covers = composed(empty, [line], ink, ground)
            sprite = method.run(image, (cells, cells))[0]
            seen = present(sprite, line, empty[..., 3] > 0, ink, ground)
            count += int(np.mean(seen) < 0.5)
        return count

    counts = {(method.name, *case): lost(method, *case) for method in methods for case in ALONE}
    return f"## Level lines\n\n{counted_table(f'lost of {len(widths) * len(ROWS)}', counts)}"


def broken_frames(methods: Sequence[Method], seed: int) -> str:
    """Markdown: how many frames methods break."""
    counts = {(method.name, *case): 0 for method in methods for case in ALONE}
    for ground, ink, cells in ALONE:
        rng = np.random.default_rng([seed, cells])
        for _ in range(FRAMES):
            (left, top), (right, bottom) = rng.integers(*NEAR, 2), rng.integers(*FAR, 2)
            width = rng.integers(*FRAME_WIDTHS)
            frame = np.zeros((SIDE, SIDE), bool)
            frame[top:bottom, left:right] = True
            frame[top + width : bottom - width, left + width : right - width] = False
            image = np.full((SIDE, SIDE, 3), GROUNDS[ground], np.uint8)
            image[frame] = INKS[ink]
            middle = (SIDE // 2 * cells // SIDE,) * 2
            for method in methods:
                sprite = method.run(image, (cells, cells))[0]
                counts[method.name, ground, ink, cells] += leaks(inked(sprite, ink, ground), middle)
    return f"## Frames\n\n{counted_table(f'broken of {FRAMES}', counts)}"


def counted_table(head: str, counts: dict[tuple[str, str, str, int], int]) -> str:
    """Markdown of counts by method, and by the ground, ink and cells of ``ALONE``."""
    heads = " | ".join(f"{ink} on {ground}, {cells} cells" for ground, ink, cells in ALONE)
    rows = [
        f"| {name} | {' | '.join(str(counts[name, *case]) for case in ALONE)} |"
        for name in dict.fromkeys(key[0] for key in counts)
    ]
    return "\n".join([f"| {head} | {heads} |", "|---" + "|---:" * len(ALONE) + "|", *rows])


def leaks(frame: np.ndarray, inside: tuple[int, int]) -> bool:
    """Whether a way leads from a cell inside a frame to the border, over cells that are not in it.

    Args:
        frame: bool ``(h, w)``.
        inside: row and column of a cell.
    """
    areas = ndimage.label(~frame)[0]
    border = np.concatenate([areas[[0, -1]].ravel(), areas[:, [0, -1]].ravel()])
    return bool(areas[inside] in border)


def tables(counts: dict[Key, list[bool]]) -> str:
    """Markdown: by ground and width; by size and angle."""
    names = list(dict.fromkeys(key[0] for key in counts))

    def share(name: str, *wanted: tuple[int, object]) -> str:
        found = [
            each
            for key, values in counts.items()
            if key[0] == name and all(key[place] == value for place, value in wanted)
            for each in values
        ]
        return f"{100 * np.mean(found):.1f}" if found else "–"

    def table(title: str, columns: dict[str, tuple[tuple[int, object], ...]]) -> str:
        lines = [
            f"| {title} | {' | '.join(columns)} |",
            "|---" + "|---:" * len(columns) + "|",
            *(
                f"| {name} | {' | '.join(share(name, *each) for each in columns.values())} |"
                for name in names
            ),
        ]
        return "\n".join(lines)

    parts = []
    for ground, ink in CASES:
        columns: dict[str, tuple[tuple[int, object], ...]] = {
            f"{width}, {cells} cells": ((1, ground), (2, ink), (3, width), (4, cells))
            for cells in SIZES
            for width in WIDTHS
        }
        parts.append(
            f"## {ink.capitalize()} strokes on {ground} ground\n\n"
            + table("% present", columns | {"all": ((1, ground), (2, ink))})
        )
    whole: dict[str, tuple[tuple[int, object], ...]] = {
        "level or upright": ((5, True),),
        "slanted": ((5, False),),
        **{f"{ink} strokes": ((2, ink),) for ink in INKS},
        **{width: ((3, width),) for width in WIDTHS},
        "all": (),
    }
    return "\n\n".join(["## All grounds\n\n" + table("% present", whole), *parts])


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    return run_tool("strokes", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    parser = ArgumentParser(prog="strokes", description=__doc__)
    parser.add_argument("drawings", metavar="DRAWINGS", help="folder of cartoons on white")
    parser.add_argument(
        "--weights", action="append", default=[], metavar="FILE", help="measure these, too"
    )
    parser.add_argument("--limit", type=int, default=40, help="drawings (default: 40)")
    parser.add_argument("--seed", type=int, default=0, help="of the strokes (default: 0)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the page")
    args = parser.parse_args(argv)
    drawings = read_drawings(args.drawings, args.limit)
    configs = (
        MethodConfig("rule", baseline="rule"),
        MethodConfig("cascade", model="cascade"),
        MethodConfig("lite", model="lite"),
        *(MethodConfig(Path(path).stem, weights=path) for path in args.weights),
    )
    found = build_methods(EvaluationConfig(methods=configs))
    methods = (Method("nearest", nearest), *found.ready)
    counts = measure(drawings, methods, args.seed)
    cells = sum(len(values) for key, values in counts.items() if key[0] == "nearest")
    about = ABOUT.format(
        count=len(drawings),
        strokes=STROKES,
        share=SHARE,
        nothing=ON_NOTHING,
        rows=len(ROWS),
        side=SIDE,
        least=FRAME_WIDTHS[0],
        most=FRAME_WIDTHS[1] - 1,
    )
    weights = "\n".join(f"- {name}: SHA-256 {digest}" for name, digest in found.weights.items())
    text = (
        f"{about}\n{cells} cells were counted.\n\n{tables(counts)}\n\n{level_lines(methods)}\n\n"
        f"{broken_frames(methods, args.seed)}\n\n## Weights\n{weights}\n"
    )
    print(text)
    if args.markdown:
        write_whole(args.markdown, text, overwrite=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
