"""Channels that ops want watched, paused or retired: taken up at once, and kept over restarts.

What config.toml names is watched unless somebody has paused or retired it; what somebody added is watched
as if it were named there.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import timedelta

import structlog

from collector.archive import Archive
from collector.config import WEB, AccountConfig, ChannelConfig
from collector.entries import KNOWN
from collector.resolving import key_of
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.clock import Clock
from domain.wanted import Want, WantState, Watching
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

_POLL = timedelta(minutes=5)
_STOPS = {
    Watching.PAUSED: (ChannelChange.PAUSED, ChannelStatus.PAUSED),
    Watching.RETIRED: (ChannelChange.RETIRED, ChannelStatus.RETIRED),
}


class Wants:
    """What the bot wrote down, and whom it concerns."""

    def __init__(
        self, store: Store, clock: Clock, accounts: Sequence[AccountConfig], channels: Sequence[ChannelConfig]
    ) -> None:
        self._store = store
        self._archive = Archive(store, tells=False)
        self._clock = clock
        self._has_accounts = bool(accounts)
        self._configured = {key_of(c): c for c in channels}

    async def applied(self, channels: Sequence[ChannelConfig]) -> list[ChannelConfig]:
        """What is to be watched from the start: `channels`, and what the wants of former runs make of it."""
        self._configured |= {key_of(c): c for c in channels}
        out = dict(self._configured)
        wants = await self._archive.read(lambda tx: tx.changes.wants())
        for want in wants:
            out.pop(want.key, None)
            if want.wanted is Watching.WATCHED and (config := await self._config(want)) is not None:
                out[want.key] = config
            elif want.wanted is not Watching.WATCHED:
                await self.stopped(want)
            if want.state is WantState.ASKED:
                await self._settle(want)
        return list(out.values())

    def configured(self, channels: Iterable[ChannelConfig], *, gone: Collection[str]) -> None:
        """What config.toml names from now on, and what it no longer does."""
        for key in gone:
            self._configured.pop(key, None)
        self._configured |= {key_of(c): c for c in channels}

    async def run(
        self, watch: Callable[[ChannelConfig], None], unwatch: Callable[[str, str], Awaitable[None]]
    ) -> None:
        """Take up what is wanted from now on, for ever."""
        with self._store.listen("wants") as notice:
            while True:
                for want in await self._archive.read(lambda tx: tx.changes.wants()):
                    if want.state is WantState.ASKED:
                        await self._take(want, watch, unwatch)
                await notice.polled(self._clock, _POLL)

    async def _take(
        self,
        want: Want,
        watch: Callable[[ChannelConfig], None],
        unwatch: Callable[[str, str], Awaitable[None]],
    ) -> None:
        if want.wanted is Watching.WATCHED:
            config = await self._config(want)
            if config is None:
                return
            watch(config)
        else:
            # First nobody looks any more, then it is said that nobody does.
            await unwatch(want.key, f"{want.wanted.value} by {want.asked_by}")
            await self.stopped(want)
        await self._settle(want)
        log.info("wanted otherwise", channel=want.handle or want.key, now=want.wanted.value, by=want.asked_by)

    async def _config(self, want: Want) -> ChannelConfig | None:
        """As it is to be watched. None: it cannot be, and that is kept."""
        if (known := self._configured.get(want.key)) is not None:
            return known
        try:
            if not want.web and not self._has_accounts:
                raise ValueError("no account watches here: it can be read from the web only")
            config = ChannelConfig(
                handle=want.handle,
                id=want.channel_id if want.handle is None else None,
                group=want.group,
                zone=want.zone,
                country=want.country,
                source=WEB if want.web else "account",
            )
        except ValueError as error:
            why = str(error)
            await self._archive.write(lambda tx: tx.changes.settle_want(want, WantState.FAILED, why))
            log.error("cannot be watched", channel=want.handle or want.key, error=why)
            return None
        self._configured[want.key] = config
        return config

    async def stopped(self, want: Want) -> None:
        """Its status says so, so that nobody takes it for silent."""
        change, status = _STOPS[want.wanted]
        now = self._clock.now()

        async def deed(tx: Transaction) -> None:
            mark = await tx.marks.get(KNOWN + want.key)
            channel = await tx.channels.get(mark.get("id") or want.channel_id or 0)
            await tx.accounts.dismiss([want.key])
            if channel is None or channel.status is status:
                return
            await tx.channels.befell(
                ChannelEvent(
                    channel_id=channel.id,
                    at=now,
                    change=change,
                    status=status,
                    before=channel.status.value,
                    evidence=f"by {want.asked_by}",
                )
            )
            tx.notify("channels")

        await self._archive.write(deed)

    async def _settle(self, want: Want) -> None:
        await self._archive.write(lambda tx: tx.changes.settle_want(want, WantState.DONE))
