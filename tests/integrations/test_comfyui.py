"""The nodes of ComfyUI: as it loads them, and run for real on batches."""

import asyncio
import subprocess
import sys
import tomllib
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

import pixelization
from pixelization import Pixelizer, UserError, classic_palette, pixel_snap
from tests.animation.files import sprites
from tests.integrations import comfy_stub
from tests.make import drawing, enlarged

FOLDER = Path(__file__).resolve().parents[2] / "integrations" / "comfyui"
NAMES = {"Pixelize", "Snap to pixels", "Depixelize", "Palette"}


def classes(module):
    """The classes by V3, by what people read."""
    extension = asyncio.run(module.comfy_entrypoint())
    found = asyncio.run(extension.get_node_list())
    return {each.define_schema().display_name: each for each in found}


@pytest.fixture(scope="module")
def nodes():
    return classes(comfy_stub.load(FOLDER, with_v3=True))


@pytest.fixture(scope="module")
def pixelizer():
    return Pixelizer.from_pretrained()


def run(node, **inputs):
    """The outputs of a node, with the defaults of what is not given, as ComfyUI calls it."""
    schema = node.define_schema()
    assert inputs.keys() <= {each.id for each in schema.inputs}
    given = {
        each.id: inputs.get(each.id, getattr(each, "default", None))
        for each in schema.inputs
        if each.id in inputs or not each.optional
    }
    outputs = node.execute(**given).args
    assert len(outputs) == len(schema.outputs)
    return outputs


def batch(*arrays):
    """IMAGE of arrays, uint8 ``(H, W, C)``."""
    return torch.stack([torch.from_numpy(np.array(each)).float() / 255 for each in arrays])


def pixels(image, mask):
    """The pictures of a batch, uint8 ``(h, w, 4)``."""
    assert image.dtype == mask.dtype == torch.float32
    assert image.shape[3] == 3 and image.shape[:3] == mask.shape
    assert float(image.min()) >= 0 and float(image.max()) <= 1
    alpha = (1 - mask)[..., None]
    return list((torch.cat([image, alpha], 3) * 255).round().to(torch.uint8).numpy())


def opaque(array):
    """The same with alpha."""
    if array.shape[2] == 4:
        return array
    return np.dstack([array, np.full(array.shape[:2], 255, np.uint8)])


def same(found, expected):
    return len(found) == len(expected) and all(
        np.array_equal(each, opaque(other)) for each, other in zip(found, expected, strict=True)
    )


DRAWINGS = [np.asarray(drawing(64, 48, seed=seed)) for seed in range(2)]


def test_by_v3(nodes):
    assert nodes.keys() == NAMES
    for node in nodes.values():
        schema = node.define_schema()
        assert schema.node_id.startswith("Pixelization") and schema.category and schema.description
        assert all(each.tooltip for each in schema.inputs)
        for each in schema.inputs:
            if each.kind == "COMBO":
                assert each.default in each.options
            elif each.kind in ("INT", "FLOAT"):
                assert each.min <= each.default <= each.max
    kinds = {
        name: [each.kind for each in node.define_schema().outputs] for name, node in nodes.items()
    }
    assert kinds.pop("Palette") == ["STRING", "IMAGE"]
    assert all(each == ["IMAGE", "MASK"] for each in kinds.values())


def test_by_v1_where_there_is_no_v3(nodes):
    module = comfy_stub.load(FOLDER, with_v3=False)
    assert not hasattr(module, "comfy_entrypoint")
    assert set(module.NODE_DISPLAY_NAME_MAPPINGS.values()) == NAMES
    for id, node in module.NODE_CLASS_MAPPINGS.items():
        schema = nodes[module.NODE_DISPLAY_NAME_MAPPINGS[id]].define_schema()
        types = node.INPUT_TYPES()
        assert schema.node_id == id and types.keys() == {"required", "optional"}
        found = {name: each for kind in types.values() for name, each in kind.items()}
        for each in schema.inputs:
            kind, options = found.pop(each.id)
            assert each.id in types["optional" if each.optional else "required"]
            if each.kind == "COMBO":
                assert kind == each.options and options["default"] == each.default
            else:
                assert kind == each.kind
                assert options.get("default") == getattr(each, "default", None)
        assert not found
        assert tuple(each.kind for each in schema.outputs) == node.RETURN_TYPES
        assert tuple(each.display_name for each in schema.outputs) == node.RETURN_NAMES
    palette = module.NODE_CLASS_MAPPINGS["PixelizationPalette"]()
    text, squares = getattr(palette, palette.FUNCTION)(name="pico-8", colors=16)
    assert text.split(",") == classic_palette("pico-8").hex() and squares.shape == (1, 16, 256, 3)


