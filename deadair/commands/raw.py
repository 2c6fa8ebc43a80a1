"""`deadair raw`: a post just as Telegram said it."""

import asyncio
import base64
import json
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deadair.config import Setup, load
from deadair.posts import held_post, named
from domain.errors import DeadairError

if TYPE_CHECKING:
    from storage.raws import Kept


def raw(config: Path | None, post: str) -> None:
    """Exit status 1 when a copy cannot be read any more; its bytes are printed all the same."""
    from collector.rawcopy import reread

    named(post)  # refused before the archive is opened
    copies = asyncio.run(_look(load(config), post))
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


async def _look(setup: Setup, name: str) -> "Sequence[Kept]":
    from storage.store import open_store

    async with open_store(setup.storage, create=False) as store, store.read() as tx:
        channel, post = await held_post(tx, name)
        try:
            copies = await tx.raws.of(channel.id, post.id)
        except zlib.error as error:
            raise DeadairError(
                f"the raw copy of post {post.id} of {channel.name} is damaged",
                hint="nothing can be read from it any more; what else of the archive is: deadair verify",
            ) from error
        if post.removed_at is not None:
            raise DeadairError(
                f"the raw copy of post {post.id} of {channel.name} was removed on {post.removed_at:%Y-%m-%d}",
                hint=f"by [retention]: {await tx.removals.why(channel.id, post.id)}",
            )
        if not copies:
            raise DeadairError(
                f"post {post.id} of {channel.name} has no raw copy",
                hint=f"it came to us as {post.how.value}, from a file or before copies were kept",
            )
        return copies
