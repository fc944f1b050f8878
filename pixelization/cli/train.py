"""Train the cascade from a configuration.

The run folder (train.out/train.name) receives the resolved config, logs, sample sheets, checkpoints and
weights.safetensors, which `pixelize --weights` and `depixelize --weights` load.
"""

import argparse
import sys
from collections.abc import Sequence

EPILOG = """examples:
  tools/train.py --cfg configs/smoke.yaml
  tools/train.py --cfg configs/cascade_lite.yaml train.name=mine train.max_minutes=60
  tools/train.py --cfg configs/cascade_lite.yaml train.name=mine --resume
  torchrun --nproc_per_node 2 tools/train.py --cfg configs/cascade_base.yaml
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns the exit code: 0 done or out of time, 2 bad input, 130 interrupted."""
    parser = argparse.ArgumentParser(
        prog="train", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cfg", required=True, metavar="FILE", help="YAML configuration, see configs/")
    parser.add_argument("--resume", action="store_true", help="continue the run from its newest checkpoint")
    parser.add_argument("overrides", nargs="*", metavar="key.sub=value", help="change a key of the configuration")
    args = parser.parse_intermixed_args(argv)

    from pixelization.config import load_config
    from pixelization.engine.training import run_training
    from pixelization.errors import UserError

    try:
        complete = run_training(load_config(args.cfg, args.overrides), resume=args.resume)
    except UserError as error:
        print(f"train: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("train: interrupted; continue with --resume", file=sys.stderr)
        return 130
    if not complete:
        print("train: out of time, saved; continue with --resume", file=sys.stderr)
    return 0
