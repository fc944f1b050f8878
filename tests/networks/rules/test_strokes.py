"""The rule for strokes: chains of cells, thin and whole, and one real sample for every cell."""

import pytest
import torch

from pixelization.cells.sizes import SCALES, grid_size, samples_per_side
from pixelization.networks.cells import pick, sample_cells
from pixelization.networks.rules.strokes import stroke_cells, stroke_choice


def cells(*rows: str) -> torch.Tensor:
    """Shares of a drawing: '#' 0.7, '=' 0.55, '+' 0.3, '-' 0.12, '.' 0."""
    return torch.tensor(
        [
            [{"#": 0.7, "=": 0.55, "+": 0.3, "-": 0.12, ".": 0.0}[cell] for cell in row]
            for row in rows
        ]
    )[None]


def drawn(share: torch.Tensor) -> list[str]:
    return [
        "".join("#" if kept else "." for kept in row) for row in stroke_cells(share)[0].tolist()
    ]


def test_stroke_cells_cut_the_doubled_corners_of_a_diagonal():
    stair = cells(
        "#-....",
        "-#-...",
        ".-#-..",
        "..-#-.",
        "...-#-",
        "....-#",
    )
    assert drawn(stair) == ["#.....", ".#....", "..#...", "...#..", "....#.", ".....#"]


def test_stroke_cells_leave_no_gap_where_a_stroke_runs_between_two_rows():
    # A line that falls by one cell: half of it in either row in the middle, little where it leaves
    # a row.
    line = cells(
        "###+-..",
        "..-+###",
    )
    kept = stroke_cells(line)[0]
    assert kept.any(dim=0).all()  # every column
    assert kept.sum() == 7  # once
    faint = cells("--------")  # a hair all along: too thin for a third of any cell
    assert drawn(faint) == [".######."]


def test_stroke_cells_keep_ends_dots_and_thick_strokes_and_drop_grazed_cells():
    assert drawn(cells("......", ".###..", "......")) == ["......", ".###..", "......"]
    assert drawn(cells("...", ".+.", "...")) == ["...", ".#.", "..."]
    assert drawn(cells("...", ".-.", "...")) == ["...", "...", "..."]
    assert drawn(cells("####", "####", "####")) == ["####", "####", "####"]
    assert drawn(cells(".-..", "####", "..-.")) == ["....", "####", "...."]


def test_a_stroke_of_one_cell_s_width_between_two_rows_is_drawn_in_one():
    kept = stroke_cells(cells("======", "======"))[0]
    assert (kept.sum(dim=0) == 1).all() and (kept.sum(dim=1) == 6).any()


def test_stroke_cells_keep_rings_closed():
    ring = cells(
        ".-##-.",
        "-#--#-",
        "#-..-#",
        "#-..-#",
        "-#--#-",
        ".-##-.",
    )
    assert drawn(ring) == ["..##..", ".#..#.", "#....#", "#....#", ".#..#.", "..##.."]


def test_stroke_cells_of_a_batch_are_those_of_each():
    shares = torch.rand(3, 11, 14, generator=torch.Generator().manual_seed(0)) ** 2
    assert torch.equal(
        stroke_cells(shares), torch.cat([stroke_cells(share[None]) for share in shares])
    )


@pytest.mark.parametrize("scale", SCALES)
def test_the_choice_draws_a_line_whole_and_one_cell_thick(scale):
    picture = torch.full((1, 3, 64, 64), 1.0)
    picture[..., 13:15, :] = -1  # two pixels, through one row of cells at every scale
    size, k = grid_size((64, 64), scale), samples_per_side(scale)
    grid = pick(sample_cells(picture, size, k), stroke_choice(picture, size, k))
    assert (grid == -1).any(dim=2).all() and (grid == -1).sum() == 3 * size[1]


def test_the_choices_of_a_batch_are_those_of_each():
    images = torch.rand(3, 3, 40, 52, generator=torch.Generator().manual_seed(0)) * 2 - 1
    together = stroke_choice(images, (10, 13), 4)
    assert together.shape == (3, 1, 10, 13) and together.dtype == torch.int64
    alone = [stroke_choice(image[None], (10, 13), 4) for image in images]
    assert torch.equal(together, torch.cat(alone))
