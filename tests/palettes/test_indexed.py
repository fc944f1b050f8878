"""Sprites with a colour table."""

import io

import numpy as np
import pytest
from PIL import Image

from pixelization.animation.reading import open_animation
from pixelization.animation.writing import write_animation
from pixelization.errors import UserError
from pixelization.palettes.indexed import indexed_image
from tests.make import random_palette


def sprite_in(palette, clear):
    index = np.random.default_rng(3).integers(0, len(palette), (9, 11))
    alpha = np.full((9, 11), 255, np.uint8)
    alpha[:clear] = 0
    return np.dstack([palette.colors[index] * (alpha[..., None] > 0), alpha])


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("clear", [0, 3])
def test_the_place_of_the_transparent_entry(first, clear):
    palette = random_palette(7)
    sprite = sprite_in(palette, clear)
    image = indexed_image(sprite, palette, transparent_first=first)
    file = io.BytesIO()
    image.save(file, "PNG")
    image = Image.open(file)
    np.testing.assert_array_equal(np.asarray(image.convert("RGBA")), sprite)
    table = np.array(image.getpalette()).reshape(-1, 3)
    np.testing.assert_array_equal(table[first : 7 + first], palette.colors)
    assert image.info.get("transparency") == (0 if first else 7 if clear else None)


@pytest.mark.parametrize("clear", [0, 3])
@pytest.mark.parametrize("size", [1, 7, 255])
def test_of_a_gif(clear, size):
    palette = random_palette(size)
    frames = [sprite_in(palette, clear), sprite_in(palette, clear)[::-1].copy()]
    file = io.BytesIO()
    options = {"durations": [50, 50], "plays": 0, "format": "gif", "palette": palette.colors}
    assert write_animation(frames, file, transparent_first=True, **options) == []
    for frame, expected in zip(open_animation(file.getvalue()), frames, strict=True):
        np.testing.assert_array_equal(np.asarray(frame.image.convert("RGBA")), expected)
    image = Image.open(file)
    assert image.info["transparency"] == 0
    assert image.getpalette()[3:6] == palette.colors[0].tolist()


def test_256_colours_leave_no_room():
    palette = random_palette(256)
    with pytest.raises(UserError, match="no room in 256 entries"):
        indexed_image(sprite_in(palette, 0)[..., :3], palette, transparent_first=True)
