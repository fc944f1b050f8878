#!/usr/bin/env python3
"""Measure a model stage by stage; see pixelization/cli/measure.py."""

import sys

from pixelization.cli.measure import main

if __name__ == "__main__":
    sys.exit(main())
