"""Compare methods on folders of images: tables and pictures in one report.

The report is the folder OUT/NAME of the configuration: index.html with sortable tables, contact
sheets and a side-by-side viewer; the tables as Markdown and CSV; every sprite as PNG.
"""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from pixelization.apps.cli.arguments import add_config_arguments, called, tool_parser
from pixelization.apps.cli.running import EXIT_SOME_FAILED, run_tool, say
from pixelization.config import read_layers
from pixelization.errors import UserError
from pixelization.files import places, write_whole
from pixelization.optional import needing

EXAMPLES = """  python -m pixelization evaluate --cfg eval/quick
  python -m pixelization evaluate --cfg eval/fig6 widths=[48] 'images=[{name: mine, folder: art}]'
  python -m pixelization evaluate --cfg eval/results --markdown docs/results.md
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool on ``argv`` (default: the command line).

    Returns:
        The exit code: 0 done, 1 done without the images that are listed on stderr, 2 bad input.
    """
    return run_tool("evaluate", lambda: _main(sys.argv[1:] if argv is None else list(argv)))


def _main(argv: list[str]) -> int:
    parser = tool_parser(called("evaluate"), __doc__, EXAMPLES)
    add_config_arguments(parser, "eval/quick")
    parser.add_argument("--overwrite", action="store_true", help="replace a report of that name")
    parser.add_argument(
        "--markdown",
        type=Path,
        metavar="FILE",
        help="also write the tables here, over a file of that name",
    )
    args = parser.parse_intermixed_args(argv)
    if args.markdown and (args.markdown.is_dir() or not args.markdown.parent.is_dir()):
        raise UserError(f"{args.markdown}: cannot be written: name a file in a folder that exists")
    if args.markdown and any(
        places(args.markdown) & places(path) for path, _ in read_layers(args.cfg)
    ):
        raise UserError(f"{args.markdown}: is the configuration: name another file")

    # now, so that --help does not wait for torch; scikit-image is of an extra
    with needing("measure"):
        from pixelization.evaluation.config import load_evaluation  # noqa: PLC0415
        from pixelization.evaluation.run import run_evaluation  # noqa: PLC0415
        from pixelization.evaluation.tables import markdown  # noqa: PLC0415

        config = load_evaluation(args.cfg, args.overrides)
        report = run_evaluation(
            config,
            command=shlex.join(["python", "-m", "pixelization", "evaluate", *argv]),
            overwrite=args.overwrite,
        )
    if args.markdown:
        write_whole(args.markdown, markdown(report), overwrite=True)
    say(Path(config.out) / config.name)
    for line in report.left_out:
        print(f"left out: {line}", file=sys.stderr)
    if report.failures:
        print(
            f"{len(report.failures)} images could not be used:",
            *report.failures,
            sep="\n  ",
            file=sys.stderr,
        )
    return EXIT_SOME_FAILED if report.failures else 0
