"""Settings of OpenMP, on whose threads torch runs networks on the CPU."""

import os

VARIABLE = "OMP_WAIT_POLICY"
THREADS = "OMP_NUM_THREADS"
MOST_DIGITS = 6  # of a number of threads


def wait_asleep() -> None:
    """Have threads sleep while they wait for each other; call it before torch is imported.

    Otherwise they spin. On small networks that takes ten times the processor's time that the work
    itself needs, and beside any other process it makes them ten times as slow. A policy that the
    environment names already is left alone.
    """
    os.environ.setdefault(VARIABLE, "passive")


def processors() -> int:
    """How many threads may work at the same time: what ``OMP_NUM_THREADS`` says, else one for each
    processor.

    Torch and BLAS read the variable by themselves; ONNX Runtime is told. What is no number, or more
    than any machine has, does not count, as OpenMP itself has it.
    """
    said = os.environ.get(THREADS, "").partition(",")[0].strip()  # of nested levels, the first
    number = int(said) if said.isascii() and said.isdecimal() and len(said) <= MOST_DIGITS else 0
    return number or os.cpu_count() or 1
