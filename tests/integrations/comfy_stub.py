"""As much of ``comfy_api.latest`` as nodes by the V3 schema touch, with its arguments and no more.

After comfy_api/latest/_io.py of ComfyUI, whose package is on no index.
"""

import sys
import types
from dataclasses import dataclass, field


class _Socket:
    kind = ""

    def __init__(self, id=None, display_name=None, optional=False, tooltip=None):
        self.id, self.display_name = id, display_name
        self.optional, self.tooltip = optional, tooltip


class _Number(_Socket):
    def __init__(
        self,
        id,
        display_name=None,
        optional=False,
        tooltip=None,
        lazy=None,
        default=None,
        min=None,
        max=None,
        step=None,
    ):
        super().__init__(id, display_name, optional, tooltip)
        self.default, self.min, self.max, self.step = default, min, max, step


class _Text(_Socket):
    def __init__(
        self,
        id,
        display_name=None,
        optional=False,
        tooltip=None,
        lazy=None,
        multiline=False,
        placeholder=None,
        default=None,
    ):
        super().__init__(id, display_name, optional, tooltip)
        self.default = default


class _Switch(_Socket):
    def __init__(
        self,
        id,
        display_name=None,
        optional=False,
        tooltip=None,
        lazy=None,
        default=None,
        label_on=None,
        label_off=None,
    ):
        super().__init__(id, display_name, optional, tooltip)
        self.default = default


class _Choice(_Socket):
    def __init__(
        self,
        id,
        options=None,
        display_name=None,
        optional=False,
        tooltip=None,
        lazy=None,
        default=None,
    ):
        super().__init__(id, display_name, optional, tooltip)
        self.options, self.default = options, default


def _kind(name, made):
    made = type(f"{name}Input", (made,), {"kind": name})

    class Output(_Socket):
        kind = name

        def __init__(self, id=None, display_name=None, tooltip=None, is_output_list=False):
            super().__init__(id, display_name, False, tooltip)

    return type(name, (), {"Input": made, "Output": Output})


@dataclass
class Schema:
    node_id: str
    display_name: str | None = None
    category: str = "sd"
    inputs: list = field(default_factory=list)
    outputs: list = field(default_factory=list)
    description: str = ""


class NodeOutput:
    def __init__(self, *args, ui=None, expand=None, block_execution=None):
        self.args = args


class ComfyNode:
    @classmethod
    def define_schema(cls):
        raise NotImplementedError

    @classmethod
    def execute(cls, **inputs):
        raise NotImplementedError


class ComfyExtension:
    async def on_load(self):
        pass

    async def get_node_list(self):
        raise NotImplementedError


def modules():
    """What to put into ``sys.modules``."""
    package = types.ModuleType("comfy_api")
    latest = types.ModuleType("comfy_api.latest")
    io = types.ModuleType("comfy_api.latest.io")
    for name, kind in (
        ("IMAGE", _Socket),
        ("MASK", _Socket),
        ("INT", _Number),
        ("FLOAT", _Number),
        ("STRING", _Text),
        ("BOOLEAN", _Switch),
        ("COMBO", _Choice),
    ):
        setattr(io, name.title(), _kind(name, kind))
    io.Schema, io.NodeOutput, io.ComfyNode = Schema, NodeOutput, ComfyNode
    latest.io, latest.ComfyExtension, package.latest = io, ComfyExtension, latest
    return {"comfy_api": package, "comfy_api.latest": latest}


def load(folder, *, with_v3, name="custom_nodes_pixelization"):
    """The folder of nodes as ComfyUI loads it; a fresh module.

    Without V3, ``comfy_api`` is missing.
    """
    import importlib.util  # noqa: PLC0415 - beside its only use

    for each in [key for key in sys.modules if key == name or key.startswith(f"{name}.")]:
        del sys.modules[each]
    sys.modules |= modules() if with_v3 else {"comfy_api": None, "comfy_api.latest": None}
    try:
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module
    finally:
        for each in modules():
            sys.modules.pop(each, None)
