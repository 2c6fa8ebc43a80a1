"""Channels that come into config.toml, leave it or change there, while the collector runs."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from collector.archive import Archive
from collector.config import ChannelConfig
from collector.entries import key_of
from collector.wants import Wants
from domain.clock import Clock
from domain.current import Current
from domain.wanted import Want, Watching
from storage.store import Store

log = structlog.get_logger(__name__)

#: Who has a channel retired that its config does not name any more.
BY: Final = "config.toml"
#: What others than the collector go by.
_OTHERS: Final = ("budget", "calendar", "resistance", "keep_posts", "keep_files", "keep_counters")


class Following:
    """What somebody wants of a channel in the bot counts before what the config says, as at the start."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        wants: Wants,
        channels: Sequence[ChannelConfig],
        current: Current[Sequence[ChannelConfig]],
    ) -> None:
        self._archive = Archive(store, tells=False)
        self._clock = clock
        self._wants = wants
        self._channels = {key_of(c): c for c in channels}
        self._current = current

    async def run(
        self, watch: Callable[[ChannelConfig], None], unwatch: Callable[[str, str], Awaitable[None]]
    ) -> None:
        """Take up each change, for ever."""
        while True:
            now = {key_of(c): c for c in await self._current.next()}
            await self._take(self._channels, now, watch, unwatch)
            self._channels = now

    async def _take(
        self,
        before: dict[str, ChannelConfig],
        now: dict[str, ChannelConfig],
        watch: Callable[[ChannelConfig], None],
        unwatch: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self._wants.configured(now.values(), gone=before.keys() - now.keys())
        wanted = {w.key: w for w in await self._archive.read(lambda tx: tx.changes.wants())}
        for key in sorted(before.keys() - now.keys()):
            if key in wanted:
                continue
            await unwatch(key, f"not in {BY} any more")
            await self._wants.stopped(self._retired(before[key]))
            log.info("no longer watched", channel=before[key].name)
        for key, config in now.items():
            if key in wanted and wanted[key].wanted is not Watching.WATCHED:
                continue
            if key not in before:
                if key not in wanted:
                    watch(config)
                    log.info("taken into the watch", channel=config.name)
            elif _matters(before[key]) != _matters(config):
                await unwatch(key, f"its settings in {BY} change")
                watch(config)
                log.info("watched otherwise", channel=config.name)

    def _retired(self, config: ChannelConfig) -> Want:
        return Want(
            key=key_of(config),
            wanted=Watching.RETIRED,
            handle=config.handle,
            channel_id=config.id,
            asked_at=self._clock.now(),
            asked_by=BY,
        )


def _matters(config: ChannelConfig) -> dict[str, object]:
    return config.model_dump(exclude=set(_OTHERS))
