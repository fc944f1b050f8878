"""What all tests of training share."""

import pytest


@pytest.fixture(autouse=True, scope="module")
def quick_scenes(scenes_once):
    """Scenes in place of images are drawn once."""
