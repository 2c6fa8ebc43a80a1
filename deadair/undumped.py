"""Keeps the memory of this process, in which every secret stands, out of core dumps."""

import contextlib
import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def refuse_core_dumps() -> None:
    """A crash leaves no core behind, and no other process of the same user may look into this one.

    The limit alone would not do: where the kernel hands cores to a program, it is not applied.
    """
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
