#!/usr/bin/env python3
"""`python -m pixelization study`; see pixelization/apps/cli/study.py."""

import sys

from pixelization.apps.cli.study import main

if __name__ == "__main__":
    sys.exit(main())
