"""The words and the limits of palettes: what options are checked against.

Imports nothing, so that ``--help`` need not wait for NumPy.
"""

DITHERS = ("none", "bayer2", "bayer4", "bayer8", "floyd-steinberg", "atkinson", "blue-noise")
MAX_COLORS = 256
"""What an indexed image can hold."""
