"""What a pretrained network, loaded from a local file, says about sprites.

FID, KID, Inception Score, structure distance.
"""

import difflib
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from pixelization.errors import UserError, one_line
from pixelization.evaluation.torchvision_import import import_torchvision

BATCH = 16  # images that go through a network at once
SUBSET = 1000  # images per subset of the kernel distance, as Binkowski et al. 2018
# training-only classifier in torchvision's and timm's files of inception_v3
AUXILIARY = "AuxLogits."


class Features(NamedTuple):
    """What a network says about ``n`` images; rows in the order of the images."""

    pooled: Tensor
    """float32 ``(n, d)``: input of the classifier."""
    logits: Tensor
    """float32 ``(n, classes)``: its output; equal to ``pooled`` if the network has none."""


def load_feature_network(path: str | Path, name: str = "inception_v3") -> nn.Module:
    """Build a network of timm and fill it from a local file.

    Nothing is downloaded, and no code of the file is run.

    Values of FID, KID and Inception Score compare only within one network. Published ones use the
    Inception of the TensorFlow release of 2015, whose pooling differs from the ``inception_v3`` of
    timm and torchvision.

    Args:
        path: state dict of the model in timm's naming, ``.safetensors`` or a file of
            ``torch.save``.
        name: of a model of timm, as ``inception_v3`` (fits torchvision's file too) or
            ``vit_base_patch8_224.dino`` (fits the published DINO file).

    Returns:
        The network on the CPU, in evaluation mode, without gradients.

    Raises:
        UserError: timm is not installed or has no such model; the file is missing, damaged or of
            another model.
    """
    with _optional_packages():
        import timm  # noqa: PLC0415 - an optional package
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file of network weights")
    if not timm.is_model(name):
        close = difflib.get_close_matches(name, timm.list_models(), n=1)
        raise UserError(
            "timm has no model "
            f"'{name}'{f': did you mean {close[0]}?' if close else ': see timm.list_models()'}"
        )
    with torch.random.fork_rng(devices=[]):
        try:
            network = timm.create_model(name, pretrained=False)
        except RuntimeError as error:
            raise UserError(f"timm cannot build the model '{name}': {_beginning(error)}") from None
    tensors = _load_tensors(path)
    tensors = {key: tensor for key, tensor in tensors.items() if not key.startswith(AUXILIARY)}
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise UserError(f"{path}: not the weights of {name}: {_beginning(error)}") from None
    return network.eval().requires_grad_(False)


def image_features(images: Sequence[np.ndarray], network: Any) -> Features:
    """Let a network look at images.

    Each image is centred on a white square, which is then resized to the network's input: enlarged
    by nearest neighbour, so that pixels stay pixels, or reduced bilinearly with anti-aliasing.

    Args:
        images: uint8 ``(h, w, 3)`` on white, of any sizes, at least one.
        network: of timm, in evaluation mode.
    """
    pooled, logits = [], []
    for start in range(0, len(images), BATCH):
        with torch.inference_mode():
            found = network.forward_features(_network_input(images[start : start + BATCH], network))
            pooled.append(network.forward_head(found, pre_logits=True))
            logits.append(network.forward_head(found))
    return Features(torch.cat(pooled), torch.cat(logits))


def frechet_distance(sprites: Features, reals: Features) -> float:
    """Frechet (Inception) distance, FID: of two sets of images, seen as normal distributions of
    features.

    Args:
        sprites, reals: of one network, two images each at least; ``image_features(reals, network)``
            serves many methods.

    Returns:
        At least 0. Biased upwards in small sets: compare sets of equal size only.

    Raises:
        UserError: torchmetrics is not installed.
        ValueError: a set has fewer than two images.

    Source: Heusel et al. 2017, Eq. 6.
    """
    with _optional_packages():
        from torchmetrics.image.fid import FrechetInceptionDistance  # noqa: PLC0415
    first, second = sprites.pooled.double(), reals.pooled.double()
    _check_sizes(first, second)
    # Rotated into the space that both sets span, they are as far apart, and a hundred images cost
    # milliseconds instead of the square root of a 2048 x 2048 matrix.
    first, second = (torch.cat([first, second]) - second.mean(dim=0)).split(
        [len(first), len(second)]
    )
    basis = torch.linalg.qr(torch.cat([first, second]).T).Q
    metric = FrechetInceptionDistance(feature=_PassOn(basis.shape[1]))
    metric.update(second @ basis, real=True)
    metric.update(first @ basis, real=False)
    # rounding may leave a set a hair below zero from itself
    return max(0.0, float(metric.compute()))


