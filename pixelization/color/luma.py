"""Luma of ITU-R BT.601, and how unlike two colours may be to count as one."""

LUMINANCE = (0.299, 0.587, 0.114)
# ALIKE_LEVELS of metrics/sprites.py, in [-1, 1]: largest difference of a channel of two cells of
# one colour
ALIKE = 24 / 127.5
