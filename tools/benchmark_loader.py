#!/usr/bin/env python3
"""Time to make a batch for training against that of a training step, and whether steps wait for it.

tools/benchmark_loader.py --cfg configs/artists.yaml data.sprites=FOLDER
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pixelization
from pixelization.apps.cli.arguments import ArgumentParser, positive
from pixelization.apps.cli.running import run_tool
from pixelization.training.config import build_system, check_for_training, load_config
from pixelization.training.run import build_trainer
from pixelization.training.systems.base import System

CONFIGS = Path(pixelization.__file__).parent / "configs"


def seconds(action: Callable[[], Any]) -> float:
    """Of the clock, of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def measure(path: Path, overrides: Sequence[str], rounds: int) -> list[tuple[str, float]]:
    """Medians of what is measured, each with its name, in seconds."""
    config = load_config(path, list(overrides))
    check_for_training(config)

    def batches(workers: int) -> tuple[System, Iterator[Any]]:
        system = build_system(replace(config, data=replace(config.data, workers=workers)))
        return system, system.data.batches(
            batch_size=config.train.batch_size,
            start_step=0,
            steps=rounds + 1,
            rank=0,
            world_size=1,
        )

    _, alone = batches(workers=0)
    fixed = next(alone)
    making = statistics.median(seconds(lambda: next(alone)) for _ in range(rounds))
    system, beside = batches(workers=config.data.workers)
    trainer = build_trainer(config, system)
    trainer.train_step(fixed)
    steps, both, waits = [], [], []
    for _ in range(rounds):  # in turns, so that a busy machine slows both
        steps.append(seconds(lambda: trainer.train_step(fixed)))
        start = time.perf_counter()
        batch = next(beside)
        waits.append(time.perf_counter() - start)
        trainer.train_step(batch)
        both.append(time.perf_counter() - start)
    return [
        ("make one batch, in the same process", making),
        ("training step on a batch at hand", statistics.median(steps)),
        (f"the same with the loader, workers = {config.data.workers}", statistics.median(both)),
        ("of that, waiting for the batch", statistics.median(waits)),
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement; returns the exit code."""
    return run_tool("benchmark_loader", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    parser = ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cfg", type=Path, default=CONFIGS / "artists.yaml")
    parser.add_argument(
        "overrides", nargs="*", metavar="key.sub=value", help="changes to that configuration"
    )
    parser.add_argument("--rounds", type=positive, default=7, help="of every median (default: 7)")
    args = parser.parse_intermixed_args(argv)
    found = measure(args.cfg, args.overrides, args.rounds)
    step = found[1][1]
    for what, took in found:
        print(f"{took:8.4f} s {took / step:7.3f}  {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
