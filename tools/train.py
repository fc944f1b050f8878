"""Train the cascade: see ``pixelization.cli.train``."""

import sys

from pixelization.cli.train import main

if __name__ == "__main__":
    sys.exit(main())
