"""The herald: tells of acts as they are claimed, once each. Beside the engine, and independent of it.

Its place among the claims is kept in the transaction that stores its alerts: killed at any moment, it neither
repeats nor loses one. Claims come more often than anybody wants to be rung: only whoever subscribed to them
is told, from the severity on that they chose.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

import structlog

from alerts.acts import Act, act_payload, tell
from alerts.routing import route
from alerts.voices import Voices
from domain.clock import Clock
from domain.episode import Alert, Transition
from storage.errors import StoreError
from storage.outage import Outage
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

_PLACE = "alerts.herald"
_BATCH = 500  #: claims in one transaction
_POLL = timedelta(seconds=30)


class Herald:
    """Owns the loop and the clock."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        fresh: timedelta,
        names: Mapping[str, str] | None = None,
        *,
        poll: timedelta = _POLL,
    ) -> None:
        """`fresh`: how old the first post of an act may be for it to be news. `names`: see `act_payload`.
        `poll`: how often to look where no notice comes.
        """
        self._store = store
        self._clock = clock
        self._fresh = fresh
        self._names = names or {}
        self._poll = poll
        self._voices = Voices()

    async def run(self) -> None:
        """Tell until cancelled."""
        outage = Outage("alerts: claims")
        with self._store.listen("readings") as notice:
            while True:
                pause = self._poll
                try:
                    while await self.look():
                        pass
                    outage.over()
                except StoreError as error:
                    pause = outage.goes_on(error)
                await notice.polled(self._clock, pause)

    async def look(self) -> bool:
        """Tell of the claims that came since. False: there are no more. Raises StoreError."""
        now = self._clock.now()
        async with self._store.begin() as tx:
            version = await tx.readings.live_version()
            if version is None:
                return False
            place = await tx.marks.get(_PLACE)
            since = now - self._fresh
            after = int(place["id"]) if place.get("version") == version else None
            if after is None:
                # The whole archive may have been read again, with other numbers: what is in it is no news
                # then. At the very first, what has just been claimed is.
                is_first = not place
                after = await tx.claims.last_before(version, since if is_first else None)
            new = await tx.claims.newer(after, version, _BATCH)
            if not new and place.get("version") == version:
                self._voices.forget(since)
                return False
            recent = (c.incident_id for c in new if c.posted_at >= since)
            told = await self._tell(tx, dict.fromkeys(n for n in recent if n is not None), version)
            last = new[-1].id if new else after
            await tx.marks.set(_PLACE, {"version": version, "id": last}, now)
            if told:
                tx.notify("deliveries")
        for transition in told:
            log.info(
                "alerts: claim " + transition.move.value,
                episode=transition.episode.id,
                channels=len(transition.episode.members),
                severity=transition.episode.severity,
            )
        return len(new) == _BATCH

    async def _tell(self, tx: Transaction, incidents: Collection[int], version: int) -> Sequence[Transition]:
        """Of each act what there is to tell, if anything; stored, and on its way to whoever wants to hear."""
        if not incidents:
            return []
        now = self._clock.now()
        voices = await self._voices.of(tx, incidents, version)
        known = await tx.episodes.of_incidents(incidents)
        acts = [Act(incident_id=n, voices=voices[n]) for n in incidents]
        found = [(act, tell(act, known.get(act.incident_id), now, self._fresh)) for act in acts]
        to_tell = [(act, transition) for act, transition in found if transition is not None]
        if not to_tell:
            return []
        episodes = await tx.episodes.save_all([transition.episode for _, transition in to_tell])
        out = [
            Transition(move=transition.move, at=now, episode=episode)
            for (_, transition), episode in zip(to_tell, episodes, strict=True)
        ]
        await tx.episodes.record_all(out)
        channels = {c.id: c for c in await tx.channels.all()}
        groups = {n: c.group for n, c in channels.items()}
        subscriptions = await tx.subscriptions.all()
        subscribers = await tx.subscriptions.subscribers()
        told = await tx.outbox.told_of([each.id for each in episodes])
        letters = []
        for (act, transition), episode in zip(to_tell, episodes, strict=True):
            alert = Alert(id=0, at=now, move=transition.move, episode=episode)
            chats = route(alert, subscriptions, subscribers, groups=groups, told=told.get(episode.id, ()))
            letters.append((alert, act_payload(act, channels, self._names), chats))
        await tx.outbox.add_all(letters)
        return out
