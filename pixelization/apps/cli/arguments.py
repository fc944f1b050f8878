"""Arguments that the tools share.

Knows flags, their texts and their help; does nothing with them. Imports little, so that ``--help``
is fast.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from itertools import takewhile
from pathlib import Path
from typing import Any, NoReturn

from pixelization import __version__
from pixelization.animation.formats import FORMATS
from pixelization.apps.cli.running import stdout
from pixelization.backends.choice import BACKENDS
from pixelization.cells.sizes import WantedSize
from pixelization.config import CONFIGS
from pixelization.detection.geometry import SURE
from pixelization.errors import UserError, advice, nearest
from pixelization.pipeline.parsing import full_size, number, sizes
from pixelization.pipeline.style import Style
from pixelization.pipeline.style_files import load_style

GROUPS = {
    "size": ("cell_size", "size", "offset", "symmetric"),
    "colours": ("palette", "colors", "fit", "match", "dither", "dither_strength"),
    "clean-up": ("merge", "remove_background", "holes", "background_color", "isolated", "jaggies"),
    "outline and canvas": ("outline", "outline_color", "trim", "pad"),
    "transparency and tiles": ("alpha", "wrap"),
    "animation": ("still", "hysteresis"),
}
"""Fields of a style as ``--help`` groups them; others stand under "style"."""
ALIKE = 0.75  # likeness of flags of which one may be meant: --sise and --size just have it
UNKNOWN = "unrecognized arguments: "  # argparse, of what it knows no place for
MISSING = "the following arguments are required: "  # and this of what is not given
MOST_DIGITS = 9  # of a whole number that is no option of a style


def called(name: str) -> str:
    """What a person types to run a command that has no script of its own.

    Usage says so; messages begin with the name alone.
    """
    return f"python -m pixelization {name}"


class ArgumentParser(argparse.ArgumentParser):
    """Reports a wrong argument like every other mistake of the user: as one line."""

    _given: Sequence[str] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse has it; the arguments are kept for messages."""
        self._given = sys.argv[1:] if args is None else list(args)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        flags = takewhile("--".__ne__, self._given)  # behind that, there are names
        unknown = [each for each in flags if self._is_unknown(each)]
        if message.startswith(MISSING) and unknown:  # perhaps it was meant to be what is missing
            message = UNKNOWN + " ".join(unknown)
        if message.startswith(MISSING) and "--output" in message:
            message = f"the result needs a name, as in '{self.prog} IN.png -o OUT.png'"
        if message.startswith(UNKNOWN):
            words = message.removeprefix(UNKNOWN).split()
            wrong = [word.partition("=")[0] for word in words if word.startswith("--")]
            # Without the dashes, which all have in common, and which make short ones alike.
            known = [flag[2:] for flag in self._option_string_actions if flag.startswith("--")]
            near = [each for flag in wrong for each in _meant(flag[2:], known)]
            message += f": did you mean --{near[0]}?" if near else ""
        raise UserError(f"{message} (see {self.prog} --help)")

    def _is_unknown(self, argument: str) -> bool:
        """Whether it is a long flag that there is not."""
        flag = argument.partition("=")[0]
        return flag.startswith("--") and flag not in self._option_string_actions

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print help or the version; argparse itself hides that it could not."""
        with stdout() as stream:
            stream.write(message)


def _meant(flag: str, known: list[str]) -> list[str]:
    """The flags that somebody may have meant: those that begin so, else the nearest one."""
    return [each for each in known if each.startswith(flag)] or nearest(flag, known, ALIKE)


class _ListPalettes(argparse.Action):
    """Prints the built-in palettes and ends, as ``--version`` does."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        # now, so that --help does not wait for Pillow
        from pixelization.palettes.classics import CLASSICS, classic_palette  # noqa: PLC0415

        with stdout() as stream:
            for name in CLASSICS:
                palette = classic_palette(name)
                colors = ",".join(palette.hex())
                print(f"{name:<20}{len(palette):>4} colours  {colors}", file=stream)
        parser.exit()


