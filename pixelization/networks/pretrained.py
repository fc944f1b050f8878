"""Networks of other packages, filled from local files: nothing is downloaded, no code is run."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from pixelization.errors import UserError, is_lack_of_memory, nearest, one_line, shortened
from pixelization.networks.torchvision_import import import_torchvision
from pixelization.optional import needing

# training-only classifier in torchvision's and timm's files of inception_v3
AUXILIARY = "AuxLogits."


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
    with optional_packages():
        import timm  # noqa: PLC0415 - an optional package
    if not timm.is_model(name):
        near = nearest(name, timm.list_models())
        hint = f"did you mean '{near[0]}'?" if near else "see timm.list_models()"
        raise UserError(f"timm has no model '{name}'; {hint}")
    path = Path(path)
    tensors = load_tensors(path)
    with torch.random.fork_rng(devices=[]):
        try:
            network = timm.create_model(name, pretrained=False)
        except RuntimeError as error:
            raise UserError(f"timm cannot build the model '{name}': {_brief(error)}") from None
    tensors = {key: tensor for key, tensor in tensors.items() if not key.startswith(AUXILIARY)}
    _fill(network, tensors, path, name)
    return network.eval().requires_grad_(False)


@contextmanager
def optional_packages() -> Iterator[None]:
    """Imports within raise ``UserError`` with the way to install what is missing."""
    with needing("features"):
        import_torchvision()
        yield


def load_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a ``.safetensors`` file, or of a state dict that ``torch.save`` wrote.

    Raises:
        UserError: the file is missing or damaged, or holds something else.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file of network weights")
    try:
        if path.suffix == ".safetensors":
            tensors = load_file(path)
        else:
            tensors = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can fail in any way
        if is_lack_of_memory(error):
            raise
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


def load_vgg19(path: str | Path) -> nn.Module:
    """The convolutions of VGG19 (Simonyan and Zisserman 2015), ``features`` of torchvision.

    Args:
        path: state dict of torchvision's ``vgg19``.

    Returns:
        A sequence of layers on the CPU, in evaluation mode, without gradients.

    Raises:
        UserError: torchvision is not installed; the file is missing, damaged or of another model.
    """
    with optional_packages():
        from torchvision.models import vgg19  # noqa: PLC0415 - an optional package
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        network = vgg19(weights=None).features  # without the memory of its classifier
    network.to_empty(device="cpu")
    _fill(network, _convolutions(Path(path)), path, "vgg19")
    return network.eval().requires_grad_(False)


def load_lpips(path: str | Path) -> nn.Module:
    """Learned perceptual similarity of VGG16 (Zhang et al. 2018).

    Its weights of the layers are in torchmetrics.

    Args:
        path: state dict of torchvision's ``vgg16``.

    Returns:
        A network on the CPU, in evaluation mode, without gradients: two images ``(B, 3, H, W)`` in
        [-1, 1] to distances ``(B, 1, 1, 1)``.

    Raises:
        UserError: torchmetrics is not installed; the file is missing, damaged or of another model.
    """
    with optional_packages():
        from torchmetrics.functional.image.lpips import _LPIPS  # noqa: PLC0415
    with torch.random.fork_rng(devices=[]):
        network = _LPIPS(net="vgg", pnet_rand=True)  # random convolutions, until they are filled
    # Its layers are those of ``features`` in slices: ``slice2.5.weight`` is ``5.weight``.
    layers = _convolutions(Path(path))
    names = {name.partition(".")[2]: name for name in network.net.state_dict()}
    _fill(network.net, {names.get(key, key): value for key, value in layers.items()}, path, "vgg16")
    return network.eval().requires_grad_(False)


class TfInception(nn.Module):
    """The Inception of TensorFlow's release of 2015, in the shape of a network of timm.

    Images go in at 256 x 256: sprites of 64 enlarged four times, as Ekpete 2023 measures. The
    network itself resizes them as TensorFlow 1 did.

    Args:
        network: of torch-fidelity; uint8 images to pooled features and logits without bias.
    """

    pretrained_cfg: ClassVar = {"input_size": (3, 256, 256), "mean": (0,) * 3, "std": (1,) * 3}

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward_features(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Both kinds of features of ``(B, 3, 256, 256)`` in [0, 1]."""
        return self.network((images * 255).round().to(torch.uint8))

    def forward_head(self, found: tuple[Tensor, Tensor], *, pre_logits: bool = False) -> Tensor:
        """One of them."""
        return found[0] if pre_logits else found[1]


def load_tf_inception(path: str | Path) -> nn.Module:
    """The Inception that published values of FID, KID and Inception Score are made with.

    Args:
        path: of the file that torch-fidelity publishes, ``weights-inception-2015-12-05-*.pth``.

    Returns:
        The network on the CPU, in evaluation mode, without gradients.

    Raises:
        UserError: torch-fidelity is not installed; the file is missing, damaged or of another
            model.
    """
    with optional_packages():
        from torch_fidelity.feature_extractor_inceptionv3 import (  # noqa: PLC0415 - an extra
            FeatureExtractorInceptionV3,
        )
    path = Path(path)
    tensors = load_tensors(path)
    # It would run code of the file, so it gets one that was written here.
    with tempfile.TemporaryDirectory() as folder, torch.random.fork_rng(devices=[]):
        copy = Path(folder) / "inception.pth"
        torch.save(tensors, copy)
        try:
            network = FeatureExtractorInceptionV3(
                "inception", ["2048", "logits_unbiased"], feature_extractor_weights_path=str(copy)
            )
        except RuntimeError as error:
            raise UserError(
                f"{path}: not the weights of the Inception of 2015: {_brief(error)}"
            ) from None
    return TfInception(network.eval().requires_grad_(False))


def _convolutions(path: Path) -> dict[str, Tensor]:
    """The tensors of a VGG's file that belong to its ``features``, by their names in there."""
    return {
        name.removeprefix("features."): tensor
        for name, tensor in load_tensors(path).items()
        if name.startswith("features.")
    }


def _fill(network: nn.Module, tensors: dict[str, Tensor], path: str | Path, name: str) -> None:
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise UserError(f"{path}: not the weights of {name}: {_brief(error)}") from None


def _brief(error: Exception) -> str:
    """An error that may fill pages."""
    return shortened(one_line(error), 160)
