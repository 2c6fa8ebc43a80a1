"""Where a window begins, and what was forecast there: frozen, so that what follows cannot lower it."""

from collections import deque

from alerts.dispersion import Dispersion
from alerts.forecast import Mark
from alerts.uneven import SHORT, Uneven

#: Fewer posts expected than this tell nothing of how they scatter by the hour.
TELLS = 1.0


class Onset:
    """A beginning: posts so far, and the forecast as it stood."""

    __slots__ = ("at", "blind", "count", "done", "fading", "level", "news", "shape", "unseen")

    def __init__(
        self, at: float, count: int, level: float, news: float, here: Mark, unseen: float, blind: float
    ) -> None:
        self.at = at
        self.count = count  #: the channel's posts before
        self.level = level  #: posts an hour of average posting
        self.news = news  #: how much more the first hours count, scaled to the forecast's start
        self.shape, self.fading = here.shape, here.fading
        self.unseen = unseen  #: average hours of posting before that do not count, and
        self.blind = blind  #: of these, what we could not see
        self.done = 0.0  #: posts expected until the forecast was made anew

    def expected(self, here: Mark, unseen: float) -> float:
        """Posts to be expected from here until where `here` stands in the forecast."""
        shape = here.shape - self.shape - (unseen - self.unseen)
        expected = self.done + self.level * (shape + self.news * (here.fading - self.fading))
        return expected if expected > 1e-9 else 1e-9

    def rebase(self, before: Mark, here: Mark, unseen: float, faded: float) -> None:
        """A new forecast takes over, in which it is `here` where it was `before` in the old one.

        `faded` is what is left of a news day from the start of the one to that of the other.
        """
        self.done = self.expected(before, unseen)
        self.shape, self.fading = here.shape, here.fading
        self.unseen = unseen
        self.news *= faded

    def pardon(self, here: Mark, unseen: float, count: int, *, level: float | None = None) -> None:
        """What came from here until now is taken for what was expected, at another level if one is given."""
        if level is not None:
            self.done *= level / self.level
            self.level, self.news = level, 0.0
        self.count = count - round(self.expected(here, unseen))


class Window:
    """A stretch of the last so many hours, whose beginning moves on in steps."""

    __slots__ = ("_above", "_below", "_sides", "dispersion", "hours", "onsets", "step")

    def __init__(self, hours: float, step: float, *, of_drops: bool, of_surges: bool) -> None:
        self.hours, self.step = hours, step
        self.onsets: deque[Onset] = deque()
        self.dispersion = Dispersion()
        self._below = Uneven(hours, is_below=True) if of_drops else None
        self._above = Uneven(hours, is_below=False) if of_surges and hours <= SHORT else None
        self._sides = tuple(side for side in (self._below, self._above) if side)

    def begun(self, at: float) -> Onset | None:
        """The beginning of the stretch that ends at `at`; None while there is none of that age."""
        if not self.onsets:
            return None
        onset = self.onsets[0]
        return onset if self.hours <= at - onset.at < 2 * self.hours else None

    @property
    def below(self) -> tuple[float, float]:
        """phi and v by which fewer posts than expected are judged at this time of the day."""
        d, factor = self.dispersion, self._below.factor if self._below else 1.0
        return d.phi * factor, d.v * factor

    @property
    def above(self) -> tuple[float, float]:
        """phi and v by which more posts than expected are judged at this time of the day."""
        d, factor = self.dispersion, self._above.factor if self._above else 1.0
        return d.phi * factor, d.v * factor

    def move(self, at: float, onset: Onset, local: float) -> None:
        """The clock has come to `at`, one step on; it is the hour `local` of the channel's day."""
        for side in self._sides:
            side.turn(local)
        onsets = self.onsets
        onsets.append(onset)
        while len(onsets) > 1 and onsets[1].at <= at - self.hours:
            onsets.popleft()

    def learn(self, observed: int, expected: float, local: float) -> None:
        """So many posts came in it where so many were expected. Stretches that overlap count in part."""
        d, weight = self.dispersion, self.step / self.hours
        if expected >= TELLS:
            variance = (d.phi + d.v * expected) * expected
            for side in self._sides:
                side.learn(local, observed, expected, variance, weight)
        d.add(observed, expected, 4 * weight)

    def fit(self, common: tuple[float, float]) -> None:
        """Take up what was learned, shrunk to what channels have in common of how posts scatter."""
        self.dispersion.fit(common)
        for side in self._sides:
            side.fit()
