"""Ways from a sprite to a smooth image."""