def test_never_by_both():
    module = comfy_stub.load(FOLDER, with_v3=True)
    assert not hasattr(module, "NODE_CLASS_MAPPINGS") and module.__all__ == ["comfy_entrypoint"]


def test_loading_imports_nothing_heavy():
    code = (
        "import sys; from pathlib import Path; from tests.integrations import comfy_stub;"
        f"comfy_stub.load(Path({str(FOLDER)!r}), with_v3=True);"
        "print([each for each in ('torch', 'numpy', 'PIL', 'scipy') if each in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=FOLDER.parents[1],
    )
    found = done.stdout.strip()
    assert "torch" not in found and "scipy" not in found, found


def test_pixelize_equals_the_library(nodes, pixelizer):
    found = pixels(*run(nodes["Pixelize"], image=batch(*DRAWINGS), size=16, colors=6))
    expected = [pixelizer.pixelize(each, size="max:16", colors=6).frames[0] for each in DRAWINGS]
    assert same(found, expected) and found[0].shape == (12, 16, 4)


def test_what_came_later_is_optional_and_last(nodes):
    """So workflows that are stored, which hold the values of widgets in their order, still run."""
    later = nodes["Pixelize"].define_schema().inputs[-3:]
    assert [each.id for each in later] == ["offset_right", "offset_down", "symmetric"]
    assert all(each.optional for each in later)


def test_pixelize_an_animation(nodes, pixelizer):
    options = {"size": 12, "palette": "pico-8", "dither": "bayer4"}
    how = options | {"along": "width", "animation": True, "offset_right": 0.5, "offset_down": 0.25}
    found = pixels(*run(nodes["Pixelize"], image=batch(*DRAWINGS), **how))
    expected = pixelizer.pixelize(DRAWINGS, offset=(0.5, 0.25), **options)
    assert same(found, expected.frames) and found[0].shape == (9, 12, 4)


def test_the_nodes_run_on_onnx_beside_torch(pixelizer, monkeypatch):
    """Torch is ComfyUI's own, and tensors are its; networks need none."""
    by_onnx = partial(Pixelizer.from_pretrained, backend="onnx")
    loaded = []

    def load(model):
        loaded.append(by_onnx(model))
        return loaded[-1]

    monkeypatch.setattr(Pixelizer, "from_pretrained", load)
    nodes = classes(comfy_stub.load(FOLDER, with_v3=True))  # afresh: none has loaded networks
    found = pixels(*run(nodes["Pixelize"], image=batch(*DRAWINGS), size=16))
    cells = sprites(8, 1, shape=(6, 8), colors=5)
    drawn = pixels(*run(nodes["Depixelize"], image=batch(*cells), native=True, factor=3))
    assert same(found, [pixelizer.pixelize(each, size="max:16").frames[0] for each in DRAWINGS])
    assert drawn[0].shape == (18, 24, 4)
    (engine,) = loaded
    assert type(engine.backend).__name__ == "OnnxBackend"


def test_masks_are_alpha_turned_round(nodes, pixelizer):
    disc = np.asarray(drawing(64, 48, "RGBA"))
    image, mask = batch(disc[..., :3]), 1 - batch(disc)[..., 3]
    expected = pixelizer.pixelize(disc, size="max:16").frames
    assert expected[0].shape[2] == 4
    for given in (mask, mask[0]):
        assert same(pixels(*run(nodes["Pixelize"], image=image, mask=given, size=16)), expected)
    assert same(pixels(*run(nodes["Pixelize"], image=batch(disc), size=16)), expected)  # 4 channels
    # one mask for every image of a batch
    two = run(nodes["Pixelize"], image=image.repeat(2, 1, 1, 1), mask=mask, size=16)
    assert same(pixels(*two), expected * 2)


def test_the_mask_of_an_image_without_alpha(nodes):
    """ComfyUI gives one of 64 x 64 zeros."""
    image = batch(DRAWINGS[0])
    found, mask = run(nodes["Pixelize"], image=image, mask=torch.zeros(1, 64, 64), size=16)
    assert torch.equal(found, run(nodes["Pixelize"], image=image, size=16)[0])
    assert not mask.any()


