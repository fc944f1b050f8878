"""ONNX Runtime gives the cells that torch gives, and needs no torch."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from fractions import Fraction

import numpy as np
import onnx
import pytest
import torch
from PIL import Image

from pixelization import Pixelizer
from pixelization.apps.cli import depixelize, export, pixelize
from pixelization.backends import choice
from pixelization.backends.base import SpriteBackend
from pixelization.backends.choice import backend_name, onnx_file
from pixelization.backends.cyclegan import CycleGANBackend
from pixelization.backends.onnx import GRID, WHOLE, OnnxBackend, OnnxWholeImageBackend, onnx_backend
from pixelization.backends.pointing import PointingBackend
from pixelization.errors import UserError
from pixelization.networks.build import build_cyclegan
from pixelization.networks.export import export_networks
from pixelization.networks.schema import CycleGANConfig, CycleGeneratorConfig
from pixelization.networks.sealing import BLANK, CHECKSUM, onnx_entry, sealed
from pixelization.networks.weights import load_weights, pretrained_path
from tests.make import drawing

QUARTER = Fraction(1, 4)
NOT_OURS = r"x\.sprite\.onnx: was not written by the export of this version"
WITHOUT_TORCH = """
import sys
for name in ("torch", "safetensors"):
    sys.modules[name] = None
from pixelization.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def shipped():
    return OnnxBackend(onnx_file("lite"), threads=1)


@pytest.fixture
def exported_lite(tmp_path):
    """One of two ONNX files of lite under another name."""
    for kind in ("sprite", "draw"):
        shutil.copy(onnx_file("lite").with_name(f"lite.{kind}.onnx"), tmp_path / f"x.{kind}.onnx")
    return tmp_path / "x.sprite.onnx"


@pytest.fixture(scope="module")
def torch_backend():
    return PointingBackend(load_weights(pretrained_path("lite"))[0], "cpu")


def test_the_shipped_files_are_of_the_shipped_weights(shipped):
    assert isinstance(shipped, SpriteBackend)
    _, metadata = load_weights(pretrained_path("lite"))
    told = "run: python -m pixelization export --overwrite -o pixelization/pretrained"
    assert shipped.metadata["sha256"] == metadata["sha256"], told
    assert shipped.metadata["licences"] == metadata["licences"]


@pytest.mark.parametrize("kind", ["sprite", "draw"])
def test_the_shipped_files_do_not_say_where_they_were_made(kind):
    assert b"/networks/" not in pretrained_path("lite").with_name(f"lite.{kind}.onnx").read_bytes()


