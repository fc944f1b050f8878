#!/usr/bin/env python3
"""Give weights files from before a checksum; their tensors stay as they are.

python tools/add_checksum.py FILE [FILE ...]
"""

import sys

from pixelization.apps.cli.running import run_tool
from pixelization.networks.weights import add_checksum


def _main() -> int:
    for path in sys.argv[1:]:
        add_checksum(path)
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(run_tool("add_checksum", _main))
