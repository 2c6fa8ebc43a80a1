"""The demo's pace: as fast as asked, and never faster than this machine can follow."""

from datetime import timedelta

from deadair.demo.stage import Stage
from domain.channel import ChannelStatus
from sandbox.faults import LinkState
from storage.store import Store

#: So far may the clock run ahead of what is known to have been watched, while the line is up.
LEASH = timedelta(hours=1)
#: While the line is cut nothing says how far the others are: the clock goes on in steps that they can follow.
STEP = timedelta(minutes=20)
#: While an alert is on its way to the phone, the clock goes on in steps so small that it arrives in time.
CREEP = timedelta(minutes=3)


class Pace:
    """Keeps the clock on a leash: it waits for the collector, and for an alert on its way to the phone.

    A simulated hour lasts a fraction of a second. Without the leash a machine that is busy for that long
    would look blind.
    """

    def __init__(self, stage: Stage, store: Store) -> None:
        self._stage = stage
        self._store = store

    async def keep(self) -> None:
        """Move the limit up to which the clock may run."""
        clock = self._stage.clock
        now = clock.now()
        async with self._store.read() as tx:
            due = await tx.outbox.next_due(now)
            until = await tx.watch.until()
            readable = [c.id for c in await tx.channels.all() if c.status is ChannelStatus.OPEN]
        if due is not None and due <= now:
            # It creeps rather than stands: whoever carries the alert may be asleep on this very clock.
            clock.run_until(now + CREEP)
            return
        if self._stage.telegram.telegram.link.state is not LinkState.OPEN:
            clock.run_until(now + STEP)
            return
        clock.run_until(min((until[i] for i in readable if i in until), default=now) + LEASH)
