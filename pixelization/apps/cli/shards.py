"""``python -m pixelization shards``: a folder of images to tar files to train from."""

import argparse
import sys
from collections.abc import Sequence

from pixelization.apps.cli.arguments import argument, called, positive, tool_parser
from pixelization.apps.cli.running import EXIT_SOME_FAILED, run_tool, say
from pixelization.errors import UserError, one_line

MEGABYTES = 256  # of a shard
EXAMPLES = """  python -m pixelization shards drawings -o drawings-shards
  python -m pixelization shards laion       # an index for shards that others have made
  python -m pixelization train --cfg base data.cartoons=drawings-shards data.sprites=sprites
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns the exit code: 0; 1 if files were left out; 2 for bad input.
    """
    return run_tool("shards", lambda: _shards(_parser().parse_args(argv)))


def _parser() -> argparse.ArgumentParser:
    about = "Pack the images of a folder into tar files and an index, to train from."
    parser = tool_parser(called("shards"), about, EXAMPLES)
    parser.add_argument(
        "folder", metavar="DIR", help="images, also in subfolders; without -o: shards"
    )
    parser.add_argument(
        "-o", "--output", metavar="DIR", help="folder of the shards; without, write an index only"
    )
    parser.add_argument(
        "--megabytes",
        type=argument(positive),
        default=MEGABYTES,
        metavar="N",
        help="of a shard, about (default: %(default)s)",
    )
    return parser


def _shards(args: argparse.Namespace) -> int:
    # now, so that --help does not wait for Pillow
    from pixelization.training.data.shards import index_shards, make_shards  # noqa: PLC0415

    if args.output is None:
        say(index_shards(args.folder))
        return 0
    left_out: list[UserError] = []
    try:
        for path in make_shards(args.folder, args.output, args.megabytes << 20, left_out):
            say(path)
    finally:  # also if a shard cannot be written after hours
        for error in left_out:
            print(one_line(f"shards: warning: left out: {error}"), file=sys.stderr)
    return EXIT_SOME_FAILED if left_out else 0
