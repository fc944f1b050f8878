"""``pixelize``: images to sprites."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from pixelization.cli.common import build_parser, load_pixelizer, number, plan_jobs, run_jobs, run_tool
from pixelization.errors import UserError

MAX_PREVIEW_SIDE = 16384
EXAMPLES = """\
  pixelize drawing.png -o sprite.png --size 64x48
  pixelize photos -r -o sprites --cell-size 8 --preview 8
  pixelize 'art/*.jpg' -o sprites --size 48 --json"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool on ``argv`` (default: the command line); returns the exit code."""
    return run_tool("pixelize", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    parser = build_parser("pixelize", "Turn images into pixel art: PNG files with one pixel per cell.", EXAMPLES)
    cells = parser.add_mutually_exclusive_group()
    cells.add_argument("--cell-size", type=number, metavar="N", help="pixels of the input per cell, at least 2 (default: 16/3)")
    cells.add_argument("--size", type=_size, metavar="WxH | W", help="size of the sprite; W alone keeps the aspect ratio")
    parser.add_argument("--network-output", action="store_true", help="also write the networks' image, STEM_network.png")
    parser.add_argument("--preview", type=int, metavar="N", help="also write the sprite N times as large, STEM_preview.png")
    args = parser.parse_args(argv)
    if args.preview is not None and args.preview < 1:
        raise UserError(f"argument --preview: {args.preview} is not a positive number of times")
    endings = ["", *["_network"] * args.network_output, *["_preview"] * (args.preview is not None)]
    jobs = plan_jobs(args.input, args.output, recursive=args.recursive, endings=endings)

    from pixelization.inference import check_cell_size

    if args.cell_size is not None:
        check_cell_size(args.cell_size)
    pixelizer = load_pixelizer(args)

    def process(path: Path) -> tuple[list, tuple[float, float]]:
        result = pixelizer.pixelize(path, cell_size=args.cell_size, size=args.size)
        images = [result.sprite]
        if args.network_output:
            images.append(result.network_output)
        if args.preview is not None:
            images.append(_enlarge(result.sprite, args.preview))
        return images, result.cell_size

    return run_jobs(jobs, args, process)


def _size(text: str) -> tuple[int, int | None]:
    match = re.fullmatch(r"(\d{1,6})(?:[xX](\d{1,6}))?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"'{text}' is not a size such as 64x48 or 64")
    width, height = match.groups()
    return int(width), int(height) if height else None


def _enlarge(sprite, times: int):
    from PIL import Image

    if max(sprite.size) * times > MAX_PREVIEW_SIDE:
        raise UserError(f"a preview of {sprite.width}x{sprite.height} cells times {times} is too large: lower --preview")
    return sprite.resize((sprite.width * times, sprite.height * times), Image.Resampling.NEAREST)
