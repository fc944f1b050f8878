"""``depixelize``: sprites to smooth images."""

from collections.abc import Sequence
from typing import Any

from pixelization.cli.arguments import add_network_arguments, argument, build_parser, load_pixelizer
from pixelization.cli.jobs import Job, plan_jobs
from pixelization.cli.running import run_jobs, run_tool
from pixelization.style import number

EXAMPLES = """\
  depixelize sprite.png -o smooth.png --factor 8
  depixelize enlarged.png -o smooth --cell-size 6
  depixelize sprites -r -o smooth --json"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool on ``argv`` (default: the command line); returns the exit code."""
    return run_tool("depixelize", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    parser = build_parser("depixelize", "Turn pixel art into smooth images: PNG files.", EXAMPLES)
    add_network_arguments(parser)
    parser.add_argument(
        "--factor", type=argument(number), default=4, metavar="N", help="pixels of the result per cell, 2 to 16 (default: 4)"
    )
    parser.add_argument(
        "--cell-size", type=argument(number), metavar="N", help="pixels per cell of enlarged input (default: 1, native sprites)"
    )
    args = parser.parse_args(argv)
    jobs = plan_jobs(args.input, args.output, recursive=args.recursive, suffix=args.suffix)

    import numpy as np

    from pixelization.cli.output import write_sprites
    from pixelization.data.images import read_image
    from pixelization.inference import check_cell_size, check_factor

    check_factor(args.factor)
    if args.cell_size is not None:
        check_cell_size(args.cell_size, minimum=1)
    pixelizer = load_pixelizer(args)
    cell_size = args.cell_size or 1.0

    def process(job: Job) -> dict[str, Any]:
        image = read_image(job.source)
        smooth = pixelizer.depixelize(image, factor=args.factor, cell_size=args.cell_size)
        write_sprites([np.asarray(smooth)], job.outputs["main"], format=None, overwrite=args.overwrite)
        return {"input_size": list(image.size), "size": list(smooth.size), "frames": 1, "cell_size": [cell_size, cell_size]}

    return run_jobs(
        "depixelize", jobs, process, overwrite=args.overwrite, workers=args.jobs, as_json=args.json, quiet=args.quiet
    )  # fmt: skip
