"""Networks: sizes for every input, cells that never blend, features that mirror, and who gets
gradients.
"""

from fractions import Fraction

import pytest
import torch

from pixelization.cells.sizes import SCALES, grid_size
from pixelization.networks.build import build_cascade, build_discriminator
from pixelization.networks.cells import neighbour_cells, sample_cells, upsample_nearest
from pixelization.networks.gridnet import GridNet
from pixelization.networks.heads import MixHead, SelectHead
from pixelization.networks.rules.antialiasing import contrast_toggle
from pixelization.networks.rules.company import with_company
from pixelization.networks.schema import (
    DiscriminatorConfig,
    GeneratorConfig,
    ModelConfig,
    TranslatorConfig,
)
from pixelization.training.losses.targets import stroke_target
from pixelization.training.systems.passes import backward_pass, forward_pass

QUARTER = Fraction(1, 4)


def tiny(gridnet="sample", pixelnet="select", depixelnet="residual", **options):
    generator = {
        "base_channels": 4,
        "num_blocks": 1,
        "norm": options.pop("norm", "instance_affine"),
    }
    translator = generator | {"upsampling": options.pop("upsampling", "nearest")}
    torch.manual_seed(0)
    return build_cascade(
        ModelConfig(
            gridnet=GeneratorConfig(head=gridnet, **generator),
            pixelnet=TranslatorConfig(head=pixelnet, **translator),
            depixelnet=TranslatorConfig(head=depixelnet, **translator),
            **options,
        )
    )


def noise(*size, seed=0):
    return torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.mark.parametrize("size", [(32, 32), (33, 57), (32, 150), (101, 67), (64, 63), (127, 35)])
@pytest.mark.parametrize(
    "heads", [("sample", "select", "mix"), ("residual", "residual", "residual"), ("direct",) * 3]
)
@pytest.mark.parametrize("upsampling", ["nearest", "deconv"])
def test_sizes_for_every_input(size, heads, upsampling):
    cascade = tiny(*heads, upsampling=upsampling)
    image = noise(*size)
    grids = cascade.gridnet(image).grids
    for scale in SCALES:
        assert grids[scale].shape[-2:] == tuple(max(1, round(side * scale)) for side in size)
        assert cascade.refine(grids[scale], size).image.shape == image.shape
    assert cascade.depixelnet(image).image.shape == image.shape


@pytest.mark.parametrize("norm", ["instance", "instance_affine", "none"])
def test_norms_have_no_memory_of_training(norm):
    cascade = tiny("sample", "residual", "mix", norm=norm)
    image = noise(48, 40)
    expected = cascade.train().pixelize(image, QUARTER).refined
    assert torch.equal(cascade.eval().pixelize(image, QUARTER).refined, expected)


def test_a_cell_changes_only_to_a_colour_that_more_of_its_neighbours_have():
    grid = torch.full((1, 3, 5, 5), -1.0)
    grid[..., 1, 1] = 1  # a stray
    grid[..., 3:, 3:] = 0  # a corner of four
    around = neighbour_cells(grid)
    # no cell has two white neighbours
    assert torch.equal(with_company(grid, around, torch.ones_like(grid)), grid)
    cleaned = with_company(grid, around, torch.full_like(grid, -1.0))
    assert cleaned[0, 0, 1, 1] == -1  # none of eight was white, seven are black
    # the image goes on as it ends: the corner cell has company
    assert (cleaned[..., 3:, 3:] == 0)[..., 1:, 1:].all()
    almost = grid + 0.1  # of one colour, as far as the count goes
    assert torch.equal(with_company(grid, around, almost), grid)


def test_pixelnet_selects_with_company_in_evaluation_only():
    cascade, image = tiny(), noise(48, 40)
    torch.manual_seed(3)
    with torch.no_grad():
        grid = cascade.gridnet(image).grids[QUARTER]
        chosen, kept = (cascade.train(mode).refine(grid, (48, 40)).image for mode in (True, False))
        chosen, kept = (
            sample_cells(painted, grid.shape[-2:], 1).squeeze(1) for painted in (chosen, kept)
        )
        assert torch.equal(kept, with_company(grid, neighbour_cells(grid), chosen))
        assert not torch.equal(kept, chosen)


