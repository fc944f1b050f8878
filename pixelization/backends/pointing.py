"""Networks that point at real colours, in torch: any picture and any grid, in tiles of cells."""

from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from pixelization.backends.base import Sprites, check_rgb
from pixelization.cells.sizes import Size
from pixelization.cells.tiling import tiles
from pixelization.networks.devices import resolve_device
from pixelization.networks.lattice import SAMPLES, divided, multiplied
from pixelization.networks.main_colors import SAMPLES as LOOKED_AT, main_colors
from pixelization.networks.pointing import PointingCascade
from pixelization.networks.tensors import normalize, to_arrays, to_tensor

TILE = 96  # cells per side of a tile, its margin not counted: about 100 MiB
BAND = 1 << 20  # pixels of the image that are looked at in one go; a tile may have many more


class PointingBackend:
    """A :class:`~pixelization.backends.base.SpriteBackend` of torch.

    Args:
        networks: the generators; moved to ``device`` and put into evaluation mode.
        device: ``auto`` (the GPU if there is one), ``cpu`` or ``cuda``.

    Raises:
        UserError: there is no such device.
    """

    def __init__(self, networks: PointingCascade, device: str | torch.device = "auto") -> None:
        self.device = resolve_device(device)
        # Convolutions are faster in this layout. torch's stubs do not know the argument.
        self.networks: PointingCascade = networks.eval().to(  # type: ignore[call-overload]
            device=self.device, memory_format=torch.channels_last
        )

    @property
    def tileable(self) -> bool:
        return True

    def sprites(self, images: np.ndarray, grid: Size) -> Sprites:
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 4 or not images.size:
            raise ValueError(
                "expected images of dtype uint8 and shape (B, H, W, 4), "
                f"got {images.dtype} {images.shape}"
            )
        made = [self._sprite(image, grid) for image in images]
        return Sprites(*(np.stack(each) for each in zip(*made, strict=True)))

    @torch.inference_mode()
    def draw(self, sprites: np.ndarray) -> np.ndarray:
        check_rgb(sprites)
        grid = (sprites.shape[1], sprites.shape[2])
        size, network = (grid[0] * SAMPLES, grid[1] * SAMPLES), self.networks.depixelnet
        results = np.empty((len(sprites), *size, 3), np.uint8)
        halo = network.reach * SAMPLES
        for sprite, result in zip(sprites, results, strict=True):
            windows = tiles(grid, size, Fraction(1, SAMPLES), tile=TILE * SAMPLES, halo=halo)
            for cells, pixels in windows:
                colors = to_tensor(cells.read(sprite)).to(self.device)
                drawn = network(torch.cat([colors, torch.ones_like(colors[:, :1])], dim=1))
                pixels.write(result, to_arrays(drawn[:, :3])[0])
        return results

    @torch.inference_mode()
    def _sprite(self, image: np.ndarray, grid: Size) -> tuple[np.ndarray, np.ndarray]:
        """GridNet's grid and the sprite, ``(h, w, 4)``; a tile equals the same cells of the whole.

        For its margin reaches as far as the networks see, main colours are those of the whole
        image, and every sample of the lattice is computed by itself.
        """
        pixels = image.reshape(-1, 4)[:: max(1, image.shape[0] * image.shape[1] // LOOKED_AT)]
        main, exists = (
            each.unsqueeze(0).to(self.device)
            for each in main_colors(normalize(torch.from_numpy(pixels.T.copy()).unsqueeze(2)))
        )
        size = torch.tensor([image.shape[1] / grid[1]], device=self.device)
        results = (np.empty((*grid, 4), np.uint8), np.empty((*grid, 4), np.uint8))
        whole = Fraction(1)
        for window, _ in tiles(grid, grid, whole, tile=TILE, halo=self.networks.reach):
            lattice = _in_bands(image, grid, *window.outer).to(self.device)
            made = self.networks.point(lattice, size, main, exists)
            for result, part in zip(results, (made.grid, made.refined), strict=True):
                cells = to_arrays(part)[0]
                cells[cells[..., 3] == 0] = 0
                window.write(result, cells)
        return results


def _in_bands(image: np.ndarray, grid: Size, rows: slice, columns: slice) -> Tensor:
    """:func:`lattice_part`, by few rows of cells at a time: their pixels would take much memory."""
    pixels = image.shape[0] * image.shape[1] * (columns.stop - columns.start) / (grid[0] * grid[1])
    step = max(1, int(BAND / pixels))
    starts = range(rows.start, rows.stop, step)
    bands = (slice(start, min(start + step, rows.stop)) for start in starts)
    return torch.cat([lattice_part(image, grid, band, columns) for band in bands], dim=2)


def lattice_part(image: np.ndarray, grid: Size, rows: slice, columns: slice) -> Tensor:
    """Some cells of what :func:`~pixelization.networks.lattice.to_lattice` makes of a whole image.

    Args:
        image: uint8 ``(H, W, 4)``.
        grid: size ``(h, w)`` in cells of the whole.
        rows, columns: which cells, with a start and a stop.

    Returns:
        ``(1, 4, 8 n, 8 m)`` in [-1, 1]. Its bits do not depend on which other cells are asked for.
    """
    height, width = image.shape[:2]
    area = height > grid[0] * SAMPLES and width > grid[1] * SAMPLES
    across = _samples(columns, grid[1], width, area)
    down = _samples(rows, grid[0], height, area)
    top, left = int(down.min()), int(across.min())
    part = image[top : int(down.max()) + 1, left : int(across.max()) + 1]
    pixels = to_tensor(part)
    if not area:
        return pixels[..., down[:, 0] - top, :][..., across[:, 0] - left]
    pixels = _means(multiplied(pixels), across - left, dim=3)
    return divided(_means(pixels, down - top, dim=2))


def _samples(cells: slice, count: int, side: int, area: bool) -> Tensor:
    """First pixel, and first pixel beyond, of each sample: int64 ``(n, 2)``.

    Not by area, a sample is the pixel that holds its centre.
    """
    index = torch.arange(cells.start * SAMPLES, cells.stop * SAMPLES)
    total = count * SAMPLES
    if not area:
        centre = (2 * index + 1) * side // (2 * total)
        return torch.stack([centre, centre], dim=1)
    first = index * side // total
    beyond = ((index + 1) * side + total - 1) // total
    return torch.stack([first, beyond], dim=1)


def _means(pixels: Tensor, bounds: Tensor, dim: int) -> Tensor:
    """Means over the pixels from the first bound to before the second, along a side."""
    first, beyond = bounds.unbind(1)
    shape = [1, 1, 1, 1]
    shape[dim] = -1
    total = torch.zeros_like(pixels.index_select(dim, first))
    for step in range(int((beyond - first).max())):
        inside = (first + step < beyond).to(pixels.dtype).view(shape)
        place = (first + step).clamp(max=pixels.shape[dim] - 1)
        total += pixels.index_select(dim, place) * inside
    return total / (beyond - first).view(shape)
