"""Loss terms, their targets, and the objective that weighs them."""

from pixelization.losses.objective import Objective
from pixelization.losses.targets import resize_to_grid

__all__ = ["Objective", "resize_to_grid"]
