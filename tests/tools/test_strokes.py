"""What counts as a stroke's cell, and as present."""

import numpy as np
import pytest
from PIL import Image

from tests.make import tool_module


@pytest.fixture
def tool():
    with tool_module("strokes") as module:
        yield module


def stroke_of(tool, start, end, width=2.0):
    return tool.Stroke(np.array(start, float), np.array(end, float), width)


def test_a_level_stroke_has_one_cell_in_every_column_that_it_passes_whole(tool):
    # cells of 8 pixels; the first and the last column are passed in part
    cells = list(tool.stroke_cells(stroke_of(tool, (4, 20), (44, 20)), 64, 8))
    assert [each.tolist() for each in cells] == [
        [[1, column], [2, column], [3, column]] for column in (1, 2, 3, 4)
    ]


def test_an_upright_stroke_has_one_cell_in_every_row(tool):
    cells = list(tool.stroke_cells(stroke_of(tool, (20, 44), (20, 4)), 64, 8))
    assert [each[1].tolist() for each in cells] == [[row, 2] for row in (1, 2, 3, 4)]


def test_coverage_is_that_of_the_stroke(tool):
    cover = stroke_of(tool, (8, 12), (24, 12), 3).coverage(32)
    assert cover.sum() == pytest.approx(3 * 16)
    assert cover[11:13, 16].tolist() == [1, 1] and cover[[10, 13], 16].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("ground", ["white", "dark", "transparent"])
def test_a_cell_is_present_in_its_place_or_one_across_and_no_farther(tool, ground):
    ink = "light" if ground == "dark" else "dark"
    stroke = stroke_of(tool, (0, 28), (64, 28))  # in row 3 of cells of 8 pixels
    nothing = np.zeros((64, 64), bool)
    below = tool.GROUNDS[ground] or (0, 0, 0)
    for row, share in ((3, 1), (2, 1), (4, 1), (1, 0), (5, 0)):
        sprite = np.zeros((8, 8, 4), np.uint8)
        sprite[...] = (*below, 0 if ground == "transparent" else 255)
        sprite[row] = (*tool.INKS[ink], 255)
        found = tool.present(sprite, stroke, nothing, ink, ground)
        assert len(found) == 8 and np.mean(found) == share


def test_what_another_stroke_or_the_drawing_covers_does_not_count(tool):
    stroke = stroke_of(tool, (0, 28), (64, 28))
    others = np.zeros((64, 64), bool)
    others[17, 8] = True  # a pixel of the second column, in the row above the stroke's
    sprite = np.full((8, 8, 3), 255, np.uint8)
    assert len(tool.present(sprite, stroke, others, "dark", "white")) == 7


def test_the_tool_writes_its_tables(tool, tmp_path, monkeypatch):
    image = Image.new("RGB", (64, 64), "white")
    image.paste((200, 30, 60), (20, 20, 40, 40))
    image.save(tmp_path / "square.png")
    monkeypatch.setattr(tool, "SIZES", (8,))
    monkeypatch.setattr(tool, "ALONE", [case for case in tool.ALONE if case[2] == 32])
    monkeypatch.setattr(tool, "WIDTHS", ("2 px",))
    monkeypatch.setattr(tool, "FRAMES", 2)
    monkeypatch.setattr(tool, "ROWS", range(100, 103))
    page = tmp_path / "page.md"
    assert tool.main([str(tmp_path), "--markdown", str(page)]) == 0
    text = page.read_text()
    assert "| cascade | " in text and "## Light strokes on transparent ground" in text
    assert str(tmp_path) not in text


def test_strokes_are_the_same_for_a_seed_and_whole_on_the_canvas(tool):
    first, second = (tool.draw_strokes(np.random.default_rng(3), 64, 4.0) for _ in range(2))
    assert [each.start.tolist() for each in first] == [each.start.tolist() for each in second]
    assert sum(each.straight for each in first) >= 2
    for each in first:
        assert (np.array([each.start, each.end]) >= 4).all()
        assert (np.array([each.start, each.end]) <= 60).all()


@pytest.mark.parametrize(
    "gap, leaks", [(None, False), ((2, 4), True), ((4, 7), True), ((2, 2), False)]
)
def test_a_frame_leaks_where_a_cell_of_a_side_is_missing_but_not_at_a_corner(tool, gap, leaks):
    frame = np.zeros((10, 10), bool)
    frame[2:8, 2:8] = True
    frame[3:7, 3:7] = False
    if gap:
        frame[gap] = False
    assert tool.leaks(frame, (5, 5)) is leaks


def test_nearest_breaks_frames_that_are_thinner_than_a_cell(tool, monkeypatch):
    monkeypatch.setattr(tool, "ALONE", [(*case, 16) for case in tool.CASES[:2]])
    monkeypatch.setattr(tool, "FRAMES", 10)
    nearest = [tool.Method("nearest", tool.nearest)]
    for widths, broken in (((1, 3), 10), ((17, 20), 0)):
        monkeypatch.setattr(tool, "FRAME_WIDTHS", widths)
        assert tool.broken_frames(nearest, 0).endswith(f"| nearest | {broken} | {broken} |")
