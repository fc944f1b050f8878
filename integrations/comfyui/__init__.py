"""Nodes of ComfyUI: Pixelize, Snap, Depixelize, Palette.

They are registered by the V3 schema, or where ComfyUI is older than that by V1, never by both.
Importing them imports nothing heavy: torch, networks and images wait for the first run.
"""

from .nodes import NODES

try:
    from .v3 import comfy_entrypoint
except ImportError:  # no comfy_api.latest
    from .v1 import legacy_classes

    NODE_CLASS_MAPPINGS = legacy_classes(NODES)
    NODE_DISPLAY_NAME_MAPPINGS = {node.id: node.name for node in NODES}
    __all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS"]
else:
    __all__ = ["comfy_entrypoint"]
