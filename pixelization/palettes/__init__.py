"""Palettes: files, built-in classics, extraction from images, assignment and dithering."""

from pixelization.palettes.assignment import apply_palette, nearest
from pixelization.palettes.classics import CLASSICS, classic_palette
from pixelization.palettes.dithering import DITHERS, dither
from pixelization.palettes.extraction import ColorHistogram, auto_colors, count_hues, fit_palette
from pixelization.palettes.files import check_writable, parse_palette, read_palette, write_palette
from pixelization.palettes.indexed import indexed_image
from pixelization.palettes.lookup import find_palette
from pixelization.palettes.palette import Palette

__all__ = [
    "CLASSICS",
    "DITHERS",
    "ColorHistogram",
    "Palette",
    "apply_palette",
    "auto_colors",
    "check_writable",
    "classic_palette",
    "count_hues",
    "dither",
    "find_palette",
    "fit_palette",
    "indexed_image",
    "nearest",
    "parse_palette",
    "read_palette",
    "write_palette",
]
