#!/usr/bin/env python3
"""Measure what one processor does, and what more workers of Ray give.

    python tools/scale.py --images 200 --workers 1 2 --rounds 3

Prints what it costs to plan an image; the mean size of the pictures and of their sprites; the CPU
seconds of an image in this process, on one thread, which other programs disturb little; images per
second of Ray's workers, from the first result to the last, as medians of rounds that take turns;
and jobs per second of Ray alone. The load says how busy the machine was. Where it is more than the
processors, images per second say little; the workers' CPU seconds of an image, and the share of the
time that they spend in jobs and not in waiting for them, say what free processors would do.
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
from typing import Any, NamedTuple

from PIL import Image

from pixelization.batch.cluster import Cluster
from pixelization.batch.jobs import Job, plan_jobs
from pixelization.batch.options import OutputOptions, SourceOptions
from pixelization.batch.run import HERE, Engine
from pixelization.batch.sprites import write_sprites
from pixelization.lazily import Lazily
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


def mean_bytes(folder: Path) -> float:
    """Of the PNG files of a folder."""
    return statistics.mean(file.stat().st_size for file in folder.glob("*.png"))


class Span(NamedTuple):
    """When a job was begun and ended, on the clock of the machine, and its CPU seconds."""

    start: float
    end: float
    cost: float


@dataclass(frozen=True)
class Timed:
    """An engine whose results are the spans of the jobs, as they were where the work was done."""

    engine: Engine

    def run(self, jobs: Sequence[Job], work: Work, *, again: Work, lost: Work) -> Iterator[Any]:
        """See :class:`~pixelization.batch.run.Engine`."""
        again, lost = partial(span, again), partial(span, lost)
        return self.engine.run(jobs, partial(span, work), again=again, lost=lost)


def span(work: Work, job: Job) -> tuple[float, float, float]:
    """Of a job, which must not fail; a plain tuple, as no worker knows this module."""
    start, before = time.monotonic(), time.process_time()
    result = work(job)
    if result.error:
        raise result.error
    return start, time.monotonic(), time.process_time() - before


def spans(inputs: Path, out: Path, engine: Engine, reduce: Reduce) -> list[Span]:
    """Of all jobs but the first of each worker, which load the networks."""
    options = OutputOptions()
    jobs = plan_jobs([str(inputs)], str(out), options)
    style = Style(size=(48, None), colors=16)
    timed: Any = Timed(engine)
    made: Any = write_sprites(jobs, reduce, style, SourceOptions(), options, engine=timed)
    found = sorted(Span(*each) for each in made)
    return found[2 * getattr(engine, "workers", 1) :]


@dataclass(frozen=True)
class Round:
    """Of one run with some workers.

    Attributes:
        rate: images per second.
        busy: share of their time that the workers spent in jobs.
        cost: CPU seconds of an image in a worker.
        load: of the machine, at the end.
    """

    rate: float
    busy: float
    cost: float
    load: float

    @property
    def free(self) -> float:
        """Images per second and worker, if each had a processor to itself."""
        return self.busy / self.cost


def one_round(inputs: Path, out: Path, workers: int, reduce: Reduce) -> Round:
    """Run once."""
    found = spans(inputs, out, Cluster(workers=workers), reduce)
    wall = max(each.end for each in found) - min(each.start for each in found)
    busy = sum(each.end - each.start for each in found) / (workers * wall)
    cost = statistics.median(each.cost for each in found)
    done = Round(len(found) / wall, busy, cost, os.getloadavg()[0])
    print(f"{workers} workers: {done}", file=sys.stderr)
    return done


def engine_alone(folder: Path, workers: int) -> float:
    """Jobs per second in which nothing is done."""
    jobs = plan_jobs([str(folder / "many")], str(folder / "out"), OutputOptions())
    engine = Cluster(workers=workers)
    times = [time.monotonic() for _ in engine.run(jobs, bool, again=bool, lost=bool)]
    return (len(times) - 1) / (times[-1] - times[0])


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
        reduce = reduce_when_needed(Lazily(partial(networks, args.backend)))
        cost = statistics.median(
            each.cost for each in spans(folder / "in", folder / "here", HERE, reduce)
        )
        pictures, sprites = (mean_bytes(folder / each) for each in ("in", "here"))
        print(f"files: {pictures / 1000:.1f} kB a picture, {sprites / 1000:.1f} kB a sprite")
        print(f"here: {cost:.3f} CPU seconds an image, {1 / cost:.1f} images a second of them")
        rounds: dict[int, list[Round]] = {workers: [] for workers in args.workers}
        for turn in range(args.rounds):
            for workers, done in rounds.items():
                out = folder / f"{workers}-{turn}"
                done.append(one_round(folder / "in", out, workers, reduce))
        for workers, done in rounds.items():
            rate, busy, cost, load, free = (
                statistics.median(getattr(each, name) for each in done)
                for name in ("rate", "busy", "cost", "load", "free")
            )
            print(
                f"{workers} workers: {rate:.1f} images a second at load {load:.0f}; "
                f"busy {busy:.0%} of the time, {cost:.3f} CPU seconds an image, "
                f"so {workers * free:.1f} images a second on {workers} free processors"
            )
        alone = engine_alone(folder, max(args.workers))
        print(f"the engine alone: {alone:.0f} jobs a second; {os.cpu_count()} processors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
