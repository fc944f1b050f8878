#!/usr/bin/env python3
"""Fit the weights of grid detection to damaged sprites and to drawings.

Prints them as they stand in pixelization/detection/score.py. How good they are is measured by
`python -m pixelization evaluate --cfg eval/snap`.
"""

import sys
import zlib
from collections.abc import Sequence
from itertools import product
from multiprocessing import Pool

import numpy as np
import torch
from PIL import Image
from scipy import ndimage

from pixelization.apps.cli.arguments import ArgumentParser
from pixelization.apps.cli.running import run_tool
from pixelization.detection.axis import axis_grids
from pixelization.detection.detector import axes_of
from pixelization.detection.geometry import cells_inside
from pixelization.detection.lines import drawn_lines, without_lines
from pixelization.detection.score import WEIGHTS, other_features, pair_features
from pixelization.evaluation.damage import DAMAGES, Damaged
from pixelization.images.alpha import on_white
from pixelization.images.reading import list_images, read_image
from pixelization.images.sprites import hard_edged

NATIVE = ("native", "native-flat", "native-padded")
BY_ITSELF = ("one-pixel",)  # kinds that are found without weights


def read_sprites(folder: str, limit: int, seed: int) -> list[np.ndarray]:
    """RGBA, alpha 0 or 255; ``limit`` of them at random, all where it is 0."""
    paths = list_images(folder)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(paths))[: limit or None])
    return [np.asarray(hard_edged(read_image(paths[index]).convert("RGBA"))) for index in chosen]


def examples(job: tuple[str, int, np.ndarray, int]) -> tuple[np.ndarray, np.ndarray]:
    """Features of every answer that an image may get, and whether it is right.

    Args:
        job: kind of damage ("none": the image is no pixel art), number of the image, the image,
            seed.
    """
    kind, index, image, seed = job
    if kind == "none":
        damaged = Damaged(image, (0, 0), (0, 0), (0, 0), image)
    else:
        damaged = DAMAGES[kind](
            image, np.random.default_rng([seed, index, zlib.crc32(kind.encode())])
        )
    lines = drawn_lines(damaged.image)
    covered = ((), ()) if lines is None else (lines[0].covered, lines[1].covered)
    axes = axes_of(without_lines(damaged.image, covered))
    features, right = list(other_features(axes)), [damaged.cell == (1, 1), kind == "none"]
    for pair in product(*axis_grids(axes)):
        features.append(pair_features(axes, pair))
        fits = not any(right[:2])
        for axis, grid, cell, phase, count in zip(
            axes, pair, damaged.cell, damaged.phase, damaged.size, strict=True
        ):
            if fits:
                offset = abs(((grid.phase - phase) / cell + 0.5) % 1 - 0.5)
                drift = abs(1 / grid.cell - 1 / cell) * axis.length
                fits = (
                    cells_inside(axis.length, grid.cell, grid.phase)[1] == count
                    and offset < 0.2
                    and drift < 0.5
                )
        right.append(fits)
    return np.array(features), np.array(right)


def no_pixel_art(folder: str, limit: int, seed: int) -> list[np.ndarray]:
    """Pieces of drawings at several sizes, and blurred noise: uint8 RGB of 96 to 320 pixels."""
    rng = np.random.default_rng(seed)
    paths = list_images(folder)
    images = []
    for path in (paths[index] for index in rng.permutation(len(paths))[: limit or None]):
        width, height, side = *rng.integers(96, 321, 2), int(rng.integers(240, 400))
        image = on_white(read_image(path)).resize((side, side), Image.Resampling.LANCZOS)
        images.append(np.asarray(image)[:height, :width])
        noise = ndimage.gaussian_filter(
            rng.normal(128, 60, (height, width, 3)), (*[rng.uniform(1.2, 6)] * 2, 0)
        )
        noise = (noise - noise.mean()) * rng.uniform(20, 70) / noise.std() + 128
        images.append(noise.clip(0, 255).astype(np.uint8))
    return images


def fit(cases: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """The weights under which the right answers are likeliest, a little shrunk.

    Float64 ``(len(WEIGHTS),)``.
    """
    told = [(torch.tensor(each), torch.tensor(right)) for each, right in cases if right.any()]
    scale = torch.cat([features for features, _ in told]).std(dim=0) + 1e-9
    group = torch.repeat_interleave(
        torch.arange(len(told)), torch.tensor([len(right) for _, right in told])
    )
    values = torch.cat([features for features, _ in told]) / scale
    right = torch.cat([each for _, each in told])
    weights = torch.zeros(len(scale), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        scores = values @ weights
        highest = torch.full((len(told),), -torch.inf, dtype=torch.float64).scatter_reduce(
            0, group, scores.detach(), "amax"
        )
        odds = (scores - highest[group]).exp()
        sums = [
            torch.zeros(len(told), dtype=torch.float64).index_add(0, group, part)
            for part in (odds, odds * right)
        ]
        cost = (sums[0].log() - (sums[1] + 1e-300).log()).mean() + 3e-4 * (weights**2).sum()
        cost.backward()
        return cost

    optimizer.step(loss)
    return (weights.detach() / scale).numpy()


def main(argv: Sequence[str] | None = None) -> int:
    """Fit and print; returns the exit code."""
    return run_tool("fit_detection", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    parser = ArgumentParser(prog="fit_detection", description=__doc__)
    parser.add_argument("sprites", metavar="SPRITES", help="folder to damage")
    parser.add_argument("drawings", metavar="DRAWINGS", help="folder without pixel art")
    parser.add_argument(
        "--limit",
        type=int,
        default=40,
        help="sprites of every kind, chosen at random; 0: all (default: 40)",
    )
    parser.add_argument("--seed", type=int, default=11, help="of what is random (default: 11)")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    args = parser.parse_args(argv)
    sprites = read_sprites(args.sprites, args.limit, args.seed)
    jobs = [
        (kind, index, sprite, args.seed)
        for kind in DAMAGES
        if kind not in BY_ITSELF
        for index, sprite in enumerate(sprites)
    ]
    # One kind in ten is native, but half of the images that people have may be.
    more = read_sprites(args.sprites, 4 * args.limit, args.seed + 1)
    jobs += [
        (kind, index, sprite, args.seed + 1) for kind in NATIVE for index, sprite in enumerate(more)
    ]
    jobs += [
        ("none", 0, image, args.seed)
        for image in no_pixel_art(args.drawings, 2 * args.limit, args.seed)
    ]
    with Pool(args.jobs) as pool:
        cases = pool.map(examples, jobs, chunksize=4)
    for name, weight in zip(WEIGHTS, fit(cases), strict=True):
        print(f'    "{name}": {weight:.3f},')
    return 0


if __name__ == "__main__":
    sys.exit(main())
