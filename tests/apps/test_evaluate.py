"""tools/evaluate.py as a user calls it: the report's files, its numbers, mistakes."""

import base64
import hashlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from skimage.metrics import structural_similarity

from pixelization.apps.cli.evaluate import main
from pixelization.evaluation import measures
from pixelization.evaluation.config import load_evaluation
from pixelization.evaluation.inputs import read_cases
from pixelization.evaluation.metrics.colors import palette_distance
from pixelization.evaluation.metrics.patches import patch_distance
from pixelization.evaluation.metrics.sprites import isolated_share
from pixelization.evaluation.metrics.strokes import dark_area_ratio
from pixelization.evaluation.rivals.catalogue import DEPIXELIZERS, PIXELIZERS
from pixelization.networks.build import build_networks
from pixelization.networks.schema import CycleGANConfig, CycleGeneratorConfig
from pixelization.networks.torchvision_import import import_torchvision
from pixelization.palettes import extraction
from pixelization.palettes.kmeans import kmeans
from tests import tiny
from tests.make import read_csv

ROOT = Path(__file__).resolve().parents[2]
CARTOONS, SPRITES = ROOT / "tests/data/cartoons", ROOT / "tests/data/sprites"
NAMES = sorted(path.stem for path in CARTOONS.iterdir())


def write_config(folder, tiny_weights, **changes):
    values = {
        "name": "report",
        "out": str(folder / "reports"),
        "widths": [16, 12],
        "auc_seeds": 0,
        "sprites": str(SPRITES),
        "images": [{"name": "cartoons", "folder": str(CARTOONS)}],
        "methods": [
            {"name": "nearest", "baseline": "nearest"},
            {"name": "area", "baseline": "area"},
            {"name": "tiny", "weights": str(tiny_weights)},
            {"name": "tiny grid", "weights": str(tiny_weights), "stage": "gridnet"},
        ],
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(values | changes))
    return str(path)


