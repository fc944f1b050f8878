"""The steps from a sprite to a drawing, on sprites drawn in letters."""

import itertools

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage

from pixelization.training.data.artist_pairs import (
    damage,
    deform,
    details,
    kinds,
    resample,
    scenes,
    shading,
    strokes,
)
from pixelization.training.data.artist_pairs.shapes import seen, smooth, thin_cells
from pixelization.training.data.artist_pairs.sprites import indexed, read_sprite_set
from pixelization.training.data.artist_pairs.thinning import thinned


def cells(*rows):
    """Rows of digits as labels ``(1, h, w)``."""
    return torch.tensor([[[int(letter) for letter in row] for row in rows]])


def light_of(labels, **values):
    return torch.tensor([values.get(f"_{n}", 1.0) for n in range(10)])[labels]


def test_colors_are_numbered_by_how_often_they_occur_and_empty_pixels_are_nothing():
    pixels = np.zeros((2, 3, 4), np.uint8)
    pixels[0], pixels[1, 0], pixels[1, 1] = (0, 0, 255, 255), (255, 0, 0, 255), (9, 9, 9, 100)
    sprite = indexed(Image.fromarray(pixels))
    assert sprite.labels.tolist() == [[1, 1, 1], [2, 0, 0]]
    assert sprite.colors.tolist() == [[0, 0, 1], [1, 0, 0]]


def test_rare_colors_become_the_nearest_kept_one():
    pixels = np.full((8, 8, 4), 255, np.uint8)
    pixels[..., :3] = np.arange(64).reshape(8, 8, 1) * 4
    assert len(indexed(Image.fromarray(pixels)).colors) == 31


def test_sources_count_by_the_root_of_their_numbers(tmp_path):
    for index in range(9):
        Image.new("RGBA", (4, 4), "red").save(tmp_path / f"many_{index}.png")
    Image.new("RGBA", (4, 4), "blue").save(tmp_path / "few_0.png")
    sprites = read_sprite_set(sorted(tmp_path.glob("*.png")))
    assert len(sprites) == 10
    assert sprites.chances[0] == pytest.approx(1 / (1 + 9 / 3))  # "few_0" comes first


def test_lines_one_cell_wide_are_thin_and_areas_are_not():
    labels = cells("1111111", "1222221", "1111111", "1133111", "1133111", "1111111")
    thin = thin_cells(light_of(labels, _2=0.0, _3=0.0))
    assert thin[0, 1, 1:6].all() and thin.sum() == 5


def test_smooth_shapes_of_sharp_blur_are_the_cells():
    labels = cells("0012", "0112", "3332")
    fine = smooth(labels, torch.ones(labels.shape), torch.tensor([0.02]))
    assert torch.equal(fine, labels.repeat_interleave(8, 1).repeat_interleave(8, 2))


def test_blur_rounds_corners_and_keeps_labels():
    labels = cells("00000", "02220", "02220", "02220", "00000")
    fine = smooth(labels, torch.ones(labels.shape), torch.tensor([0.6]))
    assert fine[0, 8, 8] == 0 and fine[0, 20, 20] == 2 and set(fine.unique().tolist()) == {0, 2}


def test_weights_let_a_line_survive_the_blur():
    labels = cells("11111", "11111", "22222", "11111", "11111")
    weights = 1 + 0.5 * (labels == 2)
    kept = [
        (smooth(labels, w, torch.tensor([0.7])) == 2).sum()
        for w in (torch.ones(weights.shape), weights)
    ]
    assert kept[1] > kept[0]


@pytest.mark.parametrize("sigma", [0.45, 0.6, 0.72])
@pytest.mark.parametrize(
    "rows",
    [
        ("11111", "11111", "11211", "11111", "11111"),  # an eye
        ("11111", "12131", "11111", "12321", "11111"),  # a face
        ("00000", "01110", "01210", "01110", "00200"),  # by the outline, and on nothing
    ],
)
def test_every_cell_of_its_own_colour_shows_in_the_drawing(rows, sigma):
    labels = cells(*rows)
    fine = smooth(labels, torch.ones(labels.shape), torch.tensor([sigma]))
    alone = labels > 1
    assert (seen(labels, fine)[alone] >= 10).all()
    assert (fine > 1).sum() <= 64 * alone.sum()  # and has not grown over the others


def test_pixels_of_a_cell_that_have_its_label_are_counted():
    labels = cells("12", "31")
    fine = labels.repeat_interleave(8, 1).repeat_interleave(8, 2)
    fine[0, :8, 8:11] = 1
    fine[0, 8:, :8] = 1
    assert seen(labels, fine)[0].tolist() == [[64, 40], [0, 64]]


