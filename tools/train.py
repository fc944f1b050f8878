#!/usr/bin/env python3
"""`python -m pixelization train`; see pixelization/apps/cli/train.py."""

import sys

from pixelization.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
