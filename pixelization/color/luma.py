"""Luma of ITU-R BT.601, and how unlike two colours may be to count as one."""

LUMINANCE = (0.299, 0.587, 0.114)
"""Weights of red, green and blue."""
ALIKE_LEVELS = 24
"""Largest difference of any channel, of 255, between two cells of one colour."""
ALIKE = ALIKE_LEVELS / 127.5
"""The same for tensors in [-1, 1]."""
