"""The main colours of a picture: what a cell may take from elsewhere in it."""

import torch
from torch import Tensor

COUNT = 16
# of a channel's 256 levels: colours of one bin are counted together, so that noise does not hide
# them
BINS = 16
APART = 28  # levels: two main colours differ by more than this in some channel
SAMPLES = 16384  # pixels that are looked at, spread evenly


def main_colors(picture: Tensor, count: int = COUNT) -> tuple[Tensor, Tensor]:
    """Find the colours that a picture is made of, by how often they occur.

    Colours are counted in cubes of 16 levels a side; a cube is represented by its most frequent
    colour, a real one. They are taken in the order of the counts, each at some distance from those
    before.

    Args:
        picture: RGBA ``(4, H, W)`` in [-1, 1].
        count: M, at most.

    Returns:
        The colours, ``(M, 3)`` in [-1, 1], and which of them exist, bool ``(M,)``.
    """
    pixels = picture.flatten(1)
    pixels = pixels[:, :: max(1, pixels.shape[1] // SAMPLES)]
    levels = ((pixels[:3, pixels[3] > 0] + 1) * 127.5).round().long()
    colors, exists = (
        picture.new_zeros(count, 3),
        torch.zeros(count, dtype=torch.bool, device=picture.device),
    )
    if not levels.numel():
        return colors, exists
    codes, counts = (levels[0] << 16 | levels[1] << 8 | levels[2]).unique(return_counts=True)
    channels = torch.stack([codes >> 16, codes >> 8 & 255, codes & 255], dim=1)
    bins, places = _bins(channels).unique(return_inverse=True)
    totals = torch.zeros(len(bins), device=picture.device).index_add_(0, places, counts.float())
    # The most frequent colour of every bin: the last one written when they come in the order of
    # their counts.
    order = counts.argsort(stable=True)
    best = torch.zeros(len(bins), dtype=torch.long, device=picture.device)
    best.scatter_reduce_(
        0,
        places[order],
        torch.arange(len(order), device=picture.device),
        "amax",
        include_self=False,
    )
    found = channels[order[best]]
    for index in range(count):
        top = totals.argmax()
        if totals[top] <= 0:
            break
        colors[index], exists[index] = found[top] / 127.5 - 1, True
        totals[(found - found[top]).abs().amax(dim=1) <= APART] = 0
    return colors, exists


def _bins(channels: Tensor) -> Tensor:
    side = 256 // BINS
    red, green, blue = (channels // side).unbind(1)
    return (red * BINS + green) * BINS + blue
