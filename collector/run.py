"""The collector as a part of Deadair: every account at its work, none in another's way."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from collector.account import Account
from collector.archive import Archive
from collector.client import session_path
from collector.config import WEB, AccountConfig, App, ChannelConfig, CollectorConfig
from collector.errors import LoggedOut
from collector.lock import Held
from collector.preview.config import BASE
from collector.preview.source import WebSource
from collector.preview.witness import Witness
from collector.purging import Purging
from collector.resolving import KNOWN, key_of
from collector.scouting import Scouting
from collector.tasks import together
from collector.wishes import Wishes
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.clock import Clock
from domain.errors import DeadairError
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: Real seconds between two looks at whether a person has logged in again.
_LOOK_EVERY = 2.0


def spread(
    accounts: Sequence[AccountConfig], channels: Sequence[ChannelConfig]
) -> dict[str, list[ChannelConfig]]:
    """Who watches what: the account a channel names, else the first. Raises DeadairError."""
    if not accounts:
        raise DeadairError(
            "no account watches: config.toml has no [[accounts]]",
            hint='add one with a name ("main"), then run: deadair login main; or read public channels '
            'without any: source = "web"',
        )
    out: dict[str, list[ChannelConfig]] = {account.name: [] for account in accounts}
    for channel in channels:
        name = channel.account or accounts[0].name
        if name not in out:
            raise DeadairError(
                f"the channel {channel.name} names the account {name!r}, which config.toml does not have",
                hint=f"it has: {', '.join(out)}",
            )
        out[name].append(channel)
    return out


async def collect(
    config: CollectorConfig,
    accounts: Sequence[AccountConfig],
    channels: Sequence[ChannelConfig],
    store: Store,
    clock: Clock,
    *,
    app: App | None,
    folder: Path = Path(),
) -> None:
    """Watch the channels and keep their posts, until cancelled. `folder`: where relative session paths start.

    Raises DeadairError for what a person must mend: no account can be used (nobody has logged in, the session
    is held by another process), or the archive is of no use. An account that is lost later is reported, its
    channels are marked as unwatched, and it goes on by itself once somebody has logged in again.
    """
    wishes = Wishes(store, clock, accounts, channels)
    channels = [*channels, *await wishes.granted()]
    await _retire(store, channels, clock)
    by_web = [c for c in channels if c.source == WEB]
    workers = _workers(
        config, accounts, [c for c in channels if c.source != WEB], store, clock, app, folder, by_web
    )
    web = WebSource(config, by_web, store, clock)
    refused: list[DeadairError] = []

    async def keep(worker: Account) -> None:
        while True:
            try:
                await worker.run()
            except (LoggedOut, Held) as error:
                if not worker.was_up:
                    refused.append(error)
                    if len(refused) == len(workers) and not by_web:
                        raise refused[0] from None
                log.error("account cannot watch", account=worker.name, error=error.what, hint=error.hint)
                await _mended(worker.session, error)
                log.info("account tries again", account=worker.name)

    def watch(channel: ChannelConfig) -> None:
        if channel.source == WEB:
            web.watch(channel)
            return
        worker = next((w for w in workers if w.name == channel.account), workers[0])
        worker.watch(channel)

    async def whose(channel_id: int, post_id: int, number: int) -> str | None:
        for worker in workers:
            if (handle := await worker.whose(channel_id, post_id, number)) is not None:
                return handle
        return None

    witness = Witness(store, web.door, clock, lambda number: _read_on(workers, number))
    purging = Purging(store, clock, settled=2 * config.reconcile_every)
    # The channels of a sandbox are not on t.me.
    is_elsewhere = bool(config.server) and config.preview.base == BASE
    outside = [] if is_elsewhere else [Scouting(store, web.door, clock, config.return_every / 4, whose).run()]
    if config.preview.witness and not is_elsewhere:
        outside.append(witness.run())
    async with web.door.open():
        await together(
            web.run(), purging.run(), wishes.run(watch), *outside, *(keep(worker) for worker in workers)
        )


def _read_on(workers: Sequence[Account], channel_id: int) -> None:
    for worker in workers:
        worker.read_on(channel_id)


def _workers(
    config: CollectorConfig,
    accounts: Sequence[AccountConfig],
    channels: Sequence[ChannelConfig],
    store: Store,
    clock: Clock,
    app: App | None,
    folder: Path,
    by_web: Sequence[ChannelConfig],
) -> list[Account]:
    """None at all where every channel is read from the web."""
    if by_web and not channels:
        return []
    shares = spread(accounts, channels)
    if app is None:
        raise DeadairError(
            "an account watches, and Telegram's application id is not given",
            hint="set DEADAIR_API_ID and DEADAIR_API_HASH (my.telegram.org)",
        )
    return [
        Account(config, account, app, session_path(account, folder), shares[account.name], store, clock)
        for account in accounts
    ]


async def _mended(session: Path, error: DeadairError) -> None:
    """Wait until a person may have done something about it: the session file has changed, or its holder may
    be gone.
    """
    before = _stamp(session)
    await asyncio.sleep(_LOOK_EVERY)
    if not isinstance(error, Held):
        while _stamp(session) == before:  # noqa: ASYNC110 - another process changes it, and sets no event
            await asyncio.sleep(_LOOK_EVERY)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


async def _retire(store: Store, channels: Sequence[ChannelConfig], clock: Clock) -> None:
    """What was watched and is no longer in the config is not silent: nobody looks."""
    now = clock.now()
    keys = {KNOWN + key_of(c) for c in channels}

    async def deed(tx: Transaction) -> list[str]:
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
