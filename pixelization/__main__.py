"""``python -m pixelization COMMAND``: every command of the package by one name."""

import difflib
import sys
from collections.abc import Sequence
from importlib import import_module

from pixelization import __version__

COMMANDS = {
    "pixelize": ("pixelize", "images, animations and sprite sheets to pixel art"),
    "depixelize": ("depixelize", "pixel art, at any size, to smooth images"),
    "snap": ("snap", "images that show pixel art enlarged to the sprite itself"),
    "train": ("train", "networks from folders of images, as a configuration says"),
    "evaluate": ("evaluate", "methods compared on folders of images: tables and pictures"),
}
"""What stands on the command line: module in :mod:`pixelization.apps.cli`, and what it is for."""
PROG = "python -m pixelization"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code. Without one, or with an unknown one, that is 2."""
    name, *rest = list(sys.argv[1:] if argv is None else argv) or [""]
    if name in COMMANDS:
        module = import_module(f"pixelization.apps.cli.{COMMANDS[name][0]}")
        return int(module.main(rest))
    if name in ("-h", "--help"):
        print(_help())
        return 0
    if name in ("-V", "--version"):
        print(f"pixelization {__version__}")
        return 0
    near = difflib.get_close_matches(name, COMMANDS, n=1)
    advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(COMMANDS)}"
    problem = f"unknown command '{name}'" if name else "name a command"
    print(f"{PROG}: error: {problem}; {advice} (see --help)", file=sys.stderr)
    return 2


def _help() -> str:
    lines = [f"  {name:<12}{about}" for name, (_, about) in COMMANDS.items()]
    return "\n".join(
        [
            f"usage: {PROG} COMMAND ...",
            "",
            "commands:",
            *lines,
            "",
            f"{PROG} COMMAND --help tells more of each.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
