"""History buffer of generated images for the discriminators (Shrivastava et al. 2017)."""

import numpy as np
import torch
from torch import Tensor

from pixelization.errors import UserError


class ImagePool:
    """Hands a discriminator old fakes half of the time (Han et al. 2018, Sec. 3.4: the last 30).

    Every slot of the joint batch has a buffer of its own and every decision derives from (seed,
    step, slot), so neither the number of processes nor a resume can change what a discriminator
    sees.

    Args:
        capacity: images kept, shared out over the slots of the joint batch, at least one for each;
            0 hands the new images through.
        slots: the joint batch's slots that this process holds.
        joint_slots: how many slots the joint batch has.
    """

    def __init__(self, capacity: int, *, slots: range, joint_slots: int) -> None:
        self.capacity = capacity and max(1, capacity // joint_slots)
        self.buffers: dict[int, list[Tensor]] = {slot: [] for slot in slots}

    def query(self, images: Tensor, key: tuple[int, ...]) -> Tensor:
        """Store ``images (B, 3, h, w)``, one per slot; return as many, each new or from the
        history.

        Args:
            key: what makes this call's random decisions, for example (seed, step).

        Raises:
            UserError: the history is that of a checkpoint, of other images.
        """
        if self.capacity == 0:
            return images.detach()
        chosen = []
        for image, (slot, buffer) in zip(images.detach(), self.buffers.items(), strict=True):
            # not ending in 0: numpy's (seed, step, 0) is its (seed, step)
            rng = np.random.default_rng((*key, slot, 3))
            if buffer and buffer[0].shape != image.shape:
                height, width = image.shape[-2:]
                raise UserError(
                    f"the checkpoint's history is not of images of {width}x{height} pixels: "
                    "use the run's own data.crop and model"
                )
            if len(buffer) < self.capacity:
                buffer.append(image.clone())
            elif rng.random() < 0.5:
                index = int(rng.integers(self.capacity))
                image, buffer[index] = buffer[index], image.clone()
            chosen.append(image)
        return torch.stack(chosen)

    def state_dict(self) -> dict[int, list[Tensor]]:
        """The buffers, by slot."""
        return {slot: [image.cpu() for image in buffer] for slot, buffer in self.buffers.items()}

    def load_state_dict(self, state: dict[int, list[Tensor]], device: torch.device) -> None:
        """Take this process's slots out of ``state``.

        Raises:
            KeyError: a slot is missing.
            ValueError: images are not of one shape, or more than fit.
        """
        self.buffers = {slot: [image.to(device) for image in state[slot]] for slot in self.buffers}
        images = [image for buffer in self.buffers.values() for image in buffer]
        shapes = {(image.shape, image.dtype) for image in images}
        if len(shapes) > 1 or any(len(each) > self.capacity for each in self.buffers.values()):
            raise ValueError("the history holds other images")
