"""Clean-up of sprites: stray pixels, doubled corners, shaded edges, outlines, backgrounds and canvases.

A sprite is uint8 ``(h, w, 3)`` RGB or ``(h, w, 4)`` RGBA whose alpha is exactly 0 or 255 and whose colour is (0, 0, 0) where
alpha is 0. Every function returns a new one and leaves the one that it was given alone.
"""

from pixelization.cleanup.background import background_color, remove_background
from pixelization.cleanup.canvas import bounding_box, crop, pad, touches_border, trim
from pixelization.cleanup.edges import shade_edges
from pixelization.cleanup.isolated import remove_isolated
from pixelization.cleanup.jaggies import repair_jaggies
from pixelization.cleanup.outline import add_outline

__all__ = [
    "add_outline",
    "background_color",
    "bounding_box",
    "crop",
    "pad",
    "remove_background",
    "remove_isolated",
    "repair_jaggies",
    "shade_edges",
    "touches_border",
    "trim",
]
