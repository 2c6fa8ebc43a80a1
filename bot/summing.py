"""A digest in words: one line for each episode, and how things stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.markup import Html, bold, joined, paragraphs
from bot.payload import Payload
from bot.saying import say_at, say_at_briefly, say_span
from bot.telling import Reader, Telling
from bot.texts import common, digesting
from domain.episode import Alert, State
from domain.finding import Kind

_LONGEST_NAME = 60
_MOST = 150  #: episodes: they fill some four messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The newest alert of an episode."""

    alert: Alert
    payload: Payload


def say_digest(
    headline: str,
    entries: Sequence[Entry],
    reader: Reader,
    *,
    standing: Html | None = None,
    since: datetime | None = None,
    simulated: bool = False,
) -> Html:
    """All of it; too long for one message, it is sent as several. `since`: for a headline that names it."""
    say = reader.say
    above = say(headline) if since is None else say(headline, since=say_at(since, reader.zone, say))
    shown = _shown(entries)
    lines = [say.bullet(_line(entry, reader)) for entry in shown] or [say(digesting.NOTHING)]
    if len(shown) < len(entries):
        lines.append(say(common.AND_MORE, n=len(entries) - len(shown)))
    head = [bold(say(common.SIMULATION))] if simulated else []
    return paragraphs([[*head, bold(above), *lines], *([[standing]] if standing else [])])


def _shown(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Of very many those that go on, and the newest; in their order."""
    if len(entries) <= _MOST:
        return entries
    goes_on = [n for n, e in enumerate(entries) if e.alert.episode.state is not State.CLOSED]
    over = [n for n, e in enumerate(entries) if e.alert.episode.state is State.CLOSED]
    return [entries[n] for n in sorted([*over, *goes_on][-_MOST:])]


def newest(entries: Sequence[Entry]) -> list[Entry]:
    """Of several alerts of one episode the last: it says how that stands. In the order of their beginning."""
    last = {entry.alert.episode.id: entry for entry in entries}
    return sorted(last.values(), key=lambda e: (e.alert.episode.since_at, e.alert.episode.id))


def _line(entry: Entry, reader: Reader) -> Html:
    episode, say = entry.alert.episode, reader.say
    telling = Telling(entry.alert, entry.payload, reader)
    telling.longest_name = _LONGEST_NAME
    what = joined([Html(telling.icon), bold(telling.headline())], " ")
    number = say(common.EPISODE, id=episode.id)
    since = say_at(episode.since_at, reader.zone, say, entry.alert.at)
    if episode.state is not State.CLOSED and episode.kind is not Kind.TEST:
        return say(digesting.GOES_ON, what=what, since=since, id=number)
    if episode.closed_at is None or episode.closed_at <= episode.since_at:
        return say(digesting.WAS, what=what, since=since, id=number)
    span = say_span(episode.closed_at - episode.since_at, say)
    until = say_at_briefly(episode.closed_at, reader.zone, episode.since_at, say)
    return say(digesting.ENDED, what=what, span=span, since=since, until=until, id=number)
