"""Small networks with random weights, and images for them."""

import torch

from pixelization.networks.build import build_cascade
from pixelization.networks.cascade import Cascade
from pixelization.networks.schema import GeneratorConfig, ModelConfig, TranslatorConfig


def tiny_cascade(
    gridnet="sample",
    pixelnet="select",
    depixelnet="residual",
    *,
    norm="instance_affine",
    upsampling="nearest",
    **options,
) -> Cascade:
    """A cascade of few channels with these heads, the same at every call, in training mode."""
    generator = {"base_channels": 4, "num_blocks": 1, "norm": norm}
    translator = generator | {"upsampling": upsampling}
    torch.manual_seed(0)
    return build_cascade(
        ModelConfig(
            gridnet=GeneratorConfig(head=gridnet, **generator),
            pixelnet=TranslatorConfig(head=pixelnet, **translator),
            depixelnet=TranslatorConfig(head=depixelnet, **translator),
            **options,
        )
    )


def noise(height, width, *, batch=1, seed=0) -> torch.Tensor:
    """Random pixels in [-1, 1], ``(batch, 3, height, width)``."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(batch, 3, height, width, generator=generator) * 2 - 1


def colors(image) -> set[tuple[float, ...]]:
    """The colours of the first image of a batch."""
    return {tuple(pixel) for pixel in image[0].flatten(1).T.tolist()}
