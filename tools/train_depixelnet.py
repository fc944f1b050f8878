#!/usr/bin/env python3
"""Train the DepixelNet of a weights file by itself; GridNet and PixelNet stay as they are, bit for bit."""

import sys
from collections.abc import Sequence
from pathlib import Path

from pixelization.cli.arguments import ArgumentParser
from pixelization.cli.running import run_tool


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool on ``argv`` (default: the command line); returns the exit code: 0 done, 2 bad input."""
    return run_tool("train_depixelnet", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    parser = ArgumentParser(prog="train_depixelnet", description=__doc__)
    parser.add_argument("--cfg", required=True, metavar="FILE", help="YAML configuration, such as configs/depixelnet.yaml")
    parser.add_argument("--weights", required=True, type=Path, metavar="FILE", help="weights to start from")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="weights to write, replacing what is there")
    parser.add_argument("overrides", nargs="*", metavar="key.sub=value", help="change a key of the configuration")
    args = parser.parse_intermixed_args(argv)

    from pixelization.config import load_config
    from pixelization.engine.depixel_training import train_depixelnet

    for losses in train_depixelnet(load_config(args.cfg, args.overrides), args.weights, args.out):
        print(", ".join(f"{name} {value:.4f}" for name, value in losses.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
