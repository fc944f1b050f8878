"""Forgeries: the artist's own sprite beside what was made of its drawing."""

import numpy as np
import pytest
from PIL import Image

from pixelization.errors import UserError
from pixelization.evaluation.methods import Method
from pixelization.evaluation.study.forgery import MARGIN, forgery_rows, in_colors
from pixelization.images.sprites import hard_edged
from pixelization.reducers.resampling import nearest
from pixelization.training.data.artist_pairs.sprites import sprite_set_of
from tests.make import blobs

SPRITES = {f"s_{k}": blobs(k, size=(14, 10 + 2 * k)) for k in range(5)}


def near(image, size):
    """A method that pixelizes, as all do: alpha 0 or 255."""
    return np.asarray(hard_edged(Image.fromarray(nearest(image, size)))), None


@pytest.fixture(scope="module")
def rows():
    return forgery_rows(sprite_set_of(SPRITES), Method("near", near), 4, seed=1)


def test_no_sprite_is_shown_twice(rows):
    names = [row.name for row in rows]
    assert len(set(names)) == 4 and set(names) <= set(SPRITES)
    assert all(row.source is None and set(row.sprites) == {"artist", "near"} for row in rows)


def test_the_artist_s_sprite_is_the_artist_s_in_the_middle_of_a_square(rows):
    for row in rows:
        height, width = SPRITES[row.name].shape[:2]
        shown = np.asarray(row.sprites["artist"])
        assert shown.shape[0] == shown.shape[1] == max(height, width) + 2 * MARGIN
        top, left = (shown.shape[0] - height) // 2, (shown.shape[1] - width) // 2
        assert np.array_equal(shown[top : top + height, left : left + width], SPRITES[row.name])
        shown = shown.copy()
        shown[top : top + height, left : left + width] = 0
        assert not shown.any()


def test_the_forgery_has_the_cells_and_no_more_colours(rows):
    for row in rows:
        artist, forged = (np.asarray(row.sprites[name]) for name in ("artist", "near"))
        assert forged.shape == artist.shape and (forged != artist).any()
        counts = [len(np.unique(each[each[..., 3] > 0], axis=0)) for each in (artist, forged)]
        assert counts[1] <= counts[0]


def test_colours_are_fitted_to_what_is_seen():
    sprite = np.zeros((4, 4, 4), np.uint8)
    sprite[:2] = (200, 30, 40, 255)
    sprite[2, :3] = (60, 80, 220, 255)
    sprite[2, 3] = (62, 82, 222, 255)
    reduced = in_colors(sprite, 2)
    assert reduced[2, 3].tolist() == reduced[2, 0].tolist() == [60, 80, 220, 255]
    assert np.array_equal(reduced[:2], sprite[:2]) and not reduced[3].any()
    assert not in_colors(np.zeros((2, 2, 4), np.uint8), 1).any()


def test_more_rows_than_sprites_are_one_line():
    with pytest.raises(UserError, match="6 rows are wanted, but there are 5 sprites"):
        forgery_rows(sprite_set_of(SPRITES), Method("near", near), 6, seed=1)
