"""``depixelize``: sprites, enlarged or not, to smooth images."""

from argparse import ArgumentParser, BooleanOptionalAction
from collections.abc import Sequence

from pixelization.apps.cli.arguments import (
    add_grid_arguments,
    add_network_arguments,
    add_source_arguments,
    argument,
    build_parser,
)
from pixelization.apps.cli.running import run_tool
from pixelization.cells.sizes import Longest, WantedSize
from pixelization.enlargers.base import DEFAULT_FACTOR, METHODS, NETWORK
from pixelization.pipeline.parsing import cell, number, size
from pixelization.pipeline.style import ALPHAS

ABOUT = (
    "Turn pixel art, at any size, into smooth images and animations. "
    "Exit code 3: not sure of the grid."
)
EXAMPLES = """\
  depixelize sprite.png -o smooth.png --factor 8
  depixelize screenshot.jpg -o smooth --size 1024
  depixelize enlarged.png -o smooth --cell-size 16/3 --method xbr
  depixelize sprites -r -o smooth --native --json
  depixelize walk.gif -o walk.webp --factor 6
  depixelize sheet.png -o smooth --sheet 32x32"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool on ``argv`` (default: the command line); returns the exit code."""
    return run_tool("depixelize", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    parser = build_parser("depixelize", ABOUT, EXAMPLES)
    add_network_arguments(parser)
    _add_arguments(parser)
    args = parser.parse_args(argv)
    # now, so that --help does not wait for SciPy and Pillow
    from pixelization.apps.cli.smooth import print_smooth  # noqa: PLC0415

    return print_smooth(args)


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--method",
        choices=METHODS,
        default=NETWORK,
        help=f"what draws (default: {NETWORK}); epx, hqx and xbr need scalerack",
    )
    parser.add_argument(
        "--keep-colors",
        action=BooleanOptionalAction,
        default=False,
        help=f"draw the mean colour of every cell to the sprite's ({NETWORK} only; default: no), "
        "which brings back some steps",
    )
    result = parser.add_mutually_exclusive_group()
    result.add_argument(
        "--factor",
        type=argument(number),
        default=DEFAULT_FACTOR,
        metavar="N",
        help=f"pixels of the result per cell, 2 to 16 (default: {DEFAULT_FACTOR})",
    )
    result.add_argument(
        "--size",
        type=argument(_size),
        metavar="WxH | W | max:N",
        help="instead, the size of the result in pixels; max:N is that of the longer side",
    )
    grid = parser.add_mutually_exclusive_group()
    grid.add_argument(
        "--cell-size",
        type=argument(cell),
        metavar="N | WxH",
        help="pixels of the input per cell (default: as detected)",
    )
    grid.add_argument("--native", action="store_true", help="the input has one pixel per cell")
    parser.add_argument(
        "--alpha",
        choices=ALPHAS,
        default=ALPHAS[0],
        help="hard (default): cells are opaque or not; keep: flat half transparency stays",
    )
    parser.add_argument(
        "--wrap", action="store_true", help="the sprite is a tile that repeats: no seams"
    )
    add_grid_arguments(parser)
    add_source_arguments(parser)


def _size(text: str) -> WantedSize:
    wanted = size(text)
    sides = (wanted.cells,) if isinstance(wanted, Longest) else wanted
    if 0 in sides:
        raise ValueError(f"'{text}' is no size: give at least 1 pixel")
    return wanted
