"""``pixelize``: images, animations and sprite sheets to pixel art."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from pixelization.apps.cli.arguments import (
    add_network_arguments,
    add_sprite_arguments,
    build_parser,
)
from pixelization.apps.cli.running import run_tool

if TYPE_CHECKING:  # --help does not wait for SciPy and Pillow
    from pixelization.reducers.base import Reduce

ABOUT = "Turn images, animations and sprite sheets into pixel art, one pixel per cell."
EXAMPLES = """\
  pixelize drawing.png -o sprite.png --size 64
  pixelize photos -r -o sprites --cell-size 8 --colors 16 --dither bayer4 --preview 8
  pixelize 'art/*.jpg' -o sprites --size 48 --palette pico-8 --indexed --json
  pixelize walk.gif -o sprites --palette hero.gpl --remove-background --outline outside
  pixelize icon.png -o icons --size 16,32,64 --colors 8
  pixelize sheet.png -o small --sheet 64x64 --cell-size 4
  cat drawing.png | pixelize - -o - --cfg style.yaml > sprite.png"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool on ``argv`` (default: the command line); returns the exit code."""
    return run_tool("pixelize", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    given = list(sys.argv[1:] if argv is None else argv)
    if "--studio" in given:  # another command, with the same options of style and networks
        from pixelization.apps.cli.studio import main as studio  # noqa: PLC0415

        given.remove("--studio")
        return studio(given)
    parser = build_parser("pixelize", ABOUT, EXAMPLES)
    parser.add_argument(
        "--studio",
        action="store_true",
        help="open the inputs in the browser instead (see python -m pixelization studio --help)",
    )
    add_network_arguments(parser)
    parser.add_argument(
        "--network-output",
        action="store_true",
        help="also write the networks' image of a still, STEM_network.png",
    )
    add_sprite_arguments(parser)
    args = parser.parse_args(given)
    # now, so that --help does not wait for SciPy and Pillow
    from pixelization.apps.cli.inputs import networks_here, print_plan  # noqa: PLC0415
    from pixelization.apps.cli.sprites import print_sprites, read_sprite_batch  # noqa: PLC0415
    from pixelization.lazily import Lazily  # noqa: PLC0415
    from pixelization.reducers.base import MIN_CELL_SIZE  # noqa: PLC0415
    from pixelization.reducers.networks import reduce_when_needed  # noqa: PLC0415

    batch, style = read_sprite_batch(args, minimum=MIN_CELL_SIZE)
    if batch.dry_run:
        return print_plan("pixelize", batch)
    chosen = args.model or args.weights or args.device != "auto" or args.backend != "auto"
    networks = Lazily(partial(_networks, args))
    if chosen and networks_here(args):
        networks()  # what may be wrong with a choice is said once, before any work
    reduce = reduce_when_needed(networks)
    return print_sprites("pixelize", batch, style, reduce, shared=args.shared_palette)


def _networks(args: Namespace) -> "Reduce":
    from pixelization.apps.cli.networks import load_pixelizer  # noqa: PLC0415 - torch

    return load_pixelizer(args).networks
