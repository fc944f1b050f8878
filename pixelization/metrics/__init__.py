"""What can be said about a sprite in numbers, without any pretrained network."""

from pixelization.metrics.colors import color_distance
from pixelization.metrics.sprites import intermediate_share, isolated_share, patch_distance

__all__ = ["color_distance", "intermediate_share", "isolated_share", "patch_distance"]
