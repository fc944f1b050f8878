"""``python -m pixelization export``: a model as ONNX files, which run without torch."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from pixelization.apps.cli.arguments import called, tool_parser
from pixelization.apps.cli.running import run_tool, say
from pixelization.backends.choice import check_model
from pixelization.networks.shipped import DEFAULT_MODEL

EXAMPLES = """  python -m pixelization export -o onnx
  python -m pixelization export --model runs/mine/weights.safetensors -o onnx
  pixelize drawing.png -o sprite.png --weights onnx/mine.sprite.onnx
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    return run_tool("export", lambda: _export(_parser().parse_args(argv)))


def _parser() -> argparse.ArgumentParser:
    about = (
        "Write NAME.sprite.onnx and NAME.draw.onnx of networks on the grid, or NAME.pixelize.onnx "
        "and NAME.depixelize.onnx of a CycleGAN."
    )
    parser = tool_parser(called("export"), about, EXAMPLES)
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        metavar="NAME",
        help="a model that is shipped with the package, or a weights file (default: %(default)s)",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder")
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")
    return parser


def _export(args: argparse.Namespace) -> int:
    from pixelization.networks.export import export_networks  # noqa: PLC0415 - torch
    from pixelization.networks.weights import load_weights, pretrained_path  # noqa: PLC0415

    check_model(args.model)
    networks, metadata = load_weights(pretrained_path(args.model))
    say(*export_networks(networks, metadata, args.output, overwrite=args.overwrite))
    return 0
