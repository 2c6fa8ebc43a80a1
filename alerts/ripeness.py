"""How far a channel may be judged by its own rhythm, in words and as a number."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.baseline import DAYS, LEAST_DAYS
from alerts.config import SilenceRule
from alerts.fleet import LEAST
from domain.watch import Seen

DAY = timedelta(days=1)
#: What a rhythm is learned from.
WINDOW = DAYS * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Ripe:
    """What is known of a channel, of what is wanted."""

    days: float  #: watched in the last eight weeks
    posts: int  #: in them
    of_days: float
    of_posts: int
    others: int = 0  #: ripe channels beside it

    @property
    def part(self) -> float:
        """0: nothing is known, 1: it is judged by its own rhythm alone."""
        return min(1.0, self.days / max(self.of_days, 1e-9), self.posts / self.of_posts)

    @property
    def judged_by(self) -> str:
        """`own`, `fleet` (what the others have in common, as far as its own is not known) or `nothing`."""
        if self.part >= 1:
            return "own"
        if self.days < LEAST_DAYS or not self.posts:
            return "nothing"
        return "fleet" if self.others >= LEAST else "own, asked for more"

    @property
    def words(self) -> str:
        """`ripe`, or how far it has come."""
        if self.part >= 1:
            return "ripe"
        days, of_days = f"{self.days:.0f}", f"{self.of_days:.0f}"
        short = self.days / max(self.of_days, 1e-9) <= self.posts / self.of_posts
        of = f"{days} of {of_days} days" if short else f"{self.posts} of {self.of_posts} posts"
        return f"{self.part:.0%}: {of}"


def ripe(seen: Seen, posts: int, now: datetime, rule: SilenceRule) -> Ripe:
    """Of a channel that could be `seen` so, and of which so many posts of the last eight weeks are held."""
    holes = seen.holes(now - WINDOW, now)
    watched = WINDOW - sum((b - a for a, b in holes), timedelta())
    return Ripe(days=watched / DAY, posts=posts, of_days=rule.ripe_after / DAY, of_posts=rule.ripe_posts)
