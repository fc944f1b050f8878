"""A setting of OpenMP, on whose threads torch runs networks on the CPU."""

import os

VARIABLE = "OMP_WAIT_POLICY"


def wait_asleep() -> None:
    """Have threads sleep while they wait for each other; call it before torch is imported.

    Otherwise they spin. On small networks that takes ten times the processor's time that the work
    itself needs, and beside any other process it makes them ten times as slow. A policy that the
    environment names already is left alone.
    """
    os.environ.setdefault(VARIABLE, "passive")
