"""CycleGAN-Turbo: both directions share one Stable Diffusion Turbo (Parmar et al. 2024).

The large networks are the user's own, in a local folder, and stay as they are. Trained are low-rank
adapters (LoRA) of the U-Net, which both directions share, and of an autoencoder for each direction,
and convolutions that lead from its encoder to its decoder. A text says which direction is meant.

Nothing is downloaded, and no code of the folder is run.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pixelization.errors import UserError, is_lack_of_memory, one_line, shortened
from pixelization.networks.cyclegan import CycleGAN
from pixelization.networks.edges import Edges
from pixelization.networks.schema import TurboConfig
from pixelization.networks.torchvision_import import import_torchvision
from pixelization.optional import optional_module

FOLDER = "PIXELIZATION_SD_TURBO"
"""Environment variable that names the folder: a copy of Stable Diffusion Turbo in the layout of
diffusers, with ``unet``, ``vae``, ``scheduler``, ``text_encoder`` and ``tokenizer``."""

EXTRA = "turbo"
TOKENS = 77  # of a text, after padding
STRIDE = 8  # pixels of a latent
LARGEST_LOG_VARIANCE = 20.0  # of a latent
SKIP_WEIGHT = 1e-5  # at first: the published code's
CONVOLUTIONS = ("conv", "conv1", "conv2", "conv_shortcut", "conv_out")
ATTENTION = ("to_k", "to_q", "to_v", "to_out.0")
# Layers with adapters. The U-Net's first convolution is trained itself.
UNET_LAYERS = (*ATTENTION, *CONVOLUTIONS, "proj_in", "proj_out", "ff.net.2", "ff.net.0.proj")
VAE_LAYERS = (*ATTENTION, *CONVOLUTIONS, "conv_in")
VAE_ALPHA = 8  # peft's default: adapters of rank r count 8 / r


class Direction(nn.Module):
    """One direction: an autoencoder with skip connections around the U-Net.

    Args:
        vae: ``AutoencoderKL`` of diffusers, with adapters.
        unet: ``UNet2DConditionModel``; it belongs to both directions and is no part of one.
        signal: share of the picture in a latent at the last time step, in (0, 1).
        last: the last time step.
        text: what the text encoder makes of the direction's text, ``(1, TOKENS, D)``.
    """

    text: Tensor

    def __init__(
        self, vae: Any, unet: nn.Module, *, signal: float, last: int, text: Tensor
    ) -> None:
        super().__init__()
        self.vae, self._unet = vae, (unet,)
        self.signal, self.last = signal, last
        self.register_buffer("text", text)
        inputs = [block.resnets[0].in_channels for block in vae.encoder.down_blocks]
        outputs = [block.resnets[0].in_channels for block in vae.decoder.up_blocks]
        skips = [
            nn.Conv2d(source, target, 1, bias=False)
            for source, target in zip(reversed(inputs), outputs, strict=True)
        ]
        for skip in skips:
            nn.init.constant_(skip.weight, SKIP_WEIGHT)
        self.skips = nn.ModuleList(skips)

    def forward(self, image: Tensor) -> Tensor:
        """Translate ``image (B, 3, H, W)`` in [-1, 1], sides multiples of ``STRIDE``.

        In training the latent is drawn, else it is the most likely one.
        """
        latent, inputs = self._encoded(image)
        scaling = self.vae.config.scaling_factor
        latent = latent * scaling
        text = self.text.expand(len(image), -1, -1)
        noise = self._unet[0](latent, self.last, encoder_hidden_states=text).sample
        return self._decoded(self.without(noise, latent) / scaling, inputs).clamp(-1, 1)

    def without(self, noise: Tensor, latent: Tensor) -> Tensor:
        """A latent of the last time step without its noise: the one step of the sampler."""
        return (latent - (1 - self.signal) ** 0.5 * noise) / self.signal**0.5

    def _encoded(self, image: Tensor) -> tuple[Tensor, list[Tensor]]:
        """A latent, and what went into the encoder's blocks."""
        encoder, inputs = self.vae.encoder, []
        features = encoder.conv_in(image)
        for block in encoder.down_blocks:
            inputs.append(features)
            features = block(features)
        features = encoder.conv_act(encoder.conv_norm_out(encoder.mid_block(features)))
        mean, log_variance = self.vae.quant_conv(encoder.conv_out(features)).chunk(2, dim=1)
        if not self.training:
            return mean, inputs
        deviation = (log_variance.clamp(max=LARGEST_LOG_VARIANCE) / 2).exp()
        return mean + deviation * torch.randn_like(mean), inputs

    def _decoded(self, latent: Tensor, inputs: list[Tensor]) -> Tensor:
        decoder = self.vae.decoder
        features = decoder.mid_block(decoder.conv_in(self.vae.post_quant_conv(latent)))
        for block, skip, source in zip(
            decoder.up_blocks, self.skips, reversed(inputs), strict=True
        ):
            features = block(features + skip(source))
        return decoder.conv_out(decoder.conv_act(decoder.conv_norm_out(features)))


class Turbo(CycleGAN):
    """Both directions and the U-Net that they share.

    Its state is what is trained, and the texts: the user's networks are no part of it, and copies
    share them.

    Args:
        a2b, b2a: with this U-Net.
        unet: with adapters.
        edges: see :class:`~pixelization.networks.cyclegan.CycleGAN`.
    """

    def __init__(self, a2b: Direction, b2a: Direction, unet: nn.Module, *, edges: Edges) -> None:
        super().__init__(a2b, b2a, stride=STRIDE, local=False, edges=edges)
        self.unet = unet
        self.frozen = frozenset(
            name for name, value in self.named_parameters() if not value.requires_grad
        )
        self.register_state_dict_post_hook(_leave_out_frozen)
        self.register_load_state_dict_post_hook(_expect_no_frozen)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Turbo":
        shared = (value for name, value in self.named_parameters() if name in self.frozen)
        memo.update((id(value), value) for value in shared)
        copy = self.__class__.__new__(self.__class__)
        memo[id(self)] = copy
        copy.__dict__ = deepcopy(self.__dict__, memo)
        return copy


