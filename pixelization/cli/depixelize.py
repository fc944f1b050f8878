"""``depixelize``: sprites to smooth images."""

from collections.abc import Sequence
from pathlib import Path

from pixelization.cli.common import build_parser, load_pixelizer, number, plan_jobs, run_jobs, run_tool

EXAMPLES = """\
  depixelize sprite.png -o smooth.png --factor 8
  depixelize enlarged.png -o smooth --cell-size 6
  depixelize sprites -r -o smooth --json"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool on ``argv`` (default: the command line); returns the exit code."""
    return run_tool("depixelize", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    parser = build_parser("depixelize", "Turn pixel art into smooth images: PNG files.", EXAMPLES)
    parser.add_argument(
        "--factor", type=number, default=4, metavar="N", help="pixels of the result per cell, 2 to 16 (default: 4)"
    )
    parser.add_argument(
        "--cell-size", type=number, metavar="N", help="pixels per cell of enlarged input (default: 1, native sprites)"
    )
    args = parser.parse_args(argv)
    jobs = plan_jobs(args.input, args.output, recursive=args.recursive)

    from pixelization.inference import check_cell_size, check_factor

    check_factor(args.factor)
    if args.cell_size is not None:
        check_cell_size(args.cell_size, minimum=1)
    pixelizer = load_pixelizer(args)
    cell_size = args.cell_size or 1.0

    def process(path: Path) -> tuple[list, tuple[float, float]]:
        smooth = pixelizer.depixelize(path, factor=args.factor, cell_size=args.cell_size)
        return [smooth], (cell_size, cell_size)

    return run_jobs(jobs, args, process)
