"""The short message that rings when an episode changes: what one reads at a glance."""

from bot.markup import Html, bold, italic, joined
from bot.payload import Payload
from bot.saying import say_at, say_span
from bot.telling import Reader, Telling
from bot.texts import alerting, common
from domain.episode import Alert, Move

_LONGEST_NAME = 60


def ring(alert: Alert, payload: Payload, reader: Reader, *, simulated: bool = False) -> Html:
    """A few lines; the message that it answers says the rest. Always with the episode's number."""
    say = reader.say
    telling = Telling(alert, payload, reader)
    if alert.move is Move.REMINDED:
        lasts = bold(say_span(alert.at - alert.episode.begun_at, say))
        since = say_at(alert.episode.begun_at, reader.zone, say, alert.at)
        telling.longest_name = _LONGEST_NAME
        lines = [bold(telling.headline()), say(alerting.STILL_GOES_ON, lasts=lasts, since=since)]
    else:
        lines = telling.parts(n_members=0, n_evidence=0, n_posts=1, excerpt=80, longest_name=_LONGEST_NAME)
    prefix = bold(say(common.SIMULATION)) if simulated else Html("")
    return joined([prefix, *lines, italic(say(common.EPISODE, id=alert.episode.id))])
