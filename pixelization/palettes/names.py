"""The words and the limits of palettes: what options are checked against.

Imports little, so that ``--help`` need not wait for NumPy.
"""

from pathlib import Path

DITHERS = ("none", "bayer2", "bayer4", "bayer8", "floyd-steinberg", "atkinson", "blue-noise")
MAX_COLORS = 256
"""What an indexed image can hold."""
CLASSICS_FOLDER = Path(__file__).with_name("classics")
CLASSICS = tuple(sorted(path.stem for path in CLASSICS_FOLDER.glob("*.gpl")))
"""The names of the built-in palettes."""
