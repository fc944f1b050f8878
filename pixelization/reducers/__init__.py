"""Ways from an image to one pixel per cell: networks, a grid that is there, or a fixed filter.

Knows cells and colours; knows no files, no styles and no animations.
"""
