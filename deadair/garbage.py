"""How often Python looks for objects that hold each other: by default far too often for this work."""

import gc

#: So many new objects before the youngest are looked through. A page of history is some ten thousand, all of
#: them soon gone by themselves; with Python's 700 a tenth of reading a history goes into looking at them.
_YOUNGEST = 10_000


def collect_less_often() -> None:
    """For this process, from now on. What has been loaded so far is not looked at again."""
    gc.freeze()
    gc.set_threshold(_YOUNGEST, 10, 10)
