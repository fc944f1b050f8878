"""Snapping is planned once for all frames and tiles of a picture."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelization.cells.sizes import Longest
from pixelization.detection.geometry import UnsureError
from pixelization.errors import UserError
from pixelization.pipeline.grids import plan_snapping, vote_snapped
from pixelization.pipeline.pictures import Animation, Sheet, Still
from pixelization.pipeline.style import Style
from pixelization.sheets.layout import grid_tiles
from tests.make import enlarged

SPRITES = Path(__file__).resolve().parents[2] / "examples" / "sprites"
FROG = np.asarray(Image.open(SPRITES / "frog.png").convert("RGBA"))


def reduced(plan, image):
    sprite = plan.reduce(image, cell_size=plan.style.cell_size, size=plan.style.size).sprite
    return np.asarray(sprite)


def test_a_still_and_the_frames_of_an_animation_share_one_grid():
    frames = [enlarged(np.roll(FROG, step, axis=1), 5) for step in range(3)]
    for picture in (Still(Image.fromarray(frames[0])), Animation(frames)):
        plan = plan_snapping(picture)
        assert plan.grid.size == (32, 32) and plan.style == Style()
        assert reduced(plan, Image.fromarray(frames[0])).shape == (32, 32, 4)


def test_an_animation_without_frames_is_refused():
    for style in (Style(), Style(cell_size=4), Style(size=(8, None))):
        with pytest.raises(UserError, match="the animation has no frames"):
            vote_snapped(Animation([]), style)


def test_a_sprite_as_it_should_be_is_not_held_against_noise_and_keeps_soft_alpha():
    soft = FROG.copy()
    soft[..., 3] = np.where(FROG[..., 3] > 0, 180, 0)
    picture = Still(Image.fromarray(soft))
    plan = plan_snapping(picture)
    assert (plan.style.still, plan.style.hysteresis) == (0, 0)
    assert np.array_equal(reduced(plan, picture.image), soft)
    for hard in (plan_snapping(picture, hard=True), plan_snapping(picture, Style(trim=True))):
        assert set(np.unique(reduced(hard, picture.image)[..., 3])) == {0, 255}


def test_the_tiles_of_a_sheet_take_the_cells_of_the_whole():
    sheet = Image.fromarray(enlarged(np.hstack([FROG, FROG[:, ::-1]]), 5))
    picture = Sheet(sheet, grid_tiles(sheet.size, (160, 160)))
    assert plan_snapping(picture).style == Style(cell_size=(5.0, 5.0))
    given = plan_snapping(picture, Style(cell_size=4))
    assert (given.style, given.grid) == (Style(cell_size=4), None)


def test_tiles_have_as_many_cells_as_they_have_alone():
    """Of 1.5 pixels, which are too small for networks only."""
    wide = Image.fromarray(np.hstack([FROG, FROG[:, ::-1]])).resize(
        (96, 48), Image.Resampling.NEAREST
    )
    style = Style(size=Longest(32))
    votes, _ = vote_snapped(Sheet(wide, grid_tiles(wide.size, (48, 48))), style)
    alone, _ = vote_snapped(Still(wide.crop((0, 0, 48, 48))), style)
    assert np.array_equal(votes.sprites[0], alone.sprites[0]) and alone.sprites[0].shape[0] == 32


def test_cells_that_are_given_are_not_detected():
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    picture = Still(Image.fromarray(noise))
    plan = plan_snapping(picture, Style(cell_size=8))
    assert (plan.grid.cell, plan.style.cell_size) == ((8, 8), None)
    assert reduced(plan, picture.image).shape == (5, 5, 3)
    assert plan_snapping(picture, Style(size=(5, None))).style.size == (5, None)
    with pytest.raises(UserError, match="cell size 0.5 .* at least 1"):
        plan_snapping(picture, Style(cell_size=0.5))
    blur = Image.fromarray(noise).resize((160, 120), Image.Resampling.BICUBIC)
    with pytest.raises(UnsureError, match="give the cell size"):
        plan_snapping(Still(blur.resize((77, 93), Image.Resampling.BICUBIC)))


def drifting_frog():
    """Recognisable, but not sure: the grid drifts and is blurred."""
    rng = np.random.default_rng(0)
    image = Image.fromarray(FROG).resize((205, 190), Image.Resampling.BICUBIC)
    image = np.asarray(image.rotate(1.5, Image.Resampling.BICUBIC)).astype(float)
    return (image + rng.normal(0, 12, image.shape)).clip(0, 255).astype(np.uint8)


def test_the_best_guess_is_taken_where_it_is_asked_for_and_said():
    picture = Still(Image.fromarray(drifting_frog()))
    with pytest.raises(UnsureError):
        vote_snapped(picture)
    votes, plan = vote_snapped(picture, min_confidence=0)
    assert votes.remarks[0].startswith("not sure of the grid: took cells of ")
    assert votes.remarks[0].endswith("% likely") and plan.grid.confidence < 0.9
    with pytest.raises(UserError, match="min confidence 1.5 is out of range"):
        vote_snapped(picture, min_confidence=1.5)


def test_a_sure_grid_needs_no_remark():
    votes, _ = vote_snapped(Still(enlarged(FROG, 5)), min_confidence=0)
    assert votes.remarks == ()


def test_tiles_that_repeat_are_none_of_snappings_business():
    with pytest.raises(UserError, match="wrap does nothing here"):
        plan_snapping(Still(enlarged(FROG, 5)), Style(wrap=True))


def test_where_the_grid_lies_is_found_and_not_given():
    with pytest.raises(UserError, match="offset does nothing here"):
        plan_snapping(Still(enlarged(FROG, 5)), Style(offset="0.5x0"))
    with pytest.raises(UserError, match="symmetric does nothing here"):
        plan_snapping(Still(enlarged(FROG, 5)), Style(symmetric=True))
