"""Images in and out, and the training data."""

from pixelization.data.images import (
    fill_transparent, list_images, normalize, on_white, read_image, to_array, to_tensor, write_png
)  # fmt: skip
from pixelization.data.loader import Batch, UnpairedData, steps_per_epoch

__all__ = [
    "Batch", "UnpairedData", "fill_transparent", "list_images", "normalize", "on_white", "read_image", "steps_per_epoch",
    "to_array", "to_tensor", "write_png",
]  # fmt: skip
