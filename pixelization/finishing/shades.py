"""Shades that no eye tells apart become one: what is drawn as one fill is one colour."""

from collections.abc import Sequence

import numpy as np

from pixelization.color.oklab import oklab
from pixelization.color.packing import pack, unpack

BOX_STRIDES = np.array([2**40, 2**20, 1])
ROWS = np.array(
    [[row - 1, row + 2] for row in np.add.outer([-(2**40), 0, 2**40], [-(2**20), 0, 2**20]).flat]
)


def merge_shades(
    sprites: Sequence[np.ndarray], distance: float, commoner: float = 1
) -> list[np.ndarray]:
    """Give colours nearer than ``distance`` to a commoner one that one, in all sprites alike.

    The commonest colour goes first and takes all that are near it; then the commonest of the rest,
    and so on. So, with ``commoner=1``, no two colours that are left are nearer than ``distance``.
    None moves further than that.

    Args:
        sprites: uint8 ``(h, w, 3)`` or ``(h, w, 4)``; transparent cells neither count nor change.
        distance: in Oklab; 0 changes nothing.
        commoner: how many times as many cells a colour must have to take another. The strays of a
            flat fill are rare beside it; the shades of a gradient are about equally common.
    """
    seen = [_visible(sprite) for sprite in sprites]
    if distance == 0 or not any(mask.any() for mask in seen):
        return list(sprites)
    drawn = [pack(sprite[mask][:, :3]) for sprite, mask in zip(sprites, seen, strict=True)]
    packed, counts = np.unique(np.concatenate(drawn), return_counts=True)
    taken = packed[_representatives(oklab(unpack(packed)), counts, distance, commoner)]
    merged = []
    for sprite, mask, colors in zip(sprites, seen, drawn, strict=True):
        result = sprite.copy()
        result[mask, :3] = unpack(taken[np.searchsorted(packed, colors)])
        merged.append(result)
    return merged


def _visible(sprite: np.ndarray) -> np.ndarray:
    return sprite[..., 3] > 0 if sprite.shape[2] == 4 else np.ones(sprite.shape[:2], bool)


def _representatives(
    places: np.ndarray, counts: np.ndarray, distance: float, commoner: float
) -> np.ndarray:
    """For each colour, in Oklab, the index of the one that it becomes.

    Colours are sorted into boxes of side ``distance``, since only the 27 boxes around one can hold
    what is near. Three of these, along the last axis, follow one another.
    """
    boxes = np.floor(places / distance).astype(np.int64) @ BOX_STRIDES
    order = np.argsort(boxes, kind="stable")
    sorted_boxes, sorted_places, sorted_counts = boxes[order], places[order], counts[order]
    becomes = np.full(len(places), -1)  # in that order
    rank = np.empty(len(places), int)
    rank[order] = np.arange(len(places))
    for index in np.argsort(-counts, kind="stable"):
        if becomes[rank[index]] < 0:
            rows = np.searchsorted(sorted_boxes, boxes[index] + ROWS)
            near = np.concatenate([np.arange(first, end) for first, end in rows])
            apart = np.square(sorted_places[near] - places[index]).sum(1)
            free = (apart < distance**2) & (becomes[near] < 0)
            rare = sorted_counts[near] * commoner <= counts[index]
            becomes[near[free & rare]] = index
            becomes[rank[index]] = index
    return becomes[rank]
