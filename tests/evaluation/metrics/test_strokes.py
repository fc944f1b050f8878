"""Stroke recall and dark area on hand-drawn cases; a cell is 4 x 4 pixels."""

import math

import numpy as np
import pytest

from pixelization.evaluation.metrics.strokes import dark_area_ratio, stroke_recall


def drawing(*rows, color=0):
    """48 x 48 pixels, white, with horizontal strokes at ``rows``."""
    image = np.full((48, 48, 3), 255, np.uint8)
    image[list(rows)] = color
    return image


def sprite(*rows, color=0):
    cells = np.full((12, 12, 3), 255, np.uint8)
    cells[list(rows)] = color
    return cells


def test_recall_is_the_share_of_stroke_pixels_in_cells_that_show_them():
    source = drawing(9, 10, 22, 33)  # in the cell rows 2, 2, 5, 8
    assert stroke_recall(source, sprite(2, 5, 8)) == 1
    assert stroke_recall(source, sprite(2)) == 0.5
    assert stroke_recall(source, sprite()) == 0
    assert stroke_recall(source, sprite(1, 3, 6)) == 0  # beside the strokes


def test_recall_takes_half_the_contrast_for_found():
    assert stroke_recall(drawing(9, 22), sprite(2, 5, color=120)) == 1
    assert stroke_recall(drawing(9, 22), sprite(2, 5, color=135)) == 0


def test_thick_faint_and_light_strokes_do_not_count():
    assert math.isnan(stroke_recall(drawing(*range(8, 16)), sprite(2, 3)))
    assert math.isnan(stroke_recall(drawing(9, color=200), sprite(2)))
    assert math.isnan(stroke_recall(255 - drawing(9), 255 - sprite(2)))


def test_dark_area_is_pooled_over_the_images():
    sources = [drawing(9, 10), drawing(*range(24))]  # 2 / 48 and 24 / 48 dark
    assert dark_area_ratio(sources, [sprite(2), sprite(*range(6))]) == pytest.approx(
        (1 / 12 + 6 / 12) / (26 / 48)
    )
    assert dark_area_ratio(sources, [sprite(), sprite(color=0)]) == 0
    assert math.isnan(dark_area_ratio([drawing()], [sprite(2)]))
