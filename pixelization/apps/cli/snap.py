"""``pixel-snap``: images that show pixel art enlarged to the sprite itself."""

from collections.abc import Sequence
from functools import partial

from pixelization.apps.cli.arguments import build_parser
from pixelization.apps.cli.running import run_tool
from pixelization.batch.grids import snap_reducer
from pixelization.batch.sprites import FindReducer, add_sprite_arguments, make_sprites
from pixelization.pipeline.style import Style

EXAMPLES = """\
  pixel-snap screenshot.png -o sprite.png
  pixel-snap generated -r -o sprites --colors 16 --remove-background
  pixel-snap enlarged.jpg -o sprite.png --cell-size 16/3
  pixel-snap walk.gif -o sprites --palette pico-8 --json
  pixel-snap sheet.png -o small --sheet 96x96
  cat enlarged.png | pixel-snap - -o - > sprite.png"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool on ``argv`` (default: the command line); returns the exit code."""
    return run_tool("pixel-snap", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    about = "Recover the sprite, one pixel per cell, from images that show it enlarged. Exit code 3: not sure of the grid."
    parser = build_parser("pixel-snap", about, EXAMPLES)
    add_sprite_arguments(parser)
    args = parser.parse_args(argv)

    def open_reducers(style: Style) -> FindReducer:
        from pixelization.reducers.base import check_cell_size

        if style.cell_size is not None:
            check_cell_size(style.cell_size, minimum=1)
        return partial(snap_reducer, args)

    return make_sprites("pixel-snap", args, open_reducers)
