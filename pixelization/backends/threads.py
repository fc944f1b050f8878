"""How many threads networks may run on, as the environment says."""

import os

VARIABLE = "OMP_NUM_THREADS"
MOST_DIGITS = 6  # of a number of threads


def allowed_threads() -> int:
    """What ``OMP_NUM_THREADS`` says; 0: nothing.

    Torch and BLAS read the variable by themselves; ONNX Runtime is told. What is no number, or has
    more digits than six, does not count, as OpenMP itself has it. More than there are processors
    would only wait, and tens of thousands for ever.
    """
    said = os.environ.get(VARIABLE, "").partition(",")[0].strip()  # of nested levels, the first
    if not (said.isascii() and said.isdecimal() and len(said) <= MOST_DIGITS):
        return 0
    return min(int(said), os.cpu_count() or 1)
