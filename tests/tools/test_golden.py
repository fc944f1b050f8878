"""Sprites stay bit for bit what they were: the part of tools/golden.py that no processor changes.

Networks compute in floats, so their cases may differ on another machine. They are checked by hand,
as CONTRIBUTING.md says.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def golden(*args):
    command = [sys.executable, ROOT / "tools" / "golden.py", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


@pytest.mark.parametrize("cases", ["snap sprites", "--method xbr", "--method nearest"])
def test_sprites_of_the_examples_are_those_that_were_recorded(cases):
    stored = ROOT / "tests" / "data" / "golden.json"
    result = golden("check", stored, "--quick", "--only", cases)
    assert result.returncode == 0, result.stdout + result.stderr
    assert not result.stdout.startswith("0 of 0")


def test_results_that_differ_are_named(tmp_path):
    stored, case = tmp_path / "golden.json", "--method nearest"
    assert golden("record", stored, "--quick", "--only", case).returncode == 0
    text = stored.read_text().replace('"hash": "', '"hash": "0').replace('"frog ', '"frog 0')
    stored.write_text(text)
    result = golden("check", stored, "--quick", "--only", case)
    assert result.returncode == 1
    assert result.stdout.endswith("DIFFERS in 1:\n  frog\n1 of 1 cases differ\n")
