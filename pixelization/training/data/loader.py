"""From samples to batches, in worker processes. It does not know what a sample holds.

Which samples make a batch is a pure function of the step, so that workers, processes and resumes
cannot change it.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from pixelization.errors import UserError
from pixelization.interrupts import ignore_interrupts


class Samples(Protocol):
    """An endless sequence of samples."""

    def sample(self, index: int) -> Any:
        """Sample ``index`` of the run: a (named) tuple of arrays, None, or tuples of these.

        A pure function of ``index``; it is called in worker processes.
        """


def load_batches(
    samples: Samples,
    *,
    batch_size: int,
    start_step: int,
    steps: int,
    rank: int = 0,
    world_size: int = 1,
    workers: int = 0,
) -> Iterator[Any]:
    """Batches of steps ``start_step`` to ``start_step + steps``: this process's share of each.

    Sample ``step * batch_size + slot`` stands in slot ``slot`` of the joint batch.

    Args:
        batch_size: of the joint batch over all processes.
        rank, world_size: this process's place among them.
        workers: processes that make samples; 0: this one.

    Returns:
        Tuples like the samples', with tensors that have a batch dimension.

    Raises:
        UserError: the batch cannot be shared equally; from the iterator: a sample cannot be made.
    """
    if batch_size % world_size:
        raise UserError(
            f"train.batch_size {batch_size} cannot be shared by {world_size} processes: "
            "give a multiple"
        )
    loaded: DataLoader = DataLoader(
        _Guarded(samples),
        batch_sampler=_Shares(batch_size, start_step, steps, rank, world_size),
        num_workers=workers,
        collate_fn=_collate,
        pin_memory=torch.cuda.is_available(),
        worker_init_fn=_start_worker,
    )
    return map(_batch_or_raise, loaded)


class _Shares:
    """The indices of every step's samples, made as they are needed."""

    def __init__(
        self, batch_size: int, start_step: int, steps: int, rank: int, world_size: int
    ) -> None:
        self.batch_size, self.steps = batch_size, range(start_step, start_step + steps)
        share = batch_size // world_size
        self.slots = range(rank * share, (rank + 1) * share)

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[list[int]]:
        for step in self.steps:
            yield [step * self.batch_size + slot for slot in self.slots]


class _Guarded(Dataset):
    """The samples, with a ``UserError`` in place of one that cannot be made.

    Raised in a worker, torch would put the whole traceback into its message.
    """

    def __init__(self, samples: Samples) -> None:
        self.samples = samples

    def __getitem__(self, index: int) -> Any:
        try:
            return self.samples.sample(index)
        except UserError as error:
            return error


def _batch_or_raise(batch: Any) -> Any:
    if isinstance(batch, UserError):
        raise batch
    return batch


def _collate(samples: Sequence[Any]) -> Any:
    for sample in samples:
        if isinstance(sample, UserError):
            return sample
    return _stacked(samples)


def _stacked(parts: Sequence[Any]) -> Any:
    """Arrays to a tensor, None to None, tuples of these one by one."""
    first = parts[0]
    if first is None:
        return None
    if isinstance(first, np.ndarray):
        return torch.from_numpy(np.stack(parts))
    joined = [_stacked(each) for each in zip(*parts, strict=True)]
    return type(first)(*joined) if hasattr(first, "_fields") else tuple(joined)


def _start_worker(worker: int) -> None:
    torch.set_num_threads(1)
    ignore_interrupts()  # Ctrl-C reaches them, too, and the training still needs its batch
