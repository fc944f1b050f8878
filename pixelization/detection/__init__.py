"""The grid of an image that shows pixel art: cell size, phase, native size, and how sure that is."""
