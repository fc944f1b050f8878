"""From images with cells to one pixel per cell.

Knows sizes of grids, votes, tiles and neighbours, with NumPy only. Does not know where a grid comes
from (``detection``, ``reducers``), nor colours as they are seen, nor networks.
"""
