#!/usr/bin/env python3
"""`python -m pixelization depixelize`; see pixelization/apps/cli/depixelize.py."""

import sys

from pixelization.apps.cli.depixelize import main

if __name__ == "__main__":
    sys.exit(main())
