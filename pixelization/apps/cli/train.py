"""Train networks as a configuration says.

The run folder (train.out/train.name) receives the resolved config, logs, sample sheets, checkpoints
and weights.safetensors, which `pixelize --weights` and `depixelize --weights` load.
"""

import sys
from collections.abc import Sequence

from pixelization.apps.cli.arguments import add_config_arguments, called, tool_parser
from pixelization.apps.cli.running import run_tool

EXAMPLES = """  python -m pixelization train --cfg smoke
  python -m pixelization train --cfg cascade_lite data.cartoons=A data.sprites=B train.name=mine
  python -m pixelization train --cfg cascade_lite data.cartoons=A data.sprites=B train.name=mine \\
      --resume
  torchrun --nproc_per_node 2 -m pixelization train --cfg cascade_base data.cartoons=A \\
      data.sprites=B
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool on ``argv`` (default: the command line).

    Returns the exit code: 0 done or out of time, 2 bad input.
    """
    return run_tool("train", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    parser = tool_parser(called("train"), __doc__, EXAMPLES)
    add_config_arguments(parser, "smoke")
    parser.add_argument(
        "--resume", action="store_true", help="continue the run from its newest checkpoint"
    )
    args = parser.parse_intermixed_args(argv)

    # now, so that --help does not wait for torch
    from pixelization.training.config import load_config  # noqa: PLC0415
    from pixelization.training.run import run_training  # noqa: PLC0415

    complete = run_training(load_config(args.cfg, args.overrides), resume=args.resume)
    if not complete:
        print("train: out of time, saved; continue with --resume", file=sys.stderr)
    return 0
