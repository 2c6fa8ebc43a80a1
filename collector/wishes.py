"""Candidates that somebody wants watched: taken into the watch while it runs, and kept in it."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from collector.archive import Archive
from collector.config import WEB, AccountConfig, ChannelConfig
from collector.entries import KNOWN
from domain.candidate import Candidate, CandidateState
from domain.clock import Clock
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

_POLL = timedelta(minutes=1)


class Wishes:
    """What the bot wrote down, and whom it concerns."""

    def __init__(
        self, store: Store, clock: Clock, accounts: Sequence[AccountConfig], channels: Sequence[ChannelConfig]
    ) -> None:
        self._store = store
        self._archive = Archive(store, tells=False)
        self._clock = clock
        self._accounts = [account.name for account in accounts]
        self._names = {c.handle.lower() for c in channels if c.handle}

    async def granted(self) -> list[ChannelConfig]:
        """Those of former runs, as if config.toml named them."""

        async def deed(tx: Transaction) -> list[ChannelConfig]:
            wished = await tx.candidates.in_state(CandidateState.ASKED, CandidateState.WATCHED)
            return [c for each in wished if each.asked_at and (c := await self._config(tx, each))]

        out: list[ChannelConfig] = []
        for config in await self._archive.write(deed):
            if config.handle and config.handle.lower() not in self._names:
                self._names.add(config.handle.lower())
                out.append(config)
        return out

    async def run(self, watch: Callable[[ChannelConfig], None]) -> None:
        """Take up what is wished from now on, for ever."""
        with self._store.listen("candidates") as notice:
            while True:
                if await self._archive.read(lambda tx: tx.candidates.in_state(CandidateState.ASKED)):
                    for config in await self._archive.write(self._take):
                        self._names.add((config.handle or "").lower())
                        watch(config)
                        log.info("taken into the watch", channel=config.name)
                await notice.polled(self._clock, _POLL)

    async def _take(self, tx: Transaction) -> list[ChannelConfig]:
        out = []
        for each in await tx.candidates.in_state(CandidateState.ASKED):
            config = await self._config(tx, each)
            if config is None:
                continue
            await tx.candidates.settle(each.id, CandidateState.WATCHED)
            if each.handle.lower() not in self._names:
                out.append(config)
        return out

    async def _config(self, tx: Transaction, each: Candidate) -> ChannelConfig | None:
        """As the channel whose place it may be taking is watched. None: it cannot be, and that is kept."""
        marks = [value for _, value, _ in await tx.marks.all(KNOWN) if value.get("id") == each.channel_id]
        account = marks[0].get("account") if marks else None
        by_web = account == WEB or not self._accounts
        parent = await tx.channels.get(each.channel_id)
        try:
            return ChannelConfig(
                handle=each.handle,
                title=each.title or None,
                group=parent.group if parent else None,
                zone=parent.zone if parent else "UTC",
                country=parent.country if parent else None,
                source="web" if by_web else "account",
            )
        except ValueError as error:
            await tx.candidates.settle(each.id, CandidateState.FAILED, str(error))
            log.error("cannot be taken into the watch", channel=f"@{each.handle}", error=str(error))
            return None