def test_one_scale_alone_equals_the_same_scale_among_three():
    cascade, image = tiny(), noise(48, 64)
    grids = cascade.gridnet(image).grids
    for scale in SCALES:
        assert torch.equal(cascade.gridnet(image, (scale,)).grids[scale], grids[scale])


def test_small_or_misshapen_images_are_refused_with_their_size():
    cascade = tiny()
    with pytest.raises(ValueError, match="31x40"):
        cascade.gridnet(noise(40, 31))
    with pytest.raises(ValueError, match=r"\(B, 3, H, W\)"):
        cascade.depixelnet(torch.zeros(1, 4, 40, 40))


@pytest.mark.parametrize("sharpen", [True, False])
@pytest.mark.parametrize("scale", SCALES)
def test_sampled_colors_exist_in_the_input(scale, sharpen):
    image = noise(45, 52)
    output = tiny(sharpen=sharpen).pixelize(image, scale)
    source = {tuple(pixel) for pixel in image[0].flatten(1).T.tolist()}
    for result in (output.grid, output.refined):
        assert {tuple(pixel) for pixel in result[0].flatten(1).T.tolist()} <= source


@pytest.mark.parametrize("scale", SCALES)
def test_selecting_pixelnet_keeps_every_cell_flat(scale):
    refined = tiny().pixelize(noise(64, 80), scale).refined
    cells = upsample_nearest(
        torch.nn.functional.interpolate(
            refined, size=grid_size((64, 80), scale), mode="nearest-exact"
        ),
        (64, 80),
    )
    assert torch.equal(cells, refined)


def test_samples_of_a_cell_by_hand():
    image = torch.arange(16.0).view(1, 1, 4, 4)
    samples = sample_cells(image, (2, 2), 2)  # cells of 2 x 2 pixels, all of them looked at
    assert samples[0, :, 0, 0, 0].tolist() == [0, 1, 4, 5]
    assert samples[0, :, 0, 1, 1].tolist() == [10, 11, 14, 15]


def test_neighbours_of_a_cell_by_hand():
    grid = torch.arange(9.0).view(1, 1, 3, 3)
    neighbours = neighbour_cells(grid)
    assert neighbours[0, :, 0, 1, 1].tolist() == list(range(9))
    assert neighbours[0, :, 0, 0, 0].tolist() == [0, 0, 1, 0, 0, 1, 3, 3, 4]  # edges repeated


def test_contrast_toggle_turns_a_ramp_into_a_step_and_keeps_a_thin_line():
    row = torch.tensor([-1.0, -1.0, -0.4, 0.4, 1.0, 1.0, 1.0, -0.5, 1.0, 1.0])
    image = row.expand(1, 3, 5, -1)
    toggled = contrast_toggle(image)[0, 0, 2].tolist()
    assert toggled[:6] == [-1.0, -1.0, -1.0, 1.0, 1.0, 1.0]
    assert toggled[7] == -0.5
    shading = torch.linspace(0, 0.3, 12).expand(1, 3, 5, -1)  # 0.055 per 3 x 3: below the threshold
    assert torch.equal(contrast_toggle(shading), shading)


def test_select_head_is_hard_forward_and_soft_backward():
    head = SelectHead(4, 3, temperature=0.25)
    features = torch.randn(1, 4, 5, 5)
    candidates = torch.randn(1, 3, 3, 5, 5, requires_grad=True)
    chosen = head(features, candidates)
    distance = (chosen.unsqueeze(1) - candidates).abs().sum(2).min(dim=1).values
    assert distance.max() < 1e-6
    chosen.square().sum().backward()
    assert all(
        parameter.grad.abs().sum() > 0
        for name, parameter in head.named_parameters()
        if name != "color.bias"
    )
    weights = candidates.grad.abs().sum((2, 3, 4))
    assert (weights > 0).all()  # every candidate hears from the loss, not only the chosen one


