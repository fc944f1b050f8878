"""Data parallel training: plain collectives, which do nothing in a single process.

The trainer's passes visit a network several times per backward, so gradients are averaged
explicitly, after it.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

Value = TypeVar("Value")


def start(device: torch.device) -> tuple[int, int]:
    """Join the processes that ``torchrun`` started, to compute on such a device.

    Returns:
        Rank and world size; (0, 1) without torchrun.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return 0, 1
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    if device.type == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    return dist.get_rank(), dist.get_world_size()


def stop() -> None:
    """Leave the process group."""
    if dist.is_initialized():
        dist.destroy_process_group()


def average_gradients(parameters: Sequence[Tensor]) -> None:
    """Replace every gradient by its mean over the processes."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    if dist.is_initialized() and gradients:
        joint = mean(torch.cat([gradient.flatten() for gradient in gradients]))
        parts = joint.split([gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))


def mean(values: Tensor) -> Tensor:
    """Mean of a tensor over the processes."""
    if dist.is_initialized():
        values = values.clone()
        dist.all_reduce(values)
        values /= dist.get_world_size()
    return values


def any_process(flag: bool, device: torch.device) -> bool:
    """Whether the flag is set in any process: all of them stop at the same step."""
    if not dist.is_initialized():
        return flag
    return bool(mean(torch.tensor([float(flag)], device=device)) > 0)


def gather(value: Value) -> list[Value]:
    """The values of all processes, by rank, in every process."""
    if not dist.is_initialized():
        return [value]
    values = [value] * dist.get_world_size()
    dist.all_gather_object(values, value)
    return values