def test_thinning_takes_the_same_from_both_sides_of_a_line_and_nothing_from_an_area():
    labels = cells("11111", "22222", "11111", "22222", "22222")
    fine = labels.repeat_interleave(8, 1).repeat_interleave(8, 2)
    light = light_of(fine, _2=0.0)
    thin = cells("00000", "11111", "00000", "00000", "00000") > 0
    result = thinned(fine, light, thin, torch.tensor([2]))[0, :, 20]
    assert result[8:16].tolist() == [1, 1, 2, 2, 2, 2, 1, 1]
    assert result[24:].tolist() == [2] * 16
    hairline = thinned(fine, light, thin, torch.tensor([4]))
    assert (hairline[0, 8:16, 20] == 2).sum() == 1
    assert torch.equal(thinned(fine, light, thin, torch.tensor([0])), fine)


@pytest.mark.parametrize("radius", [1, 2, 3, 4])
@pytest.mark.parametrize("side", [1, 2, 3, 5, 8])
def test_thinning_leaves_the_middle_of_dots_and_of_lines(side, radius):
    labels = cells("111", "121", "111")
    left = 8 + (8 - side) // 2
    dot, line = torch.ones(2, 1, 24, 24, dtype=torch.int64)
    dot[:, left : left + side, left : left + side] = 2
    line[:, left : left + side] = 2
    for fine, thin in ((dot, labels == 2), (line, cells("000", "222", "000") > 0)):
        light = light_of(fine, _2=0.0)
        thinner = thinned(fine, light, thin, torch.tensor([radius])) == 2
        assert 1 <= thinner.sum(1).max() <= side
        assert thinner.sum() < (fine == 2).sum() or side < 3
    assert (thinner.any(1)).all()  # the line goes all the way


def test_a_slanting_line_of_any_width_does_not_break():
    down, across = torch.meshgrid(torch.arange(48), torch.arange(48), indexing="ij")
    apart = (down - 12 - 0.4 * across).abs()
    thin = torch.ones(1, 6, 6, dtype=torch.bool)
    for width in (1, 1.5, 2, 3, 4):
        fine = (1 + (apart < width)).long()[None]
        for radius in (1, 2, 3, 4):
            thinner = thinned(fine, light_of(fine, _2=0.0), thin, torch.tensor([radius])) == 2
            assert thinner.any(1).all()
            assert ndimage.label(thinner[0], np.ones((3, 3)))[1] == 1


def test_lonely_cells_are_those_with_at_most_one_neighbour_alike():
    labels = cells("11111", "12131", "11131", "11111")[0].numpy()
    assert np.argwhere(details.lonely(labels)).tolist() == [[1, 1], [1, 3], [2, 3]]


def test_details_change_the_drawing_only_and_follow_the_seed():
    labels = cells("11111", "12131", "11111")[0].numpy()
    fine = [labels.repeat(8, 0).repeat(8, 1) for _ in range(3)]
    for drawing, seed in zip(fine, (1, 1, 2), strict=True):
        for _ in range(5):
            details.detailed(drawing, labels, [4, 5, 6], np.random.default_rng(seed))
    assert np.array_equal(fine[0], fine[1]) and not np.array_equal(fine[0], fine[2])


def test_shading_is_the_same_for_cells_and_their_pixels():
    labels = cells("0112", "2211", "0001", "1122")
    slopes = torch.randn(1, 3, 2)
    coarse = shading.shading(labels, slopes, 4)
    fine = shading.shading(labels.repeat_interleave(8, 1).repeat_interleave(8, 2), slopes, 4)
    assert torch.allclose(fine.view(1, 4, 8, 4, 8).mean((2, 4)), coarse, atol=1e-6)


def test_a_common_shift_moves_everything_by_as_much():
    picture = torch.rand(1, 1, 16, 16)
    field = torch.zeros(1, 2, 16, 16)
    field[:, 0] = 0.5  # of a cell of eight pixels, to the left
    moved = deform.warped(picture, field, 2)
    assert torch.allclose(moved[..., :, :12], picture[..., :, 4:], atol=1e-5)


def test_displacements_stay_below_their_limits_and_follow_the_seed():
    fields = [
        deform.displacement(
            32, 5, torch.tensor([0.4]), torch.tensor([0.0]), torch.Generator().manual_seed(s)
        )
        for s in (1, 1)
    ]
    assert (
        torch.equal(*fields) and fields[0].abs().max() < 0.4 * 1.4
    )  # bicubic goes a little beyond its knots