def test_grid_margin_keeps_the_choice_for_strokes_in_evaluation_only():
    picture = torch.full((1, 3, 64, 64), 1.0)
    picture[..., 13:15, :] = -1  # a line of two pixels, through one row of cells at every scale
    torch.manual_seed(0)
    net = GridNet(
        base_channels=4, num_blocks=1, norm="instance_affine", head="sample", margin=100.0
    )
    with torch.no_grad():
        trained, kept = net.train()(picture).grids, net.eval()(picture).grids
        for scale, grid in kept.items():
            assert torch.equal(grid, stroke_target(picture, grid.shape[-2:]))
            # whole, one cell thick
            assert (grid == -1).any(dim=2).all() and (grid == -1).sum() == 3 * grid.shape[-1]
        for head in net.heads.values():
            head.margin = 0.0
        # the network's own choice
        assert all(torch.equal(net(picture).grids[scale], trained[scale]) for scale in trained)
    assert any(not torch.equal(trained[scale], kept[scale]) for scale in kept)


def test_margin_keeps_the_favourite_in_evaluation_only():
    head = SelectHead(4, 9, temperature=0.25, favourite=4, margin=100.0)
    features, candidates = torch.randn(1, 4, 6, 6), torch.randn(1, 9, 3, 6, 6)
    assert torch.equal(head.eval()(features, candidates), candidates[:, 4])
    assert not torch.equal(head.train()(features, candidates), candidates[:, 4])


def test_mix_head_blends_colors_around_a_pixel_and_no_others():
    head = MixHead(4)
    features, image = torch.randn(1, 4, 20, 20), torch.zeros(1, 3, 20, 20)
    assert torch.allclose(head(features, image + 0.3), torch.tensor(0.3))  # flat stays flat
    image[..., 10, 10] = 1
    reached = head(features, image)[0, 0].nonzero()
    assert sorted({y for y, _ in reached.tolist()}) == [6, 8, 10, 12, 14] and len(reached) == 25
    with torch.no_grad():
        head.prior[12] = 100  # all weight on the pixel itself
    assert torch.allclose(head(features, image), image)


def test_blocks_mirror_each_other_in_shape():
    cascade, image = tiny(), noise(45, 70)
    forward = forward_pass(cascade, image, QUARTER)
    assert [x.shape for x in forward.reference] == [x.shape for x in forward.mirrored]
    backward = backward_pass(cascade, image, SCALES)
    for mirrored in backward.mirrored.values():
        assert [x.shape for x in backward.reference] == [x.shape for x in mirrored]


@pytest.mark.parametrize("variant", ["gridnet_alone", "pixelnet_alone"])
def test_variants_of_figure_9_run_both_ways(variant):
    cascade = tiny(pixelnet="residual", cascade=variant)
    image = noise(64, 48)
    forward, backward = forward_pass(cascade, image, QUARTER), backward_pass(cascade, image, SCALES)
    assert forward.rec_cartoon.shape == backward.cartoon.shape == image.shape
    assert cascade.pixelize(image, QUARTER).grid.shape[-2:] == (16, 12)
    assert (cascade.gridnet is None) == (variant == "pixelnet_alone")
    assert (cascade.pixelnet is None) == (variant == "gridnet_alone")


def test_paper_discriminator_judges_70_pixel_patches():
    network = build_discriminator(DiscriminatorConfig(base_channels=4, norm="none"))
    image = torch.zeros(1, 3, 256, 256, requires_grad=True)
    network(image)[0, 0, 15, 15].backward()
    touched = image.grad.abs().sum((0, 1)).nonzero()
    assert (touched.max(0).values - touched.min(0).values + 1).tolist() == [70, 70]


def test_discriminator_norms():
    for norm in ("instance", "spectral", "none"):
        network = build_discriminator(
            DiscriminatorConfig(base_channels=4, kernel_size=3, strides=(1, 2, 1), norm=norm)
        )
        assert network(noise(24, 24)).shape == (1, 1, 12, 12)


@pytest.mark.parametrize(
    "build",
    [
        lambda: tiny(gridnet="blend"),
        lambda: tiny(pixelnet="sample"),
        lambda: tiny(norm="batch"),
        lambda: tiny(upsampling="bilinear"),
        lambda: build_discriminator(DiscriminatorConfig(norm="batch")),
    ],
)
def test_unknown_choices_are_refused(build):
    with pytest.raises(ValueError, match="unknown"):
        build()
