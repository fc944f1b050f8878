"""Both directions through the cascade."""

import pytest

from pixelization.cells.sizes import SCALES
from pixelization.training.systems.passes import backward_pass, forward_pass
from tests.networks.make import noise, tiny_cascade


def test_blocks_mirror_each_other_in_shape():
    cascade, image = tiny_cascade(), noise(45, 70)
    forward = forward_pass(cascade, image)
    mirrored = cascade.depixelnet(forward.refined[SCALES[0]]).decoder
    assert [x.shape for x in forward.reference] == [x.shape for x in mirrored]
    backward = backward_pass(cascade, image, SCALES)
    for mirrored in backward.mirrored.values():
        assert [x.shape for x in backward.reference] == [x.shape for x in mirrored]


@pytest.mark.parametrize("variant", ["gridnet_alone", "pixelnet_alone"])
def test_variants_of_figure_9_run_both_ways(variant):
    cascade = tiny_cascade(pixelnet="residual", cascade=variant)
    image = noise(64, 48)
    forward, backward = forward_pass(cascade, image), backward_pass(cascade, image, SCALES)
    assert forward.refined[SCALES[0]].shape == backward.cartoon.shape == image.shape
    assert bool(forward.grids) == bool(backward.grids) == (variant == "gridnet_alone")
