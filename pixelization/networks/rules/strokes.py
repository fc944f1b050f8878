"""Which pixel of a cell stands for it, so that thin strokes stay whole.

GridNet learns from this choice, and in inference it stands where GridNet is not sure of a better
one.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from pixelization.cells.sizes import Size
from pixelization.networks.cells import luma, sample_cells

CONTRAST = 0.45  # top-hat on [-1, 1] luma above which a pixel belongs to a thin stroke
LIGHT_SHARE = 0.24  # share of a cell's samples that must be a light stroke
# A stroke cell takes at most this quantile of its samples from the stroke's end.
DARK_QUANTILE, LIGHT_QUANTILE = 0.3, 0.2
TOUCHED = 0.06  # share of a cell's samples from which on a stroke may be drawn in it
END = 0.24  # and from which on one may end in it, or be a dot
# Cells that a stroke can do without are left out up to a share of 0.6, those first that it touches
# least.
LEVELS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
# The neighbours of a cell as one number of eight bits, counted from the right, anticlockwise.
BITS = torch.tensor([[8.0, 4.0, 2.0], [16.0, 0.0, 1.0], [32.0, 64.0, 128.0]])[None, None]


@torch.no_grad()
def stroke_choice(source: Tensor, grid: Size, k: int) -> Tensor:
    """Choose one of the samples of every cell.

    A top-hat of radius one cell marks thin dark and thin light strokes. Where both are marked, the
    light ones win only with more than twice the share, for drawings have dark outlines and light
    gaps between them. The cells that draw dark strokes (see :func:`stroke_cells`) take the median
    of their marked samples, the darkest, but at most their 30 %-darkest sample; cells that are
    light stroke by more than 24 % their 20 %-lightest. Every other cell takes its sample of median
    luma.

    Args:
        source: ``(B, 3, H, W)`` in [-1, 1], without anti-aliasing (see
            :func:`~pixelization.networks.rules.antialiasing.contrast_toggle`).
        grid: size ``(h, w)`` in cells.
        k: samples per side of a cell.

    Returns:
        Indices into the ``k * k`` samples of ``cells.sample_cells``, int64 ``(B, 1, h, w)``.
    """
    light = luma(source)
    radius = round(max(source.shape[-2] / grid[0], source.shape[-1] / grid[1]))
    dark_marks = _closing(light, radius) - light > CONTRAST
    light_marks = light + _closing(-light, radius) > CONTRAST
    samples = sample_cells(
        torch.cat([light, dark_marks.float(), light_marks.float()], dim=1), grid, k
    )
    brightness, dark_share, light_share = (
        samples[:, :, 0],
        samples[:, :, 1].mean(1),
        samples[:, :, 2].mean(1),
    )

    rank = torch.full_like(dark_share, (k * k - 1) // 2, dtype=torch.long)
    dark_end, light_end = (
        round(quantile * (k * k - 1)) for quantile in (DARK_QUANTILE, LIGHT_QUANTILE)
    )
    dark_wins = 2 * dark_share >= light_share
    rank[(light_share > LIGHT_SHARE) & ~dark_wins] = k * k - 1 - light_end
    rank = torch.where(
        stroke_cells(dark_share * dark_wins),
        (dark_share * k * k / 2).long().clamp(max=dark_end),
        rank,
    )
    return brightness.argsort(dim=1, stable=True).gather(1, rank.unsqueeze(1))


def stroke_cells(share: Tensor) -> Tensor:
    """Thin the cells that strokes run through to chains, as a pixel artist draws lines.

    Every cell that a stroke touches at all is a candidate, so that no chain has gaps. Ends that it
    hardly reaches go. Then, in the order of their shares, the cells go without which their
    neighbours are still connected (over corners, too), such as doubled corners of diagonal lines;
    ends stay, and so do cells that are stroke by more than 60 %.

    Args:
        share: share of each cell's samples that belong to strokes, ``(B, h, w)`` in [0, 1].

    Returns:
        bool ``(B, h, w)``.

    Source: sequential thinning with the connectivity number of Yokoi, Toriwaki and Fukumura 1975,
    by subfields, of which no two cells touch, so that all cells of one can be looked at at once.
    """
    bits, several, spare = (table.to(share.device) for table in (BITS, SEVERAL, SPARE))
    kept = share > TOUCHED
    kept &= (share >= END) | several[_neighbours(kept, bits)]
    rows, columns = (torch.arange(side, device=share.device) % 2 for side in share.shape[-2:])
    subfields = [
        (rows[:, None] == row) & (columns == column) for row in (0, 1) for column in (0, 1)
    ]
    for level in LEVELS:
        for subfield in subfields:
            kept &= ~(subfield & (share < level) & spare[_neighbours(kept, bits)])
    return kept


def _neighbours(cells: Tensor, bits: Tensor) -> Tensor:
    """The eight neighbours of every cell of ``(B, h, w)`` as a number, by ``BITS``.

    Beyond the border there are none.
    """
    return F.conv2d(cells.float().unsqueeze(1), bits, padding=1).squeeze(1).long()


def _several(neighbours: int) -> bool:
    return neighbours.bit_count() > 1


def _spare(neighbours: int) -> bool:
    """Whether a cell with these neighbours can go.

    They must stay connected, over corners too, no hole may open, and the cell must be no end.
    Yokoi's number counts the parts that the neighbours would fall into; inside an area it is 0.
    """
    empty = [not neighbours >> k & 1 for k in range(8)]
    parts = sum(empty[k] and not (empty[k + 1] and empty[(k + 2) % 8]) for k in (0, 2, 4, 6))
    return parts == 1 and _several(neighbours)


SEVERAL, SPARE = (
    torch.tensor([rule(neighbours) for neighbours in range(256)]) for rule in (_several, _spare)
)


def _closing(light: Tensor, radius: int) -> Tensor:
    """Morphological closing of ``(B, 1, H, W)`` with a square of side ``2 * radius + 1``.

    The image goes on beyond its border: a strip between a line and the border is not a thin stroke.
    """
    padded = F.pad(light, (2 * radius,) * 4, mode="replicate")
    return -_dilation(-_dilation(padded, radius), radius)


def _dilation(light: Tensor, radius: int) -> Tensor:
    """Largest value of every square of side ``2 * radius + 1``, by doubling (pooling is slower)."""
    for dim in (2, 3):
        width = 1
        while width < 2 * radius + 1:
            step = min(width, 2 * radius + 1 - width)
            kept = light.shape[dim] - step
            light = torch.maximum(light.narrow(dim, 0, kept), light.narrow(dim, step, kept))
            width += step
    return light
