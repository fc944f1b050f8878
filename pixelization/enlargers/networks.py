"""DepixelNet as an enlarger."""

import math
from fractions import Fraction

import numpy as np
import torch
from PIL import Image, ImageFilter

from pixelization.backends.base import HALO, MIN_SIDE, TILE
from pixelization.cells.tiling import tiles
from pixelization.cells.voting import paint_cells
from pixelization.enlargers.base import Enlarge
from pixelization.networks.cascade import Cascade
from pixelization.networks.tensors import to_array, to_tensor


def network_enlarger(cascade: Cascade, device: torch.device) -> Enlarge:
    """DepixelNet, at the smallest cell size it knows that is at least twice the factor, else at the
    largest.

    Made smaller, its edges are crisp; drawn at the size wished for, they are soft, and cells run
    into each other. A median over nearly a cell straightens contours in between, and leaves strokes
    of one cell: medians move contours by their mean curvature (Oberman 2004).

    Args:
        cascade: in evaluation mode, on ``device``.
        device: where it computes.
    """

    @torch.inference_mode()
    def enlarge(cells: np.ndarray, factor: float) -> tuple[np.ndarray, float]:
        scale = max((r for r in cascade.scales if 1 / r >= 2 * factor), default=min(cascade.scales))
        height, width = cells.shape[:2]
        cells = np.pad(
            cells,
            ((0, _padded(height, scale) - height), (0, _padded(width, scale) - width), (0, 0)),
            mode="edge",
        )
        image = paint_cells(cells, tuple(int(side / scale) for side in cells.shape[:2]))
        smooth = np.empty_like(image)
        for _, window in tiles(cells.shape[:2], image.shape[:2], scale, tile=TILE, halo=HALO):
            tensor = (
                to_tensor(window.read(image))
                .to(device)
                .contiguous(memory_format=torch.channels_last)
            )
            window.write(smooth, to_array(cascade.depixelnet(tensor).image))
        # the largest odd number below the cell size
        median = ImageFilter.MedianFilter(math.ceil(1 / scale / 2) * 2 - 1)
        return np.asarray(Image.fromarray(smooth).filter(median)), float(1 / scale)

    return enlarge


def _padded(cells: int, scale: Fraction) -> int:
    """So many cells measure a whole number of pixels, at least ``MIN_SIDE``."""
    unit = scale.numerator
    return math.ceil(max(cells, MIN_SIDE * scale) / unit) * unit
