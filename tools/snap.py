#!/usr/bin/env python3
"""`python -m pixelization snap`; see pixelization/apps/cli/snap.py."""

import sys

from pixelization.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["snap", *sys.argv[1:]]))
