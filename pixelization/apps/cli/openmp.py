"""Settings of OpenMP, on whose threads torch runs networks on the CPU."""

import os

VARIABLE = "OMP_WAIT_POLICY"
THREADS = "OMP_NUM_THREADS"


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

    Torch and BLAS read the variable by themselves; ONNX Runtime is told.
    """
    said = os.environ.get(THREADS, "").partition(",")[0].strip()  # of nested levels, the first
    return int(said) if said.isascii() and said.isdecimal() and int(said) else os.cpu_count() or 1
