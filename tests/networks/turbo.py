"""Stable Diffusion Turbo and CLIP of the shape of the real ones, but tiny and random."""

import json

import pytest
import torch

from pixelization.errors import UserError
from pixelization.networks.turbo import packages


def skip_without_turbo():
    """Skip the test unless the packages of the extra are there."""
    try:
        packages()
    except UserError as error:
        pytest.skip(str(error))


def tiny_turbo(folder):
    """Write it to a folder, in the layout of diffusers."""
    import diffusers  # noqa: PLC0415 - an optional package
    import transformers  # noqa: PLC0415 - an optional package

    torch.manual_seed(0)
    diffusers.UNet2DConditionModel(
        in_channels=4,
        out_channels=4,
        block_out_channels=(8, 8),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=8,
        attention_head_dim=2,
        norm_num_groups=4,
        use_linear_projection=True,
    ).save_pretrained(folder / "unet")
    diffusers.AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(4, 8, 16, 16),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=4,
        scaling_factor=0.5,
    ).save_pretrained(folder / "vae")
    diffusers.DDPMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"
    ).save_pretrained(folder / "scheduler")
    words = ["<|startoftext|>", "<|endoftext|>"]
    words += [letter + end for end in ("", "</w>") for letter in "abcdefghijklmnopqrstuvwxyz"]
    tokens = {word: index for index, word in enumerate(words)}
    (folder / "tokenizer").mkdir()
    (folder / "tokenizer/vocab.json").write_text(json.dumps(tokens))
    (folder / "tokenizer/merges.txt").write_text("#version: 0.2\n")
    (folder / "tokenizer/tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "CLIPTokenizer", "model_max_length": 77})
    )
    transformers.CLIPTextModel(
        transformers.CLIPTextConfig(
            vocab_size=len(words),
            hidden_size=8,
            intermediate_size=8,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=77,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    ).save_pretrained(folder / "text_encoder")
    return folder


def tiny_clip(folder):
    """Write CLIP's vision transformer to a folder, in the layout of transformers."""
    import transformers  # noqa: PLC0415 - an optional package

    torch.manual_seed(0)
    transformers.CLIPVisionModelWithProjection(
        transformers.CLIPVisionConfig(
            hidden_size=8,
            intermediate_size=8,
            projection_dim=8,
            num_hidden_layers=3,
            num_attention_heads=2,
            image_size=56,
            patch_size=8,
        )
    ).save_pretrained(folder)
    return folder
