"""Tiles of a sheet, and where each goes in the reduced sheet.

All sizes are (width, height) and all positions (x, y), from the top left corner.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pixelization.cells.sizes import cell_count, round_half_up
from pixelization.errors import UserError
from pixelization.images.alpha import with_alpha

WIDEST_RING = 8  # pixels; programs that pack sheets repeat 1 to 4


@dataclass(frozen=True)
class Box:
    """A rectangle of whole pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column beyond it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row beyond it."""
        return self.y + self.height

    def contains(self, other: "Box") -> bool:
        """Whether all of ``other`` is within it."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


@dataclass(frozen=True)
class TileGrid:
    """Tiles of one size in rows and columns.

    Attributes:
        size: (width, height) of a tile in pixels.
        margin: pixels between the tiles and the sides of the sheet.
        spacing: pixels between tiles.
    """

    size: tuple[int, int]
    margin: int = 0
    spacing: int = 0


def grid_tiles(
    sheet_size: tuple[int, int], tile: tuple[int, int], margin: int = 0, spacing: int = 0
) -> list[Box]:
    """Cut a sheet into tiles of one size, row by row.

    Args:
        sheet_size: (width, height) in pixels.
        tile: (width, height) in pixels.
        margin: pixels before the first tiles; behind the last there may be as many, or none.
        spacing: pixels between tiles; behind the last there may be as many, or none.

    Raises:
        UserError: the tiles do not fill the sheet exactly.
    """
    columns, rows = (
        _starts(name, total, length, tile, sheet_size, margin, spacing)
        for name, total, length in zip(("width", "height"), sheet_size, tile, strict=True)
    )
    return [Box(x, y, *tile) for y in rows for x in columns]


def _starts(
    name: str,
    total: int,
    length: int,
    tile: tuple[int, int],
    sheet_size: tuple[int, int],
    margin: int,
    spacing: int,
) -> range:
    """Where tiles begin along one side of the sheet; ``UserError`` if they do not fill it."""
    step = length + spacing
    for behind in (margin, margin + spacing, 0, spacing):
        taken = total - margin - behind + spacing
        if length > 0 and taken >= step and taken % step == 0:
            return range(margin, margin + taken, step)
    problem = (
        f"tiles of {tile[0]}x{tile[1]} do not fill a sheet of {sheet_size[0]}x{sheet_size[1]} "
        "pixels"
    )
    if margin or spacing:
        raise UserError(
            f"{problem} with a margin of {margin} and a spacing of {spacing}: its {name} is "
            f"{total}: correct one of these numbers"
        )
    fitting = [side for side in range(1, total + 1) if total % side == 0]
    below = max((side for side in fitting if side < length), default=1)
    above = min((side for side in fitting if side > length), default=total)
    raise UserError(
        f"{problem}: of its {name}, {total}, tiles of "
        f"{' or '.join(map(str, sorted({below, above})))} would; pixels around and between tiles "
        "are a margin and a spacing"
    )


def scale_layout(
    boxes: Sequence[Box], cell: tuple[float, float], ring: tuple[int, int] = (0, 0)
) -> list[Box]:
    """Where tiles go in the reduced sheet.

    A tile has as many cells as its size asks for, at least one, so tiles of one size get one size
    again, wherever they are. Tiles in rows and columns stay edge to edge, or as far apart as they
    were. Others go to the nearest cell borders, and further where they would meet their neighbours.
    A gap stays one, at least one cell wide.

    Args:
        boxes: tiles in pixels.
        cell: (width, height) of a cell in pixels.
        ring: pixels around every tile that repeat its border, across and down; they become cells
            around the new boxes, see :func:`ring_cells`.

    Returns:
        As many boxes, in cells; they do not overlap unless the tiles do.
    """
    around = ring_cells(ring, cell)
    sizes = [
        (
            cell_count(box.width, cell[0]) + 2 * around[0],
            cell_count(box.height, cell[1]) + 2 * around[1],
        )
        for box in boxes
    ]
    outer = [_grown(box, ring) for box in boxes]
    places = None
    if len({(box.width, box.height) for box in boxes}) == 1:
        columns = _spread({box.x for box in outer}, outer[0].width, sizes[0][0], cell[0])
        rows = _spread({box.y for box in outer}, outer[0].height, sizes[0][1], cell[1])
        if columns and rows:
            places = [(columns[box.x], rows[box.y]) for box in outer]
    if places is None:
        edges = _edges(outer)
        lengths = np.array(sizes, np.int64).reshape(-1, 2)
        # tiles that share rows or none are kept apart across, others share columns: down
        across = _pushed(edges[:, [0, 2]], edges[:, [1, 3]], lengths[:, 0], cell[0], always=True)
        down = _pushed(edges[:, [1, 3]], edges[:, [0, 2]], lengths[:, 1], cell[1], always=False)
        places = list(zip(across.tolist(), down.tolist(), strict=True))
    return [
        Box(x + around[0], y + around[1], width - 2 * around[0], height - 2 * around[1])
        for (x, y), (width, height) in zip(places, sizes, strict=True)
    ]


