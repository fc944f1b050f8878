"""Train the cascade: see ``pixelization.apps.cli.train``."""

import sys

from pixelization.apps.cli.train import main

if __name__ == "__main__":
    sys.exit(main())
