"""Backends, which run the networks on uint8 arrays: torch and ONNX Runtime.

It knows what the rest of the package needs of the networks, and how each backend gives it.
It does not know about files, styles, sprites or how a large image is cut into tiles.
"""
