"""The damage suite.

Its truth is true, and scores are what they say; the tool that fits the detection to it.
"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pixelization.detection.geometry import GridDetection, cells_inside
from pixelization.detection.score import WEIGHTS
from pixelization.evaluation.damage import DAMAGES, Damaged, phase_error
from pixelization.evaluation.measures import measure_recovery
from pixelization.evaluation.rivals.detectors import Recovered
from pixelization.reducers.snapping import snap
from tests.make import tool_module

ROOT = Path(__file__).resolve().parents[2]

LOSSLESS = [kind for kind in DAMAGES if kind.startswith(("native", "nearest"))]


def sprite(seed=0, height=18, width=16):
    rng = np.random.default_rng(seed)
    image = np.zeros((height, width, 4), np.uint8)
    blocks = rng.integers(0, 4, (height // 3, width // 3, 3)) * 85
    image[..., :3] = blocks[
        np.arange(height)[:, None] * len(blocks) // height,
        np.arange(width) * len(blocks[0]) // width,
    ]
    image[rng.integers(1, height - 1, 9), rng.integers(1, width - 1, 9), :3] = 20
    image[..., 3] = 255
    image[[0, -1]] = image[:, [0, -1]] = 0
    return image


def truth(damaged):
    size = damaged.image.shape[1::-1]
    return GridDetection(
        damaged.cell, damaged.phase, damaged.size, size, 1.0, damaged.cell == (1, 1), ()
    )


@pytest.mark.parametrize("kind", DAMAGES)
def test_the_truth_is_consistent_and_seeded(kind):
    for seed in range(4):
        source = sprite(seed)
        given = source.copy()
        damaged = DAMAGES[kind](source, np.random.default_rng(seed))
        assert (source == given).all()
        again = DAMAGES[kind](source, np.random.default_rng(seed))
        assert (again.image == damaged.image).all() and again.size == damaged.size
        assert damaged.image.dtype == damaged.sprite.dtype == np.uint8
        assert damaged.sprite.shape == (damaged.size[1], damaged.size[0], damaged.image.shape[2])
        for axis in (0, 1):
            assert -damaged.cell[axis] < damaged.phase[axis] <= 0
            assert (
                cells_inside(
                    damaged.image.shape[1 - axis], damaged.cell[axis], damaged.phase[axis]
                )[1]
                == damaged.size[axis]
            )


@pytest.mark.parametrize("kind", DAMAGES)
def test_on_the_true_grid_the_sprite_comes_back(kind):
    recovered = []
    for seed in range(4):
        damaged = DAMAGES[kind](sprite(seed), np.random.default_rng(seed))
        found = snap(damaged.image, grid=truth(damaged))
        values = measure_recovery(damaged, Recovered(np.asarray(found.sprite), found.grid))
        assert values["exact"] == 1 and values["phase_error"] == pytest.approx(0, abs=1e-9)
        recovered.append(values["pixel_match"])
    assert min(recovered) == 1 if kind in LOSSLESS else np.mean(recovered) > 0.6


def test_phase_error_is_taken_modulo_a_cell():
    image = np.repeat(np.repeat(sprite()[..., :3], 4, axis=0), 4, axis=1)
    damaged = Damaged(image, (4.0, 4.0), (0.0, 0.0), (16, 18), sprite()[..., :3].copy())
    # one pixel to the right is three to the left; the worse axis
    for phase, error in (((-3.0, 0.0), 0.25), ((-1.0, -2.0), 0.5)):
        assert phase_error(replace(truth(damaged), phase=phase), damaged) == pytest.approx(error)


def test_cells_that_are_nearly_right_have_come_back():
    cells = np.zeros((2, 2, 3), np.uint8)
    damaged = Damaged(
        np.repeat(np.repeat(cells, 3, axis=0), 3, axis=1), (3.0, 3.0), (0.0, 0.0), (2, 2), cells
    )
    for level, share in ((33, 0.75), (32, 1)):
        found = cells.copy()
        found[0, 0] = level
        assert measure_recovery(damaged, Recovered(found))["pixel_match"] == share


def test_crops_leave_no_cell_that_is_half_inside():
    for seed in range(30):
        damaged = DAMAGES["nearest-phase"](sprite(seed), np.random.default_rng(seed))
        for axis in (0, 1):
            cell, phase = damaged.cell[axis], damaged.phase[axis]
            for border in (-phase / cell, (damaged.image.shape[1 - axis] - phase) / cell):
                assert abs(border % 1 - 0.5) > 0.099


@pytest.fixture
def fit_detection(monkeypatch):
    """The tool, with fewer kinds, as it takes its time."""
    kinds = {kind: DAMAGES[kind] for kind in ("nearest-whole", "jpeg-75", "native")}
    monkeypatch.chdir(ROOT / "tests/data")
    with tool_module("fit_detection") as tool:
        monkeypatch.setattr(tool, "DAMAGES", kinds)
        monkeypatch.setattr(tool, "NATIVE", ("native",))
        yield tool.main


def test_the_fit_prints_every_weight(fit_detection, capsys):
    assert fit_detection(["sprites", "cartoons", "--limit", "1"]) == 0
    assert re.findall(
        r'^    "(\w+)": -?\d+\.\d{3},$', capsys.readouterr().out, re.MULTILINE
    ) == list(WEIGHTS)


def test_the_fit_names_a_missing_folder(fit_detection, capsys):
    assert fit_detection(["nowhere", "cartoons"]) == 2
    assert capsys.readouterr().err == "fit_detection: error: nowhere: no such folder\n"
