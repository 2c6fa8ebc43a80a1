"""Several alerts for one chat in one message: a digest."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from aiogram import Bot

from alerts.hushing import is_end
from bot.alert_keys import digest_keys
from bot.errors import Outcome, Refused, Sent
from bot.letter import Letters
from bot.payload import read_payload
from bot.say import say_in
from bot.sender import change, send_words
from bot.situation import Situation
from bot.standing import read_standing, say_standing
from bot.summing import Entry, newest, say_digest
from bot.telling import Reader
from bot.texts import digesting
from domain.episode import State
from domain.hush import Every
from domain.subscription import Hold
from storage.store import Store


async def send_together(
    bot: Bot, store: Store, letters: Letters, found: Sequence[Situation], now: datetime
) -> Outcome:
    """Tell them in one message. Messages that tell of an episode already show its end first, silently."""
    to = found[0].to
    for each in found:
        if each.message_id is not None and is_end(each.alert):
            letter = await letters.write(each.alert, each.document, to, answer=each.answer, rings=False)
            done = await change(bot, to.chat_id, letter, each.message_id)
            if not isinstance(done, Sent | Refused):
                return done
    reader = Reader(zone=ZoneInfo(to.zone), say=say_in(to.language))
    entries = newest([Entry(alert=s.alert, payload=read_payload(s.document)) for s in found])
    holds = {s.delivery.hold for s in found}
    digest = found[0].wishes.digest
    standing = None
    if Hold.DIGEST in holds and digest is not None:
        headline = digesting.DAILY if digest.every is Every.DAY else digesting.WEEKLY
        standing = say_standing(await read_standing(store, now), reader.zone, reader.say)
    elif Hold.QUIET in holds:
        headline = digesting.AFTER_QUIET
    else:
        headline = digesting.HELD if any(holds) else digesting.LATE
    words = say_digest(headline, entries, reader, standing=standing, simulated=letters.simulated)
    going_on = [e.alert.episode.id for e in entries if e.alert.episode.state is State.OPEN]
    return await send_words(bot, to.chat_id, words, digest_keys(going_on, reader.say), to.thread_id)
