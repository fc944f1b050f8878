"""Palettes: files, built-in classics, extraction from images, assignment and dithering."""

from pixelization.palettes.assignment import apply_palette, nearest
from pixelization.palettes.dithering import DITHERS, dither
from pixelization.palettes.extraction import ColorHistogram, auto_colors, count_hues, fit_palette
from pixelization.palettes.indexed import indexed_image
from pixelization.palettes.palette import Palette

__all__ = [
    "DITHERS",
    "ColorHistogram",
    "Palette",
    "apply_palette",
    "auto_colors",
    "count_hues",
    "dither",
    "fit_palette",
    "indexed_image",
    "nearest",
]
