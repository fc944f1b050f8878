#!/usr/bin/env python3
"""`python -m pixelization study`; see pixelization/apps/cli/study.py."""

import sys

from pixelization.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["study", *sys.argv[1:]]))