def build_turbo(config: TurboConfig, *, texts: bool = True) -> Turbo:
    """Build the networks on the user's, with fresh adapters (from torch's global generator).

    Args:
        texts: encode the texts of the directions; without, they are zeros that weights replace.

    Raises:
        UserError: the folder or a package is missing, or the folder holds something else.
    """
    folder = turbo_folder()
    diffusers, peft = packages()
    unet = _loaded(diffusers.UNet2DConditionModel, folder, "unet")
    _adapt(peft, unet, config.rank_unet, config.rank_unet, UNET_LAYERS)
    unet.conv_in.requires_grad_(True)
    scheduler = _loaded(diffusers.DDPMScheduler, folder, "scheduler")
    if scheduler.config.prediction_type != "epsilon":
        raise UserError(
            f"{folder}: its U-Net predicts {scheduler.config.prediction_type}, not noise: "
            f"let {FOLDER} name a copy of Stable Diffusion Turbo"
        )
    lines = (config.text_a2b, config.text_b2a)
    width = unet.config.cross_attention_dim
    encoded = _encoded_texts(folder, lines) if texts else torch.zeros(2, 1, TOKENS, width)

    def direction(text: Tensor) -> Direction:
        vae = _loaded(diffusers.AutoencoderKL, folder, "vae")
        _adapt(peft, vae, config.rank_vae, VAE_ALPHA, VAE_LAYERS)
        signal = float(scheduler.alphas_cumprod[-1])
        last = len(scheduler.alphas_cumprod) - 1
        return Direction(vae, unet, signal=signal, last=last, text=text)

    a2b, b2a = (direction(text) for text in encoded)
    return Turbo(a2b, b2a, unet, edges=config.edges)


def turbo_folder() -> Path:
    """The user's folder.

    Raises:
        UserError: the environment names none.
    """
    folder = Path(os.environ.get(FOLDER, ""))
    if not folder.name or not folder.is_dir():
        raise UserError(
            f"these networks need Stable Diffusion Turbo, which you bring yourself: set {FOLDER} "
            "to its folder, with unet, vae, scheduler, text_encoder and tokenizer"
        )
    return folder


def packages() -> tuple[Any, Any]:
    """diffusers and peft.

    Raises:
        UserError: they are not installed.
    """
    with suppress(ModuleNotFoundError):
        import_torchvision()  # transformers imports it, if it is there
    transformers, diffusers = (
        optional_module(name, EXTRA) for name in ("transformers", "diffusers")
    )
    for package in (transformers, diffusers):
        package.utils.logging.disable_progress_bar()
    return diffusers, optional_module("peft", EXTRA)


def load_part(kind: Any, folder: Path, part: str = "") -> Any:
    """A part of a local folder, as ``kind.from_pretrained`` loads it.

    Nothing is downloaded, and tensors come from safetensors only: no code of a file is run.

    Args:
        kind: a class of diffusers or transformers.
        part: folder in the folder.

    Raises:
        UserError: it is missing, damaged or something else.
    """
    where = folder / part
    options: dict[str, Any] = {"local_files_only": True}
    if isinstance(kind, type) and issubclass(kind, nn.Module):
        options["use_safetensors"] = True
    try:
        return kind.from_pretrained(str(where), **options)
    except Exception as error:  # a damaged file can fail in any way
        if is_lack_of_memory(error):
            raise
        raise UserError(
            f"{where}: cannot be used as {kind.__name__}: {shortened(one_line(error), 160)}"
        ) from None


def _loaded(kind: Any, folder: Path, part: str) -> Any:
    made = load_part(kind, folder, part)
    return made.requires_grad_(False) if isinstance(made, nn.Module) else made


def _adapt(peft: Any, network: Any, rank: int, alpha: int, layers: Iterable[str]) -> None:
    network.add_adapter(
        peft.LoraConfig(
            r=rank, lora_alpha=alpha, init_lora_weights="gaussian", target_modules=list(layers)
        )
    )


@torch.no_grad()
def _encoded_texts(folder: Path, lines: Iterable[str]) -> Tensor:
    """What the text encoder makes of texts: ``(N, 1, TOKENS, D)``."""
    transformers = optional_module("transformers", EXTRA)
    tokenizer = load_part(transformers.CLIPTokenizer, folder, "tokenizer")
    encoder = load_part(transformers.CLIPTextModel, folder, "text_encoder")
    tokens = tokenizer(
        list(lines), max_length=TOKENS, padding="max_length", truncation=True, return_tensors="pt"
    )
    return encoder(tokens.input_ids)[0].float().unsqueeze(1)


def _leave_out_frozen(
    module: nn.Module, state: dict[str, Any], prefix: str, metadata: dict[str, Any]
) -> None:
    assert isinstance(module, Turbo)
    for name in module.frozen:
        state.pop(prefix + name, None)


def _expect_no_frozen(module: nn.Module, keys: Any) -> None:
    assert isinstance(module, Turbo)
    # The average of a network calls it "module".
    kept = [name for name in keys.missing_keys if name.removeprefix("module.") not in module.frozen]
    keys.missing_keys[:] = kept
