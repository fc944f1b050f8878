"""The two halves of validation."""

import zlib

import pytest
from hypothesis import given, strategies as st

from pixelization.evaluation.validation import half_of, held_out
from pixelization.training.data.sources import source_of

# CRC-32 of "123456789" is 0xCBF43926, the check value of the standard: even.
# That of "a" is 0xE8B7BE43: odd.
HALVES = {"123456789": "choosing", "a": "reporting"}


@pytest.mark.parametrize("name, half", HALVES.items())
def test_the_half_is_that_of_the_checksum(name, half):
    assert half_of(name) == half


@given(st.text("abc019_", min_size=1, max_size=12))
def test_folder_and_suffix_do_not_change_the_half(stem):
    assert half_of(stem) == half_of(f"{stem}.png") == half_of(f"folder/{stem}.png")


def test_the_source_is_what_stands_before_the_first_underscore():
    assert source_of("dcss_mon_orc.png") == source_of("folder/dcss_orc") == "dcss"


def test_halves_are_disjoint_and_together_all():
    names = [f"s{k % 3}_{k}" for k in range(40)]
    choosing, reporting = (held_out(names, half) for half in ("choosing", "reporting"))
    assert sorted(choosing + reporting) == sorted(names) == sorted(held_out(names))
    assert choosing == [name for name in names if zlib.crc32(name.encode()) % 2 == 0]
    assert 10 < len(choosing) < 30


def test_sources_can_be_held_out():
    names = ["a_1", "b_1", "b_2", "c_1"]
    assert held_out(names, sources=("b", "c")) == ["b_1", "b_2", "c_1"]
    assert held_out(names, sources=("d",)) == []
