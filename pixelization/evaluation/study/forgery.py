"""Forgeries: sprites that a method makes of drawings of artists' sprites."""

import numpy as np
import torch
from PIL import Image

from pixelization.errors import UserError
from pixelization.evaluation.methods import Method
from pixelization.evaluation.pairs import as_array
from pixelization.evaluation.study.key import ARTIST
from pixelization.evaluation.study.sheets import Row
from pixelization.palettes.assignment import apply_palette
from pixelization.palettes.extraction import ColorHistogram, fit_palette
from pixelization.training.data.artist_pairs.maker import PairMaker, PairOptions
from pixelization.training.data.artist_pairs.sprites import SpriteSet, centred

MARGIN = 2  # cells of nothing around a sprite


def forgery_rows(sprites: SpriteSet, method: Method, count: int, seed: int) -> list[Row]:
    """Sprites by artists beside what a method makes of their drawings.

    A drawing is deformed, its strokes are thinned, and it lies on nothing, but it has no colours,
    texture or details that the sprite does not have. The method's sprite has the same number of
    cells, and at most as many colours: those are fitted to it.

    Args:
        sprites: to choose of, by source and size as pairs do, no one twice.
        method: that pixelizes.
        count: rows.
        seed: of the choice and the drawings.

    Raises:
        UserError: there are not so many sprites.
    """
    if count > len(sprites):
        raise UserError(f"{count} rows are wanted, but there are {len(sprites)} sprites")
    rng = np.random.default_rng(seed)
    chances = np.diff(sprites.chances, prepend=0.0)
    chosen = rng.choice(len(sprites), count, replace=False, p=chances / chances.sum())
    rows = []
    for index in map(int, chosen):
        picture, target = _drawing(sprites, index, seed)
        made, _ = method.run(picture, (target.shape[1], target.shape[0]))
        forged = in_colors(made, len(np.unique(target[target[..., 3] > 0], axis=0)))
        pair = {ARTIST: Image.fromarray(target), method.name: Image.fromarray(forged)}
        rows.append(Row(sprites.paths[index].stem, None, pair))
    return rows


def in_colors(sprite: np.ndarray, count: int) -> np.ndarray:
    """A sprite, uint8 ``(h, w, 3 or 4)``, in at most ``count`` colours, as ``pixelize --colors``
    chooses them."""
    histogram = ColorHistogram()
    histogram.add(sprite)
    if not len(histogram.colors):
        return sprite  # nothing is seen
    return apply_palette(sprite, fit_palette(histogram, count))


def _drawing(sprites: SpriteSet, index: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A drawing and the sprite, both RGBA, the sprite in the middle of a square of cells."""
    sprite = sprites.sprites[index]
    cells = max(sprite.labels.shape) + 2 * MARGIN
    options = PairOptions(cells=cells, plain=0, extras=False)
    drawn = PairMaker(sprites, options).drawn_of([centred(sprite, cells)], (seed, index))
    target = torch.where(drawn.target[:, 3:] > 0, drawn.target, -1.0)  # black where nothing is
    return as_array(drawn.pictures[0]), as_array(target[0])
