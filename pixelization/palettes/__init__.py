"""Palettes: files, built-in classics, extraction from images, assignment and dithering."""
