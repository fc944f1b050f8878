"""Whatever a file holds: a result, or one ``UserError``, soon.

Pictures and animations are in ``tests/images/test_any_file.py``; ``tools/fuzz.py`` goes on for as
long as one likes.
"""

import time

import pytest
from hypothesis import given, settings, strategies as st

from tests.targets import KINDS, TARGETS, attempt, damaged

pytestmark = pytest.mark.usefixtures("scenes_once")  # which runs train on
SECONDS = 5.0  # of CPU that no small file may take
NUMBERS = st.integers(0, 1 << 20)
CHANGES = st.lists(st.tuples(st.sampled_from(KINDS), NUMBERS, NUMBERS), min_size=1, max_size=5)
EXAMPLES = {
    **{"palette": 120, "atlas": 120, "style": 50, "configuration": 30},
    **{"weights": 30, "checkpoint": 30, "run": 8, "video": 30, "upload": 30},
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_its_own_files_are_read(name):
    target = TARGETS[name]
    files = target.files()
    if name == "run":  # the others of a run folder take as long
        files = {file: data for file, data in files.items() if file.startswith("artists")}
    refused = {file for file, data in files.items() if not attempt(target, file, data)}
    assert refused == {"configuration": {"1.override", "3.override"}}.get(name, set())


@pytest.mark.parametrize("name", EXAMPLES)
def test_damaged_files(name):
    target = TARGETS[name]
    files = sorted(target.files().items())
    if not files:
        pytest.skip("a package is missing")

    @settings(max_examples=EXAMPLES[name], deadline=None)
    @given(st.sampled_from(files), st.sampled_from(files), CHANGES, st.integers(0, 99))
    def test(file, other, changes, inside):
        started = time.process_time()
        attempt(target, file[0], damaged(*file, other[1], changes, inside))
        assert time.process_time() - started < SECONDS

    test()


@pytest.mark.parametrize("name", ["image", "animation", "weights", "checkpoint"])
def test_files_that_are_packed_again_are_read(name):
    for file, data in TARGETS[name].files().items():
        again = damaged(file, data, b"", [], inside=1)
        assert attempt(TARGETS[name], file, again)
