"""What the picture shows twice looks the same in the sprite.

Two eyes of a face lie differently on the grid, so networks draw a block of one and a cross of the
other. An artist draws one and copies it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from pixelization.reducers.motifs import Motif, find_motifs
from pixelization.reducers.shown import alike, planes, weighed

UNLIKE = 16  # levels; pixels that differ by more are not the same
WRONG = 0.1  # of a motif's pixels that are not the same, from which it is another
MARGIN = 3  # pixels by which sizes of the same may differ
MOST_COMPARED = 32  # pixels along a side
NOTHING_ALIKE = 0.5  # of pixels that are not the same, from which no other places are tried
RATHER = 0.02  # share of pixels by which a mirror image has to be nearer to be taken for one
MOST_MOTIFS = 64  # of more, a picture is a texture
MOST_TRIED = 8  # drawings of a motif; more of them are hardly ever different
MOST_CELLS = 1 << 14  # of more, the sprite is so large that its cells show every motif well
SAMPLES = 8  # per side of a cell at least, that are looked at
ROOM = 0.8  # share of a cell that is motif and ground, from which the motif may be drawn there
WORSE = 1.3  # times the error, up to which one drawing for all is taken


@dataclass(frozen=True, eq=False)
class Drawing:
    """A motif as the sprite shows it, in the window of cells around it.

    Attributes:
        center: of the motif, in cells, (y, x).
        mirrored: whether it shows the mirror image of its group's first.
        corner: of the window, in cells, (y, x).
        colors: of its cells in the sprite, int ``(h, w, 4)``.
        shown: mean colours of the picture, float ``(h, w, 4)``.
        room: where the motif may be drawn, bool ``(h, w)``.
        near: where it is or may be expected, bool ``(h, w)``.
        drawn: where it is, bool ``(h, w)``.
        ground: colour of the sprite around it, uint8 ``(4,)``.
    """

    center: np.ndarray
    mirrored: bool
    corner: np.ndarray
    colors: np.ndarray
    shown: np.ndarray
    room: np.ndarray
    near: np.ndarray
    drawn: np.ndarray
    ground: np.ndarray

    def window(self, sprite: np.ndarray) -> np.ndarray:
        """The window of a sprite, a view."""
        (top, left), (height, width) = self.corner, self.room.shape
        return sprite[top : top + height, left : left + width]

    def moved(self, other: "Drawing") -> tuple[float, np.ndarray]:
        """How well the drawing of another motif fits here, moved by whole cells, and mirrored if
        one shows the mirror image of the other.

        Returns:
            The square error against the picture; infinite, if there is no room. The cells of the
            window in the order of those of the other drawing, ``(n, 2)``.
        """
        cells = np.argwhere(other.drawn)
        if other is self:
            return self.error(cells, other.colors[other.drawn]), cells
        away = cells + other.corner + 0.5 - other.center
        if other.mirrored != self.mirrored:
            away *= (1, -1)
        wanted = away + self.center - self.corner - 0.5
        best = np.inf, cells
        for step in np.ndindex(2, 2):
            places = np.floor(wanted + 1e-6).astype(int) + step
            fits = (places >= 0).all() and (places < self.room.shape).all()
            if fits and self.room[tuple(places.T)].all():
                error = self.error(places, other.colors[other.drawn])
                best = min(best, (error, places), key=lambda each: each[0])
        return best

    def error(self, places: np.ndarray, colors: np.ndarray) -> float:
        """The square error against the picture, if the motif were drawn in these cells only."""
        touched, sprite = self.near.copy(), self.colors.copy()
        sprite[self.drawn] = self.ground
        sprite[tuple(places.T)] = colors
        touched[tuple(places.T)] = True
        return float(np.square(sprite[touched] - self.shown[touched]).sum())


def unite_twins(pixels: np.ndarray, sprite: np.ndarray) -> np.ndarray:
    """Draw motifs that are the same, or mirror images, in the same way.

    One of their drawings is taken for all, moved by whole cells: the one with the least square
    error against the picture, if it is not much worse than all have together.

    Args:
        pixels: the picture, uint8 RGBA ``(H, W, 4)``.
        sprite: uint8 RGBA ``(h, w, 4)``.

    Returns:
        A new sprite, or the same one where nothing is to be done.
    """
    sides = pixels.shape[0] / sprite.shape[0], pixels.shape[1] / sprite.shape[1]
    step = max(1, int(min(sides) / SAMPLES))
    seen = pixels[::step, ::step]
    if min(sides) < 2 or sprite.shape[0] * sprite.shape[1] > MOST_CELLS:
        return sprite
    cell = seen.shape[0] / sprite.shape[0], seen.shape[1] / sprite.shape[1]
    seen = weighed(seen)
    areas, found = find_motifs(seen, cell)
    motifs = list(islice(found, MOST_MOTIFS + 1))
    if len(motifs) > MOST_MOTIFS:
        return sprite
    result = sprite
    for group in _groups(motifs):
        drawings = [_drawing(seen, sprite, areas, *each) for each in group]
        whole = [each for each in drawings if each is not None]
        if len(whole) < len(drawings):
            continue
        own = sum(each.moved(each)[0] for each in whole)
        tried = [[each.moved(other) for each in whole] for other in whole[:MOST_TRIED]]
        errors = [sum(error for error, _ in each) for each in tried]
        best = int(np.argmin(errors))
        if errors[best] > WORSE * own:
            continue
        united = result.copy()
        for each in whole:  # all first: what is between two may count to both
            each.window(united)[each.drawn] = each.ground
        for each, (_, places) in zip(whole, tried[best], strict=True):
            each.window(united)[tuple(places.T)] = whole[best].colors[whole[best].drawn]
        if not alike(planes(united), planes(result)).all():  # not for a few levels of a shade
            result = united
    return result


def _groups(motifs: Sequence[Motif]) -> list[list[tuple[Motif, bool]]]:
    """Motifs that are the same, two and more, and which are mirror images of their first."""
    groups: list[list[tuple[Motif, bool]]] = []
    for motif in motifs:
        for group in groups:
            same, mirrored = (_unlike(group[0][0], motif, mirrored=flip) for flip in (False, True))
            if min(same, mirrored) < WRONG:
                group.append((motif, mirrored < same - RATHER))
                break
        else:
            groups.append([(motif, False)])
    return [group for group in groups if len(group) > 1]


def _unlike(first: Motif, second: Motif, *, mirrored: bool) -> float:
    """Which share of their pixels are not the same, where they lie on one another best."""
    sides = np.array([first.mask.shape, second.mask.shape])
    other_size = (np.abs(sides[0] - sides[1]) > MARGIN).any()
    if other_size or np.abs(first.mean - second.mean).max() > UNLIKE:
        return 1.0
    every = -(-sides.max() // MOST_COMPARED)
    turn = slice(None, None, -1 if mirrored else 1)
    here, there = (
        [part[::every, ::every] for part in each]
        for each in (
            (first.mask[:, turn], first.colors[:, turn]),
            (second.mask, second.colors),
        )
    )
    if not (here[0].any() and there[0].any()):  # strokes between what is looked at
        return 1.0
    sides = np.array([here[0].shape, there[0].shape])
    size = sides.max(axis=0) + 2
    middle = (size - sides) // 2
    mask, colors = (_padded(each, size, middle[1]) for each in there)

    def share(place: Sequence[int]) -> float:
        """With the first one in this place."""
        other, theirs = (_padded(each, size, place) for each in here)
        differ = (np.abs(colors - theirs).max(axis=2) > UNLIKE) | (mask != other)
        either = mask | other
        return float((differ & either).sum() / either.sum())

    if share(middle[0]) > NOTHING_ALIKE:
        return 1.0
    return min(share(place) for place in np.ndindex(*(size - sides[0] + 1)))


def _padded(box: np.ndarray, size: np.ndarray, place: Sequence[int]) -> np.ndarray:
    """A box in a larger one, elsewhere 0."""
    result = np.zeros((*size, *box.shape[2:]), box.dtype)
    result[place[0] : place[0] + box.shape[0], place[1] : place[1] + box.shape[1]] = box
    return result


def _drawing(
    pixels: np.ndarray, sprite: np.ndarray, areas: np.ndarray, motif: Motif, mirrored: bool
) -> Drawing | None:
    """How the sprite shows a motif; None where it does not, or something else is in the way."""
    cells, sides = np.array(sprite.shape[:2]), np.array(pixels.shape[:2])
    start, size = np.array([motif.top, motif.left]), np.array(motif.mask.shape)
    first = (start * cells // sides - 2).clip(0)
    last = ((start + size - 1) * cells // sides + 3).clip(None, cells)
    bounds = [
        -(-np.arange(low, high + 1) * side // count)
        for low, high, side, count in zip(first, last, sides, cells, strict=True)
    ]
    window = tuple(slice(each[0], each[-1]) for each in bounds)
    own = np.zeros([each[-1] - each[0] for each in bounds], bool)
    inner = start - [each[0] for each in bounds]
    own[inner[0] : inner[0] + size[0], inner[1] : inner[1] + size[1]] = motif.mask
    motif_share, ground_share, shown = (
        _means(each, bounds) for each in (own, areas[window] == motif.ground, pixels[window])
    )
    room = motif_share + ground_share >= ROOM
    own_cells = np.pad(motif_share > 0, 1)
    beside = own_cells[:-2, 1:-1] | own_cells[2:, 1:-1] | own_cells[1:-1, :-2] | own_cells[1:-1, 2:]
    near = (beside | own_cells[1:-1, 1:-1]) & room
    around = near & (motif_share == 0)
    if not around.any() or (~room & (motif_share > 0.5)).any():
        return None
    colors = sprite[first[0] : last[0], first[1] : last[1]]
    found, counts = np.unique(colors[around], axis=0, return_counts=True)
    ground = found[counts.argmax()]
    many = weighed(colors)
    drawn = near & ~alike(many.transpose(2, 0, 1), weighed(ground)[:, None, None])
    if not drawn.any():
        return None
    center = (start + size / 2) * cells / sides
    return Drawing(center, mirrored, first, many, shown, room, near, drawn, ground)


def _means(values: np.ndarray, bounds: Sequence[np.ndarray]) -> np.ndarray:
    """Means over cells of ``(H, W)`` or ``(H, W, C)``; the bounds of the cells are those in it."""
    rows, columns = (each[:-1] - each[0] for each in bounds)
    sums = np.add.reduceat(np.add.reduceat(values.astype(float), rows, axis=0), columns, axis=1)
    pixels = np.diff(bounds[0])[:, None] * np.diff(bounds[1])
    return np.asarray(sums / pixels.reshape(pixels.shape + (1,) * (values.ndim - 2)))
