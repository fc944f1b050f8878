"""What the commands give, as calls: animations that do not flicker, tiles that do not bleed."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pixelization import Pixelizer
from pixelization.errors import UserError
from pixelization.pipeline.sheet_votes import vote_sheet
from pixelization.pipeline.style import Style
from pixelization.sheets.layout import grid_tiles
from tests.measures import flicker_share


@pytest.fixture(scope="module")
def shipped():
    return Pixelizer.from_pretrained(device="cpu")


def picture(name="tests/data/cartoons", size=128):
    path = sorted((Path(__file__).resolve().parents[2] / name).iterdir())[0]
    return np.asarray(Image.open(path).convert("RGB").resize((size, size), Image.Resampling.BOX))


@pytest.mark.parametrize(
    "style",
    [
        Style(cell_size=4),
        Style(cell_size=4, colors=8, dither="bayer4"),
        Style(cell_size=4, colors=8, dither="atkinson"),
    ],
)
def test_a_noisy_still_does_not_flicker(shipped, style):
    clean = picture().astype(np.int16)
    frames = [
        np.clip(clean + np.random.default_rng(seed).integers(-2, 3, clean.shape), 0, 255).astype(
            np.uint8
        )
        for seed in range(24)
    ]
    sprites = np.stack(shipped.pixelize(frames, style).frames)
    changed = (sprites != sprites[0]).any(axis=(0, 3))
    assert changed.mean() <= 0.005
    by_itself = np.stack([shipped.pixelize(frame, style).frames[0] for frame in frames[:4]])
    # the rule has something to do
    assert (by_itself != by_itself[0]).any(axis=(0, 3)).mean() > 0.005


@pytest.mark.parametrize("dither", ["none", "bayer4", "floyd-steinberg"])
def test_a_sprite_that_moves_leaves_the_background_alone(shipped, dither):
    background, cell = picture(), 4
    frames, covered = [], np.zeros((24, 32, 32), bool)
    for step in range(24):
        frame = background.copy()
        left = cell * step
        frame[40:72, left : left + 32] = (20, 60, 200)
        frame[48:56, left + 8 : left + 24] = (250, 240, 90)
        covered[step, 10:18, step : step + 8] = True
        frames.append(frame)
    style = Style(cell_size=cell, colors=12, dither=dither)
    sprites = np.stack(shipped.pixelize(frames, style).frames)
    never = ~covered.any(axis=0)
    assert (sprites[:, never] != sprites[0, never]).any(axis=(0, 2)).mean() <= 0.01
    # And a cell that is uncovered again looks as it did.
    first_seen = np.array(
        [[sprites[np.argmin(covered[:, y, x]), y, x] for x in range(32)] for y in range(32)]
    )
    differs = (sprites != first_seen).any(axis=3) & ~covered
    assert differs.mean() <= 0.01
    assert flicker_share(frames, list(sprites)) <= 0.005


def test_tiles_are_made_each_by_itself(shipped):
    sheet = np.zeros((64, 64, 4), np.uint8)
    sheet[:32, :32, :3] = picture(size=32)
    sheet[32:, 32:, :3] = picture(size=32)[::-1]
    sheet[:32, :32, 3] = sheet[32:, 32:, 3] = 255
    tiles = grid_tiles((64, 64), (32, 32))
    (whole,) = shipped.pixelize(sheet, Style(cell_size=4), sheet=tiles).frames
    assert whole.shape == (16, 16, 4)
    (alone,) = shipped.pixelize(sheet[:32, :32, :3], cell_size=4).frames
    assert np.array_equal(whole[:8, :8, :3], alone)
    assert not whole[:8, 8:].any()
    (by_size,) = shipped.pixelize(sheet, sheet=(32, 32), size=8).frames
    assert np.array_equal(by_size, whole)
    rounded = vote_sheet(shipped.networks, sheet, tiles, Style(cell_size=7))
    assert (rounded.sprites[0].shape[:2], rounded.cell_size) == ((5, 5), (6.4, 6.4))
    with pytest.raises(
        UserError, match="tiles of 4x4 pixels are smaller than a cell of 5.333x5.333"
    ):
        vote_sheet(shipped.networks, sheet, grid_tiles((64, 64), (4, 4)), Style(cell_size=16 / 3))
    with pytest.raises(UserError, match="cell size 1.5 is out of range"):
        shipped.pixelize(sheet, sheet=(32, 32), cell_size=1.5)
    for size in ("max:10", None):  # tiles of 32 pixels: by default every pixel is a cell
        cells = 10 if size else 32
        (frame,) = shipped.pixelize(sheet, sheet=(32, 32), size=size).frames
        assert frame.shape[:2] == (2 * cells, 2 * cells)
    for boxes, message in (
        ([], "no tiles"),
        (grid_tiles((128, 64), (64, 64)), "beyond the sheet of 64x64"),
    ):
        with pytest.raises(UserError, match=message):
            vote_sheet(shipped.networks, sheet, boxes)
    for style in (Style(trim=True), Style(pad=99), Style(offset=0.5)):
        with pytest.raises(UserError, match="trim, pad and offset move what is on a sheet"):
            vote_sheet(shipped.networks, sheet, tiles, style)


def test_pil_numpy_and_torch_are_the_same_picture(shipped):
    pixels = picture(size=64)
    tensor = torch.from_numpy(pixels.copy()).permute(2, 0, 1)
    style = Style(cell_size=4)
    first, *others = (
        shipped.pixelize(image, style).frames[0]
        for image in (pixels, Image.fromarray(pixels), tensor, tensor / 255)
    )
    assert all(np.array_equal(first, other) for other in others)
