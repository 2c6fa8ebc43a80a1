"""The collector at work in a test, against the sandbox; and the archive held against the sandbox's own
record.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from collector.config import AccountConfig, App, ChannelConfig, CollectorConfig
from collector.lock import Held, only_user_of
from collector.run import collect
from domain.clock import Clock, WallClock
from domain.post import PostKind, Revision
from sandbox.channel import Channel
from sandbox.mtproto.keys import SANDBOX_PUBLIC_KEY
from storage.store import Store
from tests.support.telegram import API_HASH, API_ID, Telegram

APP = App(API_ID, API_HASH)


def hurried(telegram: Telegram, **more: Any) -> CollectorConfig:
    """A config for a sandbox: everything often, and no pauses."""
    given: dict[str, Any] = {
        "reconcile_every": "0.15s",
        "probe_every": "0.2s",
        "answer_within": 1.5,
        "retry_min": 0.05,
        "retry_max": 0.2,
        "history_pause": "0s",
        "join_pause": "0s",
        "return_every": "1s",
        "hurry_every": "0.05s",
        "call_budgets": (),
        "server": f"127.0.0.1:{telegram.server.port}",
        "server_key": SANDBOX_PUBLIC_KEY,
    }
    return CollectorConfig.model_validate({**given, **more})


def account(telegram: Telegram, name: str = "main", session: str = "") -> AccountConfig:
    return AccountConfig(name=name, session=session or str(telegram.session_file(name)))


@asynccontextmanager
async def collecting(
    telegram: Telegram,
    store: Store,
    channels: Sequence[Channel | ChannelConfig],
    *,
    accounts: Sequence[AccountConfig] = (),
    clock: Clock | None = None,
    app: App = APP,
    **config: Any,
) -> AsyncIterator[asyncio.Task[None]]:
    """A collector that watches these channels for as long as the block lasts. An error of its own is
    raised.
    """
    wanted = [
        c if isinstance(c, ChannelConfig) else ChannelConfig(handle=c.handle, id=c.id) for c in channels
    ]
    task = asyncio.create_task(
        collect(
            hurried(telegram, **config),
            accounts or [account(telegram)],
            wanted,
            store,
            clock or WallClock(),
            app=app,
        )
    )
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def is_read(tx: Any, channel_id: int, number: int) -> bool:
    """All that was posted up to that number is stored, and not only it, which may be told before its turn."""
    cursor = await tx.posts.cursor(channel_id)
    return cursor is not None and cursor.newest_id >= number


async def eventually(
    store: Store,
    true: Callable[[Any], Awaitable[Any]],
    within: float = 8.0,
    task: asyncio.Task[None] | None = None,
) -> Any:
    """Wait until something holds in the archive; gives what it was. Fails with the collector's own error, if
    any.
    """
    found: Any = None
    try:
        async with asyncio.timeout(within):
            while True:
                async with store.read() as tx:
                    found = await true(tx)
                if found:
                    return found
                if task is not None and task.done():
                    task.result()
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(
            f"did not come true within {within} s: {getattr(true, '__name__', true)}"
        ) from None


def is_free(session: Path) -> bool:
    """Nobody uses it: whoever did has taken note of how it was."""
    try:
        with only_user_of(session):
            return True
    except Held:
        return False


def whole(telegram: Telegram, store: Store, *channels: Channel) -> Callable[[Any], Awaitable[bool]]:
    """The archive holds of these channels what the sandbox's own record holds."""

    async def is_whole(_: Any) -> bool:
        return not any([await differences(telegram, store, channel) for channel in channels])

    return is_whole


async def differences(telegram: Telegram, store: Store, channel: Channel) -> list[str]:
    """How the archive departs from the sandbox's own record of a channel: nothing, if the collector did its
    work.

    Every post there ever was, with its text in all versions, what it shows, where it comes from, and whether
    it was deleted. What nobody could have seen (a post that came and went unwatched) counts as a difference
    as well.
    """
    out: list[str] = []
    record = telegram.world.channels[channel.id].record()
    async with store.read() as tx:
        kept = {post.id: post async for post in tx.posts.of(channel.id)}
        standing = await tx.posts.standing(channel.id)
        revisions: dict[int, list[Revision]] = {}
        for revision in await tx.posts.revisions(channel.id):
            revisions.setdefault(revision.post_id, []).append(revision)
        deleted = {d.post_id for d in await tx.posts.deletions(channel.id) if d.returned_at is None}
    out += [f"post {number} is missing" for number in sorted(record.keys() - kept.keys())]
    out += [f"post {number} was never there" for number in sorted(kept.keys() - record.keys())]
    for n, number in enumerate(sorted(record.keys() & kept.keys())):
        if n % 200 == 0:
            await asyncio.sleep(0)  # the sandbox answers from this very loop
        true, post = record[number], kept[number]
        if true.first.service is not None:
            if post.kind is not PostKind.SERVICE:
                out.append(f"post {number} is a service message")
            continue
        texts = [version.text for version in true.versions]
        ours = [post.text, *(revision.text for revision in revisions.get(number, []))]
        stands = standing[number]
        if ours[stands] != texts[-1] or any(t not in texts for t in ours):
            out.append(f"post {number} reads {ours}, of which number {stands} stands, not {texts}")
        first = next(v for v in true.versions if v.text == post.text)
        if post.posted_at != first.posted_at.replace(microsecond=0):  # Telegram counts in seconds
            out.append(f"post {number} is of {post.posted_at}, not {first.posted_at}")
        out += [
            f"post {number}: {name} is {getattr(post, name)}, not {getattr(first, name)}"
            for name in ("album_id", "reply_to", "author", "entities")
            if getattr(post, name) != getattr(first, name)
        ]
        if (post.media and post.media.kind) != (first.media and first.media.kind):
            out.append(f"post {number} shows {post.media}, not {first.media}")
        if (post.forward is None) != (first.forward is None):
            out.append(f"post {number}: forwarded from {post.forward}, not {first.forward}")
        if (number in deleted) != (true.deleted_at is not None):
            out.append(f"post {number} deleted: {number in deleted}, truly {true.deleted_at}")
    return out
