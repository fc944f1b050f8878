#!/usr/bin/env python3
"""`python -m pixelization depixelize`; see pixelization/apps/cli/depixelize.py."""

import sys

from pixelization.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["depixelize", *sys.argv[1:]]))
