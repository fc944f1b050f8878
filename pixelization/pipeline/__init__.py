"""From votes to finished sprites: the style, the steps, and what holds animations still."""
