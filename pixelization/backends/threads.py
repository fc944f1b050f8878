"""How many threads networks may run on, as the environment says."""

import os

VARIABLE = "OMP_NUM_THREADS"
MOST_DIGITS = 6  # of a number of threads


def allowed_threads() -> int:
    """What ``OMP_NUM_THREADS`` says; 0: nothing.

    Torch and BLAS read the variable by themselves; ONNX Runtime is told. What is no number, or more
    than any machine has, does not count, as OpenMP itself has it.
    """
    said = os.environ.get(VARIABLE, "").partition(",")[0].strip()  # of nested levels, the first
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= MOST_DIGITS else 0
