"""Temporal coherence: a cell keeps its colour until its source gives it a reason to change.

A sprite is voted for every frame by itself. So noise in the source, or movement anywhere in what a
network sees, may tip a cell over to another colour although nothing happened there. The temporal
vote says, for every cell of every frame, which frame's decision it takes. A *decision* is the
colour that the sprite of some frame gave to the cell. Every cell remembers up to ``memory``
pictures of its source pixels, each with the decision that was taken for them. In every frame:

1. **Still.** If the cell looks like a remembered picture, the picture's decision is taken. That is
   so if no pixel differs by more than ``still`` (of 255) in any channel. Single pixels may differ
   by up to ``8 * still`` if the mean over the cell is at most ``0.625 * still``: palettes of GIF
   frames do that. A thin stroke that moves changes its pixels by more. Of several
   pictures, it is that of the one used last. So a still cell cannot change. A slow drift is
   measured from the decision instead of from the frame before. A cell that comes out from behind
   something gets back the colour it had.
2. **Hysteresis.** Otherwise the new colour is compared with the decision that the cell took in the
   frame before. If it is less than ``hysteresis`` away and has the same alpha, that decision stays,
   and is remembered for the new picture as well. So changes too small to notice are not drawn. They
   cannot add up either, because the distance is always to the decision's colour. At worst, a slow
   fade ends ``still`` and ``hysteresis`` together away from the true colour.
3. **Change.** Otherwise the cell takes the colour of this frame, and remembers the picture with it.

A full memory forgets the picture that was seen in the fewest frames; of several such, the one seen
last. So the background stays while a wide sprite passes in front of it.

Pixels and colours are compared premultiplied with alpha, so hidden colours never count. Distances
between colours are Euclidean in the space of :func:`pixelization.color.oklab.perceptual`, where
about 0.02 is just noticeable.

The colours themselves are gathered afterwards, by :func:`gather`. What is done to the gathered
sprites cell by cell keeps them still. Clean-up looks at neighbours: it may change a cell where they
change. Dithering that spreads errors looks at the whole sprite. So its result is gathered once
more, from the frames that :func:`first_alike` names.
"""

from collections.abc import Sequence

import numpy as np

from pixelization.cells.voting import mean_per_cell, paint_cells, per_cell
from pixelization.color.oklab import perceptual
from pixelization.images.sprites import check_sprite
from pixelization.pipeline.style import Style

STILL_MEAN = 0.625
"""Most mean difference over a cell, in units of ``still``, of pictures that differ in places.

A GIF with a palette per frame had up to 0.61 (cells of 4 and 8 px).
"""
STILL_PEAK = 8
"""Most difference of a pixel in such pictures, in units of ``still``; the GIF had up to 5.5."""


