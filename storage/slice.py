"""How much of the time PostgreSQL is asked for at once, when the newest or oldest that answer are sought."""

#: Such a part of all comes first.
_FIRST = 256
#: So many more are looked for than are wanted, for it may not go on as before.
_SPARE = 12


def first_slice(time: int) -> int:
    return max(time // _FIRST, 1)


def next_slice(looked_at: int, found: int, wanted: int) -> int:
    """What is likely to hold so many more, after so many were found in what was looked at.

    What is found in vain costs as much as what is shown, and another look as much as some of that.
    """
    return max(looked_at * (wanted + _SPARE) // found, 1)
