"""Where a window begins, and what was forecast there: frozen, so that what follows cannot lower it."""

from collections import deque

from alerts.dispersion import Dispersion
from alerts.forecast import Mark


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

    __slots__ = ("dispersion", "hours", "onsets", "step")

    def __init__(self, hours: float, step: float) -> None:
        self.hours, self.step = hours, step
        self.onsets: deque[Onset] = deque()
        self.dispersion = Dispersion()

    def begun(self, at: float) -> Onset | None:
        """The beginning of the stretch that ends at `at`; None while there is none of that age."""
        if not self.onsets:
            return None
        onset = self.onsets[0]
        return onset if self.hours <= at - onset.at < 2 * self.hours else None

    def move(self, at: float, onset: Onset) -> None:
        """The clock has come to `at`, one step on."""
        onsets = self.onsets
        onsets.append(onset)
        while len(onsets) > 1 and onsets[1].at <= at - self.hours:
            onsets.popleft()

    def learn(self, observed: int, expected: float) -> None:
        """So many posts came in it where so many were expected. Stretches that overlap count in part."""
        self.dispersion.add(observed, expected, 4 * self.step / self.hours)

    def fit(self, common: tuple[float, float]) -> None:
        """Take up what was learned, shrunk to what channels have in common of how posts scatter."""
        self.dispersion.fit(common)
