"""How the parts of an image relate to each other, as a vision transformer sees it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.errors import UserError
from pixelization.networks.pretrained import optional_packages


def structure_distance(source: np.ndarray, output: np.ndarray, vit: Any) -> float:
    """DINO structure distance: whether the parts of two images relate to each other in the same
    way.

    The keys of the last block, one per token and the class token included, make a matrix of cosine
    similarities; the distance is the mean squared difference of the two images' matrices. Colours
    and textures matter little to them.

    Args:
        source: uint8 ``(H, W, 3)``.
        output: uint8 ``(h, w, 3)``, a sprite or full-size; both go in as ``image_features`` says.
        vit: a vision transformer of timm in evaluation mode, customarily
            ``vit_base_patch8_224.dino``.

    Returns:
        In [0, 4], in practice below 0.2; 0 for equal images.

    Raises:
        UserError: the network is no vision transformer.

    Source: Tumanyan et al. 2022 (Splice), Eq. 3 and 4, there as a Frobenius norm; the mean square
    is that of its code.
    """
    try:
        projection = vit.blocks[-1].attn.qkv
    except (AttributeError, IndexError, TypeError):
        raise UserError(
            "the structure distance needs a vision transformer, such as vit_base_patch8_224.dino"
        ) from None
    similarities = []

    def keep(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
        # queries, keys, values; all heads side by side
        keys = F.normalize(output.chunk(3, dim=-1)[1], dim=-1)
        similarities.append(keys @ keys.transpose(-2, -1))

    hook = projection.register_forward_hook(keep)
    try:
        for image in (source, output):
            with torch.inference_mode():
                vit.forward_features(network_input([image], vit))
    finally:
        hook.remove()
    first, second = similarities
    return float(F.mse_loss(first, second))


def network_input(images: Sequence[np.ndarray], network: Any) -> Tensor:
    """White squares around the images at the network's size and normalisation.

    Float32 ``(B, 3, S, S)``.
    """
    with optional_packages():
        import timm  # noqa: PLC0415 - an optional package
    config: dict[str, Any] = timm.data.resolve_model_data_config(network)
    size = config["input_size"][1:]
    squares = []
    for image in images:
        height, width = image.shape[:2]
        side = max(height, width)
        square = np.full((side, side, 3), 255, np.uint8)
        top, left = (side - height) // 2, (side - width) // 2
        square[top : top + height, left : left + width] = image
        pixels = torch.from_numpy(square).permute(2, 0, 1)[None].float() / 255
        if side <= max(size):
            squares.append(F.interpolate(pixels, size, mode="nearest-exact"))
        else:
            squares.append(F.interpolate(pixels, size, mode="bilinear", antialias=True))
    mean, deviation = (torch.tensor(config[key])[:, None, None] for key in ("mean", "std"))
    return (torch.cat(squares) - mean) / deviation