def sheet_size(
    size: tuple[int, int],
    boxes: Sequence[Box],
    targets: Sequence[Box],
    cell: tuple[float, float],
    ring: tuple[int, int] = (0, 0),
) -> tuple[int, int]:
    """(width, height) of the reduced sheet in cells.

    What lies right of all tiles and below them stays, at least one cell wide.

    Args:
        size: of the sheet in pixels.
        boxes, cell, ring: as of :func:`scale_layout`.
        targets: what that has returned.
    """
    outer = [_grown(box, ring) for box in boxes]
    new = [_grown(box, ring_cells(ring, cell)) for box in targets]
    ends = max(box.right for box in outer), max(box.bottom for box in outer)
    new_ends = max(box.right for box in new), max(box.bottom for box in new)
    width, height = (
        new_end + (cell_count(total - end, side) if total > end else 0)
        for total, end, new_end, side in zip(size, ends, new_ends, cell, strict=True)
    )
    return width, height


def ring_cells(ring: tuple[int, int], cell: tuple[float, float]) -> tuple[int, int]:
    """Cells across and down that a ring of pixels becomes, at least one where there is one."""
    across, down = (
        cell_count(pixels, side) if pixels else 0 for pixels, side in zip(ring, cell, strict=True)
    )
    return across, down


def find_ring(image: np.ndarray, boxes: Sequence[Box]) -> int:
    """How many pixels around every tile repeat its border ("extruded", "bleed"); 0: not all do.

    Programs that pack sheets do so against seams. A ring that nothing can be told of, all
    transparent or all of one colour, is none.

    Args:
        image: the sheet, uint8 ``(H, W, 3)`` or ``(H, W, 4)``.
        boxes: its tiles, in pixels.
    """
    height, width = image.shape[:2]
    whole = Box(0, 0, width, height)
    found = 0
    for wide in range(1, WIDEST_RING + 1):
        outer = [_grown(box, (wide, wide)) for box in boxes]
        colors: set[bytes] = set()
        taken = np.zeros((height, width), bool)
        for box, each in zip(boxes, outer, strict=True):
            place = slice(each.y, each.bottom), slice(each.x, each.right)
            if not whole.contains(each) or taken[place].any():
                return found
            taken[place] = True
            tile = image[box.y : box.bottom, box.x : box.right]
            repeated = np.pad(tile, ((wide, wide), (wide, wide), (0, 0)), mode="edge")
            if not np.array_equal(image[place], repeated):
                return found
            if len(colors) < 2:
                colors |= {color.tobytes() for color in _around(repeated, wide)[:2]}
        if len(colors) < 2:
            return found
        found = wide
    return found


def assemble(
    tiles: Sequence[np.ndarray],
    boxes: Sequence[Box],
    ring: tuple[int, int] = (0, 0),
    size: tuple[int, int] = (0, 0),
) -> np.ndarray:
    """Put tiles together.

    Args:
        tiles: sprites, uint8 ``(h, w, 3)`` or ``(h, w, 4)``.
        boxes: where each goes, in cells, of its size; at least one.
        ring: cells around each, across and down, that repeat its border.
        size: (width, height) of the whole in cells; larger, if the boxes need it.

    Returns:
        uint8: ``(H, W, 4)`` if a tile has alpha or the tiles leave a gap, which is transparent,
            else ``(H, W, 3)``.

    Raises:
        ValueError: tiles and boxes do not fit.
    """
    if [tile.shape[:2] for tile in tiles] != [
        (box.height, box.width) for box in boxes
    ] or not boxes:
        raise ValueError("every tile needs a box of its size")
    outer = [_grown(box, ring) for box in boxes]
    width = max(size[0], *(box.right for box in outer))
    height = max(size[1], *(box.bottom for box in outer))
    sheet = np.zeros((height, width, 4), np.uint8)
    filled = np.zeros(sheet.shape[:2], bool)
    across, down = ring
    for tile, box in zip(tiles, outer, strict=True):
        place = slice(box.y, box.bottom), slice(box.x, box.right)
        around = ((down, down), (across, across), (0, 0))
        sheet[place] = np.pad(with_alpha(tile), around, mode="edge")
        filled[place] = True
    has_alpha = any(tile.shape[2] == 4 for tile in tiles) or not filled.all()
    return sheet if has_alpha else sheet[..., :3].copy()


