"""Channels of which the engine awaits word: asked for their newest post as soon as that can be said."""

from datetime import timedelta
from typing import NoReturn

from collector.archive import Archive
from collector.watched import Roster
from domain.clock import Clock
from storage.store import Store

#: Without a notice it is soon enough: every channel is asked each round in any case.
_POLL = timedelta(minutes=1)


async def heed(store: Store, archive: Archive, roster: Roster, clock: Clock) -> NoReturn:
    """Pass on what is awaited to those who ask, for ever."""
    with store.listen("awaited") as notice:
        while True:
            for channel_id, until in (await archive.read(lambda tx: tx.awaited.all())).items():
                if (watched := roster.get(channel_id)) is not None and watched.awaited_until != until:
                    watched.awaited_until = until
                    roster.urgent.set()
            await notice.polled(clock, _POLL)
