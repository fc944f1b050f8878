"""Images in and out.

Knows files, colour profiles, alpha, and what a sprite is. Does not know cells, palettes or
networks.
"""
