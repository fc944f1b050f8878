"""Generators that pytorch-CycleGAN-and-pix2pix saved: one ``.pth`` file holds one of them.

Such a file is a state dict without a word about its network, so that is told by names and shapes.
Known are ``resnet_*blocks`` and ``unet_*``, with instance or batch norm. Running statistics are
left out: batch norm of one image in training, which is how these networks were trained, does not
look at them. Biases before a normalisation are left out, too: it takes them away.
"""

import re
from pathlib import Path

import torch
from torch import Tensor, nn

from pixelization.errors import UserError
from pixelization.networks.build import build_cyclegan
from pixelization.networks.cyclegan import CycleGAN
from pixelization.networks.pretrained import load_tensors
from pixelization.networks.schema import CycleGANConfig, CycleGeneratorConfig

SUFFIX = ".pth"
STATISTICS = re.compile(r"\.(running_mean|running_var|num_batches_tracked)$")
ENCODER = {1: "trunk.conv1", 4: "trunk.conv2", 7: "trunk.conv3"}  # a ResNet's, by index in "model"
FIRST_BLOCK = 10  # index of a ResNet's first residual block


class Missing(nn.Module):
    """In place of the generator for the way back."""

    def forward(self, image: Tensor) -> Tensor:
        """Raise ``UserError``: there is none."""
        raise UserError("these weights hold no network for the way back: use others to depixelize")


def load_published(path: Path) -> tuple[CycleGAN, CycleGANConfig]:
    """A generator as the way from cartoons to pixel art; the way back is :class:`Missing`.

    No code of the file is run.

    Raises:
        UserError: the file cannot be read, is damaged, or holds another network.
    """
    tensors = {
        name: tensor.float()
        for name, tensor in load_tensors(path).items()
        if not STATISTICS.search(name)
    }
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise UserError(
                f"{path}: cannot be used (not all of '{name[:100]}' are finite numbers)"
            )
    try:
        unet = any(name.startswith("model.model.") for name in tensors)
        generator, names = _unet(tensors) if unet else _resnet(tensors)
        config = CycleGANConfig(generator=generator)
        with torch.device("meta"):
            networks = build_cyclegan(config)
        wanted = networks.a2b.state_dict()
        ours = {names[name]: tensor for name, tensor in tensors.items()}
        ours = {name: tensor for name, tensor in ours.items() if name in wanted}  # no lost biases
        networks.a2b.load_state_dict(ours, assign=True)
    except (KeyError, IndexError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0][:100]
        raise UserError(
            f"{path}: no generator that pytorch-CycleGAN-and-pix2pix saved ({reason})"
        ) from None
    networks.b2a = Missing()
    return networks, config


def _resnet(tensors: dict[str, Tensor]) -> tuple[CycleGeneratorConfig, dict[str, str]]:
    """The configuration of a ResNet, and our names of all tensors that it may have."""
    blocks = {int(name.split(".")[1]) for name in tensors if ".conv_block." in name}
    up = FIRST_BLOCK + len(blocks)
    layers = ENCODER | {up: "up1", up + 3: "up2"}
    names = _convolution(f"model.{up + 7}", "head.conv")
    for index, layer in layers.items():
        names |= _convolution(f"model.{index}", f"{layer}.conv")
        names |= _convolution(f"model.{index + 1}", f"{layer}.norm")
    # Dropout, which has no tensors, moves the second convolution by one.
    second = tensors.get(f"model.{FIRST_BLOCK}.conv_block.6.weight")
    dropout = second is not None and second.dim() == 4
    for block in range(len(blocks)):
        inner, ours = f"model.{FIRST_BLOCK + block}.conv_block", f"trunk.residual.{block}"
        names |= _convolution(f"{inner}.1", f"{ours}.block1.conv")
        names |= _convolution(f"{inner}.2", f"{ours}.block1.norm")
        names |= _convolution(f"{inner}.{5 + dropout}", f"{ours}.conv2")
        names |= _convolution(f"{inner}.{6 + dropout}", f"{ours}.norm2")
    config = CycleGeneratorConfig(
        base_channels=len(tensors["model.1.weight"]),
        num_blocks=len(blocks),
        norm="instance_affine" if "model.2.weight" in tensors else "instance",
    )
    return config, names


def _unet(tensors: dict[str, Tensor]) -> tuple[CycleGeneratorConfig, dict[str, str]]:
    """The same of a U-Net, whose levels lie in each other."""
    names: dict[str, str] = {}
    inner, depth = "model.model", 0
    while True:
        innermost = not any(name.startswith(f"{inner}.3.model.") for name in tensors) and depth > 0
        # outermost: convolution, level, ReLU, up; else ReLU, convolution, norm, level, ReLU, up,
        # norm, and in the innermost neither norm nor level
        down, down_norm, level, up, up_norm = (
            (0, None, 1, 3, None) if not depth else (1, 2, 3, 5, 6)
        )
        if innermost:
            down_norm, up, up_norm = None, 3, 4
        names |= _convolution(f"{inner}.{down}", f"downs.{depth}")
        names |= _convolution(f"{inner}.{up}", f"ups.{depth}")
        if down_norm is not None:
            names |= _convolution(f"{inner}.{down_norm}", f"down_norms.{depth}")
        if up_norm is not None:
            names |= _convolution(f"{inner}.{up_norm}", f"up_norms.{depth}")
        depth += 1
        if innermost:
            break
        inner = f"{inner}.{level}.model"
    config = CycleGeneratorConfig(
        kind="unet",
        base_channels=len(tensors["model.model.0.weight"]),
        num_downs=depth,
        norm="instance_affine" if "model.model.1.model.2.weight" in tensors else "instance",
    )
    return config, names


def _convolution(theirs: str, ours: str) -> dict[str, str]:
    """Names of a layer's weight and bias."""
    return {f"{theirs}.{part}": f"{ours}.{part}" for part in ("weight", "bias")}
