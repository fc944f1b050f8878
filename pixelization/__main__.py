"""``python -m pixelization COMMAND``: every command of the package by one name."""

import sys
from collections.abc import Sequence
from importlib import import_module

from pixelization import __version__
from pixelization.errors import advice
from pixelization.interrupts import EXIT_INTERRUPTED, Interrupts

COMMANDS = {
    "pixelize": "images, animations and sprite sheets to pixel art",
    "depixelize": "pixel art, at any size, to smooth images",
    "snap": "images that show pixel art enlarged to the sprite itself",
    "studio": "a page in the browser: drop a picture, see the sprite, change everything",
    "train": "networks from folders of images, as a configuration says",
    "shards": "folders of images to tar files, to train from millions",
    "evaluate": "methods compared on folders of images: tables and pictures",
    "export": "a model as ONNX files, which run without torch",
    "study": "blind rankings and forgery tests: sheets, a page for judges, scores",
}
"""What each is for. It has a module of its name in :mod:`pixelization.apps.cli`."""
PROG = "python -m pixelization"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code. Without one, or with an unknown one, that is 2."""
    name, *rest = list(sys.argv[1:] if argv is None else argv) or [""]
    if name in COMMANDS:
        return _run(name, rest)
    if name in ("-h", "--help"):
        return _tell(_help())
    if name in ("-V", "--version"):
        return _tell(f"pixelization {__version__}")
    problem = f"unknown command '{name}'" if name else "name a command"
    meant = advice(name.removeprefix("pixel-"), COMMANDS)  # the script of snap is pixel-snap
    print(f"{PROG}: error: {problem}; {meant} (see --help)", file=sys.stderr)
    return 2


def pixelize() -> int:
    """The console script of this name."""
    return main(["pixelize", *sys.argv[1:]])


def depixelize() -> int:
    """The console script of this name."""
    return main(["depixelize", *sys.argv[1:]])


def pixel_snap() -> int:
    """The console script ``pixel-snap``."""
    return main(["snap", *sys.argv[1:]])


def _run(name: str, arguments: Sequence[str]) -> int:
    """Run a command. A signal waits until its module is imported: inside it may get lost."""
    try:
        interrupts = Interrupts()
        with interrupts:
            module = import_module(f"pixelization.apps.cli.{name}")
        interrupts.act()
        return int(module.main(arguments))
    except KeyboardInterrupt:  # the command itself tells of those that come later
        print(f"{name}: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED


def _tell(text: str) -> int:
    """Print a text as the commands print; returns the exit code."""
    # now, so that what is imported before a command is little
    from pixelization.apps.cli.running import run_tool, stdout  # noqa: PLC0415

    def body() -> int:
        with stdout() as stream:
            print(text, file=stream)
        return 0

    return run_tool(PROG, body)


def _help() -> str:
    lines = [f"  {name:<12}{about}" for name, about in COMMANDS.items()]
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
