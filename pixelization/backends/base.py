"""What the package needs of the networks, on uint8 arrays."""

from pixelization.errors import UserError

MAX_PIXELS = 16384 * 16384  # of one result or one network image
MIN_SIDE = 32  # pixels; the networks' smallest input
# Large images go through the networks in tiles, which bounds the memory; a tile sees as much of its
# surroundings as the receptive field of the lite networks reaches.
TILE, HALO = 2048, 192


def check_pixels(size: tuple[int, int], what: str) -> None:
    """Raise ``UserError`` if ``size`` is more than can be computed."""
    if size[0] * size[1] > MAX_PIXELS:
        raise UserError(
            f"{what} would have {size[0]}x{size[1]} pixels, which is too many: ask for fewer cells"
        )
