"""The damage suite as a user runs it.

The same images for all, numbers by hand, packages that fail.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from pixelization.apps.cli.evaluate import main
from pixelization.detection.detector import detect_grid
from pixelization.detection.geometry import SURE, GridDetection
from pixelization.evaluation.config import load_evaluation
from pixelization.evaluation.damage import DAMAGES
from pixelization.evaluation.inputs import read_sprites
from pixelization.evaluation.measures import measure_recovery
from pixelization.evaluation.rivals.catalogue import DETECTORS
from pixelization.evaluation.rivals.detectors import Recovered
from pixelization.evaluation.suite import damaged_sprite
from pixelization.evaluation.validation import sample
from tests.make import read_csv

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests/data/sprites"
SPRITES = read_sprites(FOLDER)[0]
KINDS = ["native", "nearest-phase", "jpeg-75"]
TRUTHS = {
    kind: {name: damaged_sprite(kind, name, sprite) for name, sprite in SPRITES.items()}
    for kind in KINDS
}
KNOWN = {
    each.image.tobytes(): (kind, each)
    for kind, of_kind in TRUTHS.items()
    for each in of_kind.values()
}


def write_config(folder, detectors, *, optional=False, **changes):
    values = {
        "name": "suite",
        "task": "snap",
        "out": str(folder / "reports"),
        "sprites": str(FOLDER),
        "damages": KINDS,
    }
    values["methods"] = [
        {"name": name, "detector": each, "optional": optional} for name, each in detectors.items()
    ]
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(values | changes))
    return str(path)


def true_grid(damaged, confidence, shift=0.0):
    phase = tuple(
        each + shift * cell for each, cell in zip(damaged.phase, damaged.cell, strict=True)
    )
    return GridDetection(
        damaged.cell, phase, damaged.size, damaged.image.shape[1::-1], confidence, False, ()
    )


def knows_all(image):
    """Sure of everything but native images, a tenth of a cell off."""
    kind, damaged = KNOWN[image.tobytes()]
    return Recovered(damaged.sprite, true_grid(damaged, 0.0 if kind == "native" else SURE, 0.1))


def sees_native_only(image):
    """Returns every image as it is, and is sure of it; a channel is off by 40 in the first row."""
    sprite = image.copy()
    sprite[0, :, 0] = sprite[0, :, 0] + np.where(sprite[0, :, 0] > 128, -40, 40)
    height, width = image.shape[:2]
    return Recovered(
        sprite,
        GridDetection((1.0, 1.0), (0.0, 0.0), (width, height), (width, height), 1.0, True, ()),
    )


def half_broken(image):
    """Tells no grid; recovers native images, otherwise raises."""
    kind, damaged = KNOWN[image.tobytes()]
    if kind != "native":
        raise IndexError("list index out of range")
    return Recovered(damaged.sprite)


@pytest.fixture
def stand_ins(monkeypatch):
    for name, detector in {
        "perfect-pixel": knows_all,
        "unfake": sees_native_only,
        "ai2pixelart": half_broken,
    }.items():
        # methods are tried out on an image that these do not know
        def stand_in(image, detector=detector):
            return detector(image) if image.tobytes() in KNOWN else Recovered(image)

        monkeypatch.setitem(DETECTORS, name, stand_in)


@pytest.fixture
def report(stand_ins, tmp_path):
    methods = {"all": "perfect-pixel", "native only": "unfake", "broken": "ai2pixelart"}
    assert (
        main(
            [
                "--cfg",
                write_config(tmp_path, methods, show=2),
                "--markdown",
                str(tmp_path / "snap.md"),
            ]
        )
        == 0
    )
    return tmp_path / "reports/suite"


def test_the_numbers(report):
    rows = {(row["size"], row["method"]): row for row in read_csv(report / "tables.csv")}
    assert list(rows) == [
        (kind, method) for kind in KINDS for method in ("all", "native only", "broken")
    ]
    values = {
        key: [row[key] for row in rows.values()]
        for key in ("exact", "sure", "right_when_sure", "pixel_match", "failed")
    }
    assert values["exact"] == ["1", "1", "1", "1", "0", "0", "1", "0", "0"]
    assert values["sure"] == ["0", "1", "", "1", "1", "", "1", "1", ""]
    assert values["right_when_sure"] == ["", "1", "", "1", "0", "", "1", "0", ""]
    assert values["failed"] == ["0", "0", "0", "0", "0", "1", "0", "0", "1"]
    assert float(rows["jpeg-75", "all"]["phase_error"]) == pytest.approx(0.1)
    assert (
        rows["native", "broken"]["phase_error"]
        == rows["jpeg-75", "native only"]["phase_error"]
        == ""
    )
    assert (
        rows["jpeg-75", "broken"]["seconds"] == ""
        and float(rows["native", "broken"]["seconds"]) > 0
    )
    # Only what can be seen counts: a transparent cell is right whatever its colour.
    seen = [sprite[0, :, 3] > 0 for sprite in SPRITES.values()]
    expected = np.mean(
        [
            1 - each.sum() / sprite[..., 0].size
            for each, sprite in zip(seen, SPRITES.values(), strict=True)
        ]
    )
    assert float(rows["native", "native only"]["pixel_match"]) == pytest.approx(expected, abs=1e-6)
    assert [float(value) for value in values["pixel_match"]] == pytest.approx(
        [1, expected, 1, 1, 0, 0, 1, 0, 0], abs=1e-6
    )


def test_kinds_are_rows_and_the_best_of_a_row_is_bold(report):
    text = (report.parents[1] / "snap.md").read_text()
    section = text.split(f"## Exact size ({len(SPRITES)} sprites of each kind)")[1].split("##")[0]
    assert [line for line in section.splitlines() if line] == [
        "| damage | all | native only | broken |",
        "|---|---:|---:|---:|",
        "| native | **1.000** | **1.000** | **1.000** |",
        "| nearest-phase | **1.000** | 0.000 | 0.000 |",
        "| jpeg-75 | **1.000** | 0.000 | 0.000 |",
        "| *all kinds* | 1.000 | 0.333 | 0.333 |",
    ]
    section = text.split(f"## native only ({len(SPRITES)} sprites")[1].split("##")[0]
    # exact, near, sure, right when sure: over all images
    assert "| *all kinds* | 0.333 | 0.333 | 1.000 | 0.333 |" in section
    assert text == (report / "report.md").read_text()
    page = (report / "index.html").read_text()
    assert (
        '<td data-value="jpeg-75">' in page and "<td>all kinds</td>" in page and "http" not in page
    )
    assert f"sprites, native ({len(SPRITES)} images): the first 2" in page


def test_pictures_of_the_first_sprites(report):
    made = report / "sprites/sprites/nearest-phase"
    names = list(SPRITES)[:2]
    assert {str(path.relative_to(made)) for path in made.rglob("*.png")} == {
        f"{method}/{name}.png"
        for method in ("truth", "all", "native_only", "broken")
        for name in names
    }
    truth = TRUTHS["nearest-phase"][names[0]].sprite
    image = Image.open(made / "all" / f"{names[0]}.png")
    assert image.mode == "RGB" and image.size == truth.shape[1::-1]
    assert (report / "sheets/sprites_jpeg-75.png").exists()


def test_ours_is_measured_by_what_it_detects(tmp_path):
    config = write_config(tmp_path, {"ours": "grid"}, damages=["native", "nearest-phase"], limit=2)
    assert main(["--cfg", config]) == 0
    rows = read_csv(tmp_path / "reports/suite/images.csv")
    assert [(row["size"], row["image"]) for row in rows] == [
        (kind, name) for kind in KINDS[:2] for name in sample(list(SPRITES), 2)
    ]
    for row in rows:
        damaged = TRUTHS[row["size"]][row["image"]]
        grid = detect_grid(damaged.image)
        assert float(row["exact"]) == (grid.size == tuple(damaged.size)) and float(row["sure"]) == (
            grid.confidence >= SURE
        )
        assert float(row["seconds"]) > 0 and float(row["pixel_match"]) <= float(row["exact"])


@pytest.mark.parametrize("more, near", [((2, -2), 1), ((3, 0), 0), ((0, -3), 0)])
def test_cut_cells_may_be_counted_differently(more, near):
    damaged = next(iter(TRUTHS["native"].values()))
    width, height = np.add(damaged.size, more)
    values = measure_recovery(damaged, Recovered(np.zeros((height, width, 3), np.uint8)))
    assert (values["exact"], values["near"], values["pixel_match"]) == (0, near, 0)


def test_images_depend_on_nothing_but_kind_and_name():
    name, sprite = next(iter(SPRITES.items()))
    one, again, other = (
        damaged_sprite("noise", each, sprite).image for each in (name, name, "another")
    )
    assert np.array_equal(one, again)
    assert one.shape != other.shape or not np.array_equal(one, other)


def test_sprites_are_hard_edged(tmp_path):
    Image.fromarray(np.array([[[9, 9, 9, 127], [9, 8, 7, 128], [5, 5, 5, 255]]], np.uint8)).save(
        tmp_path / "a.png"
    )
    Image.new("RGB", (2, 2), "red").save(tmp_path / "b.png")
    sprites, failures = read_sprites(tmp_path)
    assert sprites["a"].tolist() == [[[0, 0, 0, 0], [9, 8, 7, 255], [5, 5, 5, 255]]]
    assert sprites["b"].shape == (2, 2, 4) and not failures


def test_missing_and_defective_packages_are_left_out_with_the_reason(monkeypatch, tmp_path, capsys):
    def defective(image):
        raise RuntimeError("numpy is too new")

    monkeypatch.setitem(sys.modules, "perfect_pixel", None)
    monkeypatch.setitem(DETECTORS, "unfake", defective)
    monkeypatch.setitem(DETECTORS, "ai2pixelart", lambda image: Recovered(image))
    methods = {name: name for name in ("perfect-pixel", "unfake", "ai2pixelart")}
    config = write_config(tmp_path, methods, optional=True, damages=["native"], limit=1)
    assert main(["--cfg", config]) == 0
    err = capsys.readouterr().err
    assert (
        "left out: perfect-pixel: this needs perfect_pixel" in err and "pixelization[rivals]" in err
    )
    assert "left out: unfake: it does not work here (RuntimeError: numpy is too new)" in err
    assert [row["method"] for row in read_csv(tmp_path / "reports/suite/tables.csv")] == [
        "ai2pixelart"
    ]


@pytest.mark.parametrize(
    "overrides, parts",
    [
        (["damages=[jpg-75]"], ["damages: no 'jpg-75'", "did you mean 'jpeg-75'?"]),
        (["damages=[native, native]"], ["damages: 'native' occurs twice"]),
        (["sprites="], ["set sprites to a folder"]),
        (["sprites=nowhere"], ["nowhere: no such folder"]),
        (["methods=[{name: a, detector: unfak}]"], ["method 'a'", "did you mean 'unfake'?"]),
        (["methods=[{name: a, baseline: nearest}]"], ["method 'a' needs a detector"]),
        (["methods=[{name: truth, detector: grid}]"], ["'truth' occurs twice"]),
        (["task=pixelize", "photos=[cat]"], ["method 'ours'", "detector is for task snap"]),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(overrides, parts, tmp_path, capsys):
    assert main(["--cfg", write_config(tmp_path, {"ours": "grid"}), *overrides]) == 2
    err = capsys.readouterr().err
    assert err.startswith("evaluate: error: ") and err.count("\n") == 1
    assert all(part in err for part in parts), err
    assert not (tmp_path / "reports").exists()


def test_the_configurations_load():
    whole, quick = (
        load_evaluation(ROOT / f"configs/eval/{name}.yaml") for name in ("snap", "snap-quick")
    )
    assert (
        whole.damages == ()
        and whole.limit == 0
        and quick == replace(whole, name="snap-quick", limit=10)
    )
    assert [each.detector for each in whole.methods] == ["grid", *DETECTORS] and len(DAMAGES) >= 20
    assert [each.optional for each in whole.methods] == [False, True, True, True, True]
