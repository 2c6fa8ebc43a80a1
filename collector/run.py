"""The collector as a part of Deadair: every account at its work, none in another's way."""

from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import structlog

from collector.archive import Archive
from collector.config import WEB, AccountConfig, App, ChannelConfig, CollectorConfig
from collector.entries import KNOWN
from collector.files import begin
from collector.fleet import LEADS, Fleet
from collector.following import Following
from collector.health import keep_only
from collector.preview.config import BASE
from collector.preview.source import WebSource
from collector.preview.witness import Witness
from collector.purging import Purging
from collector.resolving import key_of
from collector.scouting import Scouting
from collector.tasks import together
from collector.wants import Wants
from collector.wishes import Wishes
from domain.candidate import CandidateState
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.clock import Clock
from domain.current import Current
from domain.errors import DeadairError
from domain.wanted import Want, Watching
from storage.keeper import Keeper
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)


async def collect(
    config: CollectorConfig,
    accounts: Sequence[AccountConfig],
    channels: Sequence[ChannelConfig],
    store: Store,
    clock: Clock,
    *,
    app: App | None,
    folder: Path = Path(),
    current: Current[Sequence[ChannelConfig]] | None = None,
    keeper: Keeper | None = None,
) -> None:
    """Watch the channels and keep their posts, until cancelled. `folder`: where relative paths start;
    `current`: the channels that the config names, where they may change meanwhile.

    With a `keeper` the accounts are shared with collectors in other processes, each under a lease; one of
    them leads, and does what is not an account's. Without one there is no other.

    Raises DeadairError for what a person must mend: no account can be used (nobody has logged in, the session
    is held by another process), or the archive is of no use. An account that is lost later is reported, its
    channels go to others as far as these can read them, and come back once somebody has logged in again.
    """
    config = config.model_copy(
        update={"files": config.files.model_copy(update={"folder": str(folder / config.files.folder)})}
    )
    fleet = None
    by_account, by_web = await _sources(store, accounts, channels)
    if by_account or not by_web:
        checked(accounts, [c for c in channels if c.source != WEB])
        if app is None:
            raise DeadairError(
                "an account watches, and Telegram's application id is not given",
                hint="set DEADAIR_API_ID and DEADAIR_API_HASH (my.telegram.org)",
            )
        fleet = Fleet(
            config, accounts, store, clock, app=app, folder=folder, is_all=not by_web, keeper=keeper
        )

    async def lead(store: Store) -> None:
        await _lead(config, accounts, channels, store, clock, fleet, current)

    parts: list[Coroutine[Any, Any, None]] = [lead(store) if keeper is None else keeper.alone(LEADS, lead)]
    if fleet is not None:
        parts.append(fleet.run())
    await together(*parts)


async def _sources(
    store: Store, accounts: Sequence[AccountConfig], channels: Sequence[ChannelConfig]
) -> tuple[bool, bool]:
    """Is any channel read by an account; is any from the web? Also of those that people have added."""

    async def added(tx: Transaction) -> tuple[Sequence[Want], bool]:
        wants = [want for want in await tx.changes.wants() if want.wanted is Watching.WATCHED]
        wished = await tx.candidates.in_state(CandidateState.ASKED, CandidateState.WATCHED)
        return wants, any(each.asked_at for each in wished)

    wants, is_wished = await Archive(store).read(added)
    by_account = any(c.source != WEB for c in channels)
    by_account = by_account or (bool(accounts) and any(not want.web for want in wants))
    by_web = any(c.source == WEB for c in channels) or any(want.web for want in wants)
    return by_account, by_web or (is_wished and not accounts)


async def _lead(
    config: CollectorConfig,
    accounts: Sequence[AccountConfig],
    channels: Sequence[ChannelConfig],
    store: Store,
    clock: Clock,
    fleet: Fleet | None,
    current: Current[Sequence[ChannelConfig]] | None,
) -> None:
    """What is done once, whatever number of accounts there are in however many processes."""
    channels = channels if current is None else current.value
    wishes = Wishes(store, clock, accounts, channels)
    wants = Wants(store, clock, accounts, channels)
    following = None if current is None else Following(store, clock, wants, channels, current)
    channels = await wants.applied([*channels, *await wishes.granted()])
    by_web = [c for c in channels if c.source == WEB]
    by_account = [c for c in channels if c.source != WEB]
    web = WebSource(config, by_web, store, clock)
    await _retire(store, channels, clock)
    names, is_wanted = [account.name for account in accounts], any(c.files for c in channels)
    await Archive(store).write(lambda tx: keep_only(tx, [*names, *([WEB] if by_web else [])]))
    await begin(Archive(store), names, is_wanted=is_wanted, now=clock.now())

    def watch(channel: ChannelConfig) -> None:
        if channel.source == WEB or fleet is None:
            web.watch(channel)
        else:
            fleet.watch(channel)

    async def unwatch(key: str, detail: str) -> None:
        await web.unwatch(key, detail)
        if fleet is not None:
            await fleet.unwatch(key, detail)

    parts: list[Coroutine[Any, Any, None]] = [
        web.run(),
        wishes.run(watch),
        wants.run(watch, unwatch),
        Purging(store, clock, settled=2 * config.reconcile_every).run(),
    ]
    if following is not None:
        parts.append(following.run(watch, unwatch))
    if fleet is not None:
        parts.append(fleet.lead(store, by_account))
    # The channels of a sandbox are not on t.me.
    if not config.server or config.preview.base != BASE:
        whose = fleet.whose if fleet is not None else _nobody
        parts.append(Scouting(store, web.door, clock, config.return_every / 4, whose).run())
        if config.preview.witness:
            read_on = fleet.read_on if fleet is not None else _nothing
            parts.append(Witness(store, web.door, clock, read_on).run())
    async with web.door.open():
        await together(*parts)


async def _nobody(_channel_id: int, _post_id: int, _number: int) -> str | None:
    """Without an account nobody can be asked."""
    return None


def _nothing(_channel_id: int) -> None:
    """What is read from the web is read on by itself."""


def checked(accounts: Sequence[AccountConfig], channels: Sequence[ChannelConfig]) -> None:
    """Raises DeadairError when no account is named, or a channel names one that there is not."""
    if not accounts:
        raise DeadairError(
            "no account watches: config.toml has no [[accounts]]",
            hint='add one with a name ("main"), then run: deadair login main; or read public channels '
            'without any: source = "web"',
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
            if channel is None or channel.id in kept or channel.status.is_unwatched:
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
