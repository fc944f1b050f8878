"""Released weights: what is saved comes back, and a file that does not fit says so in one line."""

import json
import random
import subprocess
import sys

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

import pixelization.networks.weights
from pixelization import files
from pixelization.errors import UserError
from pixelization.networks.weights import (
    add_checksum,
    check_origin,
    load_weights,
    pretrained_path,
    save_weights,
)


def rewritten(path, target, *, tensors=lambda tensors: tensors, **metadata):
    """A copy of a weights file with other tensors or metadata, and without a checksum."""
    with safe_open(path, framework="pt") as file:
        contents = {name: file.get_tensor(name) for name in list(file.keys())}
        kept = {key: value for key, value in file.metadata().items() if key != "sha256"}
        save_file(tensors(contents), target, metadata=kept | metadata)
    return target


def test_everything_comes_back(tiny_weights, tiny_cascade, tiny_config):
    cascade, metadata = load_weights(tiny_weights)
    assert not cascade.training
    assert metadata["name"] == "tiny" and metadata["step"] == "7"
    assert metadata["data_sha256"] == "ab" * 32 and metadata["licences"] == "CC0-1.0"
    assert (
        json.loads(metadata["config"])["gridnet"]["base_channels"]
        == tiny_config.gridnet.base_channels
    )
    saved = tiny_cascade.state_dict()
    loaded = cascade.state_dict()
    assert loaded.keys() == saved.keys()
    assert all(torch.equal(loaded[name], saved[name]) for name in saved)
    assert all(
        tensor.device.type == "cpu" and tensor.dtype == torch.float32 for tensor in loaded.values()
    )


def test_older_weights_that_name_an_upsampling_of_gridnet_can_be_loaded(
    tiny_weights, tiny_cascade, tmp_path
):
    with safe_open(tiny_weights, framework="pt") as file:
        config = json.loads(file.metadata()["config"])
    config["gridnet"]["upsampling"] = "deconv"
    cascade, _ = load_weights(
        rewritten(tiny_weights, tmp_path / "old.safetensors", config=json.dumps(config))
    )
    assert all(map(torch.equal, cascade.state_dict().values(), tiny_cascade.state_dict().values()))


def test_older_weights_with_a_place_of_main_colors_can_be_loaded(pointing_weights, tmp_path):
    def older(tensors):
        for name in ("gridnet.head.place", "pixelnet.head.place"):
            place = tensors[name]
            tensors[name] = torch.cat([place[:-1], place[:1] + 9, place[-1:]])
        return tensors

    networks, _ = load_weights(pointing_weights)
    loaded, _ = load_weights(
        rewritten(pointing_weights, tmp_path / "old.safetensors", tensors=older)
    )
    assert all(map(torch.equal, loaded.state_dict().values(), networks.state_dict().values()))


def test_a_place_of_another_shape_is_one_line(pointing_weights, tmp_path):
    def scalar(tensors):
        return tensors | {"gridnet.head.place": torch.tensor(1.0)}

    with pytest.raises(UserError, match=r"of another shape: gridnet\.head\.place"):
        load_weights(rewritten(pointing_weights, tmp_path / "odd.safetensors", tensors=scalar))


def test_loading_draws_no_random_numbers(tiny_weights):
    before = torch.get_rng_state()
    load_weights(tiny_weights)
    assert torch.equal(torch.get_rng_state(), before)


def test_channels_last_networks_can_be_saved(tiny_config, tiny_weights, tmp_path):
    cascade, _ = load_weights(tiny_weights)
    cascade.to(memory_format=torch.channels_last)
    target = tmp_path / "new" / "copy.safetensors"
    save_weights(
        target, cascade, config=tiny_config, name="copy", step=1, data_sha256="", licences=""
    )
    again, _ = load_weights(target)
    assert all(
        torch.equal(a, b)
        for a, b in zip(again.state_dict().values(), cascade.state_dict().values(), strict=True)
    )


