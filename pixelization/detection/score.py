"""Which pair of axis grids an image has: a conditional logit model of what speaks for each."""

import math
from itertools import product

import numpy as np

from pixelization.detection.axis import Axis, AxisGrid

# of the energy of the gradient; residuals below this say more about the compression than about the
# grid
FLOOR = 0.03
# relative contrast; of the training sprites, no grid that is right and sure has less than 1.2
WEAK = 1.0
# What speaks for a pair of grids, for the image being native, and for it being no pixel art, with
# its weight: those under which the right answers are likeliest, fitted by `python
# tools/fit_detection.py TRAINING_SPRITES DRAWINGS --limit 20`.
WEIGHTS = {
    "contrast": 0.217,
    "relative_contrast": 1.220,
    "relative_quarter": 0.631,
    "weakest_contrast": 3.571,
    "cell": 0.236,
    "cells": -0.260,
    "residual": -0.107,
    "aligned": 1.506,
    "tiny": -1.468,
    "same_cell": 4.203,
    "equal_cell": 2.136,
    "native": 6.527,
    "native_roughness": 8.228,
    "native_changes": -0.768,
    "none": 4.710,
    "none_roughness": -1.001,
    "none_colors": 0.906,
}


def pair_features(axes: tuple[Axis, Axis], grids: tuple[AxisGrid, AxisGrid]) -> np.ndarray:
    """float64 ``(len(WEIGHTS),)``."""
    contrasts = [_contrasts(axis, grid) for axis, grid in zip(axes, grids, strict=True)]
    contrast, relative, quarter = zip(*contrasts, strict=True)
    slip = abs(math.log(grids[0].cell / grids[1].cell)) * min(grid.cells for grid in grids)
    return np.array(
        [
            sum(contrast),
            sum(relative),
            sum(quarter),
            min(relative),
            sum(math.log(grid.cell) for grid in grids),
            sum(math.log(grid.cells) for grid in grids),
            sum(grid.left for grid in grids),
            sum(grid.aligned for grid in grids),
            sum(grid.cell < 3 for grid in grids),
            slip < 0.35,
            slip < 0.1,
            *[0] * 6,
        ],
        dtype=float,
    )


def other_features(axes: tuple[Axis, Axis]) -> np.ndarray:
    """Of the two answers without cells of 2 pixels or more: native, and no pixel art at all.

    float64 ``(2, len(WEIGHTS))``.
    """
    roughness = min(axis.roughness for axis in axes)
    native = [1, roughness, max(axis.changes for axis in axes), 0, 0, 0]
    none = [0, 0, 0, 1, roughness, max(axis.colors for axis in axes)]
    return np.pad(np.array([native, none], dtype=float), ((0, 0), (len(WEIGHTS) - len(native), 0)))


def _contrasts(axis: Axis, grid: AxisGrid) -> tuple[float, float, float]:
    """How much better the grid fits than the same grid shifted.

    By half a cell, plain; the same with ``FLOOR``; by a quarter of a cell with ``FLOOR``.
    """
    left, half, quarter = (
        math.log(math.exp(value - axis.gradient) + FLOOR)
        for value in (grid.left, grid.half, grid.quarter)
    )
    return grid.half - grid.left, half - left, quarter - left


def is_weak(axes: tuple[Axis, Axis], pair: tuple[AxisGrid, AxisGrid]) -> bool:
    """Whether a pair of grids has little along one axis that speaks for it.

    What speaks for the other axis, and that cells are square as a rule, must not make it sure.
    """
    return min(_contrasts(*each)[1] for each in zip(axes, pair, strict=True)) < WEAK


def probabilities(
    axes: tuple[Axis, Axis], grids: tuple[list[AxisGrid], list[AxisGrid]]
) -> tuple[list[tuple[AxisGrid, AxisGrid]], np.ndarray]:
    """All pairs of grids, and how likely each answer is.

    Returns:
        The pairs, and float64 ``(2 + pairs,)`` that sums to 1: native, no pixel art, each pair.
    """
    pairs = list(product(*grids))
    scores = np.vstack(
        [other_features(axes), *(pair_features(axes, pair) for pair in pairs)]
    ) @ list(WEIGHTS.values())
    chances = np.exp(scores - scores.max())
    return pairs, chances / chances.sum()
