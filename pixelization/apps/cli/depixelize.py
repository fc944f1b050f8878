"""``depixelize``: sprites, enlarged or not, to smooth images."""

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pixelization.apps.cli.arguments import (
    add_network_arguments,
    argument,
    build_parser,
    load_pixelizer,
)
from pixelization.apps.cli.running import run_jobs, run_tool
from pixelization.batch.grids import snap_reducer
from pixelization.batch.jobs import Job
from pixelization.batch.sprites import add_source_arguments, plan, report_on, scaled_atlas, vote
from pixelization.errors import UserError
from pixelization.pipeline.parsing import cell, number, size
from pixelization.pipeline.style import Style

if TYPE_CHECKING:
    import numpy as np

    from pixelization.enlargers.base import Enlarge
    from pixelization.pipeline.votes import Votes
    from pixelization.sheets.layout import Box

NETWORK = "depixelnet"
METHODS = (NETWORK, "epx", "hqx", "xbr", "bicubic", "nearest")
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
    about = "Turn pixel art, at any size, into smooth images and animations. Exit code 3: not sure of the grid."
    parser = build_parser("depixelize", about, EXAMPLES)
    add_network_arguments(parser)
    _add_arguments(parser)
    args = parser.parse_args(argv)
    jobs = plan(args)
    from pixelization.enlargers.base import check_factor
    from pixelization.enlargers.scalers import classical_enlarger
    from pixelization.reducers.base import check_cell_size

    if args.size and args.sheet:
        raise UserError("--size and --sheet exclude each other: give --factor")
    check_factor(args.factor)
    if args.cell_size is not None:
        check_cell_size(args.cell_size, minimum=1)
    style = Style(cell_size=1.0 if args.native else args.cell_size)
    enlarge = (
        load_pixelizer(args).enlarge if args.method == NETWORK else classical_enlarger(args.method)
    )

    def process(job: Job) -> dict[str, Any]:
        return _process(job, args, style, enlarge)

    return run_jobs(
        "depixelize",
        jobs,
        process,
        overwrite=args.overwrite,
        workers=args.jobs,
        as_json=args.json,
        quiet=args.quiet,
    )


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
        default=True,
        help=f"draw the mean colour of every cell to the sprite's ({NETWORK} only; default: yes); without, insides are smoother",
    )
    result = parser.add_mutually_exclusive_group()
    result.add_argument(
        "--factor",
        type=argument(number),
        default=4,
        metavar="N",
        help="pixels of the result per cell, 2 to 16 (default: 4)",
    )
    result.add_argument(
        "--size",
        type=argument(_size),
        metavar="WxH | W",
        help="instead, the size of the result in pixels",
    )
    grid = parser.add_mutually_exclusive_group()
    grid.add_argument(
        "--cell-size",
        type=argument(cell),
        metavar="N | WxH",
        help="pixels of the input per cell (default: as detected)",
    )
    grid.add_argument("--native", action="store_true", help="the input has one pixel per cell")
    add_source_arguments(parser)


def _process(job: Job, args: Namespace, style: Style, enlarge: "Enlarge") -> dict[str, Any]:
    """Make and write everything of one input; returns the report on it."""
    from pixelization.batch.output import write_sprites
    from pixelization.enlargers.faithful import enlarge_frames
    from pixelization.finishing.canvas import bounding_box
    from pixelization.pipeline.finish import NOTHING_LEFT, finish
    from pixelization.sheets.atlas import write_json
    from pixelization.sheets.layout import scale_layout

    reducer = snap_reducer(args, job, style)
    votes, timing = vote(reducer, job, args)
    keep_colors, warnings, atlas = args.method == NETWORK and args.keep_colors, [], None
    if votes.boxes is not None:
        boxes = scale_layout(votes.boxes, (1 / args.factor, 1 / args.factor))
        frames = [_sheet(votes, boxes, enlarge, keep_colors)]
        cell = tuple(side / args.factor for side in votes.cell_size)
        atlas = scaled_atlas(job, votes, args, boxes, cell, frames[0].shape[1::-1])
    else:
        sprites = finish(votes, reducer.style).frames
        frames = enlarge_frames(
            sprites, _result_size(sprites[0].shape, args), enlarge, keep_colors=keep_colors
        )
        frames, warnings = _for_format(frames, job.format)
    if bounding_box(frames) is None:
        warnings.append(NOTHING_LEFT)
    if atlas:
        write_json(atlas, job.outputs["atlas"], args.overwrite)
    warnings += write_sprites(
        frames, job.outputs["main"], format=job.format, timing=timing, overwrite=args.overwrite
    )
    return report_on(votes, frames, warnings) | reducer.report


def _sheet(
    votes: "Votes", boxes: "Sequence[Box]", enlarge: "Enlarge", keep_colors: bool
) -> "np.ndarray":
    """A sheet whose tiles are drawn each by itself, into ``boxes``."""
    from pixelization.enlargers.faithful import enlarge_sprite
    from pixelization.sheets.layout import assemble

    tiles = zip(votes.sprites, boxes, strict=True)
    return assemble(
        [
            enlarge_sprite(tile, (box.width, box.height), enlarge, keep_colors=keep_colors)
            for tile, box in tiles
        ],
        boxes,
    )


def _size(text: str) -> tuple[int, int | None]:
    wanted = size(text)
    if 0 in wanted:
        raise ValueError(f"'{text}' is no size: give at least 1 pixel")
    return wanted


def _result_size(shape: tuple[int, ...], args: Namespace) -> tuple[int, int]:
    """(width, height) of the result for a sprite of ``shape``."""
    from pixelization.cells.sizes import completed_size, round_half_up
    from pixelization.enlargers.base import check_factor

    height, width = shape[:2]
    if args.size is None:
        return round_half_up(width * args.factor), round_half_up(height * args.factor)
    wanted = completed_size(args.size, (width, height))
    for pixels, cells, side in zip(wanted, (width, height), ("width", "height")):
        try:
            check_factor(pixels / cells)
        except UserError as error:
            raise UserError(f"{side} {pixels} for {cells} cells: {error}") from None
    return wanted


def _for_format(
    frames: "list[np.ndarray]", format: str | None
) -> "tuple[list[np.ndarray], list[str]]":
    """Frames without what a format cannot hold, soft edges of alpha, and remarks on that."""
    import numpy as np
    from PIL import Image

    from pixelization.images.alpha import on_white
    from pixelization.images.sprites import hard_edged

    if frames[0].shape[2] == 3 or format not in ("gif", "mp4"):
        return frames, []
    images = map(Image.fromarray, frames)
    if format == "gif":
        hard = [np.asarray(hard_edged(image)) for image in images]
        return hard, ["GIF has no half transparency: write WebP or APNG for soft edges"]
    return [np.asarray(on_white(image)) for image in images], [
        "MP4 has no transparency: the background is white"
    ]
