"""``pixel-snap``: images that show pixel art enlarged to the sprite itself."""

from collections.abc import Sequence

from pixelization.apps.cli.arguments import add_grid_arguments, add_sprite_arguments, build_parser
from pixelization.apps.cli.running import run_tool

ABOUT = (
    "Recover the sprite, one pixel per cell, from images that show it enlarged. "
    "Exit code 3: not sure of the grid."
)
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
    parser = build_parser("pixel-snap", ABOUT, EXAMPLES)
    add_grid_arguments(parser)
    add_sprite_arguments(parser)
    args = parser.parse_args(argv)
    # now, so that --help does not wait for SciPy and Pillow
    from pixelization.apps.cli.inputs import print_plan  # noqa: PLC0415
    from pixelization.apps.cli.sprites import print_sprites, read_sprite_batch  # noqa: PLC0415
    from pixelization.pipeline.grids import check_snapping  # noqa: PLC0415

    batch, style = read_sprite_batch(args, minimum=1)
    check_snapping(style)
    if batch.dry_run:
        return print_plan("pixel-snap", batch)
    return print_sprites("pixel-snap", batch, style, None, shared=args.shared_palette)
