#!/usr/bin/env python3
"""Damage files at random and have every reader read them; a fault's file is kept.

    python tools/fuzz.py --minutes 30 --seed 1
    python tools/fuzz.py --target palette --target atlas
    python tools/fuzz.py --replay fuzz-faults/PROCESS/palette-0123456789ab-pico.gpl

A fault is an exception other than ``UserError``, a crash, more than 5 seconds of CPU for one file,
or memory that grows. Every target, listed in ``tests/targets.py``, gets the same time. The order of
targets depends on how long they take; the files that a target gets, on the seed alone.
"""

import argparse
import contextlib
import ctypes
import gc
import hashlib
import os
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

# Before torch is imported: a forked child waits for ever for threads that only its parent has.
os.environ["OMP_NUM_THREADS"] = "1"

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.targets import KINDS, TARGETS, attempt, damaged  # noqa: E402  (it needs the line above)

SECONDS = 5.0  # of CPU that one small file may take
HANGS = 300  # seconds after which a call counts as endless
GROWTH = 200 << 20  # bytes that a process may grow by once every target was warm
WARM = 0.3  # share of the time until then
CURRENT = "current"  # file that is being read, for the case of a crash


class Fuzzer:
    """The files of some targets, and what came of them.

    Attributes:
        counts: by target: files read, refused and faulty.
        kinds: faults by their kind; one file of each is kept.
    """

    def __init__(self, names: list[str], seed: int, out: Path) -> None:
        self.out = out
        self.files = {name: list(TARGETS[name].files().items()) for name in names}
        self.files = {name: files for name, files in self.files.items() if files}
        self.randoms = {name: random.Random(f"{seed} {name}") for name in self.files}
        self.spent = dict.fromkeys(self.files, 0.0)  # seconds
        self.longest = dict.fromkeys(self.files, 0.0)  # seconds of CPU
        self.counts: dict[str, Counter[str]] = {name: Counter() for name in self.files}
        self.kinds: Counter[str] = Counter()

    def step(self) -> None:
        """Try one file of the target that had the least time."""
        target = min(self.spent, key=self.spent.__getitem__)
        name, data = self.draw(target)
        began = time.monotonic()
        self.attempt(target, name, data)
        self.spent[target] += time.monotonic() - began

    def draw(self, target: str) -> tuple[str, bytes]:
        """The next damaged file of a target."""
        rng, files = self.randoms[target], self.files[target]
        (name, data), (_, other) = rng.choice(files), rng.choice(files)
        number = rng.choice((1, 1, 1, 2, 2, 3, 5, 8))
        changes = [
            (rng.choice(KINDS), rng.randrange(1 << 20), rng.randrange(1 << 20))
            for _ in range(number)
        ]
        return name, damaged(name, data, other, changes, inside=rng.choice((0, rng.randrange(99))))

    def attempt(self, target: str, name: str, data: bytes) -> None:
        """Read a file, and keep it if that shows a fault."""
        current = self.out / f"{CURRENT}-{target}-{name}"
        current.write_bytes(data)
        signal.alarm(HANGS)  # ends the process, also in the middle of a decoder
        began = time.process_time()
        try:
            counted = "read" if attempt(TARGETS[target], name, data) else "refused"
        except Exception as error:
            counted = "faults"
            last = traceback.extract_tb(error.__traceback__)[-1]
            self.keep(current, f"{type(error).__name__} in {Path(last.filename).name}:{last.name}")
        signal.alarm(0)
        took = time.process_time() - began
        self.longest[target] = max(self.longest[target], took)
        if took > SECONDS:
            counted = "faults"
            self.keep(current, f"{target}: more than {SECONDS:g} s of CPU")
        self.counts[target][counted] += 1
        current.unlink(missing_ok=True)

    def keep(self, current: Path, kind: str) -> None:
        """Keep the first file of a kind of fault."""
        self.kinds[kind] += 1
        if self.kinds[kind] == 1:
            print(f"{kind}: {kept(current)}", flush=True)


def kept(current: Path) -> Path:
    """Give the file that is being read a name to keep."""
    _, target, name = current.name.split("-", 2)
    digest = hashlib.sha256(current.read_bytes()).hexdigest()[:12]
    return current.replace(current.with_name(f"{target}-{digest}-{name}"))


def resident() -> int:
    """Bytes of memory that the process holds, without what is only waiting for reuse."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def run(names: list[str], seed: int, minutes: float, out: Path) -> int:
    """Fuzz in this process; how many kinds of fault there were."""
    torch.set_num_threads(1)
    fuzzer = Fuzzer(names, seed, out)
    began = time.monotonic()
    warm = None
    while (passed := time.monotonic() - began) < 60 * minutes:
        if warm is None and passed > WARM * 60 * minutes:
            warm = resident()
        fuzzer.step()
    now = resident()
    print(f"{'target':14} {'read':>8} {'refused':>8} {'faults':>8}  most seconds of CPU")
    for name, counts in fuzzer.counts.items():
        cells = " ".join(f"{counts[key]:8}" for key in ("read", "refused", "faults"))
        print(f"{name:14} {cells}  {fuzzer.longest[name]:.1f}")
    total = sum(sum(counts.values()) for counts in fuzzer.counts.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    warm = now if warm is None else warm
    print(
        f"seed {seed}: {total} files in {minutes:g} minutes, {len(fuzzer.kinds)} kinds of fault, "
        f"memory {warm >> 20} MiB after a while, {now >> 20} MiB at the end, {peak} MiB at most"
    )
    for kind, count in fuzzer.kinds.items():
        print(f"  {count} x {kind}")
    if now - warm > GROWTH:
        print("  memory grows")
    return len(fuzzer.kinds) + (now - warm > GROWTH)


def replay(path: Path) -> None:
    """Read a file that was kept; what it raises ends the tool."""
    target, _, name = path.name.split("-", 2)
    began = time.process_time()
    done = attempt(TARGETS[target], name, path.read_bytes())
    print(f"{path}: {'read' if done else 'refused'}, {time.process_time() - began:.1f} s of CPU")


def main() -> int:
    """Run the tool; returns 1 if there was a fault."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=1.0, help="default: 1")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", action="append", choices=sorted(TARGETS), help="default: all")
    parser.add_argument("--out", type=Path, default=Path("fuzz-faults"), help="for faulty files")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="read one of these again")
    args = parser.parse_args()
    if args.replay:
        replay(args.replay)
        return 0
    out = args.out / str(os.getpid())
    out.mkdir(parents=True, exist_ok=True)
    # In a process of its own: a decoder in C may crash.
    sys.stdout.flush()
    child = os.fork()
    if not child:
        code = 70
        try:
            code = min(1, run(args.target or list(TARGETS), args.seed, args.minutes, out))
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    for current in out.glob(f"{CURRENT}-*"):
        reason = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        print(f"crash ({reason}): {kept(current)}")
        code = 1
    with contextlib.suppress(OSError):
        out.rmdir()
    return int(code != 0)


if __name__ == "__main__":
    sys.exit(main())
