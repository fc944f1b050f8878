"""What can be said about sprites in numbers; only ``features`` needs pretrained networks."""

from pixelization.metrics.colors import color_distance
from pixelization.metrics.patches import patch_distance, two_sample_auc
from pixelization.metrics.sprites import intermediate_share, isolated_share
from pixelization.metrics.strokes import dark_area_ratio, stroke_recall

__all__ = [
    "color_distance", "dark_area_ratio", "intermediate_share", "isolated_share", "patch_distance", "stroke_recall", "two_sample_auc",
]  # fmt: skip