class TemporalVote:
    """Decides frame by frame which cells of a sprite change; see the module for the rule.

    Between calls it holds ``memory`` images of the source's size.

    Args:
        still: largest difference of all pixels of a cell, of 255, that is no change: compression
            and noise stay below it. Single pixels may differ by more, see the module.
        hysteresis: smallest difference in colour that is drawn, in [0, 1]; 0 switches rule 2 off.
        memory: pictures remembered per cell, at least 1.

    Raises:
        ValueError: a parameter is out of range.
    """

    def __init__(
        self,
        *,
        still: int = Style.still,
        hysteresis: float = Style.hysteresis,
        memory: int = 3,
    ) -> None:
        if not (0 <= still <= 255 and hysteresis >= 0 and memory >= 1):
            raise ValueError(
                f"still={still}, hysteresis={hysteresis} or memory={memory} is out of range"
            )
        self.still, self.hysteresis, self.memory = still, hysteresis, memory
        self._frames = 0

    def vote(self, source: np.ndarray, sprite: np.ndarray) -> np.ndarray:
        """Take the next frame.

        Args:
            source: the frame at full size, uint8 ``(H, W, 3)`` or ``(H, W, 4)``.
            sprite: the sprite voted for it, uint8 ``(h, w, 3)`` or ``(h, w, 4)``.

        Returns:
            int32 ``(h, w)``: the frame, counted from 0 in the order of the calls, whose colour each
                cell takes.

        Raises:
            ValueError: the arrays are not uint8 RGB or RGBA, a cell would own no pixel, or frames
                differ in shape.
        """
        source, sprite = _premultiplied(source), _premultiplied(sprite)
        grid_size = sprite.shape[:2]
        if self._frames == 0:
            self._allocate(source.shape, sprite.shape)
        shapes = self._pictures.shape[1:], self._colors.shape[1:]
        if (source.shape, sprite.shape) != shapes:
            raise ValueError(
                f"expected a source and a sprite of shapes {shapes} as before, "
                f"got {source.shape}, {sprite.shape}"
            )

        known = np.stack(
            [_unchanged(picture, source, grid_size, self.still) for picture in self._pictures]
        )
        known &= self._used >= 0  # what no frame has used yet is empty
        still = known.any(axis=0)
        match = np.where(known, self._used, -1).argmax(axis=0)
        last = self._used.argmax(axis=0)
        alike = self._alike(_take(self._colors, last), sprite) & (_take(self._used, last) >= 0)

        slot = np.where(still, match, self._least_seen())
        decision = np.where(still, match, last)
        new = ~still & ~alike
        origin = np.where(new, self._frames, _take(self._origins, decision)).astype(np.int32)
        colors = np.where(new[..., None], sprite, _take(self._colors, decision))
        for index, picture in enumerate(self._pictures):
            replaced = ~still & (slot == index)
            if replaced.any():
                np.copyto(picture, source, where=paint_cells(replaced, source.shape[:2])[..., None])

        place = slot, *np.ogrid[: grid_size[0], : grid_size[1]]
        self._seen[place] = np.where(still, self._seen[place], 0) + 1
        self._used[place], self._origins[place], self._colors[place] = self._frames, origin, colors
        self._frames += 1
        return origin

    def _allocate(self, source_shape: tuple[int, ...], sprite_shape: tuple[int, ...]) -> None:
        """The memory: slots, each with a picture of every cell and the decision for it."""
        slots = (self.memory, *sprite_shape[:2])
        self._pictures = np.zeros((self.memory, *source_shape), np.uint8)
        self._origins = np.zeros(slots, np.int32)
        self._colors = np.zeros((self.memory, *sprite_shape), np.uint8)
        self._used = np.full(slots, -1, np.int32)  # the last frame that showed the picture
        self._seen = np.zeros(slots, np.int32)  # in how many frames it was

    def _alike(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Where two sprites differ by less than ``hysteresis``: bool ``(h, w)``."""
        distance = np.linalg.norm(perceptual(before[..., :3]) - perceptual(after[..., :3]), axis=2)
        return (distance < self.hysteresis) & (before[..., 3:] == after[..., 3:]).all(axis=2)

    def _least_seen(self) -> np.ndarray:
        """The slot to overwrite, an empty one if there is one: int ``(h, w)``."""
        fewest = self._seen == self._seen.min(axis=0)
        return np.where(fewest, self._used, -2).argmax(axis=0)


def gather(sprites: Sequence[np.ndarray], origins: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The colours of every frame, taken from the frames that decided them.

    Args:
        sprites: the finished sprites of frames 0, 1, ..., uint8 ``(h, w, C)`` each.
        origins: what :meth:`TemporalVote.vote` returned for them, ``(h, w)`` each.

    Returns:
        As many sprites: the cell of frame ``t`` is that of ``sprites[origins[t]]``.

    Raises:
        ValueError: there are not as many origins as sprites, or they differ in shape.
    """
    shapes = {sprite.shape for sprite in sprites}
    if (
        len(sprites) != len(origins)
        or len(shapes) > 1
        or any(origin.shape not in {s[:2] for s in shapes} for origin in origins)
    ):
        raise ValueError(
            f"{len(sprites)} sprites of shapes {sorted(shapes)} do not fit {len(origins)} origins"
        )
    if not sprites:
        return []
    stack = np.stack(sprites)
    return [_take(stack, origin) for origin in origins]


def first_alike(sprites: Sequence[np.ndarray], origins: Sequence[np.ndarray]) -> list[np.ndarray]:
    """For every cell the first frame that shows the same decision in the same colour.

    Args:
        sprites: gathered and then cleaned up, uint8 ``(h, w, 4)`` each.
        origins: the decisions, as of :func:`gather`.

    Returns:
        What :func:`gather` takes as origins, int ``(h, w)`` each. In a cell that nothing but
        :func:`gather` has changed, it is the origin itself.
    """
    first = np.empty((len(sprites), *origins[0].shape), np.intp)
    for row in range(first.shape[1]):  # which bounds the memory
        colors = np.stack([sprite[row] for sprite in sprites]).view(np.uint32)[..., 0]
        keys = np.stack([origin[row] for origin in origins]).astype(np.int64) << 32 | colors
        # in every cell, frames of one key are together, in order of time
        order = keys.argsort(axis=0, kind="stable")
        ranked = np.take_along_axis(keys, order, axis=0)
        leads = np.where(
            np.diff(ranked, axis=0, prepend=-1) != 0, np.arange(len(sprites))[:, None], 0
        )
        leaders = np.take_along_axis(order, np.maximum.accumulate(leads, axis=0), axis=0)
        np.put_along_axis(first[:, row], order, leaders, axis=0)
    return list(first)


def _premultiplied(image: np.ndarray) -> np.ndarray:
    """RGB, or RGBA with the colours times alpha; ``ValueError`` for anything else."""
    check_sprite(image)
    if image.shape[2] == 3:
        return image
    alpha = image[..., 3:]
    colors = (image[..., :3].astype(np.uint16) * alpha + 127) // 255
    return np.dstack([colors.astype(np.uint8), alpha])


def _unchanged(
    before: np.ndarray, after: np.ndarray, grid_size: tuple[int, int], still: int
) -> np.ndarray:
    """Which cells of two pictures are alike, as rule 1 of the module says: bool ``(h, w)``."""
    change = (np.maximum(before, after) - np.minimum(before, after)).max(axis=2)
    largest = per_cell(np.maximum, change, grid_size).astype(int)
    mean = mean_per_cell(change, grid_size)
    in_places = (mean <= STILL_MEAN * still) & (largest <= STILL_PEAK * still)
    return (largest <= still) | in_places


def _take(stack: np.ndarray, index: np.ndarray) -> np.ndarray:
    """For every cell ``index (h, w)`` of ``stack (n, h, w, ...)``."""
    rows, columns = np.ogrid[: index.shape[0], : index.shape[1]]
    return stack[index, rows, columns]