def test_blur_keeps_flat_pictures_and_sigma_zero_keeps_all():
    flat, some = torch.full((1, 3, 8, 8), 0.3), torch.rand(1, 3, 8, 8)
    assert torch.allclose(damage.blurred(flat, torch.tensor([0.9])), flat)
    assert torch.allclose(damage.blurred(some, torch.tensor([0.0])), some)


def test_jpeg_keeps_size_and_alpha_and_is_near():
    picture = torch.rand(4, 16, 16) * 0.1 + 0.5
    back = damage.jpeg(picture, 95)
    assert back.shape == picture.shape and torch.equal(back[3], picture[3])
    assert (back[:3] - picture[:3]).abs().mean() < 0.05


def test_resampling_keeps_what_is_flat_and_never_enlarges():
    flat = torch.full((4, 32, 32), 0.25)
    assert torch.allclose(resample.resampled(flat, 12, soft=True), torch.full((4, 12, 12), 0.25))
    assert resample.resampled(flat, 64, soft=False).shape == (4, 32, 32)


def test_scenes_have_compact_labels_and_the_ground_that_was_asked_for(tmp_path):
    Image.new("RGBA", (6, 6), "red").save(tmp_path / "a_0.png")
    sprites = read_sprite_set([tmp_path / "a_0.png"])
    for seed in range(20):
        scene = scenes.compose(sprites, 12, np.random.default_rng(seed), "nothing")
        assert scene.labels.shape == (12, 12) and scene.labels.max() == len(scene.colors) == 1
        assert 0 < (scene.labels > 0).sum() < 144


def sprite_of(*rows):
    """Letters as RGBA ``(1, 4, h, w)``: w white, k black, g grey, . nothing."""
    colors = {"w": (1, 1, 1, 1), "k": (-1, -1, -1, 1), "g": (0, 0, 0, 1), ".": (0, 0, 0, -1)}
    return torch.tensor([[colors[c] for c in row] for row in rows], dtype=torch.float32).permute(
        2, 0, 1
    )[None]


def test_kinds_of_cells():
    found = kinds.kinds(sprite_of("......", ".kkkk.", ".kwwk.", ".kkkk.", "......"))
    assert found["outline"][0].int().tolist()[1] == [0, 1, 1, 1, 1, 0]
    assert found["dark"][0, 1, 2] and not found["flat"][0, 2, 2]
    assert not found["contrast"][0, 0, 0] and found["contrast"][0, 0, 1]


def test_a_detail_has_no_neighbour_alike_and_strokes_and_details_weigh_most():
    sprite = sprite_of("wwwww", "wwkww", "wwwww")
    assert kinds.kinds(sprite)["detail"].nonzero().tolist() == [[0, 1, 2]]
    assert kinds.weights(sprite, contrast=10, stroke=12, detail=15)[0, 1].tolist() == [
        1,
        10,
        15,
        10,
        1,
    ]
    line = kinds.weights(
        sprite_of("wwww", "kkkk", "wwww", "wwww"), contrast=10, stroke=12, detail=15
    )
    assert line[0, :, 1].tolist() == [10, 12, 10, 1]


def test_light_strokes_are_dark_ones_with_the_lights_changed():
    sprite = sprite_of("kkkkk", "wwwww", "kkkkk", "kkkkk")
    inverted = torch.cat([-sprite[:, :3], sprite[:, 3:]], dim=1)
    assert torch.equal(kinds.kinds(sprite)["light"], kinds.kinds(inverted)["dark"])


def test_a_stroke_is_a_chain_of_cells_and_as_thin_as_it_is_in_the_drawing():
    points = np.column_stack([np.arange(0.5, 5.6, 0.25), np.full(21, 1.5)])
    labels, fine = np.zeros((4, 6), np.int64), np.zeros((32, 48), np.int64)
    stroke = [strokes.Stroke(points, 2, 7)]
    strokes.paint_cells(labels, stroke)
    strokes.paint_pixels(fine, stroke)
    assert labels.tolist() == [[0] * 6, [7] * 6, [0] * 6, [0] * 6]
    assert (fine[:, 20] == 7).sum() == 2 and 10 <= np.argmax(fine[:, 20]) <= 12


