"""Shards give what the folder gives, in whatever processes and however often resumed."""

import io
import shutil
import tarfile
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from pixelization.apps.cli.arguments import CONFIGS
from pixelization.apps.cli.shards import main
from pixelization.cells.sizes import SCALES
from pixelization.errors import UserError
from pixelization.training.data import shards
from pixelization.training.data.datasets import ImageSet
from pixelization.training.data.shards import Shards, index_shards, make_shards
from pixelization.training.data.unpaired import UnpairedData
from tests.targets import KINDS, changed
from tests.training.make import trained
from tests.training.test_data import CONFIG, DATA, batches, same

SMALL = 4096  # bytes of a shard: several for these few images


@pytest.fixture(scope="module")
def sharded(tmp_path_factory):
    """Shards of the cartoons and of the sprites, and a configuration that names them."""
    root = tmp_path_factory.mktemp("shards")
    for name in ("cartoons", "sprites"):
        *made, index = make_shards(DATA / name, root / name, SMALL, [])
        assert len(made) > 1 and index.name == shards.INDEX
    return replace(CONFIG, cartoons=str(root / "cartoons"), sprites=str(root / "sprites"))


def data(config, seed=0):
    return UnpairedData(config, scales=SCALES, seed=seed)


def equal(first, second):
    return all(same(*pair) for pair in zip(first, second, strict=True))


def test_samples_and_their_hash_are_those_of_the_folder(sharded):
    folder, packed = data(CONFIG), data(sharded)
    assert len(folder) == len(packed) and folder.report() == packed.report()
    assert equal(batches(folder), batches(packed))
    assert folder.sha256 == packed.sha256
    assert [path.suffix for path in packed.files()] == [".tar"] * len(packed.files())


def test_a_resume_goes_on_as_if_it_had_not_been_interrupted(sharded):
    unbroken = batches(data(sharded))
    for start in (1, 4):
        assert equal(unbroken[start:], batches(data(sharded), start_step=start, steps=6 - start))
    assert equal(unbroken, batches(data(replace(sharded, workers=2))))
    assert not equal(unbroken, batches(data(sharded, seed=1)))


def test_two_processes_see_what_one_sees(sharded):
    shares = [batches(data(sharded), rank=rank, world_size=2) for rank in (0, 1)]
    for joint, first, second in zip(batches(data(sharded)), *shares, strict=True):
        assert torch.equal(joint.cartoon, torch.cat([first.cartoon, second.cartoon]))
        for whole, *parts in zip(joint.grids, first.grids, second.grids, strict=True):
            assert torch.equal(whole, torch.cat(parts))


def test_a_run_that_is_resumed_trains_the_same_weights(sharded):
    keys = [
        f"data.cartoons={sharded.cartoons}",
        f"data.sprites={sharded.sprites}",
        "data.workers=0",
        "train.device=cpu",
        "train.batch_size=2",
    ]
    path = CONFIGS / "smoke.yaml"
    unbroken, losses = trained(path, 3, overrides=keys)
    half, _ = trained(path, 2, overrides=keys)
    resumed, last = trained(path, 1, half.state_dict() | {"step": half.step}, keys)
    assert losses[2:] == last
    for name, weights in unbroken.ema.module.state_dict().items():
        assert torch.equal(weights, resumed.ema.module.state_dict()[name]), name


def test_nothing_but_the_index_is_read_before_an_image_is_wanted(sharded, monkeypatch):
    reads = []
    read = Shards._bytes

    def noted(self, index, shift, size):
        reads.append(index)
        return read(self, index, shift, size)

    monkeypatch.setattr(Shards, "_bytes", noted)
    images = Shards(sharded.sprites)
    assert isinstance(images._rows, np.memmap) and not reads
    assert images.source(3) == sorted((DATA / "sprites").rglob("*.png"))[3].read_bytes()
    assert reads == [3]


def test_shards_are_made_the_same_again(tmp_path):
    first, second = (list(make_shards(DATA / "sprites", tmp_path / n, SMALL, [])) for n in "ab")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    with pytest.raises(UserError, match="holds shards already"):
        list(make_shards(DATA / "sprites", tmp_path / "a", SMALL, []))


def webdataset(path, members):
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def png(number):
    return sorted((DATA / "sprites").rglob("*.png"))[number].read_bytes()


def test_shards_that_others_made_need_an_index_only(tmp_path, capsys):
    long = "x" * 150  # more than a plain header holds
    webdataset(
        tmp_path / "a.tar",
        {"000.json": b"{}", "000.png": png(0), f"{long}/001.png": png(1), "001.txt": b"a sprite"},
    )
    hidden = {"d/._002.PNG": b"as macOS makes them", ".d/003.png": png(3)}
    webdataset(tmp_path / "b.tar", {"d/002.PNG": png(2)} | hidden)
    with pytest.raises(UserError, match="without an index.*pixelization shards"):
        ImageSet(tmp_path, transparent=True)
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/shards.npy\n"
    images = Shards(tmp_path)
    assert [images.source(index) for index in range(len(images))] == [png(0), png(1), png(2)]
    assert (images.name(0), images.name(2)) == ("000.png", "002.PNG")
    assert images.told(2) == f"{tmp_path}/b.tar: 002.PNG"


