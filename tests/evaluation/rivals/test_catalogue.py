"""Classical baselines: hand-worked values, and what must hold for each of them."""

import importlib
import sys
from functools import partial
from itertools import product

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from pixelization.errors import UserError
from pixelization.evaluation.rivals.abstraction import abstraction
from pixelization.evaluation.rivals.catalogue import DEPIXELIZERS, PIXELIZERS

# What each one needs beyond the package's own requirements.
NEEDS = {
    "content_adaptive": ["skimage"],
    "abstraction": ["skimage"],
    "pixeloe": ["pixeloe"],
    "pixeloe_legacy": ["cv2", "pixeloe"],
    **{name: ["scalerack"] for name in ("epx", "hqx", "xbr", "kopf_lischinski")},
}
# the others: any
FACTORS = {"epx": (2, 4, 8), "hqx": (2, 3, 4), "xbr": (2, 4, 6), "kopf_lischinski": (2, 5)}


@pytest.fixture(params=PIXELIZERS)
def pixelizer(request):
    return _method(PIXELIZERS, request.param)


@pytest.fixture(params=DEPIXELIZERS)
def depixelizer(request):
    return request.param, _method(DEPIXELIZERS, request.param)


def _method(methods, name):
    for module in NEEDS.get(name, ()):
        pytest.importorskip(module)
    return methods[name]


def _cartoon(width, height):
    """A red disc with an outline on white, anti-aliased, symmetric left to right."""
    large = Image.new("RGB", (width * 4, height * 4), "white")
    draw = ImageDraw.Draw(large)
    draw.ellipse(
        (width * 0.6, height * 0.6, width * 3.4 - 1, height * 3.4 - 1),
        (200, 40, 40),
        "black",
        width=8,
    )
    draw.rectangle((width * 1.6, height * 1.6, width * 2.4 - 1, height * 2.4 - 1), (40, 60, 200))
    return np.array(large.resize((width, height), Image.Resampling.BOX))


def _edge():
    """Black beside white, two colours only, with a slanted border."""
    image = Image.new("RGB", (64, 64), "white")
    ImageDraw.Draw(image).polygon([(0, 0), (22, 0), (42, 64), (0, 64)], "black")
    return np.array(image)


def _blended(sprite):
    return ((sprite.max(axis=2) > 40) & (sprite.min(axis=2) < 215)).sum()


