#!/usr/bin/env python3
"""`python -m pixelization pixelize`; see pixelization/apps/cli/pixelize.py."""

import sys

from pixelization.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["pixelize", *sys.argv[1:]]))