def span(start: int, length: int, cell: float, limit: int | None = None) -> tuple[int, int]:
    """Start and length in cells, borders rounded, at least one long, and ending at ``limit`` at the
    latest.
    """
    first = round_half_up(start / cell)
    last = max(first + 1, round_half_up((start + length) / cell))
    if limit is not None and last > limit:
        first, last = max(0, min(first, limit - 1)), max(1, limit)
    return first, last - first


def _grown(box: Box, ring: tuple[int, int]) -> Box:
    """The box with a ring around it."""
    across, down = ring
    return Box(box.x - across, box.y - down, box.width + 2 * across, box.height + 2 * down)


def _around(image: np.ndarray, wide: int) -> np.ndarray:
    """The distinct colours of the outermost pixels, all transparent ones as one, ``(n, C)``."""
    sides = (image[:wide], image[-wide:], image[:, :wide], image[:, -wide:])
    pixels = np.concatenate([side.reshape(-1, image.shape[2]) for side in sides])
    if image.shape[2] == 4:
        pixels = np.where(pixels[:, 3:] > 0, pixels, 0)
    return np.unique(pixels, axis=0)


def _spread(starts: set[int], length: int, new_length: int, cell: float) -> dict[int, int] | None:
    """Along one side, new starts of tiles of one length, gaps kept; None if the tiles overlap."""
    places, end, new_end = {}, 0, 0
    for start in sorted(starts):
        if start < end:
            return None
        # a gap stays one, however narrow: who cuts the sheet counts on it
        places[start] = new_end + (cell_count(start - end, cell) if start > end else 0)
        end, new_end = start + length, places[start] + new_length
    return places


def _pushed(
    along: np.ndarray, beside: np.ndarray, lengths: np.ndarray, cell: float, *, always: bool
) -> np.ndarray:
    """Along one side, new starts of tiles anywhere.

    Each goes to the nearest cell border, or behind the tiles before it: those that end where it
    begins, or earlier, and share rows with it (columns, if the side is down).

    Args:
        along: start and end of every tile along the side, in pixels, int64 ``(n, 2)``.
        beside: the same along the other side.
        lengths: of the tiles along the side, in cells, int64 ``(n,)``.
        cell: length of a cell in pixels.
        always: also behind the tiles before it that share no rows with it, without a gap.
    """
    lanes = np.unique(beside)
    first, last = np.searchsorted(lanes, beside).T
    ends = np.zeros(len(lanes), np.int64)  # of the last tile in each lane, in pixels
    new_ends = np.zeros(len(lanes), np.int64)  # in cells
    begun = np.zeros(len(lanes), bool)  # by a tile, which may not have ended
    starts = np.zeros(len(along), np.int64)
    by_end = along[:, 1].argsort(kind="stable")
    done, furthest = 0, 0
    for tile in along[:, 0].argsort(kind="stable"):
        start = int(along[tile, 0])
        while done < len(by_end) and along[by_end[done], 1] <= start:
            before = by_end[done]
            passed = slice(first[before], last[before])
            new_end = int(starts[before] + lengths[before])
            ends[passed] = along[before, 1]
            new_ends[passed] = np.maximum(new_ends[passed], new_end)
            furthest = max(furthest, new_end)
            done += 1
        lane = slice(first[tile], last[tile])
        # a gap stays one, and so does a margin, unless another tile lies there
        gap = (ends[lane] < start) & ((ends[lane] > 0) | ~begun[lane])
        least = int((new_ends[lane] + gap).max())
        begun[lane] = True
        starts[tile] = max(round_half_up(start / cell), least, furthest if always else 0)
    return starts


def _edges(boxes: Sequence[Box]) -> np.ndarray:
    """Left, top, right, bottom: int64 ``(n, 4)``."""
    return np.array([(box.x, box.y, box.right, box.bottom) for box in boxes], np.int64).reshape(
        -1, 4
    )
