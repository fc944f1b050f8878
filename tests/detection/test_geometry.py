"""Which cells of a grid count."""

from pixelization.detection.geometry import cells_inside


def test_cells_inside_counts_cells_with_at_least_half_their_width():
    assert cells_inside(12, 4, 0) == (0, 3)
    assert cells_inside(12, 4, -1) == (0, 3)  # 3 of 4 pixels of the first, 1 of 4 of the last
    assert cells_inside(12, 4, -2) == (0, 4)  # exactly half of either
    assert cells_inside(12, 4, -3) == (1, 3)
    assert cells_inside(13, 6.5, 0) == (0, 2)
    assert cells_inside(2, 8, -7) == (1, 1)  # never none
