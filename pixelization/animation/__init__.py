"""Animations: files in and out.

Knows formats, frames and durations; every frame arrives. Does not know cells: what holds still from
frame to frame is decided in ``pipeline.temporal``.
"""