@pytest.mark.parametrize("place, row", [(2.0, 1), (2.05, 1), (2.15, 2), (1.95, 1), (2.5, 2)])
@pytest.mark.parametrize("upright", [False, True])
def test_a_line_on_a_border_is_in_one_row_all_along(place, row, upright):
    points = np.column_stack([np.arange(0.5, 8, 0.25), np.full(30, place)])
    labels = np.zeros((8, 8), np.int64)
    lines = [strokes.Stroke(points[:, ::-1] if upright else points, 1, 5, square=True)]
    strokes.paint_cells(labels, lines)
    expected = np.zeros((8, 8), np.int64)
    expected[row] = 5
    assert np.array_equal(labels, expected.T if upright else expected)


def test_a_frame_keeps_its_corners_and_a_curve_has_none():
    corner = np.array([[1.5, 6.5], [1.5, 1.5], [6.5, 1.5]])
    points = np.vstack([np.linspace(a, b, 41) for a, b in itertools.pairwise(corner)])
    for square, there in ((True, 7), (False, 0)):
        labels = np.zeros((8, 8), np.int64)
        strokes.paint_cells(labels, [strokes.Stroke(points, 1, 7, square)])
        assert labels[1, 1] == there


@pytest.mark.parametrize("bent", [False, True])
def test_a_frame_that_is_bent_is_a_curve(bent):
    points = np.column_stack([np.linspace(2, 10, 33), np.full(33, 6.5)])
    field = np.zeros((2, 96, 96), np.float32)
    field[1] = 0.25 + bent * 0.02 * np.arange(96) / 8
    (moved,) = strokes.displaced([strokes.Stroke(points, 8, 3, square=True)], field)
    assert moved.square is not bent


def test_random_frames_are_level_and_upright_and_often_on_a_border():
    rng = np.random.default_rng(4)
    drawn = [line for _ in range(60) for line in strokes.random_strokes(28, [1], rng)]
    frames = [line.points for line in drawn if line.square]
    assert 0.15 < len(frames) / len(drawn) < 0.35
    sides = []
    for points in frames:
        straight = np.abs(np.diff(points, axis=0)) < 1e-9
        assert (straight.any(axis=1)).mean() > 0.9  # but for where a corner is cut
        sides += [points[:, 0].min(), points[:, 0].max(), points[:, 1].min(), points[:, 1].max()]
    on_border = np.abs(sides - np.round(sides)) < 1e-6
    assert 0.3 < on_border.mean() < 0.7


@pytest.mark.parametrize(
    "ground, seen", [(0, [1, 2, 3, 1, 3]), (1, [2]), (2, [1, 3]), (3, [2]), (4, [2])]
)
def test_strokes_have_colours_that_the_ground_shows(ground, seen):
    grey = 0.5
    colors = np.array([[grey] * 3, [1, 1, 1], [0, 0, 0], [0.9, 0.9, 0.9], [0.95, 0.95, 0.9]])
    cells = np.full((5, 5), ground)
    cells[2, 2] = 2
    assert strokes.visible([1, 2, 3], cells, colors) == seen


def test_where_no_colour_can_be_seen_the_farthest_one_is_taken():
    colors = np.array([[0.5, 0.5, 0.5], [0.6, 0.5, 0.5], [0.65, 0.5, 0.5], [0.5, 0.5, 0.5]])
    assert strokes.visible([1, 2], np.full((3, 3), 3), colors) == [2]


@pytest.mark.parametrize("slope", [0.0, 0.02])
def test_displaced_strokes_lie_where_a_moved_drawing_shows_them(slope):
    points = np.column_stack([np.linspace(2, 10, 33), np.full(33, 6.5)])
    stroke = strokes.Stroke(points, 8, 3)
    field = np.zeros((2, 96, 96), np.float32)
    field[1] = 0.75 + slope * np.arange(96) / 8  # what is shown comes from so much below
    (moved,) = strokes.displaced([stroke], field)
    before, after = np.zeros((96, 96), np.int64), np.zeros((96, 96), np.int64)
    strokes.paint_pixels(before, [stroke])
    strokes.paint_pixels(after, [moved])
    seen = deform.warped(
        torch.from_numpy(before)[None, None].float(), torch.from_numpy(field)[None], 12
    )
    assert np.abs((seen[0, 0].numpy() > 1.5).astype(int) - (after > 0)).mean() < 0.01
    assert moved.points[:, 1].max() < 6.5 - 0.7


def test_random_strokes_follow_the_seed_and_stay_in_the_canvas():
    drawn = [strokes.random_strokes(12, [1, 2], np.random.default_rng(seed)) for seed in (1, 1)]
    assert [s.label for s in drawn[0]] == [s.label for s in drawn[1]]
    labels = np.zeros((12, 12), np.int64)
    strokes.paint_cells(labels, drawn[0])
    assert set(np.unique(labels)) <= {0, 1, 2}
