#!/usr/bin/env python3
"""How many megabytes an installation takes, with torch and without; `make demo` prints it.

Counted are the files of this package and of all packages that it requires, as installed here, with
the bytecode that pip makes. An empty virtual environment has 15 to 25 MB more: pip and its like.
"""

import argparse
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

import pixelization
from pixelization.apps.cli.running import run_tool
from pixelization.errors import UserError

OWN = "pixelization"
SHOWN = 5  # the largest packages, by name
MEGABYTE = 10**6


def installed(extra: str = "") -> dict[str, int]:
    """Bytes of every package of ``pip install 'pixelization[EXTRA]'``, the largest first.

    Raises:
        UserError: one of them is not installed here.
    """
    found: dict[str, int] = {}
    waiting = [Requirement(f"{OWN}[{extra}]" if extra else OWN)]
    seen: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        if str(wanted) in seen:
            continue
        seen.add(str(wanted))
        try:
            package = metadata.distribution(wanted.name)
        except metadata.PackageNotFoundError:
            raise UserError(f"{wanted.name}: is not installed, so its size is not known") from None
        found[package.name] = _own_bytes() if package.name == OWN else _bytes(package)
        for text in package.requires or ():
            required = Requirement(text)
            asked = [{"extra": name} for name in ("", *wanted.extras)]
            if not required.marker or any(map(required.marker.evaluate, asked)):
                waiting.append(required)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _bytes(package: metadata.Distribution) -> int:
    paths = {Path(str(package.locate_file(file))) for file in package.files or ()}
    return sum(path.stat().st_size for path in paths if path.is_file())


def _own_bytes() -> int:
    """Of the package's folder: an editable installation lists no files."""
    folder = Path(pixelization.__file__).parent
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def line(extra: str = "") -> str:
    """The size of one installation in words."""
    sizes = installed(extra)
    largest = [f"{name} {size / MEGABYTE:.0f}" for name, size in list(sizes.items())[:SHOWN]]
    command = f"pip install '{OWN}[{extra}]'" if extra else f"pip install {OWN}"
    return f"{command}: {sum(sizes.values()) / MEGABYTE:.0f} MB ({', '.join(largest)}, ...)"


def main(argv: list[str] | None = None) -> int:
    """Print a line for each installation; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--extra",
        action="append",
        metavar="NAME",
        help="of setup.py (default: none and train; more than once: several)",
    )
    args = parser.parse_args(argv)

    def body() -> int:
        for extra in args.extra or ("", "train"):
            print(line(extra))
        return 0

    return run_tool("sizes", body)


if __name__ == "__main__":
    sys.exit(main())