def _rgb(rows):
    return np.repeat(np.array(rows, np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("size", [(13, 9), (42, 30), (1, 1), (21, 1)])
def test_pixelizers_give_the_size_asked(pixelizer, size):
    sprite = pixelizer(_cartoon(42, 30), size)
    assert sprite.shape == (size[1], size[0], 3) and sprite.dtype == np.uint8


def test_pixelizers_keep_flat_images_flat(pixelizer):
    image = np.full((23, 31, 3), (0, 170, 85), np.uint8)
    sprite = pixelizer(image, (7, 5)).astype(int)
    assert np.ptp(sprite, axis=(0, 1)).max() <= 1
    # Posterising to four levels changes nothing here; abstraction adds saturation, pixeloe
    # calculates in CIELAB coarsely.
    tolerance = {abstraction: 40, PIXELIZERS["pixeloe"]: 12, PIXELIZERS["pixeloe_legacy"]: 12}.get(
        pixelizer, 1
    )
    assert np.abs(sprite - image[0, 0]).max() <= tolerance


def test_pixelizers_repeat_themselves_and_leave_the_image_alone(pixelizer):
    image = _cartoon(40, 40)
    before = image.copy()
    assert np.array_equal(pixelizer(image, (9, 9)), pixelizer(image, (9, 9)))
    assert np.array_equal(image, before)


def test_pixelizers_do_not_prefer_a_side(pixelizer):
    sprite = pixelizer(_cartoon(60, 60), (12, 12)).astype(int)
    # An even cell has no middle pixel: pixeloe, whose cells are always 6 or 16 pixels wide, takes
    # the one right of it.
    limit = 13 if pixelizer in (PIXELIZERS["pixeloe"], PIXELIZERS["pixeloe_legacy"]) else 8
    assert np.abs(sprite - sprite[:, ::-1]).mean() < limit


def test_pixelizers_recognise_the_picture(pixelizer):
    sprite = pixelizer(_cartoon(60, 60), (12, 12)).astype(int)
    for (y, x), color in {
        (0, 0): (255, 255, 255),
        (5, 5): (40, 60, 200),
        (5, 3): (200, 40, 40),
    }.items():
        # hue_slots: two hues and white are three colours, so blue and black become one
        loose = {PIXELIZERS["posterise_nearest"]: 60, PIXELIZERS["hue_slots"]: 120}
        tolerance = loose.get(pixelizer, 45)
        assert np.abs(sprite[y, x] - color).max() <= tolerance


def test_simple_reductions_by_hand():
    image = _rgb([[0, 0, 8, 4], [0, 100, 2, 2], [9, 9, 50, 60], [9, 9, 70, 80]])
    assert np.array_equal(PIXELIZERS["nearest"](image, (2, 2)), _rgb([[100, 2], [9, 80]]))
    assert np.array_equal(PIXELIZERS["area"](image, (2, 2)), _rgb([[25, 4], [9, 65]]))
    assert np.array_equal(PIXELIZERS["majority"](image, (2, 2)), _rgb([[0, 2], [9, 80]]))


def test_posterise_has_four_even_levels():
    image = _rgb([[0, 63, 64, 127, 128, 191, 192, 255]])
    assert PIXELIZERS["posterise_nearest"](image, (8, 1))[0, :, 0].tolist() == [
        0,
        0,
        85,
        85,
        170,
        170,
        255,
        255,
    ]


def test_kmeans_methods_have_at_most_16_colours():
    for name in ("kmeans16_nearest", "kmeans16_majority"):
        sprite = _method(PIXELIZERS, name)(
            np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8), (16, 16)
        )
        assert 8 <= len(np.unique(sprite.reshape(-1, 3), axis=0)) <= 16


def test_perceptual_equals_the_definition():
    """Every patch of 2x2 cells.

    The averaged image about its mean, scaled to the deviation of the input there.
    """
    image = np.random.default_rng(1).integers(0, 256, (12, 10, 3), dtype=np.uint8)
    source = image / 255
    averaged = source.reshape(6, 2, 5, 2, 3).mean(axis=(1, 3))
    total, count = np.zeros((6, 5, 3)), np.zeros((6, 5, 1))
    for y, x in product(range(5), range(4)):
        patch = averaged[y : y + 2, x : x + 2]
        original = source[2 * y : 2 * y + 4, 2 * x : 2 * x + 4]
        ratio = original.std(axis=(0, 1)) / patch.std(axis=(0, 1))
        total[y : y + 2, x : x + 2] += patch.mean(axis=(0, 1)) + ratio * (
            patch - patch.mean(axis=(0, 1))
        )
        count[y : y + 2, x : x + 2] += 1
    expected = np.rint(total / count * 255).clip(0, 255)
    assert np.abs(PIXELIZERS["perceptual"](image, (5, 6)) - expected).max() <= 1


def test_perceptual_keeps_strokes_crisper_than_area():
    image = _rgb(np.full((32, 32), 255))
    image[:, 13:15] = 0
    perceptual, area = (
        PIXELIZERS[name](image, (8, 8))[4, :, 0].astype(int) for name in ("perceptual", "area")
    )
    assert perceptual[3] < area[3] - 20 and perceptual[0] == area[0] == 255


def test_perceptual_with_cells_of_broken_size():
    ramp = _rgb(np.tile(np.arange(10) * 20, (3, 1)))
    # Cells of 2.5 x 3 pixels: the second has half of pixel 2, all of 3 and 4.
    sprite = PIXELIZERS["perceptual"](ramp, (4, 1))[0, :, 0].astype(int)
    area = [
        (0 + 20 + 20) / 2.5,
        (20 + 60 + 80) / 2.5,
        (100 + 120 + 70) / 2.5,
        (70 + 160 + 180) / 2.5,
    ]
    assert abs(sprite.mean() - np.mean(area)) < 1 and (np.diff(sprite) > 0).all()
    assert np.ptp(sprite) > np.ptp(area)  # contrast that the averages lost comes back


@pytest.mark.parametrize("name", ["content_adaptive", "abstraction"])
def test_fitted_regions_are_crisper_than_area(name):
    method, edge = _method(PIXELIZERS, name), _edge()
    area, sprite = PIXELIZERS["area"](edge, (16, 16)), method(edge, (16, 16))
    assert _blended(area) >= 10
    assert _blended(sprite) <= _blended(area) / 2
    assert np.abs(sprite.mean() - area.mean()) < 12  # the border stays where it is


def test_content_adaptive_shifts_to_a_border_inside_a_cell():
    image = _rgb(np.full((32, 32), 255))
    image[:, 18:] = 0  # in the middle of the fifth cell
    row = _method(PIXELIZERS, "content_adaptive")(image, (8, 8))[4, :, 0]
    assert set(row.tolist()) <= {0, 255} and row[3] == 255 and row[5] == 0


def test_pixeloe_is_what_the_package_does():
    pixeloe = _method(PIXELIZERS, "pixeloe")
    image = _cartoon(96, 60)
    sprite = pixeloe(image, (16, 10))
    pixelize = importlib.import_module("pixeloe.torch.pixelize").pixelize

    tensor = torch.from_numpy(image).permute(2, 0, 1)[None] / 255
    # enlarged six times again
    expected = pixelize(tensor, backend="torch")[0].permute(1, 2, 0)[3::6, 3::6]
    assert np.abs(sprite - 255 * expected.numpy()).max() <= 0.51


def test_the_first_pixeloe_is_what_the_package_does():
    """Where the package's own rounding happens to give the size asked."""
    pixeloe = _method(PIXELIZERS, "pixeloe_legacy")
    pixelize = importlib.import_module("pixeloe.legacy.pixelize").pixelize
    image = _cartoon(96, 96)
    expected = pixelize(image[..., ::-1].copy(), mode="contrast", target_size=12, no_upscale=True)
    assert np.array_equal(pixeloe(image, (12, 12)), expected[..., ::-1])


def test_abstraction_finds_the_palette():
    pytest.importorskip("skimage")
    two = _rgb(np.full((32, 32), 200))
    two[:, :13] = 40
    colors = np.unique(abstraction(two, (8, 8)).reshape(-1, 3), axis=0).astype(int)
    assert len(colors) == 2 and np.abs(colors[:, 0] - [40, 200]).max() <= 3
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    assert len(np.unique(abstraction(noise, (20, 20)).reshape(-1, 3), axis=0)) == 16


def test_abstraction_saturates_its_palette():
    rgb2lab = pytest.importorskip("skimage.color").rgb2lab
    image = np.full((8, 8, 3), (150, 110, 100), np.uint8)
    before, after = rgb2lab(image[0, 0]), rgb2lab(abstraction(image, (2, 2))[0, 0])
    assert np.abs(after - before * (1, 1.1, 1.1)).max() < 0.7


@pytest.mark.parametrize("name", ["majority", "content_adaptive", "abstraction"])
def test_more_cells_than_pixels_are_refused(name):
    with pytest.raises(ValueError, match="grid of 5x4 cells does not fit an image of 4x4 pixels"):
        _method(PIXELIZERS, name)(_cartoon(4, 4), (5, 4))


@pytest.mark.parametrize(
    "method, module, extra",
    [
        (
            partial(PIXELIZERS["pixeloe"], _cartoon(16, 16), (4, 4)),
            "pixeloe.torch.pixelize",
            "baselines",
        ),
        (partial(PIXELIZERS["pixeloe_legacy"], _cartoon(16, 16), (4, 4)), "cv2", "baselines"),
        (partial(PIXELIZERS["abstraction"], _cartoon(16, 16), (4, 4)), "skimage.color", "measure"),
        (
            partial(PIXELIZERS["content_adaptive"], _cartoon(16, 16), (4, 4)),
            "skimage.color",
            "measure",
        ),
        (partial(DEPIXELIZERS["hqx"], _cartoon(16, 16), 2), "scalerack", "baselines"),
    ],
)
def test_a_missing_package_is_named_with_the_extra_that_installs_it(
    monkeypatch, method, module, extra
):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(
        UserError, match=rf"needs {module.split('.')[0]} .*pip install 'pixelization\[{extra}\]'$"
    ):
        method()


def test_depixelizers_give_the_size_asked_and_keep_flat_sprites(depixelizer):
    name, method = depixelizer
    flat = np.full((5, 7, 3), (10, 200, 90), np.uint8)
    for factor in FACTORS.get(name, (1, 2, 3, 7)):
        large = method(flat, factor)
        assert large.shape == (5 * factor, 7 * factor, 3) and large.dtype == np.uint8
        assert np.abs(large.astype(int) - flat[0, 0]).max() <= 1


def test_depixelizers_keep_the_picture(depixelizer):
    _, method = depixelizer
    sprite = PIXELIZERS["nearest"](_cartoon(60, 60), (12, 12))
    means = PIXELIZERS["area"](method(sprite, 4), (12, 12)).astype(int)
    assert np.abs(means - sprite).mean() < 25
    assert np.abs(means[0, 0] - 255).max() <= 1


def test_nearest_and_epx_by_hand():
    sprite = _rgb([[9, 1], [1, 1]])
    large = DEPIXELIZERS["nearest"](sprite, 2)[:, :, 0]
    assert large.tolist() == [[9, 9, 1, 1], [9, 9, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]
    # Right and below of the 9 agree and differ from the other sides: its lower right quarter joins
    # them.
    large = _method(DEPIXELIZERS, "epx")(sprite, 2)[:, :, 0]
    assert large[1, 1] == 1 and large[0].tolist() == [9, 9, 1, 1] and (large[2:] == 1).all()


@pytest.mark.parametrize(
    "name, factor, advice",
    [
        ("epx", 3, "epx does not enlarge by 3: use 2, 4, 8 or 16"),
        ("hqx", 8, "hqx does not enlarge by 8: use 2, 3 or 4"),
        ("xbr", 7, "xbr does not enlarge by 7: use 2, 3, 4, 5 or 6"),
        ("kopf_lischinski", 1, "kopf_lischinski does not enlarge by 1: use 2 or more"),
    ],
)
def test_a_factor_that_is_not_supported(name, factor, advice):
    with pytest.raises(UserError, match=f"^{advice}$"):
        DEPIXELIZERS[name](_cartoon(8, 8), factor)