def test_a_failed_save_leaves_the_old_file(tiny_config, tiny_cascade, tmp_path, monkeypatch):
    target = tmp_path / "model.safetensors"
    target.write_bytes(b"old")

    def fail(file):
        # what was written so far is there, under another name
        assert len(list(tmp_path.iterdir())) == 2
        raise OSError("disk full")

    monkeypatch.setattr(files.os, "fsync", fail)
    with pytest.raises(UserError, match="disk full"):
        save_weights(
            target, tiny_cascade, config=tiny_config, name="x", step=1, data_sha256="", licences=""
        )
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    "content", [b"", b"not weights", b"\x10\x00\x00\x00\x00\x00\x00\x00{broken json...}"]
)
def test_a_file_that_is_no_safetensors_file(content, tmp_path):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(UserError, match="bad.safetensors.*not a safetensors file"):
        load_weights(path)


def test_a_truncated_file(tiny_weights, tmp_path):
    path = tmp_path / "half.safetensors"
    path.write_bytes(tiny_weights.read_bytes()[:-100])
    with pytest.raises(UserError, match="half.safetensors: damaged"):
        load_weights(path)


def test_a_missing_file_and_a_folder(tmp_path):
    for path, problem in (
        (tmp_path / "nothing.safetensors", "no such file"),
        (tmp_path, "is a folder"),
        (tmp_path / (300 * "a"), "cannot be read"),
    ):
        with pytest.raises(UserError, match=problem):
            load_weights(path)


def flipped(path, target, bit):
    """A copy of a file with one bit turned over."""
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    target.write_bytes(data)
    return target


@pytest.mark.parametrize("shipped", [False, True])
def test_one_flipped_bit_is_noticed(shipped, tiny_weights, tmp_path):
    path = pretrained_path() if shipped else tiny_weights
    size = 8 * path.stat().st_size
    header = 8 * (8 + int.from_bytes(path.read_bytes()[:8], "little"))
    rng = random.Random(0)
    places = [rng.randrange(header) for _ in range(12)] + [rng.randrange(size) for _ in range(8)]
    for bit in places:
        with pytest.raises(UserError, match="flipped.safetensors: (damaged|not weights)"):
            load_weights(flipped(path, tmp_path / "flipped.safetensors", bit))


def test_a_flip_in_the_name_or_the_digits_of_the_checksum_is_noticed(tiny_weights, tmp_path):
    start = tiny_weights.read_bytes().index(b'"sha256":"')
    for place in range(start, start + 10 + 64 + 1):
        with pytest.raises(UserError, match="damaged"):
            load_weights(flipped(tiny_weights, tmp_path / "flipped", 8 * place + place % 8))


def test_files_from_before_have_no_checksum_and_can_be_given_one(
    tiny_weights, tiny_cascade, tmp_path
):
    old = rewritten(tiny_weights, tmp_path / "old.safetensors")
    _, metadata = load_weights(old)
    assert "sha256" not in metadata
    add_checksum(old)
    again, metadata = load_weights(old)
    assert len(metadata.pop("sha256")) == 64 and metadata["name"] == "tiny"
    assert all(map(torch.equal, again.state_dict().values(), tiny_cascade.state_dict().values()))
    assert old.read_bytes() == tiny_weights.read_bytes()  # equal networks make equal files


def test_every_shipped_file_has_a_checksum():
    for path in pretrained_path().parent.glob("*.safetensors"):
        assert "sha256" in load_weights(path)[1], f"tools/add_checksum.py {path}"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_none_is_refused(value, tiny_weights, tmp_path):
    def change(tensors):
        tensors[max(tensors)].view(-1)[0] = value
        return tensors

    path = rewritten(tiny_weights, tmp_path / "bad.safetensors", tensors=change)
    with pytest.raises(UserError, match="bad.safetensors: cannot be used.*finite"):
        load_weights(path)


def test_tensors_of_whole_or_complex_numbers_are_refused(tiny_weights, tmp_path):
    for kind in (torch.int32, torch.complex64):
        path = rewritten(
            tiny_weights,
            tmp_path / "odd.safetensors",
            tensors=lambda tensors, kind=kind: {k: v.to(kind) for k, v in tensors.items()},
        )
        with pytest.raises(UserError, match="odd.safetensors: cannot be used"):
            load_weights(path)


