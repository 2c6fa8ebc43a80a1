"""A post by the name that people give it: @handle/5, 1234567890/5 or a link."""

import re
from typing import TYPE_CHECKING

from domain.channel import Channel
from domain.errors import DeadairError
from domain.post import Post

if TYPE_CHECKING:
    from storage.store import Transaction


def named(post: str) -> tuple[str, int]:
    """Its channel and its number. Raises DeadairError."""
    found = re.fullmatch(r"(?:(?:https://)?t\.me/(?:c/|s/)?)?@?([^/]+)/(\d{1,18})", post.strip())
    if found is None:
        raise DeadairError(f"{post!r} names no post", hint="write CHANNEL/NUMBER: @some_channel/1234")
    return found[1], int(found[2])


async def held_post(tx: "Transaction", name: str) -> tuple[Channel, Post]:
    """Raises DeadairError when the archive has no such channel or post."""
    wanted, number = named(name)
    channel = await tx.channels.by_name(wanted)
    if channel is None:
        known = ", ".join(each.name for each in await tx.channels.all()) or "none yet"
        raise DeadairError(f"the archive has no channel {wanted!r}", hint=f"it has: {known}")
    post = await tx.posts.get(channel.id, number)
    if post is None:
        raise DeadairError(
            f"the archive has no post {number} of {channel.name}",
            hint="it was never seen, or came and went before the channel was watched",
        )
    return channel, post
