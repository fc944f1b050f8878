"""Training data.

What is skipped, what a sample may contain, and an order that nothing can change.
"""

import os
import shutil
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pixelization.cells.sizes import SCALES
from pixelization.errors import UserError
from pixelization.images.alpha import on_white
from pixelization.training.data import datasets, drawings, unpaired
from pixelization.training.data.artists import ArtistsData, ArtistsDataConfig
from pixelization.training.data.datasets import Crops, ImageSet, SpriteCanvases
from pixelization.training.data.fingerprints import fingerprint
from pixelization.training.data.unpaired import UnpairedData
from pixelization.training.sections import DataConfig

DATA = Path(__file__).parents[1] / "data"
CONFIG = DataConfig(
    cartoons=str(DATA / "cartoons"), sprites=str(DATA / "sprites"), crop=32, flip=True, workers=0
)


def batches(data, **options):
    return list(data.batches(**({"batch_size": 4, "start_step": 0, "steps": 6} | options)))


def same(first, second):
    tensors = [
        [batch.cartoon, *(batch.grids or ()), *([] if batch.picture is None else [batch.picture])]
        for batch in (first, second)
    ]
    return all(torch.equal(a, b) for a, b in zip(*tensors, strict=True))


def colors(pixels):
    """The set of colours of (3, H, W)."""
    return {tuple(color) for color in np.asarray(pixels).reshape(3, -1).T.tolist()}


def test_shapes_and_types():
    batch = batches(UnpairedData(CONFIG, scales=SCALES, seed=0))[0]
    assert (
        batch.cartoon.shape == (4, 3, 32, 32)
        and batch.cartoon.dtype == torch.uint8
        and batch.picture is None
    )
    assert [tuple(grid.shape) for grid in batch.grids] == [(4, 3, 8, 8), (4, 3, 6, 6), (4, 3, 4, 4)]


def test_order_depends_on_the_seed_alone():
    data = UnpairedData(CONFIG, scales=SCALES, seed=0)
    unbroken = batches(data)
    workers = UnpairedData(replace(CONFIG, workers=2), scales=SCALES, seed=0)
    assert all(same(*pair) for pair in zip(unbroken, batches(workers), strict=True))
    # a resume
    assert all(
        same(*pair) for pair in zip(unbroken[4:], batches(data, start_step=4, steps=2), strict=True)
    )
    other = UnpairedData(CONFIG, scales=SCALES, seed=1)
    assert not any(same(*pair) for pair in zip(unbroken, batches(other), strict=True))


def test_processes_share_the_joint_batch():
    data = UnpairedData(CONFIG, scales=SCALES, seed=0)
    shares = [batches(data, rank=rank, world_size=2) for rank in (0, 1)]
    for joint, first, second in zip(batches(data), *shares, strict=True):
        assert torch.equal(joint.cartoon, torch.cat([first.cartoon, second.cartoon]))
        for whole, *parts in zip(joint.grids, first.grids, second.grids, strict=True):
            assert torch.equal(whole, torch.cat(parts))
    with pytest.raises(UserError, match="batch_size 4.*3 processes"):
        data.batches(batch_size=4, start_step=0, steps=1, world_size=3)


def test_an_epoch_shows_every_cartoon_once(tmp_path):
    for value in range(5):  # each picture is known by the red of its right half
        pixels = np.full((32, 32, 3), 255, np.uint8)
        pixels[:, 16:] = (value, 0, 0)
        Image.fromarray(pixels).save(tmp_path / f"{value}.png")
    config = replace(CONFIG, cartoons=str(tmp_path), flip=False)
    data = UnpairedData(config, scales=SCALES, seed=3)
    shown = [int(data.sample(index).cartoon[0, 0, -1]) for index in range(10)]
    assert sorted(shown[:5]) == sorted(shown[5:]) == list(range(5)) and shown[:5] != shown[5:]
    assert len(data) == 5


def test_unusable_files_are_skipped_and_reported(tmp_path):
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "empty.jpg").write_bytes(b"")
    Image.new("RGB", (40, 40), "blue").save(tmp_path / "flat.png")
    config = replace(CONFIG, cartoons=str(tmp_path))
    with pytest.raises(UserError, match="no usable image among 3"):
        UnpairedData(config, scales=SCALES, seed=0)
    Image.open(DATA / "cartoons/hat.png").save(tmp_path / "hat.png")
    data = UnpairedData(config, scales=SCALES, seed=0)
    assert len(data) == 4 and data.report() == "4 cartoons, 6 sprites"
    assert len(data.skipped()) == 2  # as many as were looked at before the first usable one
    assert data.sha256 and len(data.skipped()) == 3
    said = " ".join(data.skipped())
    assert all(name in said for name in ("text.png", "empty.jpg", "flat.png: one flat colour"))
    shown = [data.sample(index).cartoon for index in range(8)]  # each of them shows the hat
    assert all(len(np.unique(each)) > 1 for each in shown)