def kernel_distance(sprites: Features, reals: Features) -> float:
    """Kernel (Inception) distance, KID: squared maximum mean discrepancy of features under a cubic
    kernel.

    Args:
        sprites, reals: of one network, two images each at least.

    Returns:
        About 0 for sets of one distribution, also slightly below: the estimate is unbiased. It is
            the mean over 100 random (seeded) subsets of as many images as the smaller set has, at
            most 1000.

    Raises:
        UserError: torchmetrics is not installed.
        ValueError: a set has fewer than two images.

    Source: Binkowski et al. 2018, Sec. 4.
    """
    with _optional_packages():
        from torchmetrics.image.kid import KernelInceptionDistance  # noqa: PLC0415
    first, second = sprites.pooled.double(), reals.pooled.double()
    _check_sizes(first, second)
    size = min(len(first), len(second), SUBSET)
    with _quiet_and_seeded():
        metric = KernelInceptionDistance(feature=nn.Identity(), subset_size=size)
        metric.update(second, real=True)
        metric.update(first, real=False)
        return float(metric.compute()[0])


def inception_score(sprites: Features) -> float:
    """Inception Score: how surely the network names each image, and how many different names it
    gives.

    Taken over the whole set, not over ten splits of it: sets of sprites are small.

    Args:
        sprites: of a network with a classifier.

    Returns:
        From 1, all alike or all unsure, to the number of classes.

    Raises:
        UserError: torchmetrics is not installed.

    Source: Salimans et al. 2016, Sec. 4.
    """
    with _optional_packages():
        from torchmetrics.image.inception import InceptionScore  # noqa: PLC0415
    with _quiet_and_seeded():
        metric = InceptionScore(feature=nn.Identity(), splits=1)
        metric.update(sprites.logits.double())
        return float(metric.compute()[0])


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
                vit.forward_features(_network_input([image], vit))
    finally:
        hook.remove()
    first, second = similarities
    return float(F.mse_loss(first, second))


class _PassOn(nn.Identity):
    """Lets torchmetrics take features for images; it wants to know how many there are."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features


def _network_input(images: Sequence[np.ndarray], network: Any) -> Tensor:
    """White squares around the images at the network's size and normalisation.

    Float32 ``(B, 3, S, S)``.
    """
    with _optional_packages():
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


def _load_tensors(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            tensors = load_file(path)
        else:
            tensors = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can fail in any way
        raise UserError(
            f"{path}: damaged, or no file of tensors ({type(error).__name__}): download it again"
        ) from None
    if not isinstance(tensors, dict) or not all(
        isinstance(tensor, Tensor) for tensor in tensors.values()
    ):
        raise UserError(
            f"{path}: not a state dict (names and tensors): save network.state_dict() of the model"
        )
    return tensors


def _beginning(error: Exception) -> str:
    """The beginning of an error that may fill pages."""
    text = one_line(error)
    return text if len(text) <= 160 else f"{text[:160]} ..."


@contextmanager
def _quiet_and_seeded() -> Iterator[None]:
    """torchmetrics warns of memory for large sets and of the deviation of one split, and draws from
    the global generator.
    """
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        torch.manual_seed(0)
        warnings.simplefilter("ignore", UserWarning)
        yield


def _check_sizes(first: Tensor, second: Tensor) -> None:
    if min(len(first), len(second)) < 2:
        raise ValueError(
            f"two images at least are needed in each set, got {len(first)} and {len(second)}"
        )


@contextmanager
def _optional_packages() -> Iterator[None]:
    """Imports within raise ``UserError`` with the way to install what is missing."""
    try:
        import_torchvision()
        yield
    except ModuleNotFoundError as error:
        raise UserError(
            f"{error.name} is not installed: pip install 'pixelization[features]'"
        ) from None
