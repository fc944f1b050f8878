"""Loss terms, their targets, and the objective that weighs them."""

from pixelization.losses.objective import Objective
from pixelization.losses.targets import resize_to_grid
from pixelization.losses.terms import relative_l1

__all__ = ["Objective", "relative_l1", "resize_to_grid"]
