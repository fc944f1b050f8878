"""Cartoons and photos to pixel art and back, by a cascade of three networks trained without pairs.

Most callers need only::

    from pixelization import Pixelizer
    sprite = Pixelizer.from_pretrained().pixelize("drawing.png", size=(48, None)).sprite

docs/api.md describes every name below, docs/architecture.md the modules in the order in which data flows.
"""

import importlib
from typing import TYPE_CHECKING, Any

from pixelization.errors import UnsureError, UserError

if TYPE_CHECKING:
    from pixelization.animation import AnimationReader, Frame, animation_format, open_animation, write_animation
    from pixelization.animation.temporal import TemporalVote, held
    from pixelization.cleanup import (
        add_outline, background_color, bounding_box, crop, pad, remove_background, remove_isolated, repair_jaggies,
        shade_edges, touches_border, trim,
    )  # fmt: skip
    from pixelization.data.images import read_image, write_png
    from pixelization.depixelizer import classical_enlarger, depixelize, depixelize_frames
    from pixelization.grid import coverage_vote, majority_vote
    from pixelization.grid.detection import GridDetection, detect_grid
    from pixelization.inference import Pixelizer, PixelizeResult
    from pixelization.palettes import (
        CLASSICS, DITHERS, ColorHistogram, Palette, apply_palette, auto_colors, classic_palette, dither, find_palette,
        fit_palette, indexed_image, parse_palette, read_palette, write_palette,
    )  # fmt: skip
    from pixelization.pipeline import (
        Finished, Reduce, Reduced, Votes, choose_palette, count_colors, finish, pixelize_animation, pixelize_image,
        pixelize_sheet, vote_animation, vote_image, vote_sheet,
    )  # fmt: skip
    from pixelization.sheets import Atlas, Box, assemble, find_atlas, grid_tiles, read_atlas, scale_layout
    from pixelization.snapping import SnapResult, find_grid, snap
    from pixelization.style import Style, load_style

__version__ = "0.1.0"
__all__ = [
    "CLASSICS", "DITHERS", "AnimationReader", "Atlas", "Box", "ColorHistogram", "Finished", "Frame", "GridDetection", "Palette",
    "PixelizeResult", "Pixelizer", "Reduce", "Reduced", "SnapResult", "Style", "TemporalVote", "UnsureError", "UserError",
    "Votes", "__version__", "add_outline", "animation_format", "apply_palette", "assemble", "auto_colors", "background_color",
    "bounding_box", "choose_palette", "classic_palette", "classical_enlarger", "count_colors", "coverage_vote", "crop",
    "depixelize", "depixelize_frames", "detect_grid", "dither", "find_atlas", "find_grid", "find_palette", "finish",
    "fit_palette", "grid_tiles", "held", "indexed_image", "load_style", "majority_vote", "open_animation", "pad",
    "parse_palette", "pixelize_animation", "pixelize_image", "pixelize_sheet", "read_atlas", "read_image", "read_palette",
    "remove_background", "remove_isolated", "repair_jaggies", "scale_layout", "shade_edges", "snap", "touches_border", "trim",
    "vote_animation", "vote_image", "vote_sheet", "write_animation", "write_palette", "write_png",
]  # fmt: skip

# Importing torch takes seconds: whoever asks only for --help or the version should not wait for it.
_NAMES = {
    "animation": "AnimationReader Frame animation_format open_animation write_animation",
    "animation.temporal": "TemporalVote held",
    "cleanup": "add_outline background_color bounding_box crop pad remove_background remove_isolated repair_jaggies "
    "shade_edges touches_border trim",
    "data.images": "read_image write_png",
    "depixelizer": "classical_enlarger depixelize depixelize_frames",
    "grid": "coverage_vote majority_vote",
    "grid.detection": "GridDetection detect_grid",
    "inference": "PixelizeResult Pixelizer",
    "palettes": "CLASSICS DITHERS ColorHistogram Palette apply_palette auto_colors classic_palette dither find_palette "
    "fit_palette indexed_image parse_palette read_palette write_palette",
    "pipeline": "Finished Reduce Reduced Votes choose_palette count_colors finish pixelize_animation pixelize_image "
    "pixelize_sheet vote_animation vote_image vote_sheet",
    "sheets": "Atlas Box assemble find_atlas grid_tiles read_atlas scale_layout",
    "snapping": "SnapResult find_grid snap",
    "style": "Style load_style",
}
_MODULES = {name: f"pixelization.{module}" for module, names in _NAMES.items() for name in names.split()}

if not TYPE_CHECKING:  # a checker would take every misspelt name for one that this returns

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module 'pixelization' has no attribute '{name}'")
        return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