@pytest.mark.parametrize("grid", [(1, 1), (9, 1), (13, 17), (48, 31), (97, 100)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_cells_are_those_of_torch(shipped, torch_backend, grid, mode):
    image = np.array(drawing(200, 210, mode, seed=3).convert("RGBA"))[None]
    mine, theirs = shipped.sprites(image, grid), torch_backend.sprites(image, grid)
    assert (mine.refined == theirs.refined).all() and (mine.grids == theirs.grids).all()


@pytest.mark.parametrize("size", [(8, 8), (9, 131), (4096, 33)])
def test_pictures_of_any_size_give_the_cells_of_torch(shipped, torch_backend, size):
    image = np.array(drawing(*size, "RGBA", seed=7))[None]
    grid = tuple(min(24, side // 2) for side in image.shape[1:3])
    mine, theirs = shipped.sprites(image, grid), torch_backend.sprites(image, grid)
    assert (mine.refined == theirs.refined).all()
    both = shipped.sprites(np.concatenate([image, image[:, ::-1]]), grid)
    assert (both.refined[0] == mine.refined[0]).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (12, 9)])
def test_drawings_are_those_of_torch(shipped, torch_backend, size):
    sprite = np.random.default_rng(0).integers(0, 256, (1, *size, 3), np.uint8)
    mine, theirs = shipped.draw(sprite).astype(int), torch_backend.draw(sprite)
    assert np.abs(mine - theirs).max() <= 1


@pytest.mark.slow
def test_where_no_cell_has_a_choice_no_network_runs(monkeypatch):
    backend = OnnxBackend(onnx_file("lite"), threads=1)
    monkeypatch.setattr(backend, "_points", None)
    image = np.zeros((1, 40, 56, 4), np.uint8)
    image[..., 32:, :] = (201, 77, 33, 255)
    made = backend.sprites(image[:, :, 32:], (5, 3))
    assert (made.refined == [201, 77, 33, 255]).all() and (made.grids == made.refined).all()
    assert not backend.sprites(image[:, :, :32], (5, 4)).refined.any()


@pytest.mark.parametrize("side, cells", [(1333, 77), (1023, 64), (700, 70)])
def test_flat_areas_are_flat_at_any_scale(side, cells, monkeypatch):
    backend = OnnxBackend(onnx_file("lite"), threads=1)
    monkeypatch.setattr(backend, "_points", None)  # means of equal samples differ in their last bit
    image = np.full((1, side, side, 4), (201, 77, 33, 255), np.uint8)
    assert (backend.sprites(image, (cells, cells)).refined == [201, 77, 33, 255]).all()


@pytest.mark.parametrize("alpha", [80, 128, 185, 255])
def test_half_transparent_areas_are_those_of_torch(shipped, torch_backend, alpha):
    image = np.full((1, 128, 128, 4), 255, np.uint8)
    image[:, 20:100, 20:100] = (30, 60, 200, alpha)
    mine, theirs = (each.sprites(image, (16, 16)).refined for each in (shipped, torch_backend))
    assert (mine == theirs).all() and (mine[..., 3] == 0).mean() < 0.05


def test_one_cell_that_has_a_choice_is_decided_as_in_torch(shipped, torch_backend):
    image = np.full((1, 96, 96, 4), 255, np.uint8)
    image[:, 46:50, 45:51, :3] = 0  # amid one of 3x3 cells
    mine, theirs = (each.sprites(image, (3, 3)).refined for each in (shipped, torch_backend))
    assert (mine == theirs).all()


def test_networks_of_ones_own_are_exported_and_run(pointing_networks, tmp_path, monkeypatch):
    monkeypatch.setattr("pixelization.networks.planes.FEW", 64)  # a smaller graph
    metadata = {"name": "tiny", "sha256": "ab" * 32}
    paths = export_networks(pointing_networks, metadata, tmp_path)
    assert [path.name for path in paths] == ["tiny.sprite.onnx", "tiny.draw.onnx"]
    image = np.array(drawing(50, 40, "RGBA"))[None]
    mine = onnx_backend(paths[1], threads=1).sprites(image, (11, 15))
    theirs = PointingBackend(pointing_networks, "cpu").sprites(image, (11, 15))
    assert np.array_equal(mine.refined, theirs.refined)


@pytest.mark.parametrize("name", ["../out", "/out", "", ".", "..", ".out", "-o", "a\nb", "a/b"])
def test_names_of_weights_lead_nowhere(pointing_networks, tmp_path, name):
    folder = tmp_path / "in"
    with pytest.raises(UserError, match="cannot be that of files"):
        export_networks(pointing_networks, {"name": name, "sha256": "ab" * 32}, folder)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["sprite", "draw"])
def test_an_export_that_would_replace_a_file_writes_nothing(pointing_networks, tmp_path, kind):
    there = tmp_path / f"tiny.{kind}.onnx"
    there.write_text("mine")
    with pytest.raises(UserError, match=f"{kind}.onnx: exists"):
        export_networks(pointing_networks, {"name": "tiny", "sha256": "ab" * 32}, tmp_path)
    assert list(tmp_path.iterdir()) == [there] and there.read_text() == "mine"


@pytest.mark.parametrize("kind", ["sprite", "draw"])
def test_one_bit_that_differs_is_noticed(tmp_path, kind):
    for path in onnx_file("lite").parent.glob("lite.*.onnx"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    damaged = tmp_path / f"lite.{kind}.onnx"
    data = bytearray(damaged.read_bytes())
    for place in np.linspace(len(data) // 10, len(data) * 9 // 10, 5).astype(int).tolist():
        data[place] ^= 1  # amid the weights, where ONNX Runtime minds nothing
        damaged.write_bytes(data)
        with pytest.raises(UserError, match=re.escape(f"{damaged}: ")):
            onnx_backend(damaged, threads=1)
        data[place] ^= 1
    damaged.write_bytes(data)
    onnx_backend(damaged, threads=1)


@pytest.fixture(scope="module")
def cyclegan():
    torch.set_num_threads(1)
    generator = CycleGeneratorConfig("unet", base_channels=4, num_downs=5)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        networks = build_cyclegan(CycleGANConfig(generator=generator))
        for parameter in networks.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    return networks


@pytest.fixture(scope="module")
def cyclegan_files(cyclegan, tmp_path_factory):
    metadata = {"name": "cycle", "sha256": "ef" * 32, "licences": "CC0-1.0"}
    return export_networks(cyclegan, metadata, tmp_path_factory.mktemp("onnx"))


@pytest.mark.slow
def test_a_cyclegan_is_exported_and_run(cyclegan, cyclegan_files):
    assert [path.name for path in cyclegan_files] == [
        "cycle.pixelize.onnx",
        "cycle.depixelize.onnx",
    ]
    mine, theirs = onnx_backend(cyclegan_files[0], 1), CycleGANBackend(cyclegan, "cpu")
    assert isinstance(mine, OnnxWholeImageBackend) and not isinstance(mine, SpriteBackend)
    assert (mine.scales, mine.tileable) == (theirs.scales, theirs.tileable)
    assert mine.metadata["licences"] == "CC0-1.0"
    for size in ((32, 32), (33, 47), (128, 64), (255, 90)):
        images = np.random.default_rng(0).integers(0, 256, (2, *size, 3), np.uint8)
        first, second = mine.pixelize(images, QUARTER), theirs.pixelize(images, QUARTER)
        assert np.abs(first.refined.astype(int) - second.refined).max() <= 1
        assert (first.refined != second.refined).mean() < 1e-3
        assert first.grids.shape == second.grids.shape
        smooth = mine.depixelize(images)
        assert np.abs(smooth.astype(int) - theirs.depixelize(images)).max() <= 1
        alone = mine.pixelize(images[1:], QUARTER)
        assert (alone.refined[0] == first.refined[1]).all()


@pytest.mark.slow
def test_a_sprite_of_a_cyclegan_is_that_of_torch(cyclegan, cyclegan_files):
    picture = drawing(120, 96, seed=2)
    mine = Pixelizer.from_weights(cyclegan_files[1]).networks(picture, size=(24, 30))
    theirs = Pixelizer(CycleGANBackend(cyclegan, "cpu")).networks(picture, size=(24, 30))
    cells = (np.asarray(mine.sprite) != np.asarray(theirs.sprite)).any(axis=2)
    assert cells.mean() < 0.01


def test_networks_that_cannot_be_exported_are_named(tiny_weights, tmp_path, capsys):
    assert export.main(["--model", str(tiny_weights), "-o", str(tmp_path)]) == 2
    assert "networks on the grid, as lite's, and CycleGANs can be exported" in (
        capsys.readouterr().err
    )
    assert not list(tmp_path.iterdir())


def test_what_is_no_weights_file_cannot_be_exported(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("no weights")
    assert export.main(["--model", str(tmp_path / "notes.txt"), "-o", str(tmp_path / "out")]) == 2
    assert "notes.txt: is no weights file" in capsys.readouterr().err


def test_damaged_and_foreign_files_are_one_line(exported_lite, tmp_path):
    assert OnnxBackend(exported_lite).reach
    whole = (tmp_path / "x.draw.onnx").read_bytes()
    for content in (b"", b"no model", whole[: len(whole) // 2]):
        (tmp_path / "x.draw.onnx").write_bytes(content)
        with pytest.raises(UserError, match=r"x\.draw\.onnx"):
            OnnxBackend(tmp_path / "x.sprite.onnx")
    (tmp_path / "x.draw.onnx").unlink()
    with pytest.raises(UserError, match=r"x\.draw\.onnx"):
        OnnxBackend(tmp_path / "x.sprite.onnx")


def telling(folder, kinds, key, value):
    """The first of two files that hold next to nothing, and of metadata one value.

    Args:
        folder, key, value: of the files.
        kinds: of the two files, and the names of their inputs.
    """
    for kind, names in kinds.items():
        inputs = [
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in names
        ]
        copied = onnx.helper.make_node("Identity", [names[0]], ["y"])
        result = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
        graph = onnx.helper.make_graph([copied], "g", inputs, [result])
        version = [onnx.helper.make_opsetid("", 18)]
        model = onnx.helper.make_model(graph, opset_imports=version, ir_version=10)
        onnx.helper.set_model_props(model, {key: value, CHECKSUM: BLANK})
        data = sealed(model.SerializeToString(), onnx_entry)
        (folder / f"x.{kind}.onnx").write_bytes(data)
    return folder / f"x.{next(iter(kinds))}.onnx"


@pytest.mark.parametrize("kind", ["sprite", "draw"])
def test_one_bit_that_differs_in_the_metadata_is_noticed(tmp_path, kind):
    damaged = telling(tmp_path, GRID, "reach", "3").with_name(f"x.{kind}.onnx")
    data = bytearray(damaged.read_bytes())
    told = data.index(b"checksum")
    for place, bit in itertools.product(range(told - 8, told + 20), (0, 5, 7)):
        data[place] ^= 1 << bit
        damaged.write_bytes(data)
        with pytest.raises(UserError, match=re.escape(f"{damaged}: ")):
            onnx_backend(damaged, threads=1)
        data[place] ^= 1 << bit
    damaged.write_bytes(data)
    onnx_backend(damaged, threads=1)


@pytest.mark.parametrize(
    "reach", ["[" * 100_000, "9" * 5000, '"x"', "[]", "{}", "null", "true", "2.5", "-3", "9999"]
)
def test_a_reach_that_is_none_is_one_line(tmp_path, reach):
    assert OnnxBackend(telling(tmp_path, GRID, "reach", "3")).reach == 3
    path = telling(tmp_path, GRID, "reach", reach)
    with pytest.raises(UserError, match=NOT_OURS):
        OnnxBackend(path)


@pytest.mark.parametrize(
    "kind, inputs",
    [
        ("sprite", ("lattice", "cell_size", "main", "exists")),  # of the first export
        ("sprite", (*GRID["sprite"], "main", "exists")),  # of those with main colours
        ("draw", ("lattice",)),
    ],
)
def test_a_file_with_other_inputs_is_one_line(tmp_path, kind, inputs):
    path = telling(tmp_path, {**GRID, kind: inputs}, "reach", "3")
    with pytest.raises(UserError, match=NOT_OURS.replace("sprite", kind)):
        OnnxBackend(path)


@pytest.mark.parametrize(
    "change",
    [
        {"stride": 0},
        {"stride": "4"},
        {"scale": "1/0"},
        {"scale": [1, 4]},
        {"local": 1},
        {"edges": "all"},
        {"edges": []},
    ],
)
def test_what_is_no_translator_is_one_line(tmp_path, change):
    def told(values):
        return telling(tmp_path, WHOLE, "translator", json.dumps(values))

    right = {"stride": 4, "local": True, "edges": "none", "scale": "1/4"}
    assert OnnxWholeImageBackend(told(right)).scales == (QUARTER,)
    for wrong in ({**right, **change}, {name: right[name] for name in right if name not in change}):
        with pytest.raises(UserError, match=r"x\.pixelize\.onnx: was not written by"):
            OnnxWholeImageBackend(told(wrong))


def test_a_backend_is_chosen_by_what_is_there(monkeypatch):
    assert backend_name("auto") == "torch" and backend_name("onnx") == "onnx"
    monkeypatch.setattr(choice, "_has_driver", lambda: False)
    assert (
        backend_name("auto", model="lite") == backend_name("auto", model="my.sprite.onnx") == "onnx"
    )
    assert (
        backend_name("auto", model="cascade")
        == backend_name("auto", model="my.safetensors")
        == "torch"
    )
    assert backend_name("auto", "cuda", "lite") == backend_name("torch", model="lite") == "torch"
    monkeypatch.setattr(choice, "_has_driver", lambda: True)
    assert (
        backend_name("auto", model="lite") == "torch"
        and backend_name("auto", "cpu", "lite") == "onnx"
    )
    monkeypatch.setitem(sys.modules, "torch", None)
    assert backend_name("auto") == "onnx"
    with pytest.raises(UserError, match="ONNX Runtime is for the CPU"):
        backend_name("onnx", "cuda")
    with pytest.raises(UserError, match="choose one of auto, onnx, torch"):
        backend_name("tf")
    with pytest.raises(UserError, match="cascade: runs with torch only"):
        Pixelizer.from_pretrained("cascade", backend="onnx")


@pytest.mark.parametrize("driver", [False, True])
@pytest.mark.parametrize("model", ["x.sprite.onnx", "runs/x.draw.onnx", "x.pixelize.onnx"])
def test_an_exported_file_is_for_onnx_runtime_alone(monkeypatch, driver, model):
    monkeypatch.setattr(choice, "_has_driver", lambda: driver)
    for wanted, device in (("auto", "auto"), ("auto", "cpu"), ("onnx", "auto")):
        assert backend_name(wanted, device, model) == "onnx"
    with pytest.raises(UserError, match=f"{model}: .* only: leave out --backend torch"):
        backend_name("torch", "auto", model)
    with pytest.raises(UserError, match=f"{model}: .*CPU: leave out --device cuda"):
        backend_name("auto", "cuda", model)


@pytest.mark.parametrize("kind", ["sprite", "draw"])
def test_an_exported_file_is_loaded_by_its_name_wherever_a_gpu_may_be(
    exported_lite, monkeypatch, kind
):
    monkeypatch.setattr(choice, "_has_driver", lambda: True)
    pixelizer = Pixelizer.from_pretrained(str(exported_lite.with_name(f"x.{kind}.onnx")))
    assert isinstance(pixelizer.backend, OnnxBackend)


@pytest.mark.parametrize("flag", ["--model", "--weights"])
@pytest.mark.parametrize("tool", [pixelize, depixelize])
def test_an_exported_file_and_torch_are_one_line(exported_lite, tmp_path, capsys, tool, flag):
    source, out = tmp_path / "in.png", tmp_path / "out.png"
    drawing(24, 16).save(source)
    command = [str(source), "-o", str(out), flag, str(exported_lite)]
    assert tool.main([*command, "--backend", "torch"]) == 2
    error = capsys.readouterr().err
    assert "x.sprite.onnx: runs on ONNX Runtime only: leave out --backend torch" in error
    assert error.count("\n") == 1 and not out.exists()


@pytest.mark.parametrize("name", ["cut.onnx", "cut.spite.onnx", "sprite.onnx", "cut.sprite.2.onnx"])
def test_an_exported_file_of_another_name_is_told_as_it_was_typed(
    exported_lite, tmp_path, capsys, name
):
    source, cut = tmp_path / "in.png", tmp_path / name
    drawing(24, 16).save(source)
    shutil.copy(exported_lite, cut)
    assert pixelize.main([str(source), "-o", str(tmp_path / "out.png"), "--weights", str(cut)]) == 2
    error = capsys.readouterr().err
    told = f"{cut}: is not named as export names its two files: give NAME.sprite.onnx beside"
    assert told in error and error.count(".onnx") == 5 and error.count("\n") == 1


def run_without_torch(*arguments):
    command = [sys.executable, "-c", WITHOUT_TORCH, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_command_needs_no_torch(tmp_path):
    source, sprite, other = (tmp_path / name for name in ("in.png", "out.png", "torch.png"))
    drawing(96, 80, "RGBA", seed=5).save(source)
    done = run_without_torch("pixelize", source, "-o", sprite, "--size", 24)
    assert done.returncode == 0, done.stderr
    assert pixelize.main([str(source), "-o", str(other), "--size", "24", "--backend", "torch"]) == 0
    assert np.array_equal(Image.open(sprite), Image.open(other))
    smooth = tmp_path / "smooth.png"
    done = run_without_torch("depixelize", sprite, "--native", "-o", smooth, "--factor", 4)
    assert done.returncode == 0, done.stderr
    assert Image.open(smooth).size == (96, 80)


@pytest.mark.parametrize(
    "arguments",
    [
        ("pixelize", "in.png", "-o", "out.png", "--size", "24", "--model", "cascade"),
        ("train", "--cfg", "smoke"),
        ("export", "-o", "out"),
    ],
)
def test_what_needs_torch_says_how_to_get_it(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    drawing(96, 80).save("in.png")
    done = run_without_torch(*arguments)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "pip install 'pixelization[train]'" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals do not arrive there")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_waits_until_onnx_runtime_is_imported(name):
    code = f"""
import signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.endswith("onnxruntime_pybind11_state"):
            signal.raise_signal(signal.{name})

def stop(*_):
    sys.exit(7 if hasattr(sys.modules["onnxruntime"], "InferenceSession") else 8)

sys.meta_path.insert(0, Finder())
signal.signal(signal.{name}, stop)
import pixelization.backends.onnx
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 7
