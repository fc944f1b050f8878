"""Networks as ONNX files, which run without torch."""

import json
import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from pixelization.cells.candidates import NEARBY
from pixelization.cells.lattice import SAMPLES
from pixelization.cells.sizes import MIN_SIDE
from pixelization.errors import UserError
from pixelization.files import check_free, whole_file
from pixelization.networks.build import Networks
from pixelization.networks.cascade import Cascade
from pixelization.networks.cyclegan import CycleGAN
from pixelization.networks.lattice import multiplied
from pixelization.networks.planes import point_in_planes
from pixelization.networks.pointing import PointingCascade
from pixelization.networks.sealing import BLANK, CHECKSUM, onnx_entry, sealed
from pixelization.networks.turbo import Turbo
from pixelization.optional import optional_module

OPSET = 20
LARGEST = 1024  # cells per side of what a session is given; tiles are far smaller
LARGEST_SIDE = 1 << 14  # pixels per side of an image
EXAMPLE = (12, 20)  # cells of the picture that is traced
UNDECIDED = 70  # of these, that have a choice


class _Points(nn.Module):
    """Both stages, with arrays for results.

    The multiplied lattice is given, since a graph cannot leave out the product where a picture is
    opaque, and so are the candidates near the cells, which are no network.
    """

    def __init__(self, networks: PointingCascade) -> None:
        super().__init__()
        self.networks = networks

    def forward(self, *given: Tensor) -> tuple[Tensor, Tensor]:
        made = point_in_planes(self.networks, *given)
        return made.grid, made.refined


class Part(NamedTuple):
    """One network to export: a file."""

    module: nn.Module
    inputs: dict[str, Tensor]
    shapes: tuple[object, ...]
    results: list[str]
    metadata: dict[str, str]


def export_networks(
    networks: Networks, metadata: Mapping[str, str], folder: str | Path, *, overwrite: bool = False
) -> list[Path]:
    """Write two files: ``NAME.sprite.onnx`` and ``NAME.draw.onnx`` of networks on the grid,
    ``NAME.pixelize.onnx`` and ``NAME.depixelize.onnx`` of a CycleGAN.

    Each is written whole or not at all. Height and width are free, and the batch is one picture.
    The metadata of the weights goes along, and what a backend has to know.

    Args:
        networks: as :func:`~pixelization.networks.weights.load_weights` gives them.
        metadata: the same.
        folder: is made if it is missing.
        overwrite: replace files that exist.

    Raises:
        UserError: the networks are of another family, onnxscript is not installed, the weights have
            no name that is one for files, or a file exists or cannot be written.
    """
    if isinstance(networks, Cascade | Turbo):
        # Rules stand between the networks of a cascade, and Turbo's are mostly not in the file.
        raise UserError(
            "cascades and CycleGAN-Turbo run in torch only: networks on the grid, as lite's, and "
            "CycleGANs can be exported"
        )
    optional_module("onnxscript", extra="train")
    networks = networks.eval().cpu()
    parts = _whole(networks) if isinstance(networks, CycleGAN) else _on_the_grid(networks)
    name = metadata["name"]
    # anybody may have written the weights
    if Path(name).name != name or not name.isprintable() or name[:1] in ("", ".", "-"):
        raise UserError(f"the weights' name {name[:40]!r} cannot be that of files: export others")
    paths = [Path(folder) / f"{name}.{kind}.onnx" for kind in parts]
    for path in paths:
        check_free(path, overwrite)  # before the work, and before one of two is written
    for path, part in zip(paths, parts.values(), strict=True):
        program = _exported(part)
        program.model.metadata_props.update({**metadata, **part.metadata, CHECKSUM: BLANK})
        with whole_file(path, overwrite=overwrite) as temporary:
            program.save(temporary)
            temporary.write_bytes(sealed(temporary.read_bytes(), onnx_entry))
    return paths


def _on_the_grid(networks: PointingCascade) -> dict[str, Part]:
    height, width = EXAMPLE
    lattice = torch.linspace(-1, 1, 4 * height * width * SAMPLES**2)
    lattice = lattice.view(1, 4, height * SAMPLES, width * SAMPLES)
    sides = [torch.export.Dim(axis, min=2, max=LARGEST) for axis in ("height", "width")]
    points = {
        "weighed": multiplied(lattice),
        "near": torch.linspace(-1, 1, NEARBY * 4 * UNDECIDED).view(1, NEARBY, 4, UNDECIDED),
        "base": lattice[..., ::SAMPLES, ::SAMPLES].contiguous(),
        "undecided": torch.arange(UNDECIDED),
        "cell_size": torch.tensor([5.0]),
    }
    samples = {2: SAMPLES * sides[0], 3: SAMPLES * sides[1]}
    undecided = torch.export.Dim("undecided", min=2, max=LARGEST**2)
    grid = {2: sides[0], 3: sides[1]}
    cells = {"sprite": lattice[..., ::SAMPLES, ::SAMPLES].contiguous()}
    draws = networks.depixelnet
    return {
        "sprite": Part(
            _Points(networks),
            points,
            ((samples, {3: undecided}, grid, {0: undecided}, None),),
            ["grid", "sprite"],
            {"reach": json.dumps(networks.reach)},
        ),
        "draw": Part(
            draws,
            cells,
            (grid,),
            ["drawing"],
            {"reach": json.dumps(draws.reach)},
        ),
    }


def _whole(networks: CycleGAN) -> dict[str, Part]:
    """Sides are multiples of the stride; the backend sees to that."""
    stride = networks.stride
    least = max(1, MIN_SIDE // stride)
    sides = [
        stride * torch.export.Dim(axis, min=least, max=LARGEST_SIDE // stride)
        if stride > 1
        else torch.export.Dim(axis, min=least, max=LARGEST_SIDE)
        for axis in ("height", "width")
    ]
    shape = (max(2 * stride, 60), max(3 * stride, 84))
    image = torch.linspace(-1, 1, 3 * shape[0] * shape[1]).view(1, 3, *shape)
    told = {
        "stride": stride,
        "local": networks.local,
        "edges": networks.edges,
        "scale": str(networks.scales[0]),
    }
    return {
        kind: Part(
            module,
            {"image": image},
            ({2: sides[0], 3: sides[1]},),
            ["made"],
            {"translator": json.dumps(told)},
        )
        for kind, module in (("pixelize", networks.a2b), ("depixelize", networks.b2a))
    }


def _exported(part: Part) -> torch.onnx.ONNXProgram:
    for name in ("torch.onnx", "onnxscript"):  # they name what is not installed, or not folded
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter, on its own code
        program = torch.onnx.export(
            part.module.eval(),
            tuple(part.inputs.values()),
            dynamo=True,
            opset_version=OPSET,
            dynamic_shapes=part.shapes,
            input_names=list(part.inputs),
            output_names=part.results,
            verbose=False,
        )
    assert program is not None
    for node in program.model.graph.all_nodes():
        node.metadata_props.clear()  # where in the code it comes from, by paths of this machine
        for value in node.outputs:
            value.metadata_props.clear()
    return program
