"""Every name of the package's interface, and where it is from."""

from .animation.frames import Frame as Frame
from .animation.reading import (
    AnimationReader as AnimationReader,
    animation_format as animation_format,
    open_animation as open_animation,
)
from .animation.writing import write_animation as write_animation
from .cells.voting import coverage_vote as coverage_vote, majority_vote as majority_vote
from .detection.detector import detect_grid as detect_grid
from .detection.geometry import GridDetection as GridDetection, UnsureError as UnsureError
from .enlargers.faithful import (
    enlarge_frames as enlarge_frames,
    enlarge_sprite as enlarge_sprite,
)
from .enlargers.scalers import classical_enlarger as classical_enlarger
from .errors import UserError as UserError
from .finishing.background import (
    background_color as background_color,
    ground_areas as ground_areas,
    remove_background as remove_background,
)
from .finishing.canvas import (
    bounding_box as bounding_box,
    crop as crop,
    pad as pad,
    touches_border as touches_border,
    trim as trim,
)
from .finishing.isolated import remove_isolated as remove_isolated
from .finishing.jaggies import repair_jaggies as repair_jaggies
from .finishing.outline import add_outline as add_outline
from .images.reading import read_image as read_image
from .images.writing import write_png as write_png
from .palettes.assignment import apply_palette as apply_palette
from .palettes.classics import CLASSICS as CLASSICS, classic_palette as classic_palette
from .palettes.dithering import dither as dither
from .palettes.extraction import (
    ColorHistogram as ColorHistogram,
    auto_colors as auto_colors,
    fit_palette as fit_palette,
)
from .palettes.files import (
    parse_palette as parse_palette,
    read_palette as read_palette,
    write_palette as write_palette,
)
from .palettes.indexed import indexed_image as indexed_image
from .palettes.lookup import find_palette as find_palette
from .palettes.matching import match_areas as match_areas
from .palettes.names import DITHERS as DITHERS
from .palettes.palette import Palette as Palette
from .pipeline.finish import Finished as Finished, finish as finish
from .pipeline.sheet_votes import vote_sheet as vote_sheet
from .pipeline.sprites import (
    choose_palette as choose_palette,
    count_colors as count_colors,
    depixelize as depixelize,
    make_sprites as make_sprites,
    pixel_snap as pixel_snap,
    smooth as smooth,
)
from .pipeline.style import Style as Style, make_style as make_style
from .pipeline.style_files import load_style as load_style
from .pipeline.temporal import TemporalVote as TemporalVote, gather as gather
from .pipeline.votes import (
    Votes as Votes,
    vote_animation as vote_animation,
    vote_image as vote_image,
)
from .pixelizer import Pixelizer as Pixelizer
from .reducers.base import Reduce as Reduce, Reduced as Reduced
from .reducers.networks import NetworkResult as NetworkResult
from .reducers.snapping import SnapResult as SnapResult, find_grid as find_grid, snap as snap
from .sheets.atlas import Atlas as Atlas, find_atlas as find_atlas, read_atlas as read_atlas
from .sheets.layout import (
    Box as Box,
    TileGrid as TileGrid,
    assemble as assemble,
    grid_tiles as grid_tiles,
    scale_layout as scale_layout,
)
from .sheets.tags import tagged_tiles as tagged_tiles

__version__: str
