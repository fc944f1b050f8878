"""A discriminator that looks through CLIP's eyes (Kumari et al. 2022), which stay as they are."""

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from pixelization.networks.turbo import EXTRA, load_part, packages
from pixelization.optional import optional_module

WIDTH = 256  # channels of the heads
SLOPE = 0.2  # of leaky ReLU
MEAN = (0.48145466, 0.4578275, 0.40821073)  # of CLIP's images in [0, 1]
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
BLUR = (1.0, 3.0, 3.0, 1.0)  # binomial
SHIFT, CUT = 1 / 8, 1 / 2  # of a side: largest translation, and the square that is cut out


class ClipJudge(nn.Module):
    """Heads on three depths of CLIP's vision transformer.

    Logits of patches after a third and two thirds of its layers, and one of the image's vector.
    Images are varied first: in colour and place, and a square is cut out (Zhao et al. 2020). That
    draws from torch's global generator.

    Args:
        clip: ``CLIPVisionModelWithProjection`` of transformers. It is no part of this module: it is
            neither trained nor saved, and the caller moves it to the device.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, clip: Any) -> None:
        super().__init__()
        self._clip = (clip,)
        config = clip.config
        self.depths = [config.num_hidden_layers * part // 3 for part in (1, 2)]
        self.patches = nn.ModuleList(_PatchHead(config.hidden_size) for _ in self.depths)
        self.whole = nn.Sequential(
            spectral_norm(nn.Linear(config.projection_dim, WIDTH)),
            nn.LeakyReLU(SLOPE),
            spectral_norm(nn.Linear(WIDTH, 1)),
        )
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer(
            "deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1), persistent=False
        )

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Logits of ``image (B, 3, H, W)`` in [-1, 1], above zero means real.

        Returns:
            Two of patches, ``(B, 1, h, w)``, and one of the images, ``(B, 1)``.
        """
        (clip,) = self._clip
        side = clip.config.image_size
        pixels = F.interpolate(varied(image) / 2 + 0.5, size=(side, side), mode="area")
        seen = clip(pixel_values=(pixels - self.mean) / self.deviation, output_hidden_states=True)
        cells = side // clip.config.patch_size
        verdicts = []
        for depth, head in zip(self.depths, self.patches, strict=True):
            features = seen.hidden_states[depth][:, 1:]  # without the token of the whole
            verdicts.append(head(features.mT.unflatten(2, (cells, cells))))
        return (*verdicts, self.whole(seen.image_embeds))


class _PatchHead(nn.Module):
    blur: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = spectral_norm(nn.Conv2d(channels, WIDTH, 3, padding=1))
        self.logits = spectral_norm(nn.Conv2d(WIDTH, 1, 1, stride=2))
        blur = torch.outer(torch.tensor(BLUR), torch.tensor(BLUR))
        self.register_buffer(
            "blur", (blur / blur.sum()).expand(WIDTH, 1, -1, -1).clone(), persistent=False
        )

    def forward(self, features: Tensor) -> Tensor:
        made = F.pad(F.leaky_relu(self.conv(features), SLOPE), (1, 2, 1, 2))
        return self.logits(F.conv2d(made, self.blur.to(made.dtype), groups=WIDTH))


def load_clip(folder: str | Path) -> Any:
    """CLIP's vision transformer of a local folder, without gradients, in evaluation mode.

    Raises:
        UserError: a package is missing, or the folder holds something else.
    """
    packages()
    kind = optional_module("transformers", EXTRA).CLIPVisionModelWithProjection
    return load_part(kind, Path(folder)).eval().requires_grad_(False)


def varied(image: Tensor) -> Tensor:
    """Images ``(B, 3, H, W)`` in other colours, elsewhere, with a grey hole; the shape stays."""

    def draw(*shape: int) -> Tensor:
        return torch.rand(len(image), *shape, device=image.device, dtype=image.dtype)

    image = image + draw(1, 1, 1) - 0.5
    grey = image.mean(1, keepdim=True)
    image = grey + (image - grey) * draw(1, 1, 1) * 2
    middle = image.mean((1, 2, 3), keepdim=True)
    image = middle + (image - middle) * (draw(1, 1, 1) + 0.5)
    height, width = image.shape[-2:]
    down, across = (torch.arange(side, device=image.device) for side in (height, width))
    # Places of the original that are shown; outside of it is nothing.
    rows = down - ((draw(1) * 2 - 1) * SHIFT * height).round().long()
    columns = across - ((draw(1) * 2 - 1) * SHIFT * width).round().long()
    inside = _between(rows, 0, height).unsqueeze(2) & _between(columns, 0, width).unsqueeze(1)
    batch = torch.arange(len(image), device=image.device).view(-1, 1, 1)
    picked = image.permute(0, 2, 3, 1)[
        batch, rows.clamp(0, height - 1).unsqueeze(2), columns.clamp(0, width - 1).unsqueeze(1)
    ]
    top = (draw(1) * height).long() - int(height * CUT / 2)
    left = (draw(1) * width).long() - int(width * CUT / 2)
    hole = _between(down, top, top + int(height * CUT)).unsqueeze(2) & _between(
        across, left, left + int(width * CUT)
    ).unsqueeze(1)
    return (picked * (inside & ~hole).unsqueeze(3)).permute(0, 3, 1, 2)


def _between(values: Tensor, first: Any, end: Any) -> Tensor:
    return (values >= first) & (values < end)
