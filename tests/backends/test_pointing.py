"""Networks that point, on arrays: any size, alpha all or nothing, tiles that equal the whole."""

import numpy as np
import pytest
import torch

from pixelization.backends import grid as grid_backend
from pixelization.backends.base import Backend, SpriteBackend
from pixelization.backends.pointing import PointingBackend
from pixelization.backends.torch import TorchBackend, torch_backend
from pixelization.cells import lattice
from pixelization.cells.lattice import lattice_part, levels as lattice_levels
from pixelization.networks.build import build_pointing
from pixelization.networks.lattice import to_lattice
from pixelization.networks.tensors import to_tensor
from tests.make import drawing


@pytest.fixture
def backend(pointing_networks) -> SpriteBackend:
    torch.set_num_threads(1)
    return PointingBackend(pointing_networks, "cpu")


@pytest.fixture
def image():
    pixels = np.array(drawing(97, 71, "RGBA"))
    pixels[20:30, 40:60, 3] = 100
    return pixels


@pytest.mark.parametrize("grid", [(1, 1), (1, 9), (7, 5), (24, 32), (35, 48)])
def test_any_grid_of_any_picture(backend, image, grid):
    made = backend.sprites(image[None], grid)
    for sprite in made:
        assert sprite.shape == (1, *grid, 4) and sprite.dtype == np.uint8
        assert set(np.unique(sprite[..., 3])) <= {0, 255}
        assert not sprite[sprite[..., 3] == 0].any()


def test_colours_are_those_of_the_picture(backend):
    image = np.array(drawing(64, 48, "RGBA"))
    seen = {tuple(pixel[:3]) for pixel in image.reshape(-1, 4) if pixel[3]}
    sprite = backend.sprites(image[None], (12, 16)).refined[0]
    assert {tuple(pixel[:3]) for pixel in sprite.reshape(-1, 4) if pixel[3]} <= seen


def test_hidden_colours_do_not_matter_and_nothing_stays_nothing(backend, image):
    other = image.copy()
    other[other[..., 3] == 0, :3] = (255, 0, 255)
    first, second = (backend.sprites(each[None], (17, 24)) for each in (image, other))
    assert (first.refined == second.refined).all() and (first.grids == second.grids).all()
    assert not backend.sprites(np.zeros((1, 20, 20, 4), np.uint8), (5, 5)).refined.any()


@pytest.mark.parametrize("kind", ["drawing", "opaque", "noise"])
def test_sprites_are_those_of_the_plain_networks(backend, image, pointing_networks, kind):
    pixels = image.copy()
    if kind != "drawing":
        pixels[..., 3] = 255
    if kind == "noise":  # every cell has a choice
        pixels[..., :3] = np.random.default_rng(1).integers(0, 256, (*image.shape[:2], 3))
    grid = (17, 24)
    lattice = lattice_part(pixels, grid, slice(0, grid[0]), slice(0, grid[1]))
    size = torch.tensor([pixels.shape[1] / grid[1]])
    plain = pointing_networks.point(torch.from_numpy(lattice), size)
    made = backend.sprites(pixels[None], grid)
    for expected, found in zip(plain, (made.grids, made.refined), strict=True):
        cells = lattice_levels(expected[0].permute(1, 2, 0).numpy())
        cells[cells[..., 3] == 0] = 0
        assert (cells != found[0]).any(-1).mean() <= 0.01  # sums in another order


@pytest.mark.parametrize("grid", [(28, 40), (31, 37), (6, 35)])
def test_tiles_equal_the_whole(backend, image, grid, monkeypatch):
    whole = backend.sprites(image[None], grid)
    monkeypatch.setattr(grid_backend, "TILE", 7)
    tiled = backend.sprites(image[None], grid)
    assert (whole.refined == tiled.refined).all() and (whole.grids == tiled.grids).all()


@pytest.mark.parametrize("grid", [(28, 40), (5, 7), (1, 3)])
def test_a_look_at_few_rows_at_a_time_is_the_same(backend, image, grid, monkeypatch):
    whole = backend.sprites(image[None], grid)
    monkeypatch.setattr(lattice, "BAND", 900)
    assert np.array_equal(whole.refined, backend.sprites(image[None], grid).refined)


