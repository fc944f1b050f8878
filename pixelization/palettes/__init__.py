"""Palettes: files, built-in classics, extraction from images, assignment and dithering.

Knows colours and single sprites. Does not know styles, animations or the command line.
"""