@pytest.mark.parametrize(
    "config",
    [
        {"gridnet": {"num_blocks": 1000}},
        {"networks": "pointing", "gridnet": {"dilations": [1] * 900}},
        {"networks": "pointing", "depixelnet": {"dilations": [1] * 900}},
    ],
)
def test_more_blocks_than_tensors_are_refused_before_they_are_built(
    config, tiny_weights, tmp_path, monkeypatch
):
    path = rewritten(tiny_weights, tmp_path / "odd.safetensors", config=json.dumps(config))
    monkeypatch.setattr(pixelization.networks.weights, "build_networks", None)
    with pytest.raises(UserError, match=r"its tensors do not fit its configuration \(\d+ blocks"):
        load_weights(path)


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        ({"step": "7"}, "no 'data_sha256'"),
        ({"step": "seven", "data_sha256": "", "licences": ""}, "say step 'seven'"),
        ({"step": "-1", "data_sha256": "", "licences": ""}, "say step '-1'"),
        ({"step": "²", "data_sha256": "", "licences": ""}, "say step"),
        ({"step": "9" * 30, "data_sha256": "", "licences": ""}, "say step"),
    ],
)
def test_weights_that_training_cannot_begin_with(metadata, problem):
    with pytest.raises(UserError, match=f"w.safetensors: its metadata .*{problem}"):
        check_origin("w.safetensors", metadata)
    check_origin("w.safetensors", {"step": "0", "data_sha256": "", "licences": ""})


def test_another_format(tiny_weights, tmp_path):
    path = rewritten(tiny_weights, tmp_path / "future.safetensors", format="pixelization/99")
    with pytest.raises(UserError, match="expected format pixelization/1, found pixelization/99"):
        load_weights(path)
    save_file({"x": torch.zeros(1)}, path)
    with pytest.raises(UserError, match="found none"):
        load_weights(path)


@pytest.mark.parametrize(
    "config",
    [
        "{",
        "[]",
        "[" * 100_000,
        '{"a":' * 5000,
        "9" * 10_000,
        "null",
        '{"gridnet": {"num_blocks": 1e5}}',
        '{"gridnet": [[[]]]}',
        '{"gridnet": {"no_such_key": 1}}',
        '{"scales": ["1/3"]}',
    ],
)
def test_a_configuration_that_cannot_be_used(config, tiny_weights, tmp_path):
    path = rewritten(tiny_weights, tmp_path / "odd.safetensors", config=config)
    with pytest.raises(UserError, match="odd.safetensors: its configuration cannot be used"):
        load_weights(path)


def test_tensors_that_do_not_fit_are_named(tiny_weights, tmp_path):
    def change(tensors):
        first, second = sorted(tensors)[:2]
        del tensors[first]
        tensors[second] = torch.zeros(1, 2, 3)
        return tensors | {"surprise": torch.zeros(1)}

    with safe_open(tiny_weights, framework="pt") as file:
        first, second = sorted(file.keys())[:2]
    path = rewritten(tiny_weights, tmp_path / "other.safetensors", tensors=change)
    with pytest.raises(UserError) as error:
        load_weights(path)
    assert f"missing: {first};" in str(error.value)
    assert "unexpected: surprise;" in str(error.value)
    assert f"of another shape: {second})" in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_model_is_answered_with_those_there_are(tmp_path, monkeypatch):
    monkeypatch.setattr(pixelization.networks.weights, "PRETRAINED", tmp_path)
    with pytest.raises(UserError, match="no model 'best'; there are none"):
        pretrained_path("best")
    for name in ("small", "large"):
        (tmp_path / f"{name}.safetensors").write_bytes(b"")
    with pytest.raises(UserError, match="no model 'best'; there are large, small"):
        pretrained_path("best")
    assert pretrained_path("small") == tmp_path / "small.safetensors"


def test_loading_does_not_import_the_compiler_of_torch():
    """It takes longer than everything else that loading does."""
    code = (
        "import sys; from pixelization.networks.weights import load_weights, pretrained_path; "
        "[load_weights(pretrained_path(name)) for name in ('lite', 'cascade')]; "
        "print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
