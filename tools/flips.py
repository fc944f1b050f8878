#!/usr/bin/env python3
"""Turn over single bits of copies of weights and checkpoints: loading must notice every one.

python tools/flips.py pixelization/pretrained/lite.safetensors runs/NAME/checkpoints/*.pt
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from pixelization.errors import UserError
from pixelization.networks.weights import load_weights
from pixelization.training.checkpoint import load_checkpoint


def missed(path: Path, count: int, seed: int) -> list[int]:
    """The bits, counted from the start of the file, whose flips are not noticed."""
    load = load_weights if path.suffix == ".safetensors" else load_checkpoint
    load(path)
    data, rng, found = path.read_bytes(), random.Random(seed), []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        for bit in rng.sample(range(8 * len(data)), count):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            copy.write_bytes(flipped)
            try:
                load(copy)
            except UserError:
                continue
            found.append(bit)
    return found


def main() -> int:
    """Run the tool; returns 1 if a flip was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=80, help="flips of each file (default: 80)")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    some = False
    for path in args.files:
        found = missed(path, args.count, args.seed)
        some = some or bool(found)
        print(f"{path}: {args.count} flips, {len(found)} missed {found or ''}")
    return int(some)


if __name__ == "__main__":
    sys.exit(main())
