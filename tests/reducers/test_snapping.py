"""Snapping: the sprite that was enlarged comes back, whatever was done to it; doubts are said."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from pixelization.detection.geometry import Candidate, GridDetection, UnsureError
from pixelization.errors import UserError
from pixelization.images.sprites import hard_edged
from pixelization.pipeline.votes import vote_image
from pixelization.reducers import snapping
from pixelization.reducers.snapping import find_grid, snap


def sprite_of(seed, size=(18, 22), alpha=False):
    """Random cells of eight colours that differ clearly."""
    random = np.random.default_rng(seed)
    colors = np.array(
        [[r, g, b] for r in (20, 230) for g in (20, 230) for b in (20, 230)], np.uint8
    )
    pixels = colors[random.integers(0, 8, size)]
    if not alpha:
        return pixels
    opaque = random.random(size) < 0.7
    return np.dstack([pixels * opaque[..., None], np.where(opaque, 255, 0)]).astype(np.uint8)


def enlarged(sprite, cell, resample=Image.Resampling.NEAREST):
    width, height = cell if isinstance(cell, tuple) else (cell, cell)
    image = Image.fromarray(sprite)
    return image.resize((round(image.width * width), round(image.height * height)), resample)


def detection(image, cell, size, confidence, native=False, candidates=()):
    return GridDetection(cell, (0.0, 0.0), size, image.shape[1::-1], confidence, native, candidates)


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("cell", [2, 3, 16 / 3, 7.3, 12, 32, (4, 6), (5.5, 2.5)])
def test_nearest_enlargements_come_back_exactly(cell, alpha):
    sprite = sprite_of(0, alpha=alpha)
    result = snap(enlarged(sprite, cell), cell_size=cell)
    assert np.array_equal(np.asarray(result.sprite), sprite)
    assert result.cell_size == pytest.approx(
        cell if isinstance(cell, tuple) else (cell, cell), rel=0.02
    )
    assert (result.confidence, result.native, result.grid) == (1.0, False, None)
    assert np.array_equal(np.asarray(snap(enlarged(sprite, cell), size=(22, 18)).sprite), sprite)
    assert np.array_equal(
        np.asarray(snap(enlarged(sprite, cell), size=(22, None)).sprite), sprite
    ) or isinstance(cell, tuple)


@pytest.mark.parametrize("cell", [6, 16 / 3])
@pytest.mark.parametrize("cut", [(1, 2), (2, 1)])
def test_crops_begin_where_the_cells_do(cell, cut):
    sprite = sprite_of(1)
    image = enlarged(sprite, cell)
    result = snap(image.crop((*cut, image.width - 1, image.height)), cell_size=cell)
    # every cell has still half of its pixels
    assert np.array_equal(np.asarray(result.sprite), sprite)
    result = snap(image.crop((4, 4, image.width, image.height - 4)), cell_size=cell)
    assert np.array_equal(np.asarray(result.sprite), sprite[1:-1, 1:])


@pytest.mark.parametrize("damage", ["jpeg", "blur", "noise", "bicubic"])
def test_damaged_cells_have_nearly_their_colours(damage):
    sprite = sprite_of(2)
    image = enlarged(
        sprite, 8, Image.Resampling.BICUBIC if damage == "bicubic" else Image.Resampling.NEAREST
    )
    if damage == "jpeg":
        file = io.BytesIO()
        image.save(file, "JPEG", quality=75)
        image = Image.open(file)
    elif damage == "blur":
        image = image.filter(ImageFilter.GaussianBlur(1.6))
    elif damage == "noise":
        noise = np.random.default_rng(0).integers(-12, 13, (144, 176, 3))
        image = Image.fromarray(
            (np.asarray(image).astype(int) + noise).clip(0, 255).astype(np.uint8)
        )
    result = np.asarray(snap(image, cell_size=8).sprite).astype(int)
    error = np.abs(result - sprite).max(axis=2)
    assert (error <= 40).mean() > 0.99 and error.mean() < 16


def test_soft_edges_of_alpha_and_colours_under_it():
    sprite = sprite_of(3, alpha=True)
    pixels = np.array(enlarged(sprite, 8))
    pixels[pixels[..., 3] == 0, :3] = (255, 0, 255)  # must never be seen
    pixels[..., 3] = np.asarray(Image.fromarray(pixels[..., 3]).filter(ImageFilter.GaussianBlur(1)))
    assert np.array_equal(np.asarray(snap(pixels, cell_size=8).sprite), sprite)


def test_a_native_sprite_comes_back_as_it_is(monkeypatch):
    """Hidden colours and half transparency too."""
    sprite = np.random.default_rng(4).integers(0, 256, (9, 7, 4), dtype=np.uint8)
    sprite[0, 0] = (1, 2, 3, 0)
    monkeypatch.setattr(
        snapping,
        "detect_grid",
        lambda image: detection(image, (1.0, 1.0), (7, 9), 0.99, native=True),
    )
    for options in ({}, {"cell_size": 1}, {"size": (7, 9)}):
        result = snap(sprite, **options)
        assert (
            result.native
            and result.cell_size == (1.0, 1.0)
            and np.array_equal(np.asarray(result.sprite), sprite)
        )
    hard = np.asarray(hard_edged(result.sprite))
    assert set(np.unique(hard[..., 3])) == {0, 255} and not hard[hard[..., 3] == 0].any()
    assert (hard[sprite[..., 3] >= 128, :3] == sprite[sprite[..., 3] >= 128, :3]).all()
    assert hard_edged(Image.new("RGB", (2, 2), "red")).mode == "RGB"


def test_detection_is_used_and_works_as_a_reduction():
    sprite = sprite_of(5, (32, 32))
    result = snap(enlarged(sprite, 6))
    assert np.array_equal(np.asarray(result.sprite), sprite) and result.cell_size == pytest.approx(
        (6, 6), abs=0.01
    )
    assert result.grid.size == (32, 32) and result.confidence >= snapping.SURE
    votes = vote_image(snap, enlarged(sprite, 6))
    assert np.array_equal(votes.sprites[0], sprite) and votes.source_size == (192, 192)


def test_doubts_are_said_with_the_best_guesses(monkeypatch):
    others = (Candidate((3.0, 3.0), (0.0, 0.0), (16, 16), 0.3),)
    monkeypatch.setattr(
        snapping,
        "detect_grid",
        lambda image: detection(image, (16 / 3, 16 / 3), (9, 9), 0.5, candidates=others),
    )
    image = np.zeros((48, 48, 3), np.uint8)
    with pytest.raises(
        UnsureError,
        match=r"5\.333x5\.333 pixels \(9x9 cells\) or 3x3 pixels \(16x16 cells\).* the cell size",
    ):
        snap(image)
    assert snap(image, cell_size=16 / 3).sprite.size == (9, 9)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([(3.0257, 3.0387)], "perhaps 3x3 in a part: crop to the pixel art"),
        ([(25.06, 25.18), (4.01, 3.98)], "perhaps 4x4 in a part: crop to the pixel art"),
        ([(25.06, 25.18), (1.01, 1.0), (3.0, 4.0)], None),
        ([], None),
    ],
)
def test_pixel_art_beside_other_things_is_to_be_cropped(monkeypatch, cells, said):
    others = tuple(Candidate(cell, (0.0, 0.0), (16, 16), 0.3) for cell in cells)
    monkeypatch.setattr(
        snapping,
        "detect_grid",
        lambda image: detection(image, (1.0, 1.0), (48, 48), 0.5, True, others),
    )
    with pytest.raises(UnsureError) as caught:
        snap(np.zeros((48, 48, 3), np.uint8))
    assert said in str(caught.value) if said else "in a part" not in str(caught.value)


def test_one_grid_for_a_series(monkeypatch):
    """A frame of few edges may look otherwise, or say nothing: the others decide."""
    answers = {
        0: ((8.0, 8.0), (6, 6), 0.95),
        1: ((4.0, 4.0), (12, 12), 0.93),
        2: ((4.0, 4.0), (12, 12), 0.97),
        3: ((6.0, 6.0), (8, 8), 0.2),
    }
    monkeypatch.setattr(
        snapping, "detect_grid", lambda image: detection(image, *answers[int(image[0, 0, 0])])
    )
    frames = [np.full((48, 48, 3), number, np.uint8) for number in range(4)]
    assert (find_grid(frames).cell, find_grid(frames).confidence) == ((4.0, 4.0), 0.97)
    assert find_grid(frames[:1]).cell == (8.0, 8.0)
    with pytest.raises(UnsureError):
        find_grid(frames[3:])


def test_where_given_cells_begin_is_one_for_a_series():
    """The edges of all images tell, where one of them alone would say something else."""
    plain, textured = (
        enlarged(sprite, 8).crop((3, 0, 176, 144))
        for sprite in (np.full((18, 22, 3), 9, np.uint8), sprite_of(6))
    )
    for images in ([plain, textured], [textured, plain]):
        grid = find_grid([np.asarray(image) for image in images], 8)
        assert (grid.cell, grid.phase, grid.size, grid.confidence, grid.native) == (
            (8, 8),
            (-3, 0),
            (22, 18),
            1,
            False,
        )
    assert snap(plain, grid=grid).sprite.size == snap(textured, grid=grid).sprite.size == (22, 18)
    with pytest.raises(UserError, match="out of range"):
        find_grid([np.asarray(plain)], 0.5)


def test_a_grid_is_that_of_one_size():
    image = np.asarray(enlarged(sprite_of(6), 8))
    grid = find_grid([image], 8)
    for other in (image[:-8], image[:, 4:]):
        with pytest.raises(
            UserError,
            match=r"that of an image of 176x144 pixels, this one has 17\dx1\d\d: find its own",
        ):
            snap(other, grid=grid)
        for cell_size in (8, None):
            with pytest.raises(UserError, match="images of 17.* and 176x144 pixels share no grid"):
                find_grid([image, other], cell_size)


@pytest.mark.parametrize(
    "options",
    [
        {"cell_size": 0.5},
        {"cell_size": (4, float("nan"))},
        {"size": (49, 3)},
        {"size": (0, 3)},
        {"size": (3, 99)},
    ],
)
def test_numbers_out_of_range(options):
    with pytest.raises(UserError, match="out of range"):
        snap(np.zeros((48, 48, 3), np.uint8), **options)


def test_one_way_to_give_the_cells():
    with pytest.raises(ValueError, match="one of"):
        snap(np.zeros((48, 48, 3), np.uint8), cell_size=4, size=(12, 12))


def test_cells_larger_than_the_image():
    assert snap(np.full((5, 9, 3), 7, np.uint8), cell_size=100).sprite.size == (1, 1)
    assert snap(np.full((5, 9, 3), 7, np.uint8), cell_size=(2, 100)).sprite.size in ((4, 1), (5, 1))