@pytest.fixture(scope="module", autouse=True)
def quick_palettes():
    """k-means begins once instead of ten times: palettes of sources take most of an evaluation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extraction, "kmeans", lambda *args, starts: kmeans(*args, starts=1))
        yield


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"))


def embedded(page):
    return {
        base64.b64decode(each) for each in re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    }


def assert_one_line(code, err, *parts):
    assert code == 2
    lines = [line for line in err.splitlines() if line.startswith("evaluate: error: ")]
    assert len(lines) == 1 and err.endswith(lines[0] + "\n") and "Traceback" not in err
    for part in parts:
        assert str(part) in lines[0]


@pytest.fixture(scope="module")
def report(tiny_weights, tmp_path_factory):
    """One run for the tests that only look at what it wrote."""
    folder = tmp_path_factory.mktemp("evaluation")
    assert (
        main(
            ["--cfg", write_config(folder, tiny_weights), "--markdown", str(folder / "results.md")]
        )
        == 0
    )
    return folder / "reports" / "report"


def test_the_files(report):
    assert sorted(path.name for path in report.iterdir()) == [
        "config.yaml",
        "images.csv",
        "index.html",
        "report.md",
        "run.json",
        "sheets",
        "sprites",
        "tables.csv",
    ]
    assert sorted(path.name for path in report.parent.iterdir()) == ["report"]
    written = {
        str(path.relative_to(report / "sprites")) for path in (report / "sprites").rglob("*.png")
    }
    methods, sizes = ("nearest", "area", "tiny", "tiny_grid"), ("16_cells", "12_cells")
    assert written == {
        f"cartoons/{size}/{method}/{name}.png"
        for size in sizes
        for method in methods
        for name in NAMES
    }
    assert (report.parents[1] / "results.md").read_text() == (report / "report.md").read_text()


def test_sprites_are_what_the_methods_make(report):
    for width in (16, 12):
        for name in NAMES:
            source = pixels(CARTOONS / f"{name}.png")
            size = (width, round(source.shape[0] * width / source.shape[1]))
            made = report / f"sprites/cartoons/{width}_cells"
            for method in ("nearest", "area"):
                assert np.array_equal(
                    pixels(made / method / f"{name}.png"), PIXELIZERS[method](source, size)
                )
            assert pixels(made / "tiny" / f"{name}.png").shape == (size[1], size[0], 3)


def test_the_numbers_are_those_of_the_metrics(report):
    rows = {(row["size"], row["method"]): row for row in read_csv(report / "tables.csv")}
    assert list(rows) == [
        (size, method)
        for size in ("16 cells", "12 cells")
        for method in ("nearest", "area", "tiny", "tiny grid", "real sprites")
    ]
    sources = [pixels(CARTOONS / f"{name}.png") for name in NAMES]
    real = [np.asarray(Image.open(path).convert("RGBA")) for path in sorted(SPRITES.iterdir())]
    alpha = [sprite[..., 3:] / 255 for sprite in real]
    real = [
        np.rint(sprite[..., :3] * a + 255 * (1 - a)).astype(np.uint8)
        for sprite, a in zip(real, alpha, strict=True)
    ]
    for method in ("nearest", "tiny_grid"):
        sprites = [
            pixels(report / f"sprites/cartoons/16_cells/{method}/{name}.png") for name in NAMES
        ]
        row = rows["16 cells", method.replace("_", " ")]
        expected = {
            "isolated": statistics.fmean(map(isolated_share, sprites)),
            "mcpd_10": statistics.fmean(
                palette_distance(a, b, 10) for a, b in zip(sources, sprites, strict=True)
            ),
            "dark_area": dark_area_ratio(sources, sprites),
            "patch_distance": patch_distance(sprites, real),
        }
        assert {key: float(row[key]) for key in expected} == pytest.approx(expected, rel=1e-6)
    row = rows["16 cells", "real sprites"]
    assert float(row["isolated"]) == pytest.approx(
        statistics.fmean(map(isolated_share, real)), rel=1e-6
    )
    assert row["mcpd_5"] == row["seconds"] == ""
    assert float(rows["16 cells", "area"]["color_distance"]) == 0
    # Flatness is that of the networks' image, which a baseline does not have; a grid's time is not
    # that of GridNet alone.
    flat = {
        method: rows["16 cells", method]["flat_cells"] for method in ("area", "tiny", "tiny grid")
    }
    assert flat["area"] == flat["tiny grid"] == "" and 0 <= float(flat["tiny"]) <= 1
    assert (
        rows["12 cells", "tiny grid"]["seconds"] == ""
        and float(rows["12 cells", "tiny"]["seconds"]) > 0
    )


def test_table_rows_are_means_of_the_image_rows(report):
    rows = {(row["size"], row["method"]): row for row in read_csv(report / "tables.csv")}
    singles = read_csv(report / "images.csv")
    assert len(singles) == 2 * 4 * len(NAMES)
    for (size, method), row in rows.items():
        own = [single for single in singles if (single["size"], single["method"]) == (size, method)]
        averages = {
            "intermediate": statistics.fmean,
            "stroke_recall": statistics.fmean,
            "seconds": statistics.median,
        }
        for key, average in averages.items():
            values = [float(single[key]) for single in own if single[key]]
            assert not values or float(row[key]) == pytest.approx(average(values), rel=1e-5)


def test_markdown_has_the_numbers_of_the_csv_and_bold_for_the_best(report):
    text = (report / "report.md").read_text()
    rows = [row for row in read_csv(report / "tables.csv") if row["size"] == "12 cells"]
    section = text.split("## cartoons, 12 cells (4 images)")[1].split("##")[0]
    lines = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in section.splitlines()
        if line.startswith("|")
    ]
    head, body = lines[0], lines[2:]
    assert [cells[0].strip("*") for cells in body] == [row["method"] for row in rows]
    for title, key, digits, best in (
        ("isolated ↓", "isolated", 4, min),
        ("stroke recall ↑", "stroke_recall", 3, max),
        ("dark area", "dark_area", 2, None),
        ("MCPD 5 ↓", "mcpd_5", 2, None),
    ):
        printed = [cells[head.index(title)] for cells in body]
        values = [row[key] for row in rows]
        assert [cell.strip("*") for cell in printed] == [
            f"{float(value):.{digits}f}" if value else "–" for value in values
        ]
        winner = best and f"{best(float(value) for value in values[:-1] if value):.{digits}f}"
        assert [cell.startswith("**") for cell in printed[:-1]] == [
            cell.strip("*") == winner for cell in printed[:-1]
        ]


def test_the_page_is_self_contained_and_has_every_picture_once(report):
    page = (report / "index.html").read_text()
    assert "http" not in page and not re.search(r'(src|href)="(?!data:|#)', page)
    pictures = embedded(page)
    assert {path.read_bytes() for path in (report / "sprites").rglob("*.png")} <= pictures
    assert sum(Image.open(CARTOONS / f"{name}.png").size == (128, 128) for name in NAMES) == len(
        NAMES
    )
    assert len(re.findall(r'class="smooth"', page)) == 2 * len(NAMES)  # the sources, at both sizes
    assert len(re.findall(r'<img id="p\d+" src=[^>]+class="smooth"', page)) == len(NAMES)
    assert "image-rendering: pixelated" in page
    values = re.findall(r'<td data-value="([^"]*)">', page)
    assert all(row["isolated"] in values for row in read_csv(report / "tables.csv"))


def test_the_origin_is_named(report, tiny_weights):
    run = json.loads((report / "run.json").read_text())
    digest = hashlib.sha256(Path(tiny_weights).read_bytes()).hexdigest()
    assert run["weights"] == {str(tiny_weights): digest}
    assert run["command"].startswith("python -m pixelization evaluate --cfg ")
    assert {"python", "torch", "onnxruntime", "numpy", "pixelization"} <= run["versions"].keys()
    assert run["versions"]["backends"] == f"{tiny_weights}: torch"
    text = (report / "report.md").read_text()
    assert f"backends: {tiny_weights}: torch" in text
    assert run["command"] in text and digest in text and "FID" in text.split("## Left out")[1]
    assert load_evaluation(report / "config.yaml") == load_evaluation(
        report.parents[1] / "config.yaml"
    )


def test_contact_sheets_repeat_the_cells(report):
    sheet = pixels(report / "sheets/cartoons_16_cells.png")
    sprite = pixels(report / f"sprites/cartoons/16_cells/nearest/{NAMES[0]}.png")
    tile = sprite.repeat(12, axis=0).repeat(12, axis=1)  # 192 pixels
    left = 6 + 192 + 6  # the source is the first
    assert np.array_equal(sheet[6 + 16 : 6 + 16 + len(tile), left : left + 192], tile)


def test_an_existing_report_is_replaced_only_when_asked_for(tiny_weights, tmp_path, capsys):
    config = write_config(
        tmp_path,
        tiny_weights,
        methods=[{"name": "n", "baseline": "nearest"}],
        widths=[8],
        sprites="",
    )
    report = tmp_path / "reports/report"
    assert main(["--cfg", config]) == 0
    (report / "old.txt").write_text("precious")
    capsys.readouterr()
    assert_one_line(main(["--cfg", config]), capsys.readouterr().err, report, "--overwrite")
    assert (report / "old.txt").exists()
    assert main(["--cfg", config, "--overwrite", "scales=['1/8']"]) == 0
    assert (
        not (report / "old.txt").exists()
        and (report / "sprites/cartoons/scale_1-8/n/hat.png").exists()
    )
    (report / "run.json").unlink()  # now it might be anything
    capsys.readouterr()
    assert_one_line(
        main(["--cfg", config, "--overwrite"]), capsys.readouterr().err, "is not a report"
    )
    assert (report / "index.html").exists() and [path.name for path in report.parent.iterdir()] == [
        "report"
    ]


@pytest.mark.parametrize(
    "overrides, parts",
    [
        (
            ["methods=[{name: a, weights: no.safetensors}]"],
            ["method 'a'", "no.safetensors: no such"],
        ),
        (["methods=[{name: a, model: nonsense}]"], ["no model 'nonsense'"]),
        (["methods=[{name: a, baseline: neares}]"], ["method 'a'", "did you mean 'nearest'?"]),
        (["methods=[{name: a, baseline: nearest, model: lite}]"], ["exactly one of"]),
        (
            ["methods=[{name: a, baseline: nearest}, {name: A, baseline: area}]"],
            ["'a' occurs twice"],
        ),
        (["methods=[{name: a/b, baseline: nearest}]"], ["'a/b' is not a name"]),
        (
            ["methods=[{name: a, model: lite, keep_colors: true}]"],
            ["for networks that depixelize"],
        ),
        (["methods=[{nam: a}]"], ["unknown key 'methods[0].nam'", "'methods[0].name'"]),
        (["methods=[]"], ["methods is empty"]),
        (["wdths=[8]"], ["unknown key 'wdths'", "'widths'"]),
        (["widths=[0]"], ["widths=[0] must be at least 1 and at most 4096"]),
        (["widths=[100]"], ["all images are too small for 100 cells"]),
        (["scales=[2]"], ["'2' is not a fraction"]),
        (["images=[]"], ["nothing to evaluate"]),
        (
            ["images=[{name: a, folder: nowhere}]"],
            ["images: nowhere: no such folder: name yours, as in images='[{name: mine, folder: "],
        ),
        (
            ["sprites=nowhere"],
            ["sprites: nowhere: no such folder: name yours, as in sprites=FOLDER"],
        ),
        (["photos=[nobody]"], ["scikit-image brings no 'nobody'", "astronaut"]),
        (["features.vit=vit.pth"], ["features.vit_name"]),
        (["name=../elsewhere"], ["is not a name"]),
        (
            ["task=depixelize", "factors=[5]", "methods=[{name: a, baseline: hqx}]"],
            ["method 'a'", "2, 3 or 4"],
        ),
        (["--markdown", "no/such/folder.md"], ["folder.md: cannot be written"]),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(overrides, parts, tiny_weights, tmp_path, capsys):
    code = main(["--cfg", write_config(tmp_path, tiny_weights), *overrides])
    assert_one_line(code, capsys.readouterr().err, *parts)
    assert not (tmp_path / "reports").exists()


def test_gridnet_s_grid_is_asked_of_networks_that_have_one(tiny_config, tmp_path, capsys):
    cycle = CycleGANConfig(generator=CycleGeneratorConfig(base_channels=4, num_blocks=1))
    pixelnet = replace(tiny_config.pixelnet, head="residual")
    alone = replace(tiny_config, cascade="pixelnet_alone", pixelnet=pixelnet)
    for config in (cycle, alone):
        weights = tiny.saved(build_networks(config), config, tmp_path / "w.safetensors", step=1)
        methods = [{"name": "a", "weights": str(weights), "stage": "gridnet"}]
        code = main(["--cfg", write_config(tmp_path, weights, methods=methods)])
        assert_one_line(code, capsys.readouterr().err, "method 'a': stage=gridnet", "no GridNet")


def test_empty_folders_and_bad_configs(tiny_weights, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    config = write_config(
        tmp_path, tiny_weights, images=[{"name": "a", "folder": str(tmp_path / "empty")}]
    )
    assert_one_line(main(["--cfg", config]), capsys.readouterr().err, "no images in this folder")
    assert_one_line(main(["--cfg", str(tmp_path / "no.yaml")]), capsys.readouterr().err, "no.yaml")
    assert_one_line(main([]), capsys.readouterr().err, "--cfg")
    (tmp_path / "w.safetensors").write_bytes(b"garbage")
    methods = [{"name": "a", "weights": str(tmp_path / "w.safetensors"), "optional": True}]
    config = write_config(tmp_path, tiny_weights, methods=methods)
    assert_one_line(main(["--cfg", config]), capsys.readouterr().err, "w.safetensors: damaged")


def test_an_unreadable_image_among_many_is_skipped_and_listed(tiny_weights, tmp_path, capsys):
    folder = tmp_path / "in"
    shutil.copytree(CARTOONS, folder)
    (folder / "broken.png").write_bytes((folder / "hat.png").read_bytes()[:300])
    Image.new("RGB", (5, 5)).save(folder / "tiny.png")
    shutil.copytree(CARTOONS, folder / "deep")
    methods = [
        {"name": "n", "baseline": "nearest"},
        {"name": "later", "weights": "no.safetensors", "optional": True},
    ]
    config = write_config(
        tmp_path,
        tiny_weights,
        images=[{"name": "a", "folder": str(folder)}],
        methods=methods,
        widths=[8],
    )
    assert main(["--cfg", config]) == 1
    err = capsys.readouterr().err
    assert (
        "2 images could not be used:" in err
        and "broken.png: is damaged" in err
        and "tiny: 5x5 pixels" in err
    )
    assert "left out: later: no.safetensors is not there" in err
    report = tmp_path / "reports/report"
    made = {
        str(path.relative_to(report / "sprites/a/8_cells/n"))
        for path in (report / "sprites").rglob("*.png")
    }
    assert made == {f"{place}{name}.png" for place in ("", "deep/") for name in NAMES}
    for name in ("report.md", "index.html"):
        text = (report / name).read_text()
        assert "broken.png" in text and "no.safetensors is not there" in text


def test_a_failure_half_way_leaves_nothing(tiny_weights, tmp_path, capsys, monkeypatch):
    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(measures.colors, "color_distance", fail)
    assert main(["--cfg", write_config(tmp_path, tiny_weights)]) == 130
    assert (
        "Traceback" not in capsys.readouterr().err and list((tmp_path / "reports").iterdir()) == []
    )


def test_the_two_sample_test_gets_the_sprites_the_reals_and_the_seeds(
    tiny_weights, tmp_path, monkeypatch
):
    calls = []

    def auc(sprites, real, *, seeds):
        calls.append((len(sprites), len(real), seeds))
        if len(sprites) == 3:
            raise ValueError("too few")
        return 0.75

    monkeypatch.setattr(measures.patches, "two_sample_auc", auc)
    methods = [{"name": "n", "baseline": "nearest"}]
    assert (
        main(
            [
                "--cfg",
                write_config(tmp_path, tiny_weights, auc_seeds=2, methods=methods, widths=[8]),
            ]
        )
        == 0
    )
    assert calls == [(3, 3, 2), (4, 6, 2)]
    rows = read_csv(tmp_path / "reports/report/tables.csv")
    assert [row["auc"] for row in rows] == ["0.75", ""]


def test_feature_networks_add_columns(tiny_weights, tmp_path, monkeypatch):
    if not all(map(find_spec, ("torchvision", "timm", "torchmetrics"))):
        pytest.skip("needs the extra 'features'")
    import_torchvision()
    from timm.models.vision_transformer import VisionTransformer  # noqa: PLC0415 - an extra

    from pixelization.evaluation.metrics.features import (  # noqa: PLC0415 - needs the extra
        image_features,
        inception_score,
    )
    from pixelization.networks.structure import structure_distance  # noqa: PLC0415

    torch.manual_seed(0)
    vit = VisionTransformer(
        img_size=32, patch_size=8, embed_dim=24, depth=1, num_heads=2, num_classes=5
    ).eval()
    vit.pretrained_cfg = {"input_size": (3, 32, 32)}
    files = []
    monkeypatch.setattr(measures, "load_feature_network", lambda *names: files.append(names) or vit)
    features = {"inception": "i.pth", "vit": "v.pth", "vit_name": "vit_tiny"}
    methods = [{"name": "a", "baseline": "area"}, {"name": "n", "baseline": "nearest"}]
    assert (
        main(
            [
                "--cfg",
                write_config(
                    tmp_path, tiny_weights, features=features, methods=methods, widths=[16]
                ),
            ]
        )
        == 0
    )
    assert sorted(files) == [("i.pth",), ("v.pth", "vit_tiny")]
    report = tmp_path / "reports/report"
    for row in read_csv(report / "tables.csv")[:2]:
        sprites = [
            pixels(report / f"sprites/cartoons/16_cells/{row['method']}/{name}.png")
            for name in NAMES
        ]
        structure = [
            structure_distance(pixels(CARTOONS / f"{name}.png"), sprite, vit)
            for name, sprite in zip(NAMES, sprites, strict=True)
        ]
        assert float(row["structure_distance"]) == pytest.approx(
            statistics.fmean(structure), rel=1e-4
        )
        assert float(row["inception_score"]) == pytest.approx(
            inception_score(image_features(sprites, vit)).mean, rel=1e-4
        )
        assert float(row["fid"]) > 0 and row["kid"]
    assert "FID, KID" not in (report / "report.md").read_text()


def test_colours_and_photos(tiny_weights, tmp_path):
    methods = [{"name": "a", "baseline": "area"}]
    changes = {
        "colors": 4,
        "photos": ["chelsea"],
        "images": [],
        "methods": methods,
        "widths": [16],
        "sprites": "",
    }
    assert main(["--cfg", write_config(tmp_path, tiny_weights, **changes)]) == 0
    sprite = pixels(tmp_path / "reports/report/sprites/photos/16_cells/a/chelsea.png")
    assert sprite.shape == (11, 16, 3) and len(np.unique(sprite.reshape(-1, 3), axis=0)) == 4


def test_depixelization_against_the_original(tiny_weights, tmp_path):
    methods = [
        {"name": "nearest", "baseline": "nearest"},
        {"name": "epx", "baseline": "epx"},
        {"name": "kept", "weights": str(tiny_weights), "keep_colors": True},
        {"name": "free", "weights": str(tiny_weights)},
    ]
    changes = {"task": "depixelize", "methods": methods, "width": 16, "factors": [8], "limit": 2}
    config = write_config(tmp_path, tiny_weights, **changes)
    assert main(["--cfg", config]) == 0
    report = tmp_path / "reports/report"
    rows = {
        (row["images"], row["size"], row["method"]): row for row in read_csv(report / "tables.csv")
    }
    tables = (("cartoons", "area, x8"), ("cartoons", "nearest, x8"), ("sprites", "x8"))
    assert list(rows) == [(*table, method["name"]) for table in tables for method in methods]
    made = [pixels(report / f"sprites/cartoons/area_x8/epx/{name}.png") for name in NAMES[:2]]
    # 128 = 16 * 8: not resized
    originals = [pixels(CARTOONS / f"{name}.png") for name in NAMES[:2]]
    expected = statistics.fmean(
        structural_similarity(a, b, channel_axis=2, data_range=255)
        for a, b in zip(originals, made, strict=True)
    )
    assert float(rows["cartoons", "area, x8", "epx"]["ssim"]) == pytest.approx(expected, abs=1e-6)
    assert rows["sprites", "x8", "epx"]["ssim"] == ""  # nobody knows the original
    stairs, epx = (float(rows["sprites", "x8", method]["turning"]) for method in ("nearest", "epx"))
    assert (
        float(rows["sprites", "x8", "nearest"]["cell_distance"])
        == 0
        < float(rows["sprites", "x8", "epx"]["cell_distance"])
    )
    assert 0 < epx < stairs
    kept, free = (
        float(rows["sprites", "x8", method]["cell_distance"]) for method in ("kept", "free")
    )
    assert kept < free
    first = Image.open(SPRITES / "apple.png").size
    assert Image.open(report / "sprites/sprites/x8/kept/apple.png").size == (
        8 * first[0],
        8 * first[1],
    )


def test_sizes_of_images_of_any_shape(tiny_weights, tmp_path):
    for index, size in enumerate([(100, 30), (31, 77)]):
        Image.new("RGB", size, "red").save(tmp_path / f"{index}.png")
    shutil.copy(tmp_path / "0.png", tmp_path / "0.bmp")
    images = [{"name": "a", "folder": str(tmp_path)}]
    config = load_evaluation(write_config(tmp_path, tiny_weights, images=images, widths=[15, 9]))
    cases, failures = read_cases(config)
    targets = {case.size: {item.name: item.target for item in case.items} for case in cases}
    assert failures == [] and targets == {
        "15 cells": {"0.bmp": (15, 5), "0.png": (15, 5), "1": (15, 37)},  # 4.5 and 37.26
        "9 cells": {"0.bmp": (9, 3), "0.png": (9, 3), "1": (9, 22)},
    }
    config = load_evaluation(write_config(tmp_path, tiny_weights, images=images, scales=["1/8"]))
    assert [item.target for item in read_cases(config)[0][0].items] == [(13, 4), (13, 4), (4, 10)]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "configs/eval").glob("*.yaml")), ids=lambda path: path.stem
)
def test_shipped_configs_load_and_name_known_methods(path):
    config = load_evaluation(path)
    assert config.name == path.stem and config.about
    known = DEPIXELIZERS if config.task == "depixelize" else PIXELIZERS
    assert all(method.baseline in known for method in config.methods if method.baseline)
    trained = [method for method in config.methods if method.weights and not method.optional]
    assert all(
        (ROOT / f"configs/{Path(method.weights).parent.name}.yaml").exists() for method in trained
    )


def test_the_progress_bar(tiny_weights, tmp_path, capsys):
    config = write_config(
        tmp_path, tiny_weights, methods=[{"name": "n", "baseline": "nearest"}], widths=[8]
    )
    assert main(["--cfg", config]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{tmp_path}/reports/report\n"
    assert "6/6" in printed.err  # 4 images, the patch distance, the real sprites


def test_the_script_is_the_command():
    done = subprocess.run(
        [sys.executable, ROOT / "tools/evaluate.py"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == ""
    assert_one_line(done.returncode, done.stderr, "--cfg")
