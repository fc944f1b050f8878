"""The grid of an image that shows pixel art: cell size, phase, native size, and how sure that is."""

from pixelization.grid.detection.detector import SURE, detect_grid
from pixelization.grid.detection.geometry import Candidate, GridDetection, cells_inside

__all__ = ["SURE", "Candidate", "GridDetection", "cells_inside", "detect_grid"]
