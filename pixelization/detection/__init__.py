"""The grid of an image that shows pixel art.

Cell size, phase, native size, and how sure that is.
"""
