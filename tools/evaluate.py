#!/usr/bin/env python3
"""`python -m pixelization evaluate`; see pixelization/apps/cli/evaluate.py."""

import sys

from pixelization.apps.cli.evaluate import main

if __name__ == "__main__":
    sys.exit(main())
