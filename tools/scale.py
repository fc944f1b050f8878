#!/usr/bin/env python3
"""Measure what one processor does, and what more workers of Ray give.

    python tools/scale.py --images 200 --workers 1 2 --rounds 3

Prints what it costs to plan an image; the CPU seconds of an image in this process, on one thread,
which other programs disturb little; and images per second of Ray's workers, from the first result
to the last, as medians of rounds that take turns, with what the calling process does for each. The
load says how busy the machine was.
"""

import argparse
import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch and NumPy

import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PIL import Image

from pixelization.batch.cluster import Cluster
from pixelization.batch.jobs import Job, plan_jobs
from pixelization.batch.options import OutputOptions, SourceOptions
from pixelization.batch.run import HERE, Engine
from pixelization.batch.sprites import write_sprites
from pixelization.pipeline.style import Style
from pixelization.pixelizer import Pixelizer
from pixelization.reducers.base import Reduce
from pixelization.reducers.networks import reduce_when_needed

PLANNED = 5000  # images
IMAGES = Path(__file__).parents[1] / "examples" / "images"


def networks(backend: str) -> Reduce:
    """Of the default model."""
    return Pixelizer.from_pretrained(backend=backend).networks


def make_inputs(folder: Path, count: int, side: int) -> None:
    """``count`` pictures of ``side`` pixels, in turn those of the examples."""
    pictures = [Image.open(path).convert("RGB") for path in sorted(IMAGES.glob("*.png"))]
    for number in range(count):
        picture = pictures[number % len(pictures)].resize((side, side))
        picture.save(folder / f"{number:05}.png")


def plan(folder: Path) -> tuple[float, float]:
    """CPU seconds and bytes of a planned image."""
    (picture := folder / "picture.jpg").write_bytes((IMAGES / "cat.jpg").read_bytes())
    (folder / "many").mkdir()
    for number in range(PLANNED):
        os.link(picture, folder / "many" / f"{number:05}.jpg")

    def planned() -> list[Job]:
        return plan_jobs([str(folder / "many")], str(folder / "out"), OutputOptions())

    before = time.process_time()
    planned()
    seconds = time.process_time() - before
    tracemalloc.start()
    kept = planned()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return seconds / len(kept), size / len(kept)


def arrivals(inputs: Path, out: Path, engine: Engine, reduce: Reduce) -> Iterator[float]:
    """When each result is there, in seconds; stops at the first failure."""
    options = OutputOptions()
    jobs = plan_jobs([str(inputs)], str(out), options)
    style = Style(size=(48, None), colors=16)
    for result in write_sprites(jobs, reduce, style, SourceOptions(), options, engine=engine):
        if result.error:
            raise result.error
        yield time.perf_counter()


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--side", type=int, default=256, help="pixels of a picture")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--backend", default="onnx", choices=("onnx", "torch"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        make_inputs(folder / "in", args.images, args.side)
        seconds, size = plan(folder)
        print(f"planning: {1000 * seconds:.2f} ms and {size / 1000:.1f} kB an image")
        reduce = reduce_when_needed(partial(networks, args.backend))
        results = arrivals(folder / "in", folder / "here", HERE, reduce)
        next(results)  # the networks are loaded
        before = time.process_time()
        rest = sum(1 for _ in results)
        each = (time.process_time() - before) / rest
        print(f"one processor: {each:.3f} CPU seconds an image, {1 / each:.1f} images a second")
        rates: dict[int, list[float]] = {workers: [] for workers in args.workers}
        calling = []
        for turn in range(args.rounds):
            for workers in args.workers:
                out = folder / f"{workers}-{turn}"
                before = time.process_time()
                times = list(arrivals(folder / "in", out, Cluster(workers=workers), reduce))
                calling.append((time.process_time() - before) / len(times))
                rates[workers].append((len(times) - 1) / (times[-1] - times[0]))
                print(f"{workers} workers: {rates[workers][-1]:.1f}", file=sys.stderr)
        first = statistics.median(rates[args.workers[0]])
        for workers, found in rates.items():
            rate = statistics.median(found)
            print(f"{workers} workers: {rate:.2f} images a second, {rate / first:.2f} times")
        print(f"the calling process: {1000 * statistics.median(calling):.1f} CPU ms an image")
        load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
        print(f"load of the last 1, 5, 15 minutes: {load}; {os.cpu_count()} processors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
