#!/usr/bin/env python3
"""The command line tool `depixelize`; see pixelization/cli/depixelize.py."""

import sys

from pixelization.apps.cli.depixelize import main

if __name__ == "__main__":
    sys.exit(main())
