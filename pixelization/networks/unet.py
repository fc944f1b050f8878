"""The U-Net generator of pix2pix (Isola et al. 2017): down to one pixel and back, with skips."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.networks.layers import check_image, normalisation

INNER = 5  # halvings that are there in every U-Net; further ones may have dropout


class UNet(nn.Module):
    """Halves the image ``num_downs`` times and doubles it as often.

    Every doubling also sees the features of its size from the way down.

    Args:
        base_channels: width of the first block; doubles with every further block, at most 8 times.
        num_downs: at least 5; sides of images are multiples of ``2 ** num_downs``.
        norm: ``instance``, ``instance_affine`` or ``none``; neither the first nor the innermost
            block has one.
        dropout: chance of a value to be zero in training, in the inner ``num_downs - 5`` blocks.

    Raises:
        ValueError: fewer than 5 halvings.
    """

    def __init__(
        self, *, base_channels: int, num_downs: int, norm: str, dropout: float = 0.0
    ) -> None:
        super().__init__()
        if num_downs < INNER:
            raise ValueError(f"expected at least {INNER} halvings, got {num_downs}")
        self.stride, self.dropout = 2**num_downs, dropout
        widths = [base_channels * min(2**level, 8) for level in range(num_downs)]
        innermost = num_downs - 1
        self.with_dropout = range(INNER - 1, innermost)
        # As in pix2pix's code: batch norm leaves out the bias of every block, also of the two
        # that have no norm.
        bare = norm != "instance_affine"
        self.downs, self.down_norms = nn.ModuleList(), nn.ModuleList()
        self.ups, self.up_norms = nn.ModuleList(), nn.ModuleList()
        for level, width in enumerate(widths):
            outer = widths[level - 1] if level else 3
            plain = level in (0, innermost)
            kind = "none" if plain else norm
            self.downs.append(nn.Conv2d(outer, width, 4, 2, 1, bias=kind == "none" and bare))
            self.down_norms.append(normalisation(kind, width))
            fed = width if level == innermost else 2 * width
            kind = norm if level else "none"
            self.ups.append(nn.ConvTranspose2d(fed, outer, 4, 2, 1, bias=kind == "none"))
            self.up_norms.append(normalisation(kind, outer))

    def forward(self, image: Tensor) -> Tensor:
        """Translate ``image (B, 3, H, W)`` in [-1, 1]; the shape stays.

        Raises:
            ValueError: the image is not ``(B, 3, H, W)`` with sides as above.
        """
        check_image(image)
        if any(side % self.stride for side in image.shape[-2:]):
            height, width = image.shape[-2:]
            raise ValueError(f"expected sides of multiples of {self.stride}, got {width}x{height}")
        skips, x = [], image
        for level, (down, norm) in enumerate(zip(self.downs, self.down_norms, strict=True)):
            x = norm(down(F.leaky_relu(x, 0.2) if level else x))
            skips.append(x)
        for level in reversed(range(len(self.ups))):
            if level < len(self.ups) - 1:
                x = torch.cat([skips[level], x], dim=1)
            x = self.up_norms[level](self.ups[level](F.relu(x)))
            if level in self.with_dropout:
                x = F.dropout(x, self.dropout, self.training)
        return torch.tanh(x)
