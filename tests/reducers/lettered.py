"""Sprites as rows of letters, which tests read at a glance."""

import numpy as np

BLACK, WHITE, RED, CLEAR = (0, 0, 0, 255), (255, 255, 255, 255), (200, 0, 0, 255), (0, 0, 0, 0)
COLORS = {"#": BLACK, ".": WHITE, "r": RED, " ": CLEAR}


def sprite(*rows):
    """RGBA ``(h, w, 4)`` of rows such as ``"##.#"``."""
    return np.array([[COLORS[cell] for cell in row] for row in rows], np.uint8)


def rows(made):
    """As :func:`sprite` has them."""
    names = {color: name for name, color in COLORS.items()}
    return ["".join(names[tuple(cell)] for cell in row) for row in made.tolist()]
