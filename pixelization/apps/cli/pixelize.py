"""``pixelize``: images, animations and sprite sheets to pixel art."""

from collections.abc import Sequence

from pixelization.apps.cli.arguments import add_network_arguments, build_parser, load_pixelizer
from pixelization.apps.cli.running import run_tool
from pixelization.batch.sprites import FindReducer, Reducer, add_sprite_arguments, make_sprites
from pixelization.pipeline.style import Style

EXAMPLES = """\
  pixelize drawing.png -o sprite.png --size 64x48
  pixelize photos -r -o sprites --cell-size 8 --colors 16 --dither bayer4 --preview 8
  pixelize 'art/*.jpg' -o sprites --size 48 --palette pico-8 --indexed --json
  pixelize walk.gif -o sprites --palette hero.gpl --remove-background --outline outside
  pixelize sheet.png -o small --sheet 64x64 --cell-size 4
  cat drawing.png | pixelize - -o - --cfg style.yaml > sprite.png"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool on ``argv`` (default: the command line); returns the exit code."""
    return run_tool("pixelize", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    parser = build_parser(
        "pixelize",
        "Turn images, animations and sprite sheets into pixel art, one pixel per cell.",
        EXAMPLES,
    )
    add_network_arguments(parser)
    parser.add_argument(
        "--network-output",
        action="store_true",
        help="also write the networks' image of a still, STEM_network.png",
    )
    add_sprite_arguments(parser)
    args = parser.parse_args(argv)

    def open_reducers(style: Style) -> FindReducer:
        from pixelization.reducers.base import check_cell_size

        if style.cell_size is not None:
            check_cell_size(style.cell_size)
        pixelizer = load_pixelizer(args)
        return lambda job, style: Reducer(pixelizer.networks, style)

    return make_sprites("pixelize", args, open_reducers, network_output=args.network_output)
