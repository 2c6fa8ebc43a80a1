"""Silences that come back at the same hours of the day: a channel that stops posting by night is not silent.

What was told once is no habit. When as long a silence falls on the same hours again within a week and ends by
itself, the channel has other nights now, and whoever watches it is not to be told of each of them.
"""

WITHIN = 168.0  #: hours
#: Hours: a longer one covers most of every day, and comes back to the same hours whenever it comes.
LONGEST = 12.0
ALIKE = 0.5  #: of the longer of two silences, the part that both must cover by the clock
LATE = 0.25  #: of its length, by how much a night may begin or end at another hour


class Nights:
    """The silences of one series that were told in the last days, and those that were not for being habit.

    All instants are hours since 1970.
    """

    __slots__ = ("_habit", "_known")

    def __init__(self) -> None:
        self._known: list[tuple[float, float]] = []
        self._habit: list[tuple[float, float]] = []  #: of these, those that came back

    def back(self, start: float, end: float) -> list[float]:
        """A silence is over that was told, or would have been; returns the ends of those it is like."""
        self._known = [each for each in self._known if end - each[1] <= WITHIN]
        alike = [each for each in self._known if end - start <= LONGEST and _are_alike(each, (start, end))]
        self._known.append((start, end))
        if alike:
            self._habit = [each for each in self._known if each in {*self._habit, *alike, (start, end)}]
        return [end for _, end in alike]

    def over(self, start: float) -> float:
        """Until when a pause that begins at `start` is a night as others lately; else `start`."""
        over = start
        for a, b in self._habit:
            days = 24 * round((start - a) / 24)
            late = LATE * (b - a)
            if 0 < start - a <= WITHIN + late and abs(start - a - days) <= late:
                over = max(over, b + days + late)
        return over

    def __len__(self) -> int:
        return len(self._known)


def _are_alike(one: tuple[float, float], later: tuple[float, float]) -> bool:
    days = 24 * round((later[1] - one[1]) / 24)
    shared = min(one[1] + days, later[1]) - max(one[0] + days, later[0])
    return days > 0 and shared >= ALIKE * max(one[1] - one[0], later[1] - later[0])
