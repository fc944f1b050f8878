"""The nodes by ComfyUI's V1 schema, for versions that have no other."""

from collections.abc import Iterable
from typing import Any

from .nodes import CATEGORY, Node, Socket


def legacy_classes(nodes: Iterable[Node]) -> dict[str, type]:
    """What ``NODE_CLASS_MAPPINGS`` holds."""
    return {node.id: _node_class(node) for node in nodes}


def _node_class(node: Node) -> type:
    def input_types(cls: type) -> dict[str, dict[str, tuple]]:
        found: dict[str, dict[str, tuple]] = {"required": {}, "optional": {}}
        for each in node.inputs:
            found["optional" if each.optional else "required"][each.name] = _input(each)
        return found

    def execute(self: object, **inputs: Any) -> tuple:
        return node.run(**inputs)

    return type(
        node.id,
        (),
        {
            "INPUT_TYPES": classmethod(input_types),
            "RETURN_TYPES": tuple(each.kind for each in node.outputs),
            "RETURN_NAMES": tuple(each.name for each in node.outputs),
            "FUNCTION": "execute",
            "CATEGORY": CATEGORY,
            "DESCRIPTION": node.about,
            "execute": execute,
        },
    )


def _input(socket: Socket) -> tuple:
    options = {"tooltip": socket.tooltip, **socket.options}
    kind: Any = options.pop("options") if socket.kind == "COMBO" else socket.kind
    return kind, options
