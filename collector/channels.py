"""Handles to numbers, once; and what befalls a channel: renamed, handle lost or taken, gone, back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from telethon.tl import functions as F  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import types as T  # noqa: N812

from collector.archive import Archive
from collector.changes import Looks, changes
from collector.client import Line
from collector.config import ChannelConfig
from collector.errors import Failed, Gone, Nobody, Unanswered, Wait
from collector.headcount import counted
from collector.totals import Totals, newest_post
from collector.watch import lost
from collector.watched import Roster, Watched
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.clock import Clock
from domain.watch import GapCause
from storage.store import Transaction

log = structlog.get_logger(__name__)


class Channels:
    """The channels of one account, as far as they themselves change."""

    def __init__(
        self,
        archive: Archive,
        account: str,
        roster: Roster,
        clock: Clock,
        refresh_every: timedelta,
        *,
        elsewhere: Callable[[ChannelConfig, str], bool] = lambda _config, _why: False,
    ) -> None:
        self._elsewhere = elsewhere
        self._archive = archive
        self._account = account
        self._roster = roster
        self._clock = clock
        self._refresh_every = refresh_every
        self._totals = Totals(archive, clock)

    async def notice(self, line: Line, watched: Watched, chats: Any) -> None:
        """Every answer tells of the channels it is about. Raises Gone when it tells that this one is
        closed.
        """
        if watched.is_released:
            return  # what is under way still must not say that it is watched
        chat = next((c for c in chats if getattr(c, "id", None) == watched.id), None)
        if isinstance(chat, T.ChannelForbidden):
            raise Gone(ChannelStatus.PRIVATE, "ChannelForbidden")
        if not isinstance(chat, T.Channel) or chat.min:
            return
        if (why := restriction(chat)) is not None:
            raise Gone(ChannelStatus.RESTRICTED, why)
        watched.joined = not chat.left
        async with watched.changing:
            if changes(watched.channel, looks_of(chat))[1]:
                await self._changed(line, watched, chat)

    async def _changed(self, line: Line, watched: Watched, chat: Any) -> None:
        now, before = self._clock.now(), watched.channel
        after, told = changes(before, looks_of(chat))
        events = [self._event(watched, c.change, c.before, c.after, c.evidence) for c in told]
        if after.handle != before.handle and before.handle:
            events += await self._taken(line, watched, before.handle)

        async def deed(tx: Transaction) -> None:
            await tx.channels.save(after, now)
            for event in events:
                await tx.channels.befell(event)
            tx.notify("channels")

        await self._archive.write(deed)
        watched.channel = after
        for event in events:
            log.warning(
                "channel changed",
                channel=after.name,
                change=event.change.value,
                before=event.before,
                after=event.after,
                watched_on="its number",
            )

    async def _taken(self, line: Line, watched: Watched, handle: str) -> list[ChannelEvent]:
        """Does a handle that was its own lead to another channel now?"""
        other = await self._owner(line, handle)
        if other is None or other.id == watched.id:
            return []
        told = [f"@{handle} now leads to {other.title!r} ({other.id})"]
        cursor = await self._archive.read(lambda tx: tx.posts.cursor(watched.id))
        ours, members = cursor.newest_id if cursor else 0, watched.channel.audience
        if (newest := await self._newest(line, other)) is not None and ours:
            told.append(f"its newest post is number {newest}, that of the former one was number {ours}")
        if other.participants_count is not None and members is not None:
            told.append(f"it has {other.participants_count:,} members, the former one had {members:,}")
        return [
            self._event(watched, ChannelChange.HANDLE_TAKEN, handle, str(other.id), "\n".join(told)),
        ]

    async def _newest(self, line: Line, other: Any) -> int | None:
        """The number of the newest post of a channel that we do not watch; None when it does not say."""
        peer = T.InputPeerChannel(other.id, other.access_hash)
        try:
            answer = await line.ask(newest_post(peer))
        except (Gone, Nobody, Wait, Failed, Unanswered):
            return None
        return max((m.id for m in getattr(answer, "messages", ())), default=0)

    async def gone(self, line: Line, watched: Watched, gone: Gone) -> None:
        """It cannot be read any more. Not a silence: its status says so, and a gap begins."""
        async with watched.changing:
            if watched.is_open:
                await self._left(line, watched, gone)

    async def _left(self, line: Line, watched: Watched, gone: Gone) -> None:
        status, evidence = gone.status, gone.evidence
        if status is ChannelStatus.DELETED and await self._named_anew(line, watched):
            return
        if status is ChannelStatus.PRIVATE and watched.channel.handle is not None:
            # Telegram says the same to one who was shut out as of one that is private; the handle tells them
            # apart.
            owner = await self._owner(line, watched.channel.handle)
            if owner is not None and owner.id == watched.id:
                status = ChannelStatus.BANNED
                evidence = f"{evidence}; @{watched.channel.handle} still leads to it"
        if status is not ChannelStatus.DELETED and self._elsewhere(watched.config, evidence):
            watched.break_off(GapCause.ACCOUNT)
            log.warning(
                "this account can read the channel no longer; another tries",
                channel=watched.name,
                account=self._account,
                said=evidence,
            )
            return
        now = self._clock.now()
        watched.break_off(GapCause.UNKNOWN)
        watched.tried_at = now
        event = self._event(
            watched, ChannelChange.GONE, ChannelStatus.OPEN.value, status.value, evidence, status=status
        )

        async def deed(tx: Transaction) -> None:
            await tx.channels.befell(event)
            detail = f"the channel is {status.value}"
            await lost(tx, self._account, [watched], GapCause.UNKNOWN, detail)
            tx.notify("channels")

        await self._archive.write(deed)
        watched.channel = replace(watched.channel, status=status)
        log.warning("channel can no longer be read", channel=watched.name, status=status.value, said=evidence)

    async def _named_anew(self, line: Line, watched: Watched) -> bool:
        """Access hashes are each account's own: to one that was exchanged for another, every channel is
        invalid.
        """
        if watched.channel.handle is None:
            return False
        owner = await self._owner(line, watched.channel.handle)
        if owner is None or owner.id != watched.id or owner.access_hash == watched.access_hash:
            return False
        access = int(owner.access_hash)
        await self._archive.write(lambda tx: tx.channels.save_access(watched.id, self._account, access))
        watched.access_hash = access
        log.info("channel looked up anew for this account", channel=watched.name, account=self._account)
        self._roster.tear(watched)
        return True

    async def try_again(self, line: Line, watched: Watched) -> bool:
        """Is one that was gone readable again? Raises Trouble when Telegram does not say."""
        watched.tried_at = self._clock.now()
        chat = await self._readable(line, watched)
        if watched.is_released:
            return False  # what becomes of it is another account's to say
        if chat is None:
            await self._left_its_handle(line, watched)
            return False
        watched.joined = not chat.left
        back = self._event(
            watched, ChannelChange.BACK, watched.channel.status.value, "open", status=ChannelStatus.OPEN
        )
        after, told = changes(replace(watched.channel, status=ChannelStatus.OPEN), looks_of(chat))
        events = [back, *(self._event(watched, c.change, c.before, c.after, c.evidence) for c in told)]
        events = [replace(event, status=ChannelStatus.OPEN) for event in events]
        now = self._clock.now()

        async def deed(tx: Transaction) -> None:
            await tx.channels.save(after, now)
            for event in events:
                await tx.channels.befell(event)
            tx.notify("channels")

        await self._archive.write(deed)
        watched.channel = after
        watched.break_off(GapCause.UNKNOWN)
        log.info("channel can be read again", channel=watched.name)
        self._roster.tear(watched)
        return True

    async def _readable(self, line: Line, watched: Watched) -> Any | None:
        try:
            answer = await line.ask(F.channels.GetChannelsRequest([watched.input]))
            chat = next((c for c in answer.chats if c.id == watched.id), None)
            if not isinstance(chat, T.Channel) or chat.min or restriction(chat) is not None:
                return None
            # One that lists a channel may still not let us read it.
            await line.ask(F.channels.GetFullChannelRequest(watched.input))
            if watched.channel.status is ChannelStatus.HIDDEN:
                answer = await line.ask(newest_post(watched.peer))
                if not getattr(answer, "messages", ()):
                    return None
        except Gone:
            return None
        return chat

    async def _left_its_handle(self, line: Line, watched: Watched) -> None:
        """While it cannot be read, somebody else may take its handle. Asked once a day: to look up handles is
        what Telegram likes least."""
        now, handle = self._clock.now(), watched.channel.handle
        asked = watched.owner_asked_at
        if handle is None or (asked is not None and now - asked < self._refresh_every):
            return
        watched.owner_asked_at = now
        events = await self._taken(line, watched, handle)
        if not events:
            return
        after = replace(watched.channel, handle=None)

        async def deed(tx: Transaction) -> None:
            await tx.channels.save(after, now)
            for event in events:
                await tx.channels.befell(event)
            tx.notify("channels")

        await self._archive.write(deed)
        watched.channel = after
        log.warning("the handle of a channel that is gone was taken", channel=after.name, handle=handle)

    async def look(self, line: Line, watched: Watched) -> None:
        """Title, handle, and whether it is still open: now. Raises Gone and other Trouble."""
        answer = await line.ask(F.channels.GetChannelsRequest([watched.input]))
        await self.notice(line, watched, answer.chats)

    async def refresh(self, line: Line, watched: Watched) -> None:
        """The same with its audience, now and then. Raises Gone and other Trouble."""
        answer = await line.ask(F.channels.GetFullChannelRequest(watched.input))
        await self.notice(line, watched, answer.chats)
        now = self._clock.now()
        watched.refreshed_at = now
        await self._totals.check(line, watched, self.notice)
        if (members := answer.full_chat.participants_count) is not None:
            async with watched.changing:
                await self._counted(watched, members, now)

    async def _counted(self, watched: Watched, members: int, now: datetime) -> None:
        if not watched.is_open:
            return  # it has gone while the answer was on its way
        after = replace(watched.channel, audience=members)

        async def deed(tx: Transaction) -> None:
            if after != watched.channel:
                await tx.channels.save(after, now)
            if await counted(tx, after, members, now, every=self._refresh_every) is not None:
                tx.notify("channels")

        await self._archive.write(deed)
        watched.channel = after

    async def _owner(self, line: Line, handle: str) -> Any | None:
        """The channel a handle leads to; None when to none, or when Telegram does not say just now."""
        try:
            return await resolve(line, handle)
        except (Nobody, Gone):
            return None
        except (Wait, Failed, Unanswered) as error:
            log.info("a handle could not be looked up", handle=handle, error=str(error))
            return None

    def _event(
        self,
        watched: Watched,
        change: ChannelChange,
        before: str | None,
        after: str | None,
        evidence: str = "",
        *,
        status: ChannelStatus | None = None,
    ) -> ChannelEvent:
        return ChannelEvent(
            channel_id=watched.id,
            at=self._clock.now(),
            change=change,
            status=status or watched.channel.status,
            before=before,
            after=after,
            evidence=evidence,
        )


async def resolve(line: Line, handle: str, *, background: bool = False) -> Any:
    """The channel a handle leads to, be it open to us or not. Raises Nobody, or other Trouble."""
    answer = await line.ask(F.contacts.ResolveUsernameRequest(username=handle), background=background)
    for chat in answer.chats:
        if not isinstance(chat, T.Channel | T.ChannelForbidden):
            continue
        if chat.id == getattr(answer.peer, "channel_id", None):
            if not chat.broadcast:
                raise Nobody(f"@{handle} is a group, not a channel")
            if chat.access_hash is None:
                raise Failed(f"@{handle}: Telegram does not say how to reach it")
            return chat
    raise Nobody(f"@{handle} is a person or a bot, not a channel")


def handle_of(chat: Any) -> str | None:
    """Its @name; the first that is in use, where it has several."""
    if chat.username:
        return str(chat.username)
    return next((str(u.username) for u in chat.usernames or () if u.active), None)


def looks_of(chat: Any) -> Looks:
    """How it presents itself, and what Telegram says against it."""
    flags = [name for name in ("scam", "fake") if getattr(chat, name)]
    # Hidden on every platform, it is gone; on some, it is there for whoever uses another.
    flags += [f"hidden on {r.platform}: {r.text or r.reason}" for r in chat.restriction_reason or ()]
    return Looks(
        title=chat.title,
        handle=handle_of(chat),
        flags=tuple(flags),
        is_group=bool(chat.megagroup or chat.gigagroup),
    )


def restriction(chat: Any) -> str | None:
    """Why Telegram hides the channel on every platform; None when it does not."""
    if not chat.restricted:
        return None
    for reason in chat.restriction_reason or ():
        if reason.platform == "all":
            return f"{reason.reason}: {reason.text}"
    return None
