"""Names of the formats of animations, their suffixes, and what they cannot hold.

Imports nothing, so that ``--help`` need not wait for the readers and writers.
"""

BY_SUFFIX = {
    ".png": "png",
    ".apng": "png",
    ".gif": "gif",
    ".webp": "webp",
    ".aseprite": "aseprite",
    ".ase": "aseprite",
    ".mp4": "mp4",
    ".webm": "webm",
}
"""The format that the name of a file asks for."""
SUFFIXES = {name: suffix for suffix, name in BY_SUFFIX.items() if suffix not in (".apng", ".ase")}
"""What the names of files of each format are made to end in."""
SEVERAL_FILES = ("sequence", "sheet")
"""A PNG file for every frame; one for all frames, and a JSON file that says where they are."""
FORMATS = (*SUFFIXES, *SEVERAL_FILES)
"""All that can be written."""
FOR_STILLS = ("aseprite",)
"""Stills are written in these, too; else they are PNG files."""
WITH_COLOR_TABLE = ("gif", "aseprite", "sheet")
"""The colours can have an order; an Aseprite sprite, or a sheet, is either indexed or RGBA."""
NO_HALF_TRANSPARENCY = ("gif", "mp4")
"""GIF knows opaque and transparent only, MP4 opaque."""
