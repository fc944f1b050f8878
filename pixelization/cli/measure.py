"""``tools/measure.py``: what each stage of a model does, in numbers, beside nearest and area resizing."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from pixelization.cli.common import ArgumentParser, add_model_arguments, load_pixelizer, number, run_tool
from pixelization.errors import UserError

COLUMNS = ("dE2000", "of nearest's", "worst image", "isolated", "blended edges", "patch distance", "flat cells")
FLAT = 4  # standard deviation, of 255, under which a cell of the network output counts as flat


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool on ``argv`` (default: the command line); returns the exit code."""
    return run_tool("measure", lambda: _main(argv))


def _main(argv: Sequence[str] | None) -> int:
    parser = ArgumentParser(prog="measure", description=__doc__)
    parser.add_argument("cartoons", type=Path, help="folder of cartoons to pixelize")
    parser.add_argument("sprites", type=Path, help="folder of native sprites: what the results should look like")
    parser.add_argument("--cell-size", type=number, nargs="+", default=[4.0, 16 / 3, 8.0], help="default: 4 16/3 8")
    add_model_arguments(parser)
    args = parser.parse_args(argv)

    from tqdm import tqdm

    from pixelization.data import list_images, on_white, read_image
    from pixelization.inference import check_cell_size

    for cell_size in args.cell_size:
        check_cell_size(cell_size)
    cartoons = [on_white(read_image(path)) for path in list_images(args.cartoons, recursive=True)]
    real = [np.pad(np.asarray(on_white(read_image(path))), ((4, 4), (4, 4), (0, 0)), constant_values=255)
            for path in list_images(args.sprites, recursive=True)]  # fmt: skip
    pixelizer = load_pixelizer(args)
    print(f"{len(cartoons)} cartoons of {args.cartoons}, {len(real)} sprites of {args.sprites}\n")
    for cell_size in args.cell_size:
        runs = [_methods(pixelizer, image, cell_size) for image in tqdm(cartoons, unit="image", desc=f"cell size {cell_size:g}")]
        print(f"Cell size {cell_size:g}\n\n| | {' | '.join(COLUMNS)} |\n|---|{'---|' * len(COLUMNS)}")
        for name, values in _table(runs, real).items():
            print(f"| {name} | {' | '.join(values)} |")
        print()
    return 0


def _methods(pixelizer, image: Image.Image, cell_size: float) -> dict[str, tuple[np.ndarray, np.ndarray | None]]:
    """Sprite and, for networks, share of flat cells, by method."""
    from pixelization.grid import cell_purity

    result = pixelizer.pixelize(image, cell_size=cell_size)
    size = result.sprite.size
    flat = cell_purity(np.asarray(result.network_output), size[::-1]) < FLAT
    return {
        "area": (np.asarray(image.resize(size, Image.Resampling.BOX)), None),
        "nearest": (np.asarray(image.resize(size, Image.Resampling.NEAREST)), None),
        "GridNet": (np.asarray(result.grid), None),
        "GridNet + PixelNet, voted": (np.asarray(result.sprite), flat),
    }


def _table(runs: list[dict], real: list[np.ndarray]) -> dict[str, list[str]]:
    try:
        from pixelization.metrics import color_distance, intermediate_share, isolated_share, patch_distance
    except ModuleNotFoundError as error:
        raise UserError(f"{error.name} is not installed: pip install 'pixelization[measure]'") from None

    distances = {name: [color_distance(run[name][0], run["area"][0]) for run in runs] for name in runs[0]}
    rows = {}
    for name in runs[0]:
        sprites = [run[name][0] for run in runs]
        flat = [run[name][1] for run in runs if run[name][1] is not None]
        rows[name] = [
            f"{np.mean(distances[name]):.2f}",
            f"{np.mean(distances[name]) / np.mean(distances['nearest']):.2f}",
            f"{np.max(distances[name]):.2f}",
            f"{np.mean([isolated_share(sprite) for sprite in sprites]):.4f}",
            f"{np.mean([intermediate_share(sprite) for sprite in sprites]):.3f}",
            f"{patch_distance(sprites, real):.1f}",
            f"{100 * np.mean(np.concatenate([cells.ravel() for cells in flat])):.1f} %" if flat else "",
        ]
    return rows
