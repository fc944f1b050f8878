"""Sprite sheets: their tiles, where these go, and the JSON that describes them.

Knows rectangles and the files of Aseprite and TexturePacker. Does not know how a tile is reduced.
"""
