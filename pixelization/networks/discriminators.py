"""PatchGAN: judges overlapping patches instead of the whole image (Isola et al. 2017)."""

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from pixelization.errors import UserError
from pixelization.networks.attention import SelfAttention
from pixelization.networks.layers import init_weights, normalisation
from pixelization.networks.schema import CycleDiscriminatorConfig, DiscriminatorConfig

PADDING = 1  # of every convolution
LAST_STRIDE = 1  # of the convolution that gives the logits
PATCH_KERNEL = 3  # of the patch head of two, which keeps the size of its features
INSTANCE = ("instance", "instance_affine")  # norms that look at one feature map


class Verdict(NamedTuple):
    """What two heads say; above zero means real.

    Attributes:
        patch: a logit of every place, ``(B, 1, h, w)``.
        whole: one of the image, ``(B, 1)``.
    """

    patch: Tensor
    whole: Tensor


class PatchDiscriminator(nn.Module):
    """A stack of convolutions with leaky ReLU, then one logit per patch.

    Kernel 4 with strides (2, 2, 2, 1) is the 70 x 70 PatchGAN of CycleGAN, for full-size images;
    kernel 3 with strides (1, 2, 1) sees 13 x 13 patches, for sprites at one pixel per cell.

    Args:
        base_channels: width of the first layer; doubles with every further layer, at most 8 times.
        kernel_size: of every convolution.
        strides: one convolution each; one more of stride 1 gives the logits.
        norm: ``instance`` or ``instance_affine`` (all but the first layer), ``spectral`` (Miyato
            et al. 2018) or ``none``.
        attention: self-attention before the convolution that gives the logits.
    """

    def __init__(
        self,
        *,
        base_channels: int,
        kernel_size: int,
        strides: tuple[int, ...],
        norm: str,
        attention: bool = False,
    ) -> None:
        super().__init__()
        if norm not in (*INSTANCE, "spectral", "none"):
            raise ValueError(
                f"unknown normalisation '{norm}' of a discriminator: "
                f"{', '.join(INSTANCE)}, spectral or none"
            )

        def convolution(channels: int, width: int, stride: int, *, bias: bool = True) -> nn.Module:
            layer = nn.Conv2d(channels, width, kernel_size, stride, padding=PADDING, bias=bias)
            init_weights(layer)
            return spectral_norm(layer) if norm == "spectral" else layer

        layers: list[nn.Module] = []
        channels = 3
        for index, stride in enumerate(strides):
            width = base_channels * min(2**index, 8)
            normalised = _is_normalised(norm, index)
            layers.append(convolution(channels, width, stride, bias=not normalised))
            if normalised:
                layers.append(normalisation(norm, width))
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            channels = width
        if attention:
            layers.append(SelfAttention(channels).apply(init_weights))
        layers.append(convolution(channels, 1, LAST_STRIDE))
        self.layers = nn.Sequential(*layers)

    def forward(self, image: Tensor) -> Tensor:
        """Logits ``(B, 1, h, w)`` of ``image (B, 3, H, W)``; above zero means real."""
        return self.layers(image)

    def features(self, image: Tensor) -> list[Tensor]:
        """What every leaky ReLU gives of ``image (B, 3, H, W)``."""
        return _activations(self.layers, image)


class TwoHeadedDiscriminator(nn.Module):
    """Judges patches and the whole image (CS424, Sec. 1.2.2).

    Convolutions, each with spectral norm, instance norm and leaky ReLU. Then one convolution gives
    a logit of every place, and the mean over places with one layer that of the image.

    Args:
        base_channels, kernel_size: as of :class:`PatchDiscriminator`; the report has 64.
        strides: one convolution each: four of 2 for 256 pixels, three for sprites of 96 (Sec.
            2.2.2).
    """

    def __init__(self, *, base_channels: int, kernel_size: int, strides: tuple[int, ...]) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for index, stride in enumerate(strides):
            width = base_channels * min(2**index, 8)
            # the instance norm takes a bias away again
            layer = nn.Conv2d(channels, width, kernel_size, stride, padding=PADDING, bias=False)
            init_weights(layer)
            layers += [spectral_norm(layer), normalisation("instance", width)]
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            channels = width
        self.layers = nn.Sequential(*layers)
        self.patch = nn.Conv2d(channels, 1, PATCH_KERNEL, padding=PATCH_KERNEL // 2)
        init_weights(self.patch)
        self.whole = nn.Linear(channels, 1)

    def forward(self, image: Tensor) -> Verdict:
        """Both heads on ``image (B, 3, H, W)``."""
        features = self.layers(image)
        return Verdict(self.patch(features), self.whole(features.mean((2, 3))))

    def features(self, image: Tensor) -> list[Tensor]:
        """What every leaky ReLU gives of ``image (B, 3, H, W)``."""
        return _activations(self.layers, image)


Discriminator = PatchDiscriminator | TwoHeadedDiscriminator


def judges(config: DiscriminatorConfig, side: int) -> bool:
    """Whether a discriminator of ``config`` can judge images of this side in pixels.

    Every layer must leave a pixel, and one that is normalised two: one has no variance.
    """
    two_heads = isinstance(config, CycleDiscriminatorConfig) and config.heads == "both"
    strides = config.strides if two_heads else (*config.strides, LAST_STRIDE)
    for index, stride in enumerate(strides):
        side = (side + 2 * PADDING - config.kernel_size) // stride + 1
        normalised = two_heads or (
            _is_normalised(config.norm, index) and index < len(config.strides)
        )
        if side < (2 if normalised else 1):
            return False
    return True


def check_judge(config: DiscriminatorConfig, side: int, key: str, larger: str) -> None:
    """Raise ``UserError`` unless a discriminator of ``config`` can judge images of this side.

    Args:
        config, side: see :func:`judges`; of the smallest image.
        key: of its section.
        larger: key that makes images larger.
    """
    if not judges(config, side):
        raise UserError(
            f"{key}.strides={list(config.strides)} leave too little of an image of {side}x{side} "
            f"pixels, its smallest: use fewer or smaller strides or a larger {larger}"
        )


def _activations(layers: nn.Sequential, image: Tensor) -> list[Tensor]:
    found = []
    for layer in layers:
        image = layer(image)
        if isinstance(layer, nn.LeakyReLU):
            found.append(image)
    return found


def _is_normalised(norm: str, index: int) -> bool:
    """Whether instance norm follows the strided convolution of this index: all but the first."""
    return norm in INSTANCE and index > 0
