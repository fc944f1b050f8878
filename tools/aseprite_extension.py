"""Zip ``integrations/aseprite`` to an extension that Aseprite installs with a double click."""

import argparse
import io
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from pixelization.files import write_whole

FOLDER = Path(__file__).resolve().parents[1] / "integrations" / "aseprite"
DEFAULT = "build/pixelization.aseprite-extension"
FILES = ("package.json", "*.lua")


def main(argv: Sequence[str] | None = None) -> int:
    """Write the file; the same files give the same bytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", nargs="?", default=DEFAULT, help="default: %(default)s")
    args = parser.parse_args(argv)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(each for pattern in FILES for each in FOLDER.glob(pattern)):
            # without the time of the file
            entry = zipfile.ZipInfo(path.name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    write_whole(args.output, data.getvalue(), overwrite=True)
    print(args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
