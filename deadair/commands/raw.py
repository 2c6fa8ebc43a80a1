"""`deadair raw`: a post just as Telegram said it."""

import asyncio
import base64
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deadair.config import Setup, load
from domain.errors import DeadairError

if TYPE_CHECKING:
    from storage.raws import Kept


def raw(config: Path | None, post: str) -> None:
    """Exit status 1 when a copy cannot be read any more; its bytes are printed all the same."""
    from collector.rawcopy import reread

    channel, number = _named(post)
    copies = asyncio.run(_look(load(config), channel, number))
    unread = False
    out: list[dict[str, Any]] = []
    for kept in copies:
        found = reread(kept.copy)
        unread |= found.message is None
        told: dict[str, Any] = {"version": kept.version, "layer": found.layer, "sha256": kept.copy.hash.hex()}
        if found.trouble:
            told |= {"trouble": found.trouble, "bytes": base64.b64encode(found.data).decode()}
        out.append({**told, "message": found.message})
    print(json.dumps(out, ensure_ascii=False, indent=1))
    if unread:
        sys.exit(1)


def _named(post: str) -> tuple[str, int]:
    """`@handle/5`, `1234567890/5` or a link to a post."""
    found = re.fullmatch(r"(?:https://t\.me/(?:c/|s/)?)?@?([^/]+)/(\d{1,18})", post.strip())
    if found is None:
        raise DeadairError(f"{post!r} names no post", hint="write CHANNEL/NUMBER: @some_channel/1234")
    return found[1], int(found[2])


async def _look(setup: Setup, name: str, number: int) -> "Sequence[Kept]":
    from storage.store import open_store

    async with open_store(setup.storage, create=False) as store, store.read() as tx:
        channel = await tx.channels.by_name(name)
        if channel is None:
            known = ", ".join(each.name for each in await tx.channels.all()) or "none yet"
            raise DeadairError(f"the archive has no channel {name!r}", hint=f"it has: {known}")
        post = await tx.posts.get(channel.id, number)
        if post is None:
            raise DeadairError(
                f"the archive has no post {number} of {channel.name}",
                hint="it was never seen, or came and went before the channel was watched",
            )
        copies = await tx.raws.of(channel.id, number)
        if not copies:
            raise DeadairError(
                f"post {number} of {channel.name} has no raw copy",
                hint=f"it came to us as {post.how.value}, from a file or before copies were kept",
            )
        return copies
