"""Sample sheets of the cascade: what the generators make of a few fixed images."""

from fractions import Fraction

import torch
from PIL import Image

from pixelization.cells.sizes import grid_size
from pixelization.cells.voting import majority_vote
from pixelization.networks.cascade import Cascade
from pixelization.networks.cells import size_of, upsample_nearest
from pixelization.networks.tensors import to_array, to_tensor
from pixelization.training.samples import sheet


@torch.no_grad()
def cartoon_sheet(cascade: Cascade, cartoons: list[Image.Image], scale: Fraction) -> Image.Image:
    """One row per cartoon.

    It shows the input | grids of all scales | refined images of all scales | voted | depixelized.

    Args:
        cartoons: RGB images of one size, at least 32 x 32.
        scale: of the voted and the depixelized picture.
    """
    device = next(cascade.parameters()).device
    rows = []
    for cartoon in cartoons:
        image = to_tensor(cartoon).to(device)
        size = size_of(image)
        outputs = {r: cascade.pixelize(image, r) for r in cascade.scales}
        refined = outputs[scale].refined
        sprite = majority_vote(to_array(refined), grid_size(size, scale))
        voted = upsample_nearest(to_tensor(sprite), size)
        row = [image, *(upsample_nearest(output.grid, size) for output in outputs.values())]
        row += [
            *(output.refined for output in outputs.values()),
            voted,
            cascade.depixelnet(refined).image,
        ]
        rows.append([to_array(picture) for picture in row])
    return sheet(rows)


@torch.no_grad()
def sprite_sheet(
    cascade: Cascade, sprites: list[Image.Image], scale: Fraction, size: int
) -> Image.Image:
    """One row per sprite at native resolution.

    Enlarged to ``size x size`` pixels at ``scale`` | depixelized.
    """
    device = next(cascade.parameters()).device
    cells = grid_size((size, size), scale)
    rows = []
    for sprite in sprites:
        canvas = Image.new("RGB", (cells[1], cells[0]), "white")
        canvas.paste(
            sprite,
            ((cells[1] - sprite.width) // 2, (cells[0] - sprite.height) // 2),
            sprite.convert("RGBA"),
        )
        enlarged = upsample_nearest(to_tensor(canvas).to(device), (size, size))
        rows.append([to_array(enlarged), to_array(cascade.depixelnet(enlarged).image)])
    return sheet(rows)