@pytest.mark.parametrize("workers", [0, 1])
def test_an_image_that_disappears_is_named_in_one_line(tmp_path, monkeypatch, workers):
    monkeypatch.setattr(unpaired, "MEMORY", 0)  # so that images are read again
    Image.open(DATA / "cartoons/hat.png").save(tmp_path / "hat.png")
    data = UnpairedData(
        replace(CONFIG, cartoons=str(tmp_path), workers=workers), scales=SCALES, seed=0
    )
    (tmp_path / "hat.png").unlink()
    with pytest.raises(UserError) as error:
        batches(data)
    assert "hat.png" in str(error.value) and "\n" not in str(error.value)


def test_the_order_of_an_epoch_is_drawn_once(monkeypatch):
    data = UnpairedData(CONFIG, scales=SCALES, seed=0)
    drawn, shuffled = [], data._order.__wrapped__
    data._order = lru_cache(maxsize=2)(lambda epoch: drawn.append(epoch) or shuffled(epoch))
    batches(data, batch_size=3, steps=7)  # 21 samples of epochs of four, some batches in two
    assert drawn == list(range(6))


def test_a_set_is_there_without_being_decoded_and_kept_up_to_the_memory(tmp_path, monkeypatch):
    for index in range(9):
        shutil.copy(DATA / "cartoons/hat.png", tmp_path / f"{index}.png")
    seen, read = [], datasets.read_image
    monkeypatch.setattr(datasets, "read_image", lambda path: seen.append(path.name) or read(path))
    images = ImageSet(tmp_path, transparent=False)
    assert len(images) == 9 and seen == ["0.png"]
    images[3], images[3], images[0]
    assert seen == ["0.png", "3.png"]
    few = ImageSet(tmp_path, transparent=False, memory=images[0].nbytes)
    few[3], few[3], few[0]
    assert seen[2:] == ["0.png", "3.png", "3.png"]


@pytest.fixture(autouse=True, scope="module")
def quick_scenes():
    """Scenes are drawn here, and not remembered."""


def test_drawings_are_made_when_they_are_wanted(monkeypatch):
    drawn, draw = [], drawings.draw_pair
    monkeypatch.setattr(drawings, "draw_pair", lambda *args: drawn.append(args) or draw(*args))
    scenes = drawings.DrawnCartoons(10_000)
    assert not drawn and scenes[7] is scenes[7] and len(drawn) == 1


def test_files_that_change_are_seen_without_reading_them(tmp_path):
    paths = [tmp_path / name for name in ("a.png", "b.png", "none.png")]
    for path in paths[:2]:
        path.write_bytes(b"12")
    first = fingerprint(paths)
    assert first == fingerprint(paths)
    os.utime(paths[0], (1, 1))
    assert fingerprint(paths) != first
    status = os.stat(paths[1])
    paths[1].write_bytes(b"123")
    os.utime(paths[1], ns=(status.st_atime_ns, status.st_mtime_ns))
    assert fingerprint(paths[1:]) != fingerprint(paths[2:])
    assert len({fingerprint(paths[:count]) for count in range(4)}) == 4


def test_an_image_found_damaged_later_is_replaced_by_the_next(tmp_path):
    for name in ("a", "b", "d"):
        shutil.copy(DATA / "cartoons/hat.png", tmp_path / f"{name}.png")
    Image.open(DATA / "cartoons/tennis.png").save(tmp_path / "d.png")
    Image.new("RGB", (40, 40), "blue").save(tmp_path / "b.png")
    (tmp_path / "c.png").write_text("hello")
    images = ImageSet(tmp_path, transparent=False, memory=0)
    assert np.array_equal(images[1], images[3]) and np.array_equal(images[2], images[3])
    assert [name for name, _ in images.usable()] == ["a.png", "d.png"]


def test_drawings_take_the_place_of_folders():
    data = UnpairedData(DataConfig(drawings=5, crop=32, workers=0), scales=SCALES, seed=0)
    batch = batches(data)[0]
    assert data.report() == "5 cartoons, 5 sprites" and len(data) == 5
    assert batch.cartoon.shape == (4, 3, 32, 32)
    assert [grid.shape[-1] for grid in batch.grids] == [8, 6, 4]
    again = UnpairedData(DataConfig(drawings=5, crop=32, workers=0), scales=SCALES, seed=0)
    assert same(batch, batches(again)[0]) and data.sha256 == again.sha256
    mixed = replace(CONFIG, sprites="", drawings=7)
    assert UnpairedData(mixed, scales=SCALES, seed=0).report() == "4 cartoons, 7 sprites"


def test_hash_is_that_of_earlier_versions():
    data = UnpairedData(CONFIG, scales=SCALES, seed=0)
    assert data.sha256.startswith("4da9d71b")


