"""Which pair of axis grids an image has: a conditional logit model of what speaks for each."""

import math
from itertools import product

import numpy as np

from pixelization.grid.detection.axis import Axis, AxisGrid

FLOOR = 0.03  # of the energy of the gradient; residuals below this say more about the compression than about the grid

# What speaks for a pair of grids, and for the image being native, with its weight: those under which the right answers
# are likeliest on damaged sprites, fitted by `python tools/detection_table.py TRAINING_SPRITES --limit 60 --seed 11 --fit`.
WEIGHTS = {
    "contrast": 0.193,
    "relative_contrast": 0.826,
    "relative_quarter": 0.828,
    "weakest_contrast": 1.525,
    "cell": 1.316,
    "cells": -0.753,
    "residual": -0.188,
    "aligned": 0.749,
    "tiny": -1.329,
    "same_cell": 3.712,
    "equal_cell": 2.329,
    "native": 6.450,
    "native_roughness": 2.858,
    "native_changes": 0.702,
}


def pair_features(axes: tuple[Axis, Axis], grids: tuple[AxisGrid, AxisGrid]) -> np.ndarray:
    """float64 ``(len(WEIGHTS),)``."""
    contrast, relative, quarter = zip(*(_contrasts(axis, grid) for axis, grid in zip(axes, grids)))
    slip = abs(math.log(grids[0].cell / grids[1].cell)) * min(grid.cells for grid in grids)
    return np.array([
        sum(contrast), sum(relative), sum(quarter), min(relative),
        sum(math.log(grid.cell) for grid in grids), sum(math.log(grid.cells) for grid in grids),
        sum(grid.left for grid in grids), sum(grid.aligned for grid in grids), sum(grid.cell < 3 for grid in grids),
        slip < 0.35, slip < 0.1, 0, 0, 0,
    ], dtype=float)  # fmt: skip


def native_features(axes: tuple[Axis, Axis]) -> np.ndarray:
    """float64 ``(len(WEIGHTS),)``."""
    values = [1, min(axis.roughness for axis in axes), max(axis.changes for axis in axes)]
    return np.array([0] * (len(WEIGHTS) - len(values)) + values, dtype=float)


def _contrasts(axis: Axis, grid: AxisGrid) -> tuple[float, float, float]:
    """How much better the grid fits than one shifted by half a cell, plain and with ``FLOOR``; and than by a quarter."""
    left, half, quarter = (math.log(math.exp(value - axis.gradient) + FLOOR) for value in (grid.left, grid.half, grid.quarter))
    return grid.half - grid.left, half - left, quarter - left


def probabilities(
    axes: tuple[Axis, Axis], grids: tuple[list[AxisGrid], list[AxisGrid]]
) -> tuple[list[tuple[AxisGrid, AxisGrid]], np.ndarray]:
    """All pairs of grids, and how likely it is that the image is native, then that it has each of these pairs."""
    pairs = list(product(*grids))
    scores = np.array([native_features(axes), *(pair_features(axes, pair) for pair in pairs)]) @ list(WEIGHTS.values())
    chances = np.exp(scores - scores.max())
    return pairs, chances / chances.sum()