def test_a_batch_is_its_images_one_by_one(backend, image):
    images = np.stack([image, image[::-1]])
    together = backend.sprites(images, (11, 15)).refined
    assert (together[1] == backend.sprites(images[1:], (11, 15)).refined[0]).all()


@pytest.mark.parametrize("grid", [(3, 4), (8, 12), (9, 11), (20, 3)])
def test_the_lattice_in_parts_is_the_lattice(image, grid):
    picture = to_tensor(image[..., :3]), to_tensor(image[..., 3:])
    expected = to_lattice(torch.cat(picture, dim=1), grid)
    whole = lattice_part(image, grid, slice(0, grid[0]), slice(0, grid[1]))
    assert np.allclose(whole, expected.numpy(), atol=1e-4)
    part = lattice_part(image, grid, slice(1, 3), slice(1, 2))
    assert np.array_equal(part, whole[..., 8:24, 8:16])


def test_each_family_has_its_backend(pointing_networks, tiny_cascade):
    assert isinstance(torch_backend(pointing_networks, "cpu"), PointingBackend)
    cascade: Backend = torch_backend(tiny_cascade, "cpu")
    assert isinstance(cascade, TorchBackend) and not isinstance(cascade, SpriteBackend)


def sprites(count=1, height=9, width=11, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, 3), np.uint8)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 3), (9, 11)])
def test_every_cell_is_drawn_with_eight_by_eight_pixels(backend, size):
    drawn = backend.draw(sprites(1, *size))
    assert drawn.shape == (1, 8 * size[0], 8 * size[1], 3) and drawn.dtype == np.uint8


def test_flat_is_drawn_flat_and_between_colours_are_mixtures(backend):
    cells = np.full((1, 9, 9, 3), (20, 120, 250), np.uint8)
    cells[:, 6:] = (250, 40, 30)
    drawn = backend.draw(cells)[0]
    assert (drawn[: 5 * 8] == (20, 120, 250)).all() and (drawn[7 * 8 :] == (250, 40, 30)).all()
    assert (drawn >= (20, 40, 30)).all() and (drawn <= (250, 120, 250)).all()
    assert len(np.unique(drawn[5 * 8 : 7 * 8].reshape(-1, 3), axis=0)) > 2


def test_a_batch_is_drawn_one_by_one(backend):
    cells = sprites(3)
    assert (backend.draw(cells)[2] == backend.draw(cells[2:])[0]).all()


@pytest.mark.parametrize("size", [(15, 22), (8, 7), (3, 29)])
def test_a_large_sprite_is_drawn_in_tiles_that_equal_the_whole(backend, size, monkeypatch):
    cells = sprites(1, *size)
    whole = backend.draw(cells)
    monkeypatch.setattr(grid_backend, "TILE", 7)
    assert (backend.draw(cells) == whole).all()


def test_an_untrained_network_draws_nearly_the_cells(pointing_config):
    backend, cells = PointingBackend(build_pointing(pointing_config), "cpu"), sprites()
    drawn = backend.draw(cells)[0].reshape(9, 8, 11, 8, 3)
    assert np.abs(drawn[:, 3:5, :, 3:5].mean((1, 3)) - cells[0]).mean() < 25
    assert np.abs(drawn.mean((1, 3)) - cells[0]).mean() < 60


@pytest.mark.parametrize(
    "cells",
    [
        np.zeros((5, 5, 3), np.uint8),
        np.zeros((0, 5, 5, 3), np.uint8),
        np.zeros((1, 0, 5, 3), np.uint8),
        np.zeros((1, 5, 5, 4), np.uint8),
        np.zeros((1, 5, 5, 3), np.float32),
    ],
)
def test_what_is_no_batch_of_sprites_is_not_drawn(backend, cells):
    with pytest.raises(
        ValueError, match=r"expected images of dtype uint8 and shape \(B, H, W, 3\)"
    ):
        backend.draw(cells)


@pytest.mark.parametrize("shape", [(5, 5, 4), (0, 5, 5, 4), (1, 5, 5, 3)])
def test_what_is_no_batch_of_images_is_refused(backend, shape):
    with pytest.raises(ValueError, match="expected images"):
        backend.sprites(np.zeros(shape, np.uint8), (2, 2))