def test_a_mask_of_another_size_is_resized(nodes):
    half = torch.zeros(1, 2, 2)
    half[:, :, :1] = 1
    _, mask = run(nodes["Pixelize"], image=batch(DRAWINGS[0]), mask=half, size=16)
    assert mask[0, :, :4].all() and not mask[0, :, 10:].any()
    with pytest.raises(UserError, match="3 masks are not for 1 images"):
        run(nodes["Pixelize"], image=batch(DRAWINGS[0]), mask=half.repeat(3, 1, 1), size=16)


def test_values_a_little_out_of_range_are_taken(nodes):
    image = batch(DRAWINGS[0])
    loud = torch.where(image == image.max(), 1.003, image)
    loud[loud == loud.min()] = -0.004
    run(nodes["Pixelize"], image=loud, size=16)


def test_snap_equals_the_library(nodes):
    cells = sprites(6, 2, shape=(16, 20), colors=5)
    large = [enlarged(each, 7) for each in cells]
    assert same(pixels(*run(nodes["Snap to pixels"], image=batch(*large))), cells)
    found = pixels(*run(nodes["Snap to pixels"], image=batch(*large), animation=True, colors=3))
    assert same(found, pixel_snap(large, colors=3).frames)


def test_snap_says_when_it_is_not_sure(nodes):
    photo = np.asarray(drawing(64, 48))
    with pytest.raises(UserError, match="not sure of the grid"):
        run(nodes["Snap to pixels"], image=batch(photo))
    run(nodes["Snap to pixels"], image=batch(photo), min_confidence=0.0)


def test_results_of_unlike_sizes_are_no_batch(nodes):
    first = enlarged(sprites(6, 1, shape=(12, 12))[0], 6)
    second = enlarged(sprites(7, 1, shape=(24, 24))[0], 3)
    with pytest.raises(UserError, match=r"differ in size \(12x12, 24x24\)"):
        run(nodes["Snap to pixels"], image=batch(first, second))


def test_depixelize_equals_the_library(nodes, pixelizer):
    cells = sprites(8, 2, shape=(10, 12), colors=5)
    found = pixels(*run(nodes["Depixelize"], image=batch(*cells), native=True, factor=3))
    expected = [pixelizer.depixelize(each, native=True, factor=3).frames[0] for each in cells]
    assert same(found, expected) and found[0].shape == (30, 36, 4)
    by_hand = run(nodes["Depixelize"], image=batch(*cells), native=True, factor=2, method="nearest")
    assert same(pixels(*by_hand), [enlarged(each, 2) for each in cells])


def test_a_palette_from_images_goes_into_the_other_nodes(nodes):
    first, second = np.zeros((2, 4, 4, 3), np.uint8)
    first[:, :2], second[:] = (255, 0, 0), (0, 0, 255)
    text, squares = run(nodes["Palette"], image=batch(first, second), colors=3)
    assert sorted(text.split(",")) == ["000000", "0000ff", "ff0000"]
    assert squares.shape == (1, 16, 48, 3)
    hidden = torch.zeros(2, 4, 4)
    hidden[0, :, 2:] = 1  # the black
    text, _ = run(nodes["Palette"], image=batch(first, second), mask=hidden, colors=3)
    assert sorted(text.split(",")) == ["0000ff", "ff0000"]
    image, _ = run(nodes["Pixelize"], image=batch(DRAWINGS[0]), size=16, palette=text)
    assert {tuple(each) for each in image.reshape(-1, 3).tolist()} <= {(1, 0, 0), (0, 0, 1)}


def test_palettes_that_are_none(nodes, tmp_path):
    file = tmp_path / "a.hex"
    file.write_text("ff0000\n")
    for text in (str(file), "picco-8", "ff00"):  # a file of this machine is not read
        with pytest.raises(UserError, match="neither built in nor colours"):
            run(nodes["Pixelize"], image=batch(DRAWINGS[0]), palette=text)
    with pytest.raises(UserError, match="connect one, or choose a name"):
        run(nodes["Palette"])
    with pytest.raises(UserError, match="nothing of the image is seen"):
        run(nodes["Palette"], image=batch(DRAWINGS[0]), mask=torch.ones(1, 48, 64))


def test_the_registry_file():
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == pixelization.__version__
    assert "comfy" not in project["name"].lower()
    assert not any("torch" in each for each in project["dependencies"])
