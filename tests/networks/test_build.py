"""Networks from configurations: names of tensors that last, and choices that there are."""

import pytest

from pixelization.networks.build import build_discriminator
from pixelization.networks.schema import DiscriminatorConfig
from pixelization.networks.weights import load_weights, pretrained_path
from tests.networks.make import tiny_cascade


def test_names_of_tensors_are_those_of_released_weights():
    released = load_weights(pretrained_path("cascade"))[0].state_dict().keys()
    built = tiny_cascade(depixelnet="mix").state_dict().keys()
    # they have more residual blocks
    assert {name for name in released if ".residual." not in name} == {
        name for name in built if ".residual." not in name
    }


@pytest.mark.parametrize(
    "path", sorted(pretrained_path().parent.glob("*.safetensors")), ids=lambda path: path.stem
)
def test_every_released_model_loads(path):
    networks, metadata = load_weights(path)
    assert all(value.isfinite().all() for value in networks.state_dict().values())
    assert metadata["name"] and metadata["licences"] and int(metadata["step"]) > 0


@pytest.mark.parametrize(
    "build",
    [
        lambda: tiny_cascade(gridnet="blend"),
        lambda: tiny_cascade(pixelnet="sample"),
        lambda: tiny_cascade(depixelnet="select"),
        lambda: tiny_cascade(norm="batch"),
        lambda: tiny_cascade(upsampling="bilinear"),
        lambda: build_discriminator(DiscriminatorConfig(norm="batch")),
    ],
)
def test_unknown_choices_are_refused(build):
    with pytest.raises(ValueError, match="unknown"):
        build()
