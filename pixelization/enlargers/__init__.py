"""Ways from one pixel per cell to a smooth image: DepixelNet, or a classical method.

Knows single sprites and frames; knows no grids of enlarged pixel art and no files.
"""
