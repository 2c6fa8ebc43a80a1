"""From what config.toml names to what is watched: looked up once, then known by number."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

import structlog
from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from collector.archive import Archive
from collector.changes import as_known
from collector.channels import handle_of, resolve, restriction
from collector.client import Line
from collector.config import ChannelConfig
from collector.entries import KNOWN, UNRESOLVED
from collector.entries import key_of as key_of
from collector.errors import Failed, Gone, Nobody, Unanswered, Wait
from collector.watched import AT_ONCE, Roster, Watched
from domain.channel import Channel, ChannelChange, ChannelEvent, ChannelStatus
from domain.clock import Clock
from domain.watch import GapCause
from storage.store import Transaction

log = structlog.get_logger(__name__)


#: Is there another account that may find what this one cannot? Asked with the channel and what was said.
Elsewhere = Callable[[ChannelConfig, str], bool]


class Resolver:
    """Fills the roster of one account."""

    def __init__(
        self,
        archive: Archive,
        account: str,
        roster: Roster,
        clock: Clock,
        *,
        elsewhere: Elsewhere = lambda _config, _why: False,
    ) -> None:
        self._archive = archive
        self._account = account
        self._roster = roster
        self._clock = clock
        self._elsewhere = elsewhere
        self._one_at_a_time = asyncio.Lock()
        self._own: dict[str, Any] = {}
        self._told: set[str] = set()
        self.pending: list[ChannelConfig] = []  #: not found yet
        self.wanted = asyncio.Event()  #: set when something is to be found at once

    def want(self, configs: Iterable[ChannelConfig]) -> None:
        """Find these too."""
        self.pending += configs

    def drop(self, keys: Collection[str]) -> None:
        """These are another's to watch."""
        self.pending = [c for c in self.pending if key_of(c) not in keys]

    async def keep_own(self, chats: Iterable[Any]) -> frozenset[str]:
        """Remember the channels that the account is in: they need no looking up. Returns their keys."""
        self._own = {}
        for chat in chats:
            if isinstance(chat, T.Channel) and chat.broadcast and not chat.left:
                self._own[f"#{chat.id}"] = chat
                if (handle := handle_of(chat)) is not None:
                    self._own[handle.casefold()] = chat

        async def deed(tx: Transaction) -> None:
            known = {channel.id for channel in await tx.channels.all()}
            for key, chat in self._own.items():
                if key.startswith("#") and chat.id in known:
                    await tx.channels.save_access(chat.id, self._account, chat.access_hash)

        await self._archive.write(deed)
        return frozenset(self._own)

    async def recall(self, cause: GapCause = GapCause.OUR_STOP) -> None:
        """Take over from the archive what was found before: nothing is asked of Telegram for it.

        `cause`: why nobody has watched these until now.
        """

        async def known(tx: Transaction) -> list[tuple[ChannelConfig, Channel, int]]:
            found = []
            for config in self.pending:
                mark = await tx.marks.get(KNOWN + key_of(config))
                number = config.id or mark.get("id")
                channel = await tx.channels.get(number) if number else None
                access = await tx.channels.access_hash(number, self._account) if number else None
                if channel is not None and access is not None:
                    found.append((config, channel, access))
            return found

        for config, channel, access in await self._archive.read(known):
            await self._admit(config, channel, access, joined=f"#{channel.id}" in self._own, cause=cause)

    async def run(self, line: Line) -> None:
        """Look up what is still unknown. What leads nowhere is told once, kept, and does not stop the
        others.
        """
        async with self._one_at_a_time:
            await self._look_up(line)

    async def _look_up(self, line: Line) -> None:
        for config in list(self.pending) if self._own else ():
            # One that was found before is known by its number, by whatever name it goes now.
            chat = self._own.get(f"#{await self._meant(config)}") or self._own.get(key_of(config))
            if chat is not None and await self._is_meant(config, chat):
                await self._found(config, chat)
        if any(config.handle is None for config in self.pending):
            await self._from_dialogs(line)
        for config in list(self.pending):
            if config.handle is None:
                await self._nowhere(config, "the account is in no channel of that number")
                continue
            try:
                chat = await resolve(line, config.handle)
            except Nobody as nobody:
                await self._nowhere(config, str(nobody))
            except Gone as gone:
                await self._nowhere(config, gone.evidence)
            except (Failed, Unanswered) as error:
                await self._nowhere(config, str(error), passing=True)
            except Wait as wait:
                log.warning("looking up handles must wait", account=self._account, seconds=wait.seconds)
                return
            else:
                if await self._is_meant(config, chat):
                    await self._found(config, chat)

    async def _meant(self, config: ChannelConfig) -> int | None:
        """The number of the channel, where it is given or was found before."""
        mark = await self._archive.read(lambda tx: tx.marks.get(KNOWN + key_of(config)))
        return config.id or mark.get("id")

    async def _is_meant(self, config: ChannelConfig, chat: Any) -> bool:
        """A handle can be taken over: what was found under it before stays what is meant."""
        meant = await self._meant(config)
        if meant is None or chat.id == meant:
            return True
        await self._nowhere(
            config, f"@{config.handle} now leads to {chat.title!r} ({chat.id}), {meant} was meant"
        )
        return False

    async def _from_dialogs(self, line: Line) -> None:
        wanted = {c.id: c for c in self.pending if c.handle is None}
        try:
            dialogs = await line.dialogs()
        except (Wait, Failed, Unanswered) as error:
            log.warning("the account's own channels could not be listed", error=str(error))
            return
        for dialog in dialogs:
            config = wanted.get(getattr(dialog.entity, "id", None))
            if config is not None and isinstance(dialog.entity, T.Channel | T.ChannelForbidden):
                await self._found(config, dialog.entity)

    async def _found(self, config: ChannelConfig, chat: Any) -> None:
        now = self._clock.now()
        is_open = isinstance(chat, T.Channel) and restriction(chat) is None
        status = ChannelStatus.OPEN if is_open else ChannelStatus.BANNED
        if isinstance(chat, T.Channel) and not is_open:
            status = ChannelStatus.RESTRICTED
        if not is_open and self._elsewhere(config, f"it is {status.value}"):
            return
        fresh = Channel(
            id=chat.id,
            title=chat.title,
            handle=handle_of(chat) if isinstance(chat, T.Channel) else config.handle,
            status=status,
            group=config.group,
            zone=config.zone,
            country=config.country,
            audience=getattr(chat, "participants_count", None),
        )

        async def deed(tx: Transaction) -> Channel:
            before = await tx.channels.get(chat.id)
            found = as_known(before, fresh)
            await tx.channels.save(found, now)
            if before is None and fresh.handle is not None:
                await tx.channels.adopt(chat.id, fresh.handle)
            await tx.channels.save_access(chat.id, self._account, chat.access_hash)
            await tx.marks.set(KNOWN + key_of(config), {"id": chat.id, "account": self._account}, now)
            await tx.marks.set(UNRESOLVED + key_of(config), {}, now)
            was_gone = before is not None and before.status is not ChannelStatus.OPEN
            if before is None or (was_gone and is_open):
                change = ChannelChange.FOUND if before is None else ChannelChange.BACK
                event = ChannelEvent(
                    channel_id=chat.id, at=now, change=change, status=status, after=chat.title
                )
                await tx.channels.befell(event)
            tx.notify("channels")
            return found

        found = await self._archive.write(deed)
        await self._admit(config, found, chat.access_hash, joined=is_open and not chat.left)

    async def _admit(
        self,
        config: ChannelConfig,
        channel: Channel,
        access: int,
        *,
        joined: bool,
        cause: GapCause = GapCause.OUR_STOP,
    ) -> None:
        if config not in self.pending:
            return  # it has been given to another account in the meantime
        self.pending = [c for c in self.pending if c is not config]
        if (twin := self._roster.get(channel.id)) is not None:
            log.warning("two entries of config.toml are one channel", one=twin.config.name, other=config.name)
            return
        now = self._clock.now()
        current = replace(channel, group=config.group, zone=config.zone, country=config.country)
        event = None
        if channel.status.is_unwatched or channel.status is ChannelStatus.UNRESOLVED:
            current = replace(current, status=ChannelStatus.OPEN)
            event = ChannelEvent(
                channel_id=channel.id,
                at=now,
                change=ChannelChange.BACK,
                status=ChannelStatus.OPEN,
                before=channel.status.value,
            )

        async def deed(tx: Transaction) -> None:
            await tx.channels.save(current, now)
            if event is not None:
                await tx.channels.befell(event)
            tx.notify("channels")

        if current != channel:
            await self._archive.write(deed)
        watched = Watched(
            config=config,
            channel=current,
            access_hash=access,
            joined=joined,
            cause=cause,
            again_at=AT_ONCE,
        )
        self._roster.add(watched)
        self._roster.urgent.set()

    async def _nowhere(self, config: ChannelConfig, why: str, *, passing: bool = False) -> None:
        if (not passing and self._elsewhere(config, why)) or config.name in self._told:
            return
        now = self._clock.now()
        if passing:
            log.warning(
                "a channel of config.toml could not be looked up just now; tried again",
                channel=config.name,
                said=why,
            )
        else:
            self._told.add(config.name)
            log.error(
                "a channel of config.toml cannot be found, and is not watched",
                channel=config.name,
                said=why,
                hint="check its spelling; Deadair tries again now and then",
            )

        async def deed(tx: Transaction) -> None:
            value = {"name": config.name, "why": why, "at": now.isoformat()}
            await tx.marks.set(UNRESOLVED + key_of(config), value, now)
            if not passing and config.id is not None and await tx.channels.get(config.id) is None:
                title = config.title or config.name
                unknown = Channel(
                    id=config.id,
                    title=title,
                    handle=config.handle,
                    status=ChannelStatus.UNRESOLVED,
                    group=config.group,
                    zone=config.zone,
                    country=config.country,
                )
                await tx.channels.save(unknown, now)
                event = ChannelEvent(
                    channel_id=config.id,
                    at=now,
                    change=ChannelChange.GONE,
                    status=ChannelStatus.UNRESOLVED,
                    evidence=why,
                )
                await tx.channels.befell(event)
            tx.notify("channels")

        await self._archive.write(deed)
