"""The building blocks that the generators share."""

from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

from pixelization.cells.sizes import MIN_SIDE, Size

Padding = Literal["reflect", "zeros"]


def conv(
    in_channels: int,
    out_channels: int,
    kernel_size: int,
    stride: int = 1,
    *,
    norm: str = "none",
    padding: Padding = "reflect",
) -> nn.Conv2d:
    """Convolution with reflection padding (Han et al. 2018, Sec. 3.2.1), or with ``zeros``.

    It keeps the size; with a stride of 2 it halves it, rounding up. A normalisation behind it would
    take a bias away again, so there is none then.
    """
    return nn.Conv2d(
        in_channels,
        out_channels,
        kernel_size,
        stride,
        kernel_size // 2,
        bias=norm == "none",
        padding_mode=padding,
    )


def normalisation(kind: str, channels: int) -> nn.Module:
    """Instance normalisation without running statistics, so that training and evaluation agree.

    ``GroupNorm`` with one channel per group is the same function; its CPU kernels understand
    ``channels_last``.

    Args:
        kind: ``instance``, ``instance_affine`` (with learned scale and shift) or ``none``.
    """
    if kind == "none":
        return nn.Identity()
    if kind in ("instance", "instance_affine"):
        return nn.GroupNorm(channels, channels, affine=kind == "instance_affine")
    raise ValueError(f"unknown normalisation '{kind}': instance, instance_affine or none")


class ConvBlock(nn.Module):
    """Convolution, normalisation, ReLU."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int = 3,
        stride: int = 1,
        norm: str,
        padding: Padding = "reflect",
    ) -> None:
        super().__init__()
        self.conv = conv(in_channels, out_channels, kernel_size, stride, norm=norm, padding=padding)
        self.norm = normalisation(norm, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, in_channels, h, w) -> (B, out_channels, h / stride, w / stride)``."""
        return F.relu(self.norm(self.conv(x)), inplace=True)


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions and a skip connection (He et al. 2016).

    Args:
        channels: in and out.
        norm: see :func:`normalisation`.
        dropout: chance of a value between the convolutions to be zero in training.

    Attributes:
        gate: what the sum goes through before the input is added, shape to shape; at first nothing.
    """

    def __init__(self, channels: int, *, norm: str, dropout: float = 0.0) -> None:
        super().__init__()
        self.block1 = ConvBlock(channels, channels, norm=norm)
        self.dropout = dropout
        self.conv2 = conv(channels, channels, 3, norm=norm)
        self.norm2 = normalisation(norm, channels)
        self.gate: nn.Module = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """The shape stays."""
        inner = F.dropout(self.block1(x), self.dropout, self.training)
        return x + self.gate(self.norm2(self.conv2(inner)))


class UpBlock(nn.Module):
    """Doubles the resolution, to exactly the size asked for: the mirror image of a strided
    ConvBlock.

    Args:
        upsampling: ``deconv`` (transposed convolution, as published) or ``nearest`` (resize, then
            convolution; no checkerboard).
    """

    def __init__(self, in_channels: int, out_channels: int, *, upsampling: str, norm: str) -> None:
        super().__init__()
        if upsampling not in ("deconv", "nearest"):
            raise ValueError(f"unknown up-sampling '{upsampling}': deconv or nearest")
        self.upsampling = upsampling
        self.conv: nn.Module
        if upsampling == "deconv":
            self.conv = nn.ConvTranspose2d(
                in_channels,
                out_channels,
                3,
                stride=2,
                padding=1,
                output_padding=1,
                bias=norm == "none",
            )
        else:
            self.conv = conv(in_channels, out_channels, 3, norm=norm)
        self.norm = normalisation(norm, out_channels)

    def forward(self, x: Tensor, size: Size) -> Tensor:
        """``(B, in_channels, h, w) -> (B, out_channels, *size)``."""
        if self.upsampling == "deconv":
            # Twice the size, less a row or column where that is too much: exported graphs, which
            # take every size, cannot ask for an odd one.
            x = self.conv(x)[..., : size[0], : size[1]]
        else:
            x = self.conv(F.interpolate(x, size=tuple(size), mode="nearest"))
        return F.relu(self.norm(x), inplace=True)


class Trunk(nn.Module):
    """First half of every generator: three conv blocks (full, 1/2, 1/4 size), then residual blocks.

    Args:
        base_channels: width of the first block; the others have 2 and 4 times as many channels.
        num_blocks: residual blocks.
        norm: see :func:`normalisation`.
        strided_padding: of the strided convolutions, ``reflect`` or ``zeros``.
        dropout: of the residual blocks.
    """

    def __init__(
        self,
        *,
        base_channels: int,
        num_blocks: int,
        norm: str,
        strided_padding: Padding = "reflect",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        width, padding = base_channels, strided_padding
        self.conv1 = ConvBlock(3, width, kernel_size=7, norm=norm)
        self.conv2 = ConvBlock(width, 2 * width, stride=2, norm=norm, padding=padding)
        self.conv3 = ConvBlock(2 * width, 4 * width, stride=2, norm=norm, padding=padding)
        self.residual = nn.ModuleList(
            ResidualBlock(4 * width, norm=norm, dropout=dropout) for _ in range(num_blocks)
        )

    def forward(self, image: Tensor) -> list[Tensor]:
        """Run ``image (B, 3, H, W)`` through all blocks.

        Returns:
            The outputs of all blocks, in order; block ``l`` of the paper is entry ``l - 1``.

        Raises:
            ValueError: the image is not ``(B, 3, >= 32, >= 32)``.
        """
        check_image(image)
        features = [self.conv1(image)]
        for block in (self.conv2, self.conv3, *self.residual):
            features.append(block(features[-1]))
        return features


def check_image(image: Tensor) -> None:
    """Raise ``ValueError`` unless ``image`` is ``(B, 3, H, W)``, H and W at least ``MIN_SIDE``."""
    if image.dim() != 4 or image.shape[1] != 3:
        raise ValueError(f"expected an image of shape (B, 3, H, W), got {tuple(image.shape)}")
    if min(image.shape[-2:]) < MIN_SIDE:
        height, width = image.shape[-2:]
        raise ValueError(
            f"expected an image of at least {MIN_SIDE}x{MIN_SIDE} pixels, got {width}x{height}: "
            "pad or enlarge it first"
        )


def init_weights(module: nn.Module) -> None:
    """Convolutions from N(0, 0.02), biases zero, as in the published code; for ``module.apply``."""
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
