"""tools/keys.py: the page of the keys of training."""

from tests.make import tool_module


def test_the_page_is_that_of_the_code():
    with tool_module("keys") as keys:
        assert keys.PAGE.read_text(encoding="utf-8") == keys.page(), "python tools/keys.py"


def test_a_key_has_its_default_and_meaning():
    with tool_module("keys") as keys:
        cyclegan = keys.page().partition("## cyclegan\n")[2].partition("## turbo\n")[0]
    for start in (
        "| `optim.betas` | `[0.5, 0.999]` | ",
        "| `data.cartoons` |  | folder of cartoons",
        "| `model.generator.kind` | `resnet` | resnet (Johnson et al. 2016) \\| unet",
        "| `loss.adaptive` | `false` | ",
    ):
        assert start in cyclegan