def test_hash_follows_the_images(tmp_path):
    image = Image.open(DATA / "cartoons/hat.png").convert("RGB")
    image.save(tmp_path / "hat.png")
    config = replace(CONFIG, cartoons=str(tmp_path))
    first = UnpairedData(config, scales=SCALES, seed=0).sha256
    assert first == UnpairedData(config, scales=SCALES, seed=9).sha256
    image.putpixel((0, 0), (1, 2, 3))
    image.save(tmp_path / "hat.png")
    assert first != UnpairedData(config, scales=SCALES, seed=0).sha256


def test_names_that_are_no_utf_8_have_a_hash(tmp_path):
    name = os.fsdecode(b"caf\xe9.png")
    for folder in ("cartoons", "sprites", "teacher/16"):
        (tmp_path / folder).mkdir(parents=True)
    Image.open(DATA / "cartoons/hat.png").resize((64, 64)).save(tmp_path / "cartoons" / name)
    sprite = Image.open(next((DATA / "sprites").iterdir()))
    sprite.save(tmp_path / "sprites" / name)
    sprite.resize((16, 16)).save(tmp_path / "teacher/16" / name)
    folders = {each: str(tmp_path / each) for each in ("cartoons", "sprites")}
    assert UnpairedData(replace(CONFIG, **folders), scales=SCALES, seed=0).sha256
    taught = ArtistsDataConfig(**folders, teacher=str(tmp_path / "teacher"), sizes=(16,))
    assert ArtistsData(taught, seed=0).sha256


def test_a_set_larger_than_the_memory_gives_the_same_samples(monkeypatch):
    first = UnpairedData(CONFIG, scales=SCALES, seed=0)
    monkeypatch.setattr(datasets, "MEMORY", 30_000)  # less than the first cartoon
    second = UnpairedData(CONFIG, scales=SCALES, seed=0)
    assert first.sha256 == second.sha256
    assert all(same(*pair) for pair in zip(batches(first), batches(second), strict=True))


def test_sprites_keep_their_own_colors():
    sprites = ImageSet(DATA / "sprites", transparent=True)
    allowed = {(255, 255, 255)}
    for pixels in sprites:
        allowed |= colors(np.asarray(on_white(Image.fromarray(pixels))).transpose(2, 0, 1))
    canvases = SpriteCanvases(sprites, sizes=(24, 18, 12), flip=True, permute_colors=False)
    for seed in range(20):
        for canvas in canvases.sample(np.random.default_rng(seed)):
            assert len(colors(canvas)) > 1  # never blank
            assert colors(canvas) <= allowed


def test_pictures_of_pixel_art_are_never_resampled(tmp_path):
    picture = (
        np.random.default_rng(0).integers(0, 2, (10, 10, 3), np.uint8).repeat(5, 0).repeat(5, 1)
        * 200
    )
    Image.fromarray(picture).save(tmp_path / "a.png")
    config = replace(CONFIG, sprites="", pictures=str(tmp_path))
    batch = batches(UnpairedData(config, scales=SCALES, seed=0))[0]
    assert batch.grids is None and batch.picture.shape == (4, 3, 32, 32)
    assert all(colors(image) <= colors(picture.transpose(2, 0, 1)) for image in batch.picture)


def test_small_pictures_are_surrounded_by_white(tmp_path):
    Image.open(DATA / "cartoons/hat.png").resize((20, 10)).save(tmp_path / "a.png")
    crop = Crops(ImageSet(tmp_path, transparent=False), crop=32, flip=False, permute_colors=False)
    window = crop.sample(0, np.random.default_rng(0))
    assert window.shape == (3, 32, 32)
    assert (
        (window[:, :11] == 255).all()
        and (window[:, -11:] == 255).all()
        and (window[:, 11:21] < 255).any()
    )


def test_windows_avoid_blank_regions(tmp_path):
    pixels = np.full((200, 200, 3), 255, np.uint8)
    pixels[80:140, 80:140] = np.random.default_rng(0).integers(0, 255, (60, 60, 3))
    Image.fromarray(pixels).save(tmp_path / "a.png")
    crops = Crops(ImageSet(tmp_path, transparent=False), crop=64, flip=True, permute_colors=False)
    blank = sum((crops.sample(0, np.random.default_rng(seed)) == 255).all() for seed in range(40))
    assert blank <= 2  # a single draw would miss the drawing about every third time


def test_permuted_colors_stay_the_same_set(tmp_path):
    Image.open(DATA / "cartoons/hat.png").convert("RGB").save(tmp_path / "a.png")
    images = ImageSet(tmp_path, transparent=False)
    plain, permuted = (Crops(images, crop=128, flip=False, permute_colors=p) for p in (False, True))
    before, after = (
        np.sort(c.sample(0, np.random.default_rng(1)), axis=0) for c in (plain, permuted)
    )
    assert (before == after).all()
    different = [
        (
            plain.sample(0, np.random.default_rng(s))
            != permuted.sample(0, np.random.default_rng(s))
        ).any()
        for s in range(6)
    ]
    assert any(different)