def test_an_image_that_cannot_be_used_is_replaced_and_named(tmp_path):
    webdataset(tmp_path / "a.tar", {"a.png": png(0), "b.png": b"damaged", "c.png": png(2)})
    index_shards(tmp_path)
    images = ImageSet(tmp_path, transparent=True)
    assert np.array_equal(images[1], images[2])
    (reason,) = images.skipped
    assert "a.tar: b.png" in reason
    assert [name for name, _ in images.usable()] == ["a.png", "c.png"]


@pytest.mark.parametrize("change", ["more", "fewer", "shorter", "index", "words"])
def test_an_index_of_other_shards_is_refused(tmp_path, change):
    for name in "ab":
        webdataset(tmp_path / f"{name}.tar", {"a.png": png(0), "b.png": png(1)})
    index_shards(tmp_path)
    if change == "more":
        shutil.copy(tmp_path / "a.tar", tmp_path / "c.tar")
    elif change == "fewer":
        (tmp_path / "b.tar").unlink()
    elif change == "shorter":
        (tmp_path / "a.tar").write_bytes((tmp_path / "a.tar").read_bytes()[:600])
    elif change == "index":
        np.save(tmp_path / shards.INDEX, np.zeros(3))
    else:
        (tmp_path / shards.INDEX).write_text("no index")
    with pytest.raises(UserError, match=r"shards\.npy: .*pixelization shards"):
        Shards(tmp_path)


def test_a_shard_that_is_cut_later_says_so(tmp_path):
    webdataset(tmp_path / "a.tar", {"a.png": png(0)})
    index_shards(tmp_path)
    images = Shards(tmp_path)
    (tmp_path / "a.tar").write_bytes(b"")
    with pytest.raises(UserError, match="shorter than its index"):
        images.source(0)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\x1f\x8b no tar", "no tar file"), (None, "holds no image"), (b"", "no tar file")],
)
def test_what_is_no_shard_is_not_indexed(tmp_path, content, message):
    if content is None:
        webdataset(tmp_path / "a.tar", {"a.txt": b"words"})
    else:
        (tmp_path / "a.tar").write_bytes(content)
    with pytest.raises(UserError, match=f"a.tar: .*{message}|a.tar: {message}"):
        index_shards(tmp_path)
    assert not (tmp_path / shards.INDEX).exists()


def test_shards_have_no_masks(sharded):
    with pytest.raises(UserError, match=r"no masks: leave out data\.masks"):
        data(replace(sharded, masks=sharded.cartoons))


@pytest.mark.parametrize(
    "content", [b"", b"no image", b"%PDF-1.7", b"\x89PNG\r\n\x1a\nrest", b"GIF89a"]
)
def test_files_that_are_no_images_are_left_out_and_said(content, tmp_path, capsys):
    folder = tmp_path / "in"
    shutil.copytree(DATA / "sprites", folder)
    (folder / "a.png").write_bytes(content)
    (folder / "sub").mkdir()
    (folder / "sub" / "z.jpg").write_bytes(content)
    assert main([str(folder), "-o", str(tmp_path / "out")]) == 1
    warnings = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[3] for line in warnings] == [f"{folder}/a.png", f"{folder}/sub/z.jpg"]
    packed, whole = Shards(tmp_path / "out"), sorted((DATA / "sprites").iterdir())
    assert [packed.source(index) for index in range(len(packed))] == [
        path.read_bytes() for path in whole
    ]


def test_what_was_left_out_is_said_where_a_shard_cannot_be_written(tmp_path, capsys, monkeypatch):
    folder = tmp_path / "in"
    shutil.copytree(DATA / "sprites", folder)
    (folder / "a.png").write_bytes(b"no image")

    def full(*_args, **_how):
        raise UserError("000000.tar: cannot be written (No space left on device)")

    monkeypatch.setattr(shards, "whole_file", full)
    assert main([str(folder), "-o", str(tmp_path / "out")]) == 2
    warning, error = capsys.readouterr().err.splitlines()
    assert "left out: " in warning and f"{folder}/a.png" in warning
    assert "No space left" in error


def test_a_folder_without_any_image_gives_no_shards(tmp_path, capsys):
    (tmp_path / "a.png").write_bytes(b"no image")
    assert main([str(tmp_path), "-o", str(tmp_path / "out")]) == 2
    assert "none of its 1 images can be read" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


NUMBERS = st.integers(0, 1 << 20)
CHANGES = st.lists(st.tuples(st.sampled_from(KINDS), NUMBERS, NUMBERS), min_size=1, max_size=4)


@settings(max_examples=80, deadline=None)
@given(CHANGES, st.booleans())
def test_damaged_shards_and_indices_are_read_or_told(sharded, changes, of_index):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(sharded.sprites, folder, dirs_exist_ok=True)
        path = Path(folder, shards.INDEX if of_index else "000000.tar")
        data = path.read_bytes()
        path.write_bytes(changed(data, data, changes))
        with suppress(UserError):
            if not of_index:
                index_shards(folder)
            images = Shards(folder)
            for number in range(min(len(images), 4)):
                assert images.told(number)
                with suppress(UserError):
                    images.image(number)
