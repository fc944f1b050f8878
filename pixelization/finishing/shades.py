"""Shades that no eye tells apart become one: what is drawn as one fill is one colour."""

from collections.abc import Sequence

import numpy as np

from pixelization.color.oklab import FLARE, oklab
from pixelization.color.packing import pack, unpack
from pixelization.images.sprites import opaque_cells

GRADIENT = 0.4  # share of the cells beside a shade, of those near in colour, that become others


def merge_shades(
    sprites: Sequence[np.ndarray], distance: float, commoner: float = 1
) -> list[np.ndarray]:
    """Give colours nearer than ``distance`` to a commoner one that one, in all sprites alike.

    The commonest colour goes first and takes all that are near it; then the commonest of the rest,
    and so on. So, with ``commoner=1``, no two colours that are left are nearer than ``distance``.
    None moves further than that.

    With ``commoner`` above 1, gradients stay: a shade does where more than ``GRADIENT`` of the
    cells beside it, of those that are near in colour, become another one than it. The very tip of
    a small gradient may still join.

    Args:
        sprites: uint8 ``(h, w, 3)`` or ``(h, w, 4)``; transparent cells neither count nor change.
        distance: in Oklab as a display shows it, whose black is not quite dark; 0 changes nothing.
        commoner: how many times as many cells a colour must have to take another. The strays of a
            flat fill are rare beside it; the shades of a gradient are about equally common.
    """
    seen = [opaque_cells(sprite) for sprite in sprites]
    if distance == 0 or not any(mask.any() for mask in seen):
        return list(sprites)
    drawn = [
        pack(sprite).ravel() if mask.all() else pack(sprite)[mask]
        for sprite, mask in zip(sprites, seen, strict=True)
    ]
    packed, counts = np.unique(np.concatenate(drawn), return_counts=True)
    if counts.max() < commoner * counts.min():  # none may take another
        return list(sprites)
    places = oklab(unpack(packed), FLARE)
    becomes = _representatives(places, counts, distance, commoner)
    shades = [np.searchsorted(packed, colors) for colors in drawn]
    if commoner > 1 and (becomes != np.arange(len(becomes))).any():
        becomes = _without_gradients(becomes, _near_pairs(seen, shades, places, distance))
    merged = []
    for sprite, mask, shade in zip(sprites, seen, shades, strict=True):
        result = sprite.copy()
        result[mask, :3] = unpack(packed[becomes[shade]])
        merged.append(result)
    return merged


def _representatives(
    places: np.ndarray, counts: np.ndarray, distance: float, commoner: float
) -> np.ndarray:
    """For each colour, in Oklab, the index of the one that it becomes.

    Colours are sorted by lightness, since only those of about the same one can be near.
    """
    order = np.argsort(places[:, 0], kind="stable")
    sorted_places, sorted_counts = places[order], counts[order]
    free = np.ones(len(places), bool)  # in that order, as is what follows
    becomes = order.copy()
    rank = np.empty(len(places), int)
    rank[order] = np.arange(len(places))
    # Those that are too rare to take another one, as most in a photo are, come last.
    takers = np.argsort(-counts, kind="stable")[: np.sum(counts >= commoner * counts.min())]
    # a little further than the distance, so that rounding leaves none out
    reach = np.array([-1.001, 1.001]) * distance
    slabs = np.searchsorted(sorted_places[:, 0], places[takers, :1] + reach)
    for index, bounds in zip(takers, slabs, strict=True):
        slab = slice(*bounds)
        if free[rank[index]] and slab.stop - slab.start > 1:
            apart = np.square(sorted_places[slab] - places[index]).sum(1)
            rare = sorted_counts[slab] * commoner <= counts[index]
            near = (apart < distance**2) & free[slab] & rare
            near[rank[index] - slab.start] = True
            becomes[slab][near] = index
            free[slab] &= ~near
    return becomes[rank]


def _near_pairs(
    seen: Sequence[np.ndarray], shades: Sequence[np.ndarray], places: np.ndarray, distance: float
) -> np.ndarray:
    """Shades of cells side by side that differ by less than ``distance``: indices ``(2, n)``, every
    pair in both orders.

    Args:
        seen: which cells are drawn, bool ``(h, w)`` each.
        shades: of these, as indices.
        places: of the shades in Oklab.
    """
    pairs = []
    for mask, shade in zip(seen, shades, strict=True):
        cells = np.full(mask.shape, -1)
        cells[mask] = shade
        for one, other in ((cells[1:], cells[:-1]), (cells[:, 1:], cells[:, :-1])):
            differ = (one != other) & (one >= 0) & (other >= 0)
            both = np.stack([one[differ], other[differ]])
            apart = np.square(places[both[0]] - places[both[1]]).sum(axis=1)
            pairs.append(both[:, apart < distance**2])
    once = np.concatenate(pairs, axis=1)
    return np.concatenate([once, once[::-1]], axis=1)


def _without_gradients(becomes: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """What becomes of shades, those of gradients excepted, which stay.

    Where a shade's near neighbours become other ones than it, it is on the way from one to the
    other. If it stays, so may those between it and what would have taken it.
    """
    own, (shade, beside) = np.arange(len(becomes)), pairs
    near = np.bincount(shade, minlength=len(own))
    while True:
        others = np.bincount(shade[becomes[shade] != becomes[beside]], minlength=len(own))
        stays = (becomes != own) & (others > GRADIENT * near)
        if not stays.any():
            return becomes
        becomes = np.where(stays, own, becomes)
