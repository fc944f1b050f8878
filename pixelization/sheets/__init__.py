"""Sprite sheets: tiles, their places in the reduced sheet, and the JSON that describes them."""

from pixelization.sheets.atlas import Atlas, find_atlas, read_atlas, write_json
from pixelization.sheets.layout import Box, assemble, grid_tiles, scale_layout

__all__ = ["Atlas", "Box", "assemble", "find_atlas", "grid_tiles", "read_atlas", "scale_layout", "write_json"]
