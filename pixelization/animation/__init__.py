"""Animations: files in and out, and cells that hold still from frame to frame."""

from pixelization.animation.frames import Frame
from pixelization.animation.reading import AnimationReader, animation_format, open_animation
from pixelization.animation.sequence import is_pattern
from pixelization.animation.writing import write_animation

__all__ = ["AnimationReader", "Frame", "animation_format", "is_pattern", "open_animation", "write_animation"]
