"""Animations: files in and out, and cells that hold still from frame to frame."""
