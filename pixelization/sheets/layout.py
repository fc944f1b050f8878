"""Tiles of a sheet, and where each goes in the reduced sheet.

All sizes are (width, height) and all positions (x, y), from the top left corner.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pixelization.cells.sizes import cell_count, round_half_up
from pixelization.errors import UserError
from pixelization.images.alpha import with_alpha


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


def grid_tiles(sheet_size: tuple[int, int], tile: tuple[int, int]) -> list[Box]:
    """Cut a sheet into tiles of one size, row by row.

    Args:
        sheet_size: (width, height) in pixels.
        tile: (width, height) in pixels.

    Raises:
        UserError: the tiles do not fill the sheet exactly.
    """
    for name, total, length in zip(("width", "height"), sheet_size, tile, strict=True):
        if length < 1 or total % length:
            fitting = [side for side in range(1, total + 1) if total % side == 0]
            below = max((side for side in fitting if side < length), default=1)
            above = min((side for side in fitting if side > length), default=total)
            raise UserError(
                f"tiles of {tile[0]}x{tile[1]} do not fill a sheet of "
                f"{sheet_size[0]}x{sheet_size[1]} pixels: "
                f"of its {name}, {total}, tiles of {' or '.join(map(str, sorted({below, above})))} "
                "would"
            )
    return [
        Box(x, y, *tile)
        for y in range(0, sheet_size[1], tile[1])
        for x in range(0, sheet_size[0], tile[0])
    ]


def scale_layout(boxes: Sequence[Box], cell: tuple[float, float]) -> list[Box]:
    """Where tiles go in the reduced sheet.

    Tiles of one size in rows and columns get one size again, so that frames of an animation do not
    differ; they stay edge to edge, or as far apart as they were, at least one cell. Other tiles get
    the nearest cell borders, and at least one cell.

    Args:
        boxes: tiles in pixels.
        cell: (width, height) of a cell in pixels.

    Returns:
        As many boxes, in cells; they do not overlap unless the tiles do.

    Raises:
        UserError: tiles smaller than a cell would overlap.
    """
    if len({(box.width, box.height) for box in boxes}) == 1:
        columns = _spread({box.x for box in boxes}, boxes[0].width, cell[0])
        rows = _spread({box.y for box in boxes}, boxes[0].height, cell[1])
        if columns and rows:
            return [
                Box(
                    columns[b.x],
                    rows[b.y],
                    cell_count(b.width, cell[0]),
                    cell_count(b.height, cell[1]),
                )
                for b in boxes
            ]
    spans = [(span(box.x, box.width, cell[0]), span(box.y, box.height, cell[1])) for box in boxes]
    targets = [Box(x, y, width, height) for (x, width), (y, height) in spans]
    collision = _new_overlap(boxes, targets, cell)
    if collision:
        first, second = (boxes[index] for index in collision)
        raise UserError(
            f"the tiles at {first.x},{first.y} and {second.x},{second.y} would overlap: "
            f"they are smaller than a cell of {cell[0]:g}x{cell[1]:g} pixels; give a smaller "
            "cell size"
        )
    return targets


def assemble(tiles: Sequence[np.ndarray], boxes: Sequence[Box]) -> np.ndarray:
    """Put tiles together.

    Args:
        tiles: sprites, uint8 ``(h, w, 3)`` or ``(h, w, 4)``.
        boxes: where each goes, in cells, of its size; at least one.

    Returns:
        uint8, just large enough for all boxes: ``(H, W, 4)`` if a tile has alpha or the tiles leave
            a gap, which is transparent, else ``(H, W, 3)``.

    Raises:
        ValueError: tiles and boxes do not fit.
    """
    if [tile.shape[:2] for tile in tiles] != [
        (box.height, box.width) for box in boxes
    ] or not boxes:
        raise ValueError("every tile needs a box of its size")
    sheet = np.zeros(
        (max(box.bottom for box in boxes), max(box.right for box in boxes), 4), np.uint8
    )
    filled = np.zeros(sheet.shape[:2], bool)
    for tile, box in zip(tiles, boxes, strict=True):
        place = slice(box.y, box.bottom), slice(box.x, box.right)
        sheet[place] = with_alpha(tile)
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


def _spread(starts: set[int], length: int, cell: float) -> dict[int, int] | None:
    """Along one side, new starts of tiles of one length, gaps kept; None if the tiles overlap."""
    places, end, new_end = {}, 0, 0
    for start in sorted(starts):
        if start < end:
            return None
        # a gap stays one, however narrow: who cuts the sheet counts on it
        gap = max(1, round_half_up((start - end) / cell)) if start > end else 0
        places[start] = new_end + gap
        end, new_end = start + length, places[start] + cell_count(length, cell)
    return places


def _new_overlap(
    boxes: Sequence[Box], targets: Sequence[Box], cell: tuple[float, float]
) -> tuple[int, int] | None:
    """Indices, in order, of two tiles that overlap as targets only; None if there are none.

    Borders are rounded in order, so only a tile that was widened to one cell can overlap anew.
    Without such tiles nothing is compared, else tiles of shared columns.
    """
    widened = any(
        round_half_up(box.right / cell[0]) < target.right
        or round_half_up(box.bottom / cell[1]) < target.bottom
        for box, target in zip(boxes, targets, strict=True)
    )
    if not widened:
        return None
    before, after = _edges(boxes), _edges(targets)
    if len(np.unique(after[:, 1])) > len(np.unique(after[:, 0])):
        # a column of tiles: the rows tell more of them apart
        before, after = before[:, [1, 0, 3, 2]], after[:, [1, 0, 3, 2]]
    order = after[:, 0].argsort(kind="stable")
    before, after = before[order], after[order]
    ends = np.searchsorted(after[:, 0], after[:, 2])
    for index, end in enumerate(ends):
        # these begin within it, all behind them begin beyond it
        others = slice(index + 1, end)
        anew = _overlaps(after[others], after[index]) & ~_overlaps(before[others], before[index])
        if anew.any():
            first, second = sorted((order[index], order[index + 1 + int(anew.argmax())]))
            return int(first), int(second)
    return None


def _edges(boxes: Sequence[Box]) -> np.ndarray:
    """Left, top, right, bottom: int64 ``(n, 4)``."""
    return np.array([(box.x, box.y, box.right, box.bottom) for box in boxes], np.int64).reshape(
        -1, 4
    )


def _overlaps(edges: np.ndarray, one: np.ndarray) -> np.ndarray:
    """Which of ``(n, 4)`` share a cell with one of ``(4,)``: bool ``(n,)``."""
    return np.all((edges[:, :2] < one[2:]) & (one[:2] < edges[:, 2:]), axis=1)
