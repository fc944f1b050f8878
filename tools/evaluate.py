#!/usr/bin/env python3
"""`python -m pixelization evaluate`; see pixelization/apps/cli/evaluate.py."""

import sys

from pixelization.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["evaluate", *sys.argv[1:]]))
