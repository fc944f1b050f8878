#!/usr/bin/env python3
"""The command line tool `pixel-snap`; see pixelization/cli/snap.py."""

import sys

from pixelization.apps.cli.snap import main

if __name__ == "__main__":
    sys.exit(main())
