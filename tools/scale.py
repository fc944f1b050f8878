#!/usr/bin/env python3
"""Measure what one processor does, and what more workers of Ray give.

    python tools/scale.py --images 200 --workers 1 2 --rounds 3

Prints what it costs to plan an image; the CPU seconds of an image in this process, on one thread,
which other programs disturb little; and images per second of Ray's workers, from the first result
to the last, and the workers' CPU seconds of an image, as medians of rounds that take turns, with
what the calling process does for each. The load says how busy the machine was: where it is more
than the processors, only CPU seconds tell what free processors would do.
"""

import argparse
import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch and NumPy

import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

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

Work = Callable[[Job], Any]
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


@dataclass(frozen=True)
class Timed:
    """An engine whose results are the CPU seconds that a job took where it was worked on."""

    engine: Engine

    def run(self, jobs: Sequence[Job], work: Work, *, again: Work, lost: Work) -> Iterator[float]:
        """See :class:`~pixelization.batch.run.Engine`."""
        again, lost = partial(seconds, again), partial(seconds, lost)
        return self.engine.run(jobs, partial(seconds, work), again=again, lost=lost)


def seconds(work: Work, job: Job) -> float:
    """CPU seconds of this process for a job, which must not fail."""
    before = time.process_time()
    result = work(job)
    if result.error:
        raise result.error
    return time.process_time() - before


def arrivals(
    inputs: Path, out: Path, engine: Engine, reduce: Reduce
) -> Iterator[tuple[float, float]]:
    """When each result is there, and its CPU seconds; stops at the first failure."""
    options = OutputOptions()
    jobs = plan_jobs([str(inputs)], str(out), options)
    style = Style(size=(48, None), colors=16)
    timed: Any = Timed(engine)
    for taken in write_sprites(jobs, reduce, style, SourceOptions(), options, engine=timed):
        yield time.perf_counter(), taken


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
        each = statistics.median(taken for _, taken in results)
        print(f"one processor: {each:.3f} CPU seconds an image, {1 / each:.1f} images a second")
        rates: dict[int, list[float]] = {workers: [] for workers in args.workers}
        costs: dict[int, list[float]] = {workers: [] for workers in args.workers}
        calling = []
        for turn in range(args.rounds):
            for workers in args.workers:
                out = folder / f"{workers}-{turn}"
                before = time.process_time()
                found = list(arrivals(folder / "in", out, Cluster(workers=workers), reduce))
                calling.append((time.process_time() - before) / len(found))
                rates[workers].append((len(found) - 1) / (found[-1][0] - found[0][0]))
                costs[workers].append(statistics.median(taken for _, taken in found))
                print(
                    f"{workers} workers: {rates[workers][-1]:.2f} a second, "
                    f"{costs[workers][-1]:.3f} CPU seconds, load {os.getloadavg()[0]:.0f}",
                    file=sys.stderr,
                )
        first = statistics.median(rates[args.workers[0]])
        for workers in args.workers:
            rate, cost = statistics.median(rates[workers]), statistics.median(costs[workers])
            print(
                f"{workers} workers: {rate:.2f} images a second, {rate / first:.2f} times; "
                f"{cost:.3f} CPU seconds an image"
            )
        print(f"the calling process: {1000 * statistics.median(calling):.1f} CPU ms an image")
        load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
        print(f"load of the last 1, 5, 15 minutes: {load}; {os.cpu_count()} processors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
