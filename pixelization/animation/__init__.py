"""Animations: files in and out, and cells that hold still from frame to frame."""

from pixelization.animation.frames import Frame
from pixelization.animation.reading import AnimationReader, is_animation, open_animation
from pixelization.animation.writing import write_animation

__all__ = ["AnimationReader", "Frame", "is_animation", "open_animation", "write_animation"]
