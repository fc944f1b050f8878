"""From a voted sprite to a finished one: clean-up, outline, background, canvas.

Knows single sprites: uint8 ``(h, w, 3)`` RGB or ``(h, w, 4)`` RGBA, whose alpha is exactly 0 or 255
and whose colour is (0, 0, 0) where alpha is 0. Every function returns a new one and leaves the one
that it was given alone. Does not know palettes, styles, networks, or in which order the steps are
taken.
"""
