"""Colours as numbers: packed, luma, Oklab, CIEDE2000.

Knows single colours and how they differ. Does not know palettes or images.
"""
