"""Clean-up of sprites: stray pixels, doubled corners, shaded edges, outlines, backgrounds and
canvases.

A sprite is uint8 ``(h, w, 3)`` RGB or ``(h, w, 4)`` RGBA whose alpha is exactly 0 or 255 and whose
colour is (0, 0, 0) where alpha is 0. Every function returns a new one and leaves the one that it
was given alone.
"""
