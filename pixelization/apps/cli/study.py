"""Blind studies: which sprite would people rather ship, and which one is the artist's?

sheets makes sheets of sprites in random order, forgery sheets of artists' sprites beside what a
method makes of their drawings, page a page on which people answer with keys, score numbers of the
answers. A key says what the letters stand for; it lies outside of the folder that judges get.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from pixelization.apps.cli.arguments import argument, called, positive, tool_parser
from pixelization.apps.cli.running import EXIT_SOME_FAILED, run_tool, say
from pixelization.errors import UserError, reason
from pixelization.files import write_whole
from pixelization.optional import needing

EXAMPLES = """\
  python -m pixelization study sheets blind --key key.json --sources drawings --size 48 \\
      new=weights.safetensors lite=lite nearest=nearest
  python -m pixelization study forgery blind --key key.json --sprites sprites artists=artists
  python -m pixelization study page blind blind.html
  python -m pixelization study score key.json judge1.json judge2.json
"""
METHOD = (
    "a name, and what makes its sprites: a folder of sprites, a weights file, a model that is "
    "shipped, or a baseline such as nearest"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool on ``argv`` (default: the command line).

    Returns:
        The exit code: 0 done, 1 done without the files that are listed on stderr, 2 bad input.
    """
    return run_tool("study", lambda: _main(sys.argv[1:] if argv is None else list(argv)))


def _main(argv: list[str]) -> int:
    args = _parser().parse_args(argv)
    try:
        with needing("measure"):
            return int(args.run(args))
    except OSError as error:  # a name that is too long, a folder that may not be looked into
        if error.filename is None:  # as of a closed pipe: it is of no file that was named
            raise
        raise UserError(f"{error.filename}: cannot be used ({reason(error)})") from None


def _parser() -> argparse.ArgumentParser:
    parser = tool_parser(called("study"), __doc__, EXAMPLES)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add = partial(commands.add_parser, allow_abbrev=False)

    sheets = add("sheets", help="blind rankings of sprites of the same images")
    sheets.set_defaults(run=_sheets)
    _add_study_arguments(sheets)
    sheets.add_argument(
        "--sources", type=Path, required=True, metavar="FOLDER", help="images, or their originals"
    )
    sheets.add_argument(
        "--size",
        type=argument(positive),
        metavar="N",
        help="width in cells of the sprites that are made; folders need none",
    )
    sheets.add_argument(
        "--differing",
        action="store_true",
        help="not images chosen at random but those in which sprites of the first two methods "
        "differ most; says in how many of all cells they do",
    )
    sheets.add_argument("methods", nargs="+", metavar="NAME=WHAT", help=METHOD)

    forgery = add("forgery", help="artists' sprites beside a method's")
    forgery.set_defaults(run=_forgery)
    _add_study_arguments(forgery)
    forgery.add_argument(
        "--sprites", type=Path, required=True, metavar="FOLDER", help="sprites by artists"
    )
    forgery.add_argument("method", metavar="NAME=WHAT", help=f"{METHOD}; not a folder")

    page = add("page", help="a page on which people answer with keys")
    page.set_defaults(run=_page)
    page.add_argument("folder", type=Path, help="of a study: what sheets or forgery wrote")
    page.add_argument("output", type=Path, metavar="FILE", help="the page, .html")
    page.add_argument("--title", default="Which sprite?", help="of the page (default: %(default)s)")

    score = add("score", help="numbers of the answers, as Markdown")
    score.set_defaults(run=_score)
    score.add_argument("key", type=Path, help="of the study")
    score.add_argument(
        "answers",
        type=Path,
        nargs="+",
        help='of a judge each: {"1": "CABDE", ...}, best first; or the letter of the artist\'s',
    )
    score.add_argument("--markdown", type=Path, metavar="FILE", help="write it here, over a file")
    return parser


def _add_study_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="OUT", help="a new folder, for judges")
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="a new file outside of it"
    )
    parser.add_argument(
        "--count", type=argument(positive), metavar="N", default=40, help="rows (default: 40)"
    )
    parser.add_argument(
        "--seed", type=argument(positive), metavar="N", default=1, help="of all chances"
    )
    parser.add_argument(
        "--half",
        choices=["choosing", "reporting", "both"],
        default="both",
        help="of the images, by a hash of their names (default: both)",
    )


# Imports stand in the functions, so that --help does not wait for torch; scikit-image is of an
# extra.


def _sheets(args: argparse.Namespace) -> int:
    from pixelization.evaluation.study.sheets import check_places, write_study  # noqa: PLC0415
    from pixelization.evaluation.study.sprites import ranking_rows  # noqa: PLC0415

    check_places(args.folder, args.key)
    methods = _methods(args.methods)
    ranking = ranking_rows(
        args.sources,
        methods,
        args.size,
        count=args.count,
        seed=args.seed,
        half=args.half,
        differing=args.differing,
    )
    write_study(args.folder, args.key, ranking.rows, "ranking", args.seed)
    said = [str(args.folder)]
    if ranking.differing is not None:
        both = " and ".join(name for name, _ in methods[:2])
        share = f"{ranking.differing:.2%} of the cells of {ranking.images} images"
        said.append(f"{both} differ in {share}")
    say(*said)
    if len(ranking.rows) < args.count:
        print(
            f"study: warning: {len(ranking.rows)} rows, not {args.count}: there are no more",
            "images that can be used",
            file=sys.stderr,
        )
    return _told(ranking.failures)


def _forgery(args: argparse.Namespace) -> int:
    from pixelization.evaluation.pairs import read_held_out  # noqa: PLC0415
    from pixelization.evaluation.study.forgery import forgery_rows  # noqa: PLC0415
    from pixelization.evaluation.study.sheets import check_places, write_study  # noqa: PLC0415
    from pixelization.evaluation.study.sprites import build_method  # noqa: PLC0415

    check_places(args.folder, args.key)
    method = build_method(*_methods([args.method])[0])
    sprites, failures = read_held_out(args.sprites, args.half)
    rows = forgery_rows(sprites, method, args.count, args.seed)
    write_study(args.folder, args.key, rows, "forgery", args.seed)
    say(args.folder)
    return _told(failures)


def _page(args: argparse.Namespace) -> int:
    from pixelization.evaluation.study.page import judging_page  # noqa: PLC0415

    write_whole(args.output, judging_page(args.folder, args.title), overwrite=True)
    say(args.output)
    return 0


def _score(args: argparse.Namespace) -> int:
    from pixelization.evaluation.study.key import read_answers, read_key  # noqa: PLC0415
    from pixelization.evaluation.study.scores import markdown  # noqa: PLC0415

    files = list(map(os.path.realpath, args.answers))
    for path, file in zip(args.answers, files, strict=True):
        if files.count(file) > 1:
            raise UserError(f"{path}: is there twice: give the answers of every judge once")
    key = read_key(args.key)
    text = markdown(key, [read_answers(path, key) for path in args.answers])
    if args.markdown:
        write_whole(args.markdown, text, overwrite=True)
    say(text.rstrip("\n"))
    return 0


def _told(failures: Sequence[str]) -> int:
    """The exit code, after a list of files that could not be used."""
    if not failures:
        return 0
    print("files that could not be used:", *failures, sep="\n  ", file=sys.stderr)
    return EXIT_SOME_FAILED


def _methods(texts: Sequence[str]) -> list[tuple[str, str]]:
    from pixelization.evaluation.study.sprites import parse_method  # noqa: PLC0415

    try:
        return [parse_method(text) for text in texts]
    except ValueError as error:
        raise UserError(str(error)) from None
