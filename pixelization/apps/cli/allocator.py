"""A setting of the C library that makes networks on the CPU a third faster."""

import ctypes

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -2, -3, -8  # <malloc.h>
GIB = 1 << 30


def reuse_freed_memory() -> None:
    """Keep freed memory in the process instead of handing it back to the system after every layer.

    glibc maps large blocks anew each time, and the kernel zeroes their pages: half of the time of a
    training step. For our own processes only, before torch starts its threads; elsewhere than on
    glibc this does nothing.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(M_ARENA_MAX, 1)
    mallopt(M_MMAP_THRESHOLD, GIB)
    mallopt(M_TRIM_THRESHOLD, GIB)
    mallopt(M_TOP_PAD, GIB // 4)
