"""The networks as a reducer: exact sizes for every input, colours, alpha, and what is refused."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from PIL import Image

from pixelization import Pixelizer, UserError
from pixelization.backends.base import Sprites
from pixelization.cells.voting import cell_purity, majority_vote
from pixelization.images.sprites import hard_edged
from pixelization.lazily import Lazily
from pixelization.reducers import networks
from tests.make import drawing


@pytest.fixture(scope="module")
def pixelizer(tiny_weights):
    return Pixelizer.from_weights(tiny_weights, "cpu")


@pytest.mark.parametrize(
    "size, cell_size, expected",
    [
        ((8, 8), 16 / 3, (2, 2)),  # 1.5 cells: halves go up
        ((8, 8), 2, (4, 4)),
        ((8, 8), 100, (1, 1)),
        ((33, 57), 16 / 3, (6, 11)),  # 6.19, 10.69
        ((33, 57), 2, (17, 29)),  # 16.5, 28.5
        ((57, 33), 3.7, (15, 9)),  # 15.4, 8.9
        ((64, 48), 4, (16, 12)),
        ((90, 50), 20 / 3, (14, 8)),  # 13.5, 7.5
        ((300, 7), 8, (38, 1)),  # 37.5, 0.9
        ((1, 1), 2, (1, 1)),
        ((128, 96), 16 / 3, (24, 18)),
        ((100, 100), 11, (9, 9)),
    ],
)
def test_the_sprite_has_one_pixel_per_cell(pixelizer, size, cell_size, expected):
    result = pixelizer.networks(drawing(*size), cell_size=cell_size)
    assert result.sprite.size == result.grid.size == expected
    assert result.cell_size == (size[0] / expected[0], size[1] / expected[1])
    assert result.network_output.size == tuple(round(side / result.scale) for side in expected)
    assert {result.sprite.mode, result.grid.mode, result.network_output.mode} == {"RGB"}


@pytest.mark.parametrize(
    "asked, expected",
    [
        ((16, 12), (16, 12)),
        ((20, 7), (20, 7)),
        ((1, 1), (1, 1)),
        ((33, None), (33, 22)),
        ((50, 33), (50, 33)),
    ],
)
def test_the_sprite_has_the_size_asked_for(pixelizer, asked, expected):
    assert pixelizer.networks(drawing(100, 66), size=asked).sprite.size == expected


@pytest.mark.parametrize(
    "cell_size, scale",
    [(2, "1/4"), (4, "1/4"), (4.6, "1/4"), (4.7, "3/16"), (6.5, "3/16"), (6.6, "1/8"), (20, "1/8")],
)
def test_the_nearest_scale_runs(pixelizer, cell_size, scale):
    assert pixelizer.networks(drawing(240, 240), cell_size=cell_size).scale == Fraction(scale)


@pytest.mark.parametrize(
    "size, cell_size", [((128, 96), 16 / 3), ((53, 77), 16 / 3), ((64, 64), 4), ((20, 90), 8)]
)
def test_the_sprite_is_the_vote_over_the_network_output(pixelizer, size, cell_size):
    result = pixelizer.networks(drawing(*size), cell_size=cell_size)
    output, sprite = np.asarray(result.network_output), np.asarray(result.sprite)
    assert set(map(tuple, sprite.reshape(-1, 3))) <= set(map(tuple, output.reshape(-1, 3)))
    if min(result.network_output.size) >= 32:
        assert np.array_equal(sprite, majority_vote(output, sprite.shape[:2]))
        assert np.mean(cell_purity(output, sprite.shape[:2]) < 4) >= 0.9


def test_colours_come_from_the_input_when_nothing_is_resized(pixelizer):
    image = drawing(96, 64)
    colors = {tuple(pixel) for pixel in np.asarray(image).reshape(-1, 3)}
    result = pixelizer.networks(image, cell_size=4)
    for picture in (result.sprite, result.grid, result.network_output):
        assert {tuple(pixel) for pixel in np.asarray(picture).reshape(-1, 3)} <= colors


def test_paths_images_and_arrays_give_the_same_sprite(pixelizer, tmp_path):
    image = drawing(60, 40)
    path = tmp_path / "drawing.png"
    image.save(path)
    sprites = [
        pixelizer.networks(source).sprite for source in (image, np.asarray(image), path, str(path))
    ]
    assert all(np.array_equal(np.asarray(sprite), np.asarray(sprites[0])) for sprite in sprites)


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "I;16", "LA", "RGBA"])
def test_all_modes_are_read(pixelizer, mode):
    image = drawing(48, 40)
    image = (
        Image.fromarray(np.full((40, 48), 30000, np.uint16))
        if mode == "I;16"
        else image.convert(mode)
    )
    assert pixelizer.networks(image, cell_size=16 / 3).sprite.size == (9, 8)


def test_alpha_is_all_or_nothing_and_hidden_colours_do_not_matter(pixelizer):
    image = drawing(96, 80, "RGBA")
    sprite = np.asarray(pixelizer.networks(image, cell_size=4).sprite)
    assert sprite.shape == (20, 24, 4)
    hidden = sprite[..., 3] == 0
    assert set(np.unique(sprite[..., 3])) == {0, 255}
    assert not sprite[hidden].any()
    assert hidden[0, 0] and not hidden[10, 12]

    pixels = np.array(image)
    pixels[pixels[..., 3] == 0, :3] = (255, 0, 255)
    assert np.array_equal(np.asarray(pixelizer.networks(pixels, cell_size=4).sprite), sprite)


def test_opaque_input_gives_an_opaque_sprite_and_empty_input_an_empty_one(pixelizer):
    opaque = drawing(40, 40).convert("RGBA")
    assert pixelizer.networks(opaque).sprite.mode == "RGB"
    empty = Image.new("RGBA", (40, 40), (9, 9, 9, 0))
    assert not np.asarray(pixelizer.networks(empty).sprite).any()
    done = pixelizer.depixelize(Image.new("RGBA", (6, 5)), factor=4, native=True)
    assert done.image.mode == "RGBA" and not done.frames[0].any()
    assert done.remarks == ("nothing is left: every cell is less than half opaque",)


@pytest.mark.parametrize("cell_size", [1.99, 0, -3, float("nan"), float("inf")])
def test_cells_below_two_pixels_are_refused(pixelizer, cell_size):
    with pytest.raises(UserError, match="cell size .* at least 2"):
        pixelizer.networks(drawing(40, 40), cell_size=cell_size)


@pytest.mark.parametrize("size", [(21, 15), (20, 16), (0, 5), (21, None)])
def test_sizes_above_half_the_input_are_refused_with_the_largest(pixelizer, size):
    with pytest.raises(UserError, match="40x30 pixels.*largest size is 20x15"):
        pixelizer.networks(drawing(40, 30), size=size)


def test_cell_size_and_size_exclude_each_other(pixelizer):
    with pytest.raises(ValueError, match="either"):
        pixelizer.networks(drawing(40, 30), size=(5, 5), cell_size=4)


def test_a_tiled_image_has_every_cell_in_its_place(pixelizer, monkeypatch):
    # Flat squares of 32 pixels: whatever the networks choose inside one, it is the square's colour.
    blocks = np.random.default_rng(0).integers(0, 256, (8, 9, 3), dtype=np.uint8)
    image = blocks.repeat(32, axis=0).repeat(32, axis=1)
    monkeypatch.setattr(networks, "TILE", 64)
    monkeypatch.setattr(networks, "HALO", 32)
    result = pixelizer.networks(image, cell_size=4)
    sprite = np.asarray(result.sprite).reshape(8, 8, 9, 8, 3)
    assert (sprite[:, 2:6, :, 2:6] == blocks[:, None, :, None]).all()
    assert np.array_equal(
        np.asarray(result.sprite), majority_vote(np.asarray(result.network_output), (64, 72))
    )
    smooth = pixelizer.depixelize(result.sprite, factor=6, native=True)
    assert smooth.image.size == (432, 384)


def test_the_same_image_gives_the_same_sprite_and_gradients_stay_on(pixelizer):
    first = pixelizer.networks(drawing(40, 40)).sprite
    assert torch.is_grad_enabled()
    assert np.array_equal(np.asarray(first), np.asarray(pixelizer.networks(drawing(40, 40)).sprite))


@pytest.mark.parametrize("how", [{}, {"cell_size": 1}, {"size": (40, 24)}, {"size": (40, None)}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_of_its_own_size_an_image_keeps_every_pixel(pixelizer, mode, how):
    image = drawing(40, 24, mode)
    result = pixelizer.networks(image, **how)
    kept = np.asarray(result.sprite)
    assert (result.sprite.mode, result.cell_size) == (mode, (1.0, 1.0))
    assert np.array_equal(kept, np.asarray(hard_edged(image)))
    assert result.network_output.size == result.grid.size == (40, 24)


def test_networks_are_loaded_once_and_only_for_images_that_need_them(pixelizer):
    loads = []

    def load():
        loads.append(1)
        return pixelizer.networks

    reduce = networks.reduce_when_needed(Lazily(load))
    image = drawing(48, 32)
    for wanted in ({"cell_size": 1, "size": None}, {"cell_size": None, "size": (48, None)}):
        assert np.array_equal(reduce(image, **wanted).sprite, image) and not loads
    for size in ((24, 16), (24, 16), (12, 8)):
        result = reduce(image, cell_size=None, size=size)
        expected = pixelizer.networks(image, size=size)
        assert np.array_equal(result.sprite, expected.sprite) and loads == [1]


class Chosen:
    """What runs no networks and knows the sprite."""

    def __init__(self, sprite):
        self.sprite = sprite

    def sprites(self, images, grid):
        return Sprites(self.sprite[None], self.sprite[None])

    def draw(self, sprites):
        raise NotImplementedError


def test_teeth_spurs_and_gaps_are_mended():
    cell, (height, width) = 8, (12, 24)
    right, wrong = (np.full((height, width), 255, np.uint8) for _ in range(2))
    right[8:11, 2:9], wrong[8:11, 2:9], wrong[8, 4] = 0, 0, 255  # a notch in a box
    right[3:6, 4:7], wrong[3:6, 4:7], wrong[2, 5] = 0, 0, 0  # a pupil with a nub
    right[6, 12:], wrong[6, 12:], wrong[6, 18] = 0, 0, 255  # a line with a gap
    shown = Image.fromarray(right.repeat(cell, 0).repeat(cell, 1)).convert("RGB")
    made, wanted = (np.asarray(Image.fromarray(each).convert("RGBA")) for each in (wrong, right))
    result = networks.reduce_by_networks(Chosen(made), shown, size=(width, height))
    assert result.sprite.mode == "RGB"
    assert np.array_equal(np.asarray(result.sprite.convert("RGBA")), wanted)
    assert np.array_equal(np.asarray(result.network_output), made[..., :3])
