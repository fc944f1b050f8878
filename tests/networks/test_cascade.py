"""Networks propose, rules dispose: what the cascade makes of the networks' proposals."""

from fractions import Fraction

import pytest
import torch

from pixelization.cells.sizes import SCALES, samples_per_side
from pixelization.networks.cascade import Cascade
from pixelization.networks.cells import neighbour_cells, pick, upsample_nearest
from pixelization.networks.rules.company import with_company
from pixelization.networks.rules.strokes import stroke_choice
from tests.networks.make import colors, noise, tiny_cascade

QUARTER = Fraction(1, 4)


@pytest.mark.parametrize("scale", SCALES)
def test_without_a_margin_gridnet_s_choice_stands(scale):
    cascade, image = tiny_cascade(), noise(48, 64)
    assert torch.equal(
        cascade.pixelize(image, scale).grid, cascade.gridnet(image, (scale,)).grids[scale]
    )


@pytest.mark.parametrize("scale", SCALES)
def test_within_the_grid_margin_the_rule_for_strokes_stands(scale):
    cascade, image = tiny_cascade(grid_margin=100.0, sharpen=False), noise(48, 64)
    grid = cascade.pixelize(image, scale).grid
    choice = cascade.gridnet(image, (scale,)).choices[scale]
    strokes = stroke_choice(image, grid.shape[-2:], samples_per_side(scale))
    assert torch.equal(grid, pick(choice.candidates, strokes))
    assert not torch.equal(grid, choice.chosen)


def test_the_rule_for_strokes_looks_at_a_source_without_anti_aliasing():
    cascade, image = tiny_cascade(grid_margin=100.0), noise(48, 64)
    grid = cascade.pixelize(image, QUARTER).grid
    candidates = cascade.gridnet(image, (QUARTER,)).choices[QUARTER].candidates
    strokes = stroke_choice(cascade.gridnet.sharpened(image), (12, 16), 4)
    assert torch.equal(grid, pick(candidates, strokes))


def test_pixelnet_changes_cells_only_with_company():
    cascade, image = tiny_cascade(), noise(48, 40)
    grid, refined = cascade.pixelize(image, QUARTER)
    chosen = cascade.refine(grid, (48, 40)).choice.chosen
    kept = with_company(neighbour_cells(grid), chosen)
    assert torch.equal(refined, upsample_nearest(kept, (48, 40)))
    assert not torch.equal(kept, chosen)


def test_within_the_margin_cells_stay():
    sure, unsure = tiny_cascade(sharpen=False), tiny_cascade(sharpen=False, margin=100.0)
    grid = (noise(12, 10) > 0).float()  # eight colours: cells have company
    enlarged = upsample_nearest(grid, (48, 40))
    for cascade in (sure, unsure):
        torch.manual_seed(1)
        torch.nn.init.normal_(cascade.pixelnet.head.prior)
        # GridNet has no choice: all samples of a cell are of one colour
        assert torch.equal(cascade.pixelize(enlarged, QUARTER).grid, grid)
    assert torch.equal(unsure.pixelize(enlarged, QUARTER).refined, enlarged)
    assert not torch.equal(sure.pixelize(enlarged, QUARTER).refined, enlarged)


@pytest.mark.parametrize("norm", ["instance", "instance_affine", "none"])
def test_inference_is_the_same_in_both_modes(norm):
    cascade = tiny_cascade("sample", "residual", "mix", norm=norm)
    image = noise(48, 40)
    expected = cascade.train().pixelize(image, QUARTER).refined
    assert torch.equal(cascade.eval().pixelize(image, QUARTER).refined, expected)


@pytest.mark.parametrize("sharpen", [True, False])
@pytest.mark.parametrize("scale", SCALES)
def test_selecting_heads_make_no_colour(scale, sharpen):
    image = noise(45, 52)
    for result in tiny_cascade(sharpen=sharpen, grid_margin=0.5).pixelize(image, scale):
        assert colors(result) <= colors(image)


def test_blocks_mirror_each_other_in_shape():
    cascade, image = tiny_cascade(), noise(45, 70)
    grids, features, _ = cascade.gridnet(image)
    smooth = cascade.depixelnet(image)
    assert [x.shape for x in features] == [x.shape for x in smooth.decoder]
    for grid in grids.values():
        refined = cascade.refine(grid, (45, 70))
        assert [x.shape for x in smooth.encoder] == [x.shape for x in refined.decoder]


@pytest.mark.parametrize("variant", ["gridnet_alone", "pixelnet_alone"])
def test_variants_of_figure_9(variant):
    cascade = tiny_cascade(pixelnet="residual", cascade=variant)
    output = cascade.pixelize(noise(64, 48), QUARTER)
    assert output.grid.shape[-2:] == (16, 12) and output.refined.shape[-2:] == (64, 48)
    assert (cascade.gridnet is None) == (variant == "pixelnet_alone")
    assert (cascade.pixelnet is None) == (variant == "gridnet_alone")
    if variant == "gridnet_alone":
        assert torch.equal(output.refined, upsample_nearest(output.grid, (64, 48)))


def test_a_cascade_of_depixelnet_alone_is_refused():
    with pytest.raises(ValueError, match="needs a GridNet or a PixelNet"):
        Cascade(None, None, tiny_cascade().depixelnet, scales=SCALES)
