"""An alert in words: what happened, since when, how sure, whose fault, and where to look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.markup import LONGEST_CAPTION, Html, bold, italic, joined, length, link
from bot.payload import Payload
from bot.saying import say_at, say_span
from bot.telling import LONGEST_EVIDENCE, LONGEST_NAME, Reader, Telling
from bot.texts import alerting, common
from domain.episode import Alert, Move

_LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """An alert's words: all of them, and as many as fit below a picture."""

    text: Html
    caption: Html

    @property
    def fits_caption(self) -> bool:
        return length(self.text) <= LONGEST_CAPTION


def render(
    alert: Alert,
    payload: Payload,
    reader: Reader,
    *,
    simulated: bool = False,
    late: timedelta = timedelta(),
    pages: str = "",
) -> Rendered:
    """The words of an alert. `late`: how long after its time it is told, in real time. `pages`: where the
    archive's pages are; empty: nowhere.
    """
    account = Telling(alert, payload, reader)
    prefix = bold(reader.say(common.SIMULATION)) if simulated else Html("")
    foot = [reader.say(common.EPISODE, id=alert.episode.id)]
    if alert.move is Move.GREW:
        foot.append(reader.say(alerting.GREW, at=say_at(alert.at, reader.zone, reader.say)))
    if late > _LATE:
        foot.append(reader.say(alerting.TOLD_LATE, span=say_span(late, reader.say)))
    if pages:
        foot.append(link(reader.say(common.ARCHIVE_PAGE), f"{pages}/episodes/{alert.episode.id}"))
    end = italic(joined(foot, " · "))
    full = _assembled(prefix, account.parts(n_members=200, n_evidence=8, n_posts=3, excerpt=160), end)
    caption = full
    # From the least to the most that can be done without below a picture; the last step always fits.
    for members, evidence, posts, excerpt, name, words in (
        (12, 3, 2, 80, LONGEST_NAME, LONGEST_EVIDENCE),
        (8, 2, 1, 60, 60, LONGEST_EVIDENCE),
        (5, 1, 1, 0, 40, 80),
        (3, 1, 0, 0, 24, 40),
        (0, 0, 0, 0, 24, 24),
    ):
        if length(caption) <= LONGEST_CAPTION:
            break
        parts = account.parts(
            n_members=members,
            n_evidence=evidence,
            n_posts=posts,
            excerpt=excerpt,
            longest_name=name,
            longest_evidence=words,
        )
        caption = _assembled(prefix, parts, end)
    return Rendered(text=full, caption=caption)


def _assembled(prefix: Html, parts: Sequence[Html], end: Html) -> Html:
    return joined([prefix, *parts, end])
