"""The grid of an image that shows pixel art.

Knows cell size, phase, native size, and how sure that is. Does not know how a sprite is made on
that grid (``reducers.snapping``), nor networks.
"""
