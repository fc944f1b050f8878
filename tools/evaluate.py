#!/usr/bin/env python3
"""Compare methods on folders of images; see pixelization/cli/evaluate.py."""

import sys

from pixelization.apps.cli.evaluate import main

if __name__ == "__main__":
    sys.exit(main())
