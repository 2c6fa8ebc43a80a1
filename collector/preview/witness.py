"""Asks the public preview, once for each silence: does the outside see posts that we do not?"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from collector.archive import Archive
from collector.config import WEB
from collector.entries import KNOWN
from collector.errors import Failed, Trouble, Unanswered, Unreachable, Wait
from collector.preview.door import Closed, Door, Same
from collector.preview.overlooked import said
from collector.preview.page import Feed
from domain.channel import Channel
from domain.clock import Clock
from domain.post import How, Post, PostKind
from domain.testimony import Outside, Testimony
from domain.watch import Gap, GapCause, Missing
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

_POLL = timedelta(minutes=1)
#: A question that could not be asked for so long is answered with that.
_PATIENCE = timedelta(minutes=30)
#: Real seconds that the account is given to bring what the preview shows: posts on their way are not missing.
_ON_THEIR_WAY = 20.0


class Witness:
    """The loop. `read_on(channel)` has the account that watches a channel read its history at once."""

    def __init__(self, store: Store, door: Door, clock: Clock, read_on: Callable[[int], None]) -> None:
        self._store = store
        self._archive = Archive(store, tells=False)
        self._door = door
        self._clock = clock
        self._read_on = read_on
        self.on_their_way = _ON_THEIR_WAY

    async def run(self) -> None:
        with self._store.listen("questions") as notice:
            while True:
                for question in await self._archive.read(lambda tx: tx.testimonies.waiting()):
                    await self._put(question)
                await notice.polled(self._clock, _POLL)

    async def _put(self, question: Testimony) -> None:
        try:
            answer = await self._asked(question)
        except (Wait, Unanswered, Unreachable, Failed) as error:
            if not isinstance(error, Failed) and self._clock.now() - question.asked_at < _PATIENCE:
                return
            answer = replace(question, says=Outside.UNKNOWN, detail=_said(error))
        now = self._clock.now()

        async def deed(tx: Transaction) -> None:
            says = answer.says or Outside.UNKNOWN
            await tx.testimonies.answer(question.seq, says, now, posts=answer.posts, detail=answer.detail)
            tx.notify("channels")

        await self._archive.write(deed)
        log.info("the outside was asked", channel=question.channel_id, says=answer.says, detail=answer.detail)

    async def _asked(self, question: Testimony) -> Testimony:
        channel = await self._archive.read(lambda tx: tx.channels.get(question.channel_id))
        if channel is None or channel.handle is None:
            return replace(question, says=Outside.NOT_SHOWN, detail="it has no handle")
        if await self._is_read_there(channel):
            return replace(question, says=Outside.UNKNOWN, detail="it is the way by which we read it")
        found = await self._door.feed(channel.handle, how=How.POLLED, afresh=True)
        if isinstance(found, Closed | Same):
            return replace(question, says=Outside.NOT_SHOWN, detail="it has no preview")
        if found.channel_id is not None and found.channel_id != channel.id:
            detail = f"@{channel.handle} leads to another channel, {found.title!r}"
            return replace(question, says=Outside.NOT_SHOWN, detail=detail)
        posts = [replace(post, channel_id=channel.id) for post in found.posts]
        fresh = [p for p in posts if p.kind is PostKind.POST and p.posted_at > question.since_at]
        missing = await self._missing(channel, fresh)
        if missing:
            self._read_on(channel.id)
            missing = await self._in_time(channel, missing)
        if not missing and await self._is_in_doubt(channel, found):
            return replace(question, says=Outside.UNKNOWN, detail=said(found.unread))
        if not missing:
            return replace(question, says=Outside.NO_MORE)
        await self._confess(channel, question, missing)
        return replace(question, says=Outside.MORE, posts=tuple(p.id for p in missing))

    async def _is_read_there(self, channel: Channel) -> bool:
        marks = await self._archive.read(lambda tx: tx.marks.all(KNOWN))
        return any(value.get("id") == channel.id and value.get("account") == WEB for _, value, _ in marks)

    async def _is_in_doubt(self, channel: Channel, found: Feed) -> bool:
        """Does it show messages that cannot be read, and may be what we do not hold?"""
        if not found.unread or 0 in found.unread:
            return bool(found.unread)
        numbers = sorted(found.unread)
        held = set(await self._archive.read(lambda tx: tx.posts.ids(channel.id, numbers[0], numbers[-1])))
        return not held.issuperset(numbers)

    async def _missing(self, channel: Channel, posts: list[Post]) -> list[Post]:
        if not posts:
            return []
        low, high = min(p.id for p in posts), max(p.id for p in posts)
        held = set(await self._archive.read(lambda tx: tx.posts.ids(channel.id, low, high)))
        return [post for post in posts if post.id not in held]

    async def _in_time(self, channel: Channel, missing: list[Post]) -> list[Post]:
        """What is still missing once the account has had its chance."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.on_their_way
        while missing and loop.time() < until:
            await asyncio.sleep(min(0.1, self.on_their_way))
            missing = await self._missing(channel, missing)
        return missing

    async def _confess(self, channel: Channel, question: Testimony, missing: list[Post]) -> None:
        """We claimed to have seen everything, and have not: a gap; and the posts, as the preview shows
        them.
        """
        marks = await self._archive.read(lambda tx: tx.marks.all(KNOWN))
        account = next((v["account"] for _, v, _ in marks if v.get("id") == channel.id), WEB)
        which = ", ".join(str(post.id) for post in missing[:10])
        gap = Gap(
            channel_id=channel.id,
            account=account,
            from_at=question.since_at,
            to_at=self._clock.now(),
            cause=GapCause.UNKNOWN,
            missing=Missing.POSTS,
            detail=f"the public preview shows what this account is not given: {which}",
        )

        async def deed(tx: Transaction) -> None:
            await tx.watch.add_gap(gap)
            await tx.posts.put(missing)
            tx.notify("watch", "posts")

        await self._archive.write(deed)
        log.error(
            "the public preview shows posts that the account is not given",
            channel=channel.name,
            account=account,
            posts=which,
            hint="the account may be limited, or the channel hidden in its country: try another account",
        )


def _said(error: Trouble) -> str:
    return str(error).rstrip(".")
