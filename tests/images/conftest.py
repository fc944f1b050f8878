"""A picture that every format keeps."""

import pytest
from PIL import Image


@pytest.fixture
def picture():
    """Red on the left, green on the right."""
    image = Image.new("RGB", (6, 4), (255, 0, 0))
    image.paste((0, 255, 0), (3, 0, 6, 4))
    return image
