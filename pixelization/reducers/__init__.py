"""Ways from an image to one pixel per cell."""
