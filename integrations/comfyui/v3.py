"""The nodes by ComfyUI's V3 schema."""

from typing import Any

from comfy_api.latest import ComfyExtension, io

from .nodes import CATEGORY, NODES, Node, Socket

KINDS = {
    "IMAGE": io.Image,
    "MASK": io.Mask,
    "INT": io.Int,
    "FLOAT": io.Float,
    "STRING": io.String,
    "BOOLEAN": io.Boolean,
    "COMBO": io.Combo,
}


class PixelizationExtension(ComfyExtension):
    """All nodes."""

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        """Their classes."""
        return [node_class(node) for node in NODES]


async def comfy_entrypoint() -> PixelizationExtension:
    """What ComfyUI asks a module for."""
    return PixelizationExtension()


def node_class(node: Node) -> type[io.ComfyNode]:
    """The class of a node; it has no state."""

    def define_schema(cls: type) -> io.Schema:
        return io.Schema(
            node_id=node.id,
            display_name=node.name,
            category=CATEGORY,
            description=node.about,
            inputs=[_input(each) for each in node.inputs],
            outputs=[KINDS[each.kind].Output(display_name=each.name) for each in node.outputs],
        )

    def execute(cls: type, **inputs: Any) -> io.NodeOutput:
        return io.NodeOutput(*node.run(**inputs))

    members = {"define_schema": classmethod(define_schema), "execute": classmethod(execute)}
    return type(node.id, (io.ComfyNode,), members)


def _input(socket: Socket) -> Any:
    return KINDS[socket.kind].Input(
        socket.name, optional=socket.optional, tooltip=socket.tooltip, **socket.options
    )
