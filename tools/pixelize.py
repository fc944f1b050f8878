#!/usr/bin/env python3
"""The command line tool `pixelize`; see pixelization/cli/pixelize.py."""

import sys

from pixelization.apps.cli.pixelize import main

if __name__ == "__main__":
    sys.exit(main())
