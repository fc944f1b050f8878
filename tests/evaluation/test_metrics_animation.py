"""Flicker, by hand."""

import numpy as np
import pytest

from pixelization.evaluation.metrics.animation import flicker_share


def frames(*images):
    return [np.array(image, np.uint8)[..., None].repeat(3, axis=2) for image in images]


SOURCE = np.full((8, 8), 100)  # 2 x 2 cells of 4 x 4
SPRITE = np.full((2, 2), 100)


def changed(image, *places, by=100):
    image = image.copy()
    for place in places:
        image[place] += by
    return image


def test_change_with_a_cause_is_no_flicker():
    sources = frames(SOURCE, changed(SOURCE, (7, 0)))
    assert flicker_share(sources, frames(SPRITE, changed(SPRITE, (1, 0)))) == 0
    assert flicker_share(sources, frames(SPRITE, SPRITE)) == 0
    # Three cells are still, two of them change, one by a single level.
    flickering = changed(changed(SPRITE, (1, 0), (0, 0)), (1, 1), by=1)
    assert flicker_share(sources, frames(SPRITE, flickering)) == pytest.approx(2 / 3)


def test_noise_is_no_cause():
    sources, sprites = (
        frames(SOURCE, changed(SOURCE, (0, 0), by=4)),
        frames(SPRITE, changed(SPRITE, (0, 0))),
    )
    assert flicker_share(sources, sprites) == 1 / 4
    sources[1][0, 0] = (100, 100, 105)  # one channel is enough
    assert flicker_share(sources, sprites) == 0


def test_mean_over_pairs_that_have_still_cells():
    other = SOURCE + 50  # nothing is still between SOURCE and this
    sources = frames(SOURCE, SOURCE, other, other)
    sprites = frames(SPRITE, changed(SPRITE, (0, 0)), SPRITE, SPRITE)
    assert flicker_share(sources, sprites) == pytest.approx((1 / 4 + 0) / 2)
    assert flicker_share(sources[1:3], sprites[1:3]) == 0
    assert flicker_share(sources[:1], sprites[:1]) == flicker_share([], []) == 0


def test_cells_of_fractional_width():
    # Bounds of two cells along 5 pixels: 0, 2.5, 5; the centre of pixel 2 lies on the bound and
    # counts to the second.
    source, sprite = np.zeros((1, 5)), np.zeros((1, 2))
    for pixel, cell in enumerate((0, 0, 1, 1, 1)):
        sources = frames(source, changed(source, (0, pixel)))
        assert flicker_share(sources, frames(sprite, changed(sprite, (0, cell)))) == 0
        assert flicker_share(sources, frames(sprite, changed(sprite, (0, 1 - cell)))) == 1


def test_frames_that_do_not_fit():
    with pytest.raises(ValueError, match="2 frames of the source and 1"):
        flicker_share(frames(SOURCE, SOURCE), frames(SPRITE))
    with pytest.raises(ValueError, match="one shape"):
        flicker_share(frames(SOURCE, SOURCE[1:]), frames(SPRITE, SPRITE))
    with pytest.raises(ValueError, match="does not fit"):
        flicker_share(frames(SPRITE, SPRITE), frames(SOURCE, SOURCE))