def tool_parser(prog: str, description: str, examples: str) -> ArgumentParser:
    """A parser without arguments, whose help ends with examples."""
    return ArgumentParser(
        prog=prog,
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def build_parser(prog: str, description: str, examples: str) -> ArgumentParser:
    """A parser with the arguments that all tools for images have."""
    parser = tool_parser(prog, description, examples)
    parser.add_argument(
        "input",
        nargs="*",
        metavar="INPUT",
        help="image files, folders, quoted globs, numbered images as walk_%%04d.png, "
        "URLs as s3://bucket/folder, or - for stdin",
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="OUT",
        help="folder for the results, or NAME.parquet for a table of them; for one input also a "
        "file's name, or - for stdout",
    )
    files = parser.add_argument_group("files and messages")
    _add_file_arguments(files)
    _add_engine_arguments(files)
    files.add_argument(
        "--json",
        action="store_true",
        help="print a line of JSON for each file, as it gets done, instead of the paths",
    )
    files.add_argument(
        "-q",
        "--quiet",
        action="store_true",
        help="print errors only: no paths, progress or warnings",
    )
    parser.add_argument("-V", "--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _add_file_arguments(files: argparse._ArgumentGroup) -> None:
    """Which files are read, and what may be written."""
    files.add_argument(
        "-r", "--recursive", action="store_true", help="also the folders inside input folders"
    )
    files.add_argument(
        "--list",
        type=Path,
        metavar="FILE",
        help="more inputs: paths and URLs of files, one on each line",
    )
    files.add_argument(
        "--suffix",
        default="",
        metavar="TEXT",
        help="put this at the end of the results' names, before .png",
    )
    existing = files.add_mutually_exclusive_group()
    existing.add_argument(
        "--overwrite",
        action="store_true",
        help="replace output files that exist (never what is read)",
    )
    existing.add_argument(
        "--skip-existing",
        action="store_true",
        help="leave out inputs whose result exists, to go on with a batch",
    )
    files.add_argument(
        "--dry-run", action="store_true", help="print what would be written; write nothing"
    )


def _add_engine_arguments(files: argparse._ArgumentGroup) -> None:
    """Where files are worked on, and how many at a time."""
    files.add_argument(
        "--jobs",
        type=argument(positive),
        metavar="N",
        help="files worked on at the same time (default: 1; with ray one for each processor)",
    )
    files.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="where: in this process, or in many, also on other machines (default: %(default)s)",
    )
    files.add_argument(
        "--address",
        metavar="ADDRESS",
        help="of a cluster of Ray: auto on one of its machines (default: start one on this one)",
    )


def add_network_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that :func:`load_pixelizer` reads."""
    group = parser.add_argument_group("networks")
    weights = group.add_mutually_exclusive_group()
    weights.add_argument(
        "--model",
        metavar="NAME",
        help="a model that is shipped with the package, or a weights file",
    )
    weights.add_argument(
        "--weights",
        type=Path,
        metavar="FILE",
        help="a weights file of your own (.safetensors, .onnx), or a generator of "
        "pytorch-CycleGAN-and-pix2pix (.pth)",
    )
    group.add_argument(
        "--device",
        choices=["auto", "cpu", "cuda"],
        default="auto",
        help="default: %(default)s, the GPU if there is one",
    )
    group.add_argument(
        "--backend",
        choices=BACKENDS,
        default="auto",
        help="what runs the networks; default: %(default)s, torch on a GPU and for "
        "models that only it runs, else ONNX Runtime",
    )


def add_sprite_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the tools that make sprites, besides those of every tool."""
    group = parser.add_argument_group("results")
    group.add_argument(
        "--preview",
        type=argument(positive),
        metavar="N",
        help="also write the sprite N times as large, STEM_preview.png",
    )
    group.add_argument(
        "--palette-out",
        type=Path,
        metavar="FILE",
        help="write the palette: .gpl, .pal, .hex, .txt, .act or .png",
    )
    group.add_argument(
        "--shared-palette", action="store_true", help="one palette of --colors for all inputs"
    )
    group.add_argument(
        "--indexed",
        action="store_true",
        help="PNG and Aseprite files with a colour table in the palette's order",
    )
    group.add_argument(
        "--transparent-first",
        action="store_true",
        help="entry 0 of colour tables is the transparent one, not the last",
    )
    group.add_argument(
        "--list-palettes",
        action=_ListPalettes,
        nargs=0,
        help="print the built-in palettes and their colours",
    )
    add_source_arguments(parser)
    add_style_arguments(parser)


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments about animations and sheets."""
    group = parser.add_argument_group("animations and sheets")
    group.add_argument(
        "--format",
        choices=FORMATS,
        help="of animations (default: that of the input); aseprite also of stills; sheet: all "
        "frames on one PNG file, with Aseprite's JSON beside it",
    )
    group.add_argument(
        "--fps",
        type=argument(number),
        metavar="N",
        help="frames per second of the input (default: its own; 12 for images)",
    )
    group.add_argument(
        "--sheet",
        type=argument(sheet),
        metavar="WxH | auto",
        help="size of a sheet's tiles in pixels; auto: from its JSON",
    )
    for name, where in (("margin", "around all tiles"), ("spacing", "between tiles")):
        group.add_argument(
            f"--{name}",
            type=argument(pixels),
            metavar="N",
            help=f"with --sheet WxH, pixels {where}",
        )


def add_grid_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the tools that find grids."""
    sure = parser.add_mutually_exclusive_group()
    sure.add_argument(
        "--min-confidence",
        type=argument(number),
        metavar="P",
        help=f"least confidence of a grid that is taken, 0 to 1 (default: {SURE:g})",
    )
    sure.add_argument(
        "--best-guess",
        dest="min_confidence",
        action="store_const",
        const=0.0,
        help="take the likeliest grid, however unsure",
    )
    parser.add_argument(
        "--show-grid",
        type=Path,
        metavar="FILE",
        help="write the input with its grid drawn in as PNG, also where it is not sure",
    )


def argument(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """``parse`` for argparse, which shows the message of its own exception only."""

    def parse_argument(text: str) -> Any:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse_argument


def positive(text: str) -> int:
    """A whole number of at least 1."""
    return _whole(text, 1)


def pixels(text: str) -> int:
    """A whole number of at least 0."""
    return _whole(text, 0)


def _whole(text: str, least: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > MOST_DIGITS or int(text) < least:
        most = "9" * MOST_DIGITS
        raise ValueError(f"'{text}' is not a whole number of at least {least} and at most {most}")
    return int(text)


def sheet(text: str) -> tuple[int, int] | str:
    """``64x48`` or ``64``, the size of a tile, or ``auto``; ``ValueError`` if it is neither."""
    return text if text == "auto" else full_size(text)


def config_path(text: str) -> Path:
    """A configuration that ``--cfg`` names: a file, or one that is shipped, such as ``smoke``.

    ``ValueError`` if it is neither.
    """
    path, shipped = Path(text), CONFIGS / f"{text}.yaml"
    if os.path.isfile(text) or path.suffix:  # whoever reads it says what is wrong with it
        return path
    if not shipped.is_file():
        files = (each.relative_to(CONFIGS) for each in CONFIGS.rglob("*.yaml"))
        names = sorted(each.with_suffix("").as_posix() for each in files)
        raise ValueError(f"there is no file {text}, and none that ships; {advice(text, names)}")
    return shipped


def add_config_arguments(parser: argparse.ArgumentParser, example: str) -> None:
    """The arguments of the tools that a configuration tells what to do.

    Args:
        parser: of the tool.
        example: the name of a configuration that is shipped.
    """
    parser.add_argument(
        "--cfg",
        required=True,
        type=argument(config_path),
        metavar="FILE | NAME",
        help=f"YAML configuration: a file, or one that is shipped, by its name, such as {example}",
    )
    parser.add_argument(
        "overrides", nargs="*", metavar="key.sub=value", help="change a key of the configuration"
    )


def add_style_arguments(parser: argparse.ArgumentParser) -> None:
    """One flag for every field of :class:`~pixelization.pipeline.style.Style`, and ``--cfg``.

    ``--size`` takes several sizes.
    """
    style = parser.add_argument_group(
        "style", "the options from here on, without --, can stand in a YAML file, too; flags win"
    )
    style.add_argument(
        "--cfg",
        type=Path,
        metavar="FILE",
        help="a style file: one option per line, as 'palette: pico-8'",
    )
    groups: dict[str | None, argparse._ArgumentGroup] = {
        title: parser.add_argument_group(title) for title in GROUPS
    }
    for each in fields(Style):
        about, text = each.metadata, each.metadata["help"]
        kind = (
            {"action": argparse.BooleanOptionalAction}
            if isinstance(each.default, bool)
            else {"type": argument(about["parse"]), "metavar": about["metavar"]}
        )
        if each.name == "size":
            kind |= {"type": argument(sizes), "metavar": f"{about['metavar']},..."}
            text += "; with commas, one result for each"
        if each.default is not None and not isinstance(each.default, bool | tuple):
            text += f" (default: {each.default})"
        title = next((title for title, names in GROUPS.items() if each.name in names), None)
        group = groups.get(title, style)
        group.add_argument(
            "--" + each.name.replace("_", "-"),
            dest=each.name,
            default=argparse.SUPPRESS,
            help=text,
            **kind,
        )


def wanted_sizes(args: argparse.Namespace) -> tuple[WantedSize, ...]:
    """The sizes that ``--size`` gives if they are several."""
    found: tuple[WantedSize, ...] = getattr(args, "size", None) or ()
    return found if len(found) > 1 else ()


def read_style(args: argparse.Namespace) -> Style:
    """The style that ``--cfg`` and the flags describe; flags win. Of several sizes, the first."""
    given = {
        each.name: getattr(args, each.name) for each in fields(Style) if hasattr(args, each.name)
    }
    if "size" in given:
        given["size"] = given["size"][0]
    return load_style(args.cfg, given) if args.cfg else Style(**given)
