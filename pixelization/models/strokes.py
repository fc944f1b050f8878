"""Which cells draw a thin stroke: chains without gaps, one cell wide."""

import torch
import torch.nn.functional as F
from torch import Tensor

TOUCHED = 0.06  # share of a cell's samples from which on a stroke may be drawn in it
END = 0.24  # and from which on one may end in it, or be a dot
# Cells that a stroke can do without are left out up to a share of 0.35, those first that it touches least.
LEVELS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35)
RING = ((0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1))  # the neighbours, in order, from the right


def stroke_cells(share: Tensor) -> Tensor:
    """Thin the cells that strokes run through to chains, as a pixel artist draws lines.

    Every cell that a stroke touches at all is a candidate, so that no chain has gaps. Ends that it hardly reaches go. Then,
    in the order of their shares, the cells go without which their neighbours are still connected (over corners, too), such as
    doubled corners of diagonal lines; ends stay, and so do cells that are a third stroke or more.

    Args:
        share: share of each cell's samples that belong to strokes, ``(B, h, w)`` in [0, 1].

    Returns:
        bool ``(B, h, w)``.

    Source: sequential thinning with the connectivity number of Yokoi, Toriwaki and Fukumura 1975, by subfields, of which no
    two cells touch, so that all cells of one can be looked at at once.
    """
    kept = share > TOUCHED
    kept = kept & ((share >= END) | (_count(_ring(kept)) > 1))
    rows, columns = (torch.arange(side, device=share.device) % 2 for side in share.shape[-2:])
    subfields = [(rows[:, None] == row) & (columns == column) for row in (0, 1) for column in (0, 1)]
    for level in LEVELS:
        for subfield in subfields:
            around = _ring(kept)
            kept = kept & ~(subfield & (share < level) & (_count(around) > 1) & (_parts(around) == 1))
    return kept


def _ring(cells: Tensor) -> list[Tensor]:
    """The eight neighbours of every cell, bool ``(B, h, w)`` each, in the order of ``RING``; beyond the border there are none."""
    height, width = cells.shape[-2:]
    padded = F.pad(cells, (1, 1, 1, 1))
    return [padded[:, 1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width] for dy, dx in RING]


def _count(ring: list[Tensor]) -> Tensor:
    return sum(neighbour.int() for neighbour in ring)


def _parts(ring: list[Tensor]) -> Tensor:
    """Yokoi's number for connection over corners: 1 where taking out the cell disconnects nothing and opens no hole."""
    empty = [~neighbour for neighbour in ring]
    return sum((empty[k] & ~(empty[k + 1] & empty[(k + 2) % 8])).int() for k in (0, 2, 4, 6))
