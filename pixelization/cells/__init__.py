"""From images with cells to one pixel per cell; NumPy only, no network."""
