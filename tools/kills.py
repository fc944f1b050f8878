#!/usr/bin/env python3
"""Kill commands at random moments, start them again, and look at what lies there.

    python tools/kills.py training --count 100 --seed 0
    python tools/kills.py batch
    python tools/kills.py animation

Signals are TERM, HUP and KILL. After each, every file that has its name must be whole, and after a
signal other than KILL no temporary file may be left. When the command has come to its end, all
files must be what an unbroken run makes, bit for bit, and no temporary file may be left at all.
Each start is a process of its own, forked from one that has imported torch.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import torch

import pixelization.apps.cli.pixelize
import pixelization.pixelizer
import pixelization.training.run  # noqa: F401  (these three: every start has them already)
from pixelization.__main__ import main as command
from pixelization.errors import UserError
from pixelization.training.checkpoint import load_checkpoint

ROOT = Path(__file__).parents[1]
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
TIMEOUT = 120.0  # seconds that a signal may take to end a command
IN_PROGRESS = "*.tmp"  # names of temporary files


@dataclass(frozen=True)
class Target:
    """A command, started in a folder.

    Attributes:
        first: its arguments; ``{out}`` is the folder.
        again: what is added where it was started before.
        same: patterns of the files that an unbroken run has, too, bit for bit.
    """

    first: tuple[str, ...]
    again: tuple[str, ...]
    same: tuple[str, ...]

    def arguments(self, out: Path) -> list[str]:
        """Of the next start in a folder."""
        started = any(path.is_file() for path in out.rglob("*.*") if not path.match(IN_PROGRESS))
        return [each.format(out=out) for each in self.first + self.again * started]


TARGETS = {
    "training": Target(
        (
            *("train", "--cfg", "smoke", "train.out={out}", "train.name=run", "train.device=cpu"),
            *("optim.constant=10", "optim.decay=10", "train.save_every=2", "train.log_every=3"),
            *("train.sample_every=8", "train.keep=3", "data.drawings=4"),
        ),
        ("--resume",),
        ("run/weights.safetensors", "run/metrics.jsonl", "run/samples/*.png"),
    ),
    "batch": Target(
        (
            *("pixelize", f"{ROOT}/examples/images", "-o", "{out}", "--size", "24"),
            *("--colors", "8", "--preview", "2"),
        ),
        ("--overwrite",),
        ("*",),
    ),
    "animation": Target(
        ("pixelize", "{out}.gif", "-o", "{out}/walk.png", "--size", "24", "--colors", "8"),
        ("--overwrite",),
        ("*",),
    ),
}


def start(arguments: list[str], log: Path) -> int:
    """Start a command; the number of its process."""
    child = os.fork()
    if child:
        return child
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGHUP):  # under nohup one is ignored
        signal.signal(number, signal.SIG_DFL)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    code = 70
    try:
        code = command(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def ended(child: int, within: float) -> int | None:
    """The exit code of a process, negative for a signal; None if it still runs."""
    deadline = time.monotonic() + within
    while True:
        number, status = os.waitpid(child, os.WNOHANG)
        if number:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.01)


def faults(target: Target, out: Path, unbroken: Path, *, done: bool) -> list[str]:
    """What is wrong in a folder.

    Args:
        out: where the command was killed.
        unbroken: where it ran to its end.
        done: whether it has ended by itself.
    """
    found = []
    for path in out.rglob("step_*.pt"):
        try:
            load_checkpoint(path)
        except UserError as error:
            found.append(str(error))
    final = TARGETS["training"] is not target
    for pattern in target.same:
        expected = {path.relative_to(unbroken) for path in unbroken.glob(pattern)}
        there = {path.relative_to(out) for path in out.glob(pattern) if path.suffix != ".tmp"}
        if done and there != expected:
            found.append(f"files differ: {sorted(map(str, there ^ expected))}")
        # A training's files change while it runs; those of a batch are there or not.
        for name in there & expected if done or final else ():
            if (out / name).read_bytes() != (unbroken / name).read_bytes():
                found.append(f"{name}: is not what the unbroken run made")
    return found


def temporary(out: Path) -> list[str]:
    """Temporary files that are left."""
    return [f"{path}: is left" for path in out.rglob(IN_PROGRESS)]


def animate(path: Path) -> None:
    """A GIF to work on: a sprite that walks over a drawing."""
    from PIL import Image  # noqa: PLC0415  (only one target needs it)

    house = Image.open(ROOT / "examples/images/house.png").convert("RGB").resize((192, 192))
    frames = [house.rotate(3 * step) for step in range(12)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=80, loop=0)


def main() -> int:
    """Run the tool; returns 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--count", type=int, default=100, help="kills (default: 100)")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    target, rng = TARGETS[args.target], random.Random(args.seed)
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    unbroken, out, log = folder / "unbroken", folder / "broken", folder / "log.txt"
    if args.target == "animation":
        for each in (unbroken, out):
            animate(each.with_suffix(".gif"))
    began = time.monotonic()
    if ended(start(target.arguments(unbroken), log), within=3600) != 0:
        sys.exit(f"the unbroken run failed, see {log}")
    length = time.monotonic() - began

    wrong: list[str] = []
    counts: Counter[str] = Counter()
    while counts["kills"] < args.count:
        number = rng.choice(SIGNALS)
        child = start(target.arguments(out), log)
        # Short ones as well: beginnings and saves are where files come to be.
        code = ended(child, within=rng.uniform(0, min(length, 6.0)))
        if code is None:
            os.kill(child, number)
            code = ended(child, within=TIMEOUT)
            counts["kills"] += 1
            counts[number.name] += 1
            if code is None:
                os.kill(child, signal.SIGKILL)
                code = ended(child, within=TIMEOUT)
                wrong.append(f"{number.name} did not end it in {TIMEOUT} seconds")
            if code not in (0, 128 + number, -number):
                wrong.append(f"{number.name}: exit code {code}, see {log}")
            if number != signal.SIGKILL:
                wrong += temporary(out)
        elif code:
            wrong.append(f"exit code {code} without a signal, see {log}")
        wrong += faults(target, out, unbroken, done=code == 0)
        if code == 0:
            wrong += temporary(out)
            counts["ends"] += 1
            shutil.rmtree(out)  # from the start again
        if len(wrong) > 20:
            break
    if ended(start(target.arguments(out), log), within=3600) != 0:
        wrong.append(f"the last run failed, see {log}")
    wrong += faults(target, out, unbroken, done=True) + temporary(out)
    print(f"{args.target}, seed {args.seed}: {dict(counts)}, {len(wrong)} faults")
    for fault in wrong:
        print(f"  {fault}")
    if not wrong:
        shutil.rmtree(folder)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
