"""From images with cells to one pixel per cell; NumPy only, no network."""

from pixelization.grid.sizes import cell_count, completed_size, round_half_up
from pixelization.grid.tiles import Window, tiles
from pixelization.grid.voting import cell_index, cell_purity, coverage_vote, majority_vote, max_per_cell, paint_cells

__all__ = [
    "Window", "cell_count", "cell_index", "cell_purity", "completed_size", "coverage_vote", "majority_vote", "max_per_cell", "paint_cells",
    "round_half_up", "tiles",
]  # fmt: skip
