"""Networks on the grid as ONNX files, which run without torch."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from pixelization.cells.lattice import SAMPLES
from pixelization.color.main_colors import COUNT
from pixelization.errors import UserError
from pixelization.files import whole_file
from pixelization.networks.build import Networks
from pixelization.networks.planes import point_in_planes
from pixelization.networks.pointing import PointingCascade
from pixelization.optional import optional_module

OPSET = 20
LARGEST = 1024  # cells per side of what a session is given; tiles are far smaller
EXAMPLE = (12, 20)  # cells of the picture that is traced


class _Points(nn.Module):
    """Both stages, with arrays for results."""

    def __init__(self, networks: PointingCascade) -> None:
        super().__init__()
        self.networks = networks

    def forward(
        self, lattice: Tensor, cell_size: Tensor, main: Tensor, exists: Tensor
    ) -> tuple[Tensor, Tensor]:
        made = point_in_planes(self.networks, lattice, cell_size, main, exists)
        return made.grid, made.refined


def export_networks(
    networks: Networks, metadata: Mapping[str, str], folder: str | Path, *, overwrite: bool = False
) -> list[Path]:
    """Write ``NAME.sprite.onnx`` and ``NAME.draw.onnx``.

    Each is written whole or not at all. Height and width are free, and the batch is one picture.
    The metadata of the weights goes along, and how far the networks see.

    Args:
        networks: as :func:`~pixelization.networks.weights.load_weights` gives them.
        metadata: the same.
        folder: is made if it is missing.
        overwrite: replace files that exist.

    Raises:
        UserError: the networks are not on the grid, onnxscript is not installed, or a file exists
            or cannot be written.
    """
    name = metadata["name"]
    if not isinstance(networks, PointingCascade):
        raise UserError(
            "only networks on the grid, as lite's, can be exported: run others with torch"
        )
    optional_module("onnxscript", extra="train")
    networks = networks.eval().cpu()
    height, width = EXAMPLE
    lattice = torch.linspace(-1, 1, 4 * height * width * SAMPLES**2)
    lattice = lattice.view(1, 4, height * SAMPLES, width * SAMPLES)
    sides = [torch.export.Dim(axis, min=2, max=LARGEST) for axis in ("height", "width")]
    samples = {2: SAMPLES * sides[0], 3: SAMPLES * sides[1]}
    points = (
        lattice,
        torch.tensor([5.0]),
        torch.zeros(1, COUNT, 3),
        torch.ones(1, COUNT, dtype=torch.bool),
    )
    files = {
        "sprite": (
            _Points(networks),
            points,
            ({**samples}, None, None, None),
            ["lattice", "cell_size", "main", "exists"],
            ["grid", "sprite"],
            networks.reach,
        ),
        "draw": (
            networks.depixelnet,
            (lattice[..., ::SAMPLES, ::SAMPLES].contiguous(),),
            ({2: sides[0], 3: sides[1]},),
            ["sprite"],
            ["drawing"],
            networks.depixelnet.reach,
        ),
    }
    folder = Path(folder)
    written = []
    for kind, (module, inputs, shapes, names, results, reach) in files.items():
        path = folder / f"{name}.{kind}.onnx"
        program = _exported(module, inputs, shapes, names, results)
        program.model.metadata_props.update({**metadata, "reach": json.dumps(reach)})
        with whole_file(path, overwrite=overwrite) as temporary:
            program.save(temporary)
        written.append(path)
    return written


def _exported(
    module: nn.Module,
    inputs: tuple[Tensor, ...],
    shapes: tuple[object, ...],
    names: list[str],
    results: list[str],
) -> torch.onnx.ONNXProgram:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it names what is not installed
    program = torch.onnx.export(
        module,
        inputs,
        dynamo=True,
        opset_version=OPSET,
        dynamic_shapes=shapes,
        input_names=names,
        output_names=results,
        verbose=False,
    )
    assert program is not None
    return program
