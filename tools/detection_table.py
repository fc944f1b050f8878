#!/usr/bin/env python3
"""Grid detection on damaged sprites: a table per kind of damage; or the weights of its score, fitted to them.

    python tools/detection_table.py FOLDER [--limit 60] [--kinds jpeg-75 blur-0.2] [--seed 0] [--jobs 2] [--fit DRAWINGS]
"""

import argparse
import time
import zlib
from collections import defaultdict
from itertools import product
from multiprocessing import Pool

import numpy as np
import torch
from PIL import Image
from scipy import ndimage

from pixelization.data.images import list_images, on_white, read_image
from pixelization.evaluation.damage import DAMAGES, Damaged, match
from pixelization.grid.detection.axis import axis_grids
from pixelization.grid.detection.detector import SURE, axes_of, detect_grid
from pixelization.grid.detection.geometry import cells_inside
from pixelization.grid.detection.score import WEIGHTS, other_features, pair_features
from pixelization.snapping import hard_edged

NATIVE = ("native", "native-flat", "native-padded")


def read_sprites(folder: str, limit: int, seed: int) -> list[np.ndarray]:
    """RGBA, alpha 0 or 255; ``limit`` of them at random, all where it is 0."""
    paths = list_images(folder)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(paths))[: limit or None])
    return [np.asarray(hard_edged(read_image(paths[index]).convert("RGBA"))) for index in chosen]


def damage(job: tuple[str, int, np.ndarray, int]) -> Damaged:
    kind, index, sprite, seed = job
    return DAMAGES[kind](sprite, np.random.default_rng([seed, index, zlib.crc32(kind.encode())]))


def measure(job: tuple[str, int, np.ndarray, int]) -> tuple[str, list[float]]:
    damaged = damage(job)
    start = time.perf_counter()
    detection = detect_grid(damaged.image)
    seconds = time.perf_counter() - start
    result = match(detection, damaged)
    sure = detection.confidence >= SURE
    return job[0], [result.exact, result.phase_error, result.pixel_match, sure, sure and not result.exact, seconds]


def print_table(results: list[tuple[str, list[float]]]) -> None:
    rows = defaultdict(list)
    for kind, values in results:
        rows[kind].append(values)
        rows["all"].append(values)
    rows["all"] = rows.pop("all")
    print("| damage | exact size % | phase error, cells | pixel match % | sure % | sure and wrong | ms |\n|---|---|---|---|---|---|---|")
    for kind, values in rows.items():
        exact, phase, same, sure, _, seconds = np.mean(values, axis=0)
        phase = np.mean([row[1] for row in values if row[0]] or [0.5])
        wrong = f"{int(sum(row[4] for row in values))} of {len(values)}"
        print(f"| {kind} | {exact:.1%} | {phase:.3f} | {same:.1%} | {sure:.0%} | {wrong} | {seconds * 1e3:.0f} |")


def examples(job: tuple[str, int, np.ndarray, int]) -> tuple[np.ndarray, np.ndarray]:
    """Features of every answer that an image may get, and whether it is right; the kind "none" is no pixel art."""
    damaged = Damaged(job[2], (0, 0), (0, 0), (0, 0), job[2]) if job[0] == "none" else damage(job)
    axes = axes_of(damaged.image)
    features, right = list(other_features(axes)), [damaged.cell == (1, 1), job[0] == "none"]
    for pair in product(*axis_grids(axes)):
        features.append(pair_features(axes, pair))
        fits = not any(right[:2])
        for axis, grid, cell, phase, count in zip(axes, pair, damaged.cell, damaged.phase, damaged.size):
            if fits:
                offset = abs(((grid.phase - phase) / cell + 0.5) % 1 - 0.5)
                drift = abs(1 / grid.cell - 1 / cell) * axis.length
                fits = cells_inside(axis.length, grid.cell, grid.phase)[1] == count and offset < 0.2 and drift < 0.5
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
        noise = ndimage.gaussian_filter(rng.normal(128, 60, (height, width, 3)), (*[rng.uniform(1.2, 6)] * 2, 0))
        noise = (noise - noise.mean()) * rng.uniform(20, 70) / noise.std() + 128
        images.append(noise.clip(0, 255).astype(np.uint8))
    return images


def fit(cases: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """The weights under which the right answers are likeliest, a little shrunk: float64 ``(len(WEIGHTS),)``."""
    cases = [(torch.tensor(features), torch.tensor(right)) for features, right in cases if right.any()]
    scale = torch.cat([features for features, _ in cases]).std(dim=0) + 1e-9
    group = torch.repeat_interleave(torch.arange(len(cases)), torch.tensor([len(right) for _, right in cases]))
    values, right = torch.cat([features for features, _ in cases]) / scale, torch.cat([right for _, right in cases])
    weights = torch.zeros(len(scale), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        scores = values @ weights
        highest = torch.full((len(cases),), -torch.inf, dtype=torch.float64).scatter_reduce(0, group, scores.detach(), "amax")
        odds = (scores - highest[group]).exp()
        sums = [torch.zeros(len(cases), dtype=torch.float64).index_add(0, group, part) for part in (odds, odds * right)]
        cost = (sums[0].log() - (sums[1] + 1e-300).log()).mean() + 3e-4 * (weights**2).sum()
        cost.backward()
        return cost

    optimizer.step(loss)
    return (weights.detach() / scale).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="of sprites")
    parser.add_argument("--limit", type=int, default=0, help="sprites, chosen at random; 0: all (default)")
    parser.add_argument("--kinds", nargs="+", choices=list(DAMAGES), default=list(DAMAGES), metavar="KIND")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--fit", metavar="DRAWINGS", help="folder without pixel art; prints weights for score.py, no table")
    args = parser.parse_args()
    sprites = read_sprites(args.folder, args.limit, args.seed)
    jobs = [(kind, index, sprite, args.seed) for kind in args.kinds for index, sprite in enumerate(sprites)]
    if args.fit:  # one kind in ten is native, but half of the images that people have may be
        more = read_sprites(args.folder, 4 * args.limit, args.seed + 1)
        jobs += [(kind, index, sprite, args.seed + 1) for kind in NATIVE for index, sprite in enumerate(more)]
        jobs += [("none", 0, image, args.seed) for image in no_pixel_art(args.fit, 2 * args.limit, args.seed)]
    with Pool(args.jobs) as pool:
        results = pool.map(examples if args.fit else measure, jobs, chunksize=4)
    if not args.fit:
        print_table(results)
        return
    for name, weight in zip(WEIGHTS, fit(results)):
        print(f'    "{name}": {weight:.3f},')


if __name__ == "__main__":
    main()
