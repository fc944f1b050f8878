"""Anti-aliasing is undone: steps for ramps, thin lines and shading kept."""

import torch

from pixelization.networks.rules.antialiasing import contrast_toggle


def test_a_ramp_becomes_a_step_and_a_thin_line_stays():
    row = torch.tensor([-1.0, -1.0, -0.4, 0.4, 1.0, 1.0, 1.0, -0.5, 1.0, 1.0])
    image = row.expand(1, 3, 5, -1)
    toggled = contrast_toggle(image)[0, 0, 2].tolist()
    assert toggled[:6] == [-1.0, -1.0, -1.0, 1.0, 1.0, 1.0]
    assert toggled[7] == -0.5


def test_shading_stays():
    shading = torch.linspace(0, 0.3, 12).expand(1, 3, 5, -1)  # 0.055 per 3 x 3: below the threshold
    assert torch.equal(contrast_toggle(shading), shading)


def test_with_less_reach_pixels_halfway_between_two_colours_stay():
    row = torch.tensor([-1.0, -1.0, 0.1, 1.0, 1.0])
    image = row.expand(1, 3, 5, -1)
    assert contrast_toggle(image)[0, 0, 2].tolist() == [-1.0, -1.0, 1.0, 1.0, 1.0]
    assert torch.equal(contrast_toggle(image, reach=0.38), image)
