"""The collector as a part of Deadair: every account at its work, none in another's way."""

from collections.abc import Sequence
from pathlib import Path

import structlog

from collector.archive import Archive
from collector.config import AccountConfig, App, ChannelConfig, CollectorConfig
from collector.fleet import Fleet
from collector.resolving import KNOWN, key_of
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.clock import Clock
from domain.errors import DeadairError
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)


async def collect(
    config: CollectorConfig,
    accounts: Sequence[AccountConfig],
    channels: Sequence[ChannelConfig],
    store: Store,
    clock: Clock,
    *,
    app: App,
    folder: Path = Path(),
) -> None:
    """Watch the channels and keep their posts, until cancelled. `folder`: where relative session paths start.

    Raises DeadairError for what a person must mend: no account can be used (nobody has logged in, the session
    is held by another process), or the archive is of no use. An account that is lost later is reported, its
    channels go to others as far as these can read them, and come back once somebody has logged in again.
    """
    checked(accounts, channels)
    await _retire(store, channels, clock)
    await Fleet(config, accounts, channels, store, clock, app=app, folder=folder).run()


def checked(accounts: Sequence[AccountConfig], channels: Sequence[ChannelConfig]) -> None:
    """Raises DeadairError when no account is named, or a channel names one that there is not."""
    if not accounts:
        raise DeadairError(
            "no account watches: config.toml has no [[accounts]]",
            hint='add one with a name ("main"), then run: deadair login main',
        )
    names = [account.name for account in accounts]
    for channel in channels:
        if channel.account is not None and channel.account not in names:
            raise DeadairError(
                f"the channel {channel.name} names the account {channel.account!r}, which config.toml does "
                "not have",
                hint=f"it has: {', '.join(names)}",
            )


async def _retire(store: Store, channels: Sequence[ChannelConfig], clock: Clock) -> None:
    """What was watched and is no longer in the config is not silent: nobody looks."""
    now = clock.now()
    keys = {KNOWN + key_of(c) for c in channels}

    async def deed(tx: Transaction) -> list[str]:
        await tx.accounts.dismiss((await tx.accounts.assignments()).keys() - {key_of(c) for c in channels})
        marks = await tx.marks.all(KNOWN)
        kept = {value.get("id") for name, value, _ in marks if name in keys} | {c.id for c in channels}
        retired = []
        for name, value, _ in marks:
            channel = await tx.channels.get(value.get("id", 0)) if name not in keys else None
            if channel is None or channel.id in kept or channel.status is ChannelStatus.RETIRED:
                continue
            event = ChannelEvent(
                channel_id=channel.id,
                at=now,
                change=ChannelChange.RETIRED,
                status=ChannelStatus.RETIRED,
                before=channel.status.value,
                evidence="not in config.toml any more",
            )
            await tx.channels.befell(event)
            tx.notify("channels")
            retired.append(channel.name)
        return retired

    for name in await Archive(store).write(deed):
        log.info("no longer watched", channel=name)
