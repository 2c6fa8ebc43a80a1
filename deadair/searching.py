"""The archive's search as the bot asks for it: neither knows of the other."""

from datetime import timedelta

from archive.narrow import saying_what_to_narrow
from archive.query import Paging, Query
from archive.search import Hit as ArchiveHit
from archive.search import search
from bot.finding import Found, Hit, Search
from storage.store import Store

#: So much of a post is shown around what was sought.
_AROUND = 220


def search_for_bot(store: Store, longest: timedelta = timedelta(seconds=30)) -> Search:
    """A search of this archive. It raises QueryError and FilterError for words that cannot be read, and
    TooHeavy for what takes longer than `longest` to find.
    """
    hurried = store.hurried(longest)

    async def find(words: str, after: str | None, limit: int) -> Found:
        query = Query(text=words)
        with saying_what_to_narrow(query):
            async with hurried.read() as tx:
                page = await search(tx, query, Paging(limit=limit, after=after))
        return Found(hits=tuple(_hit(each) for each in page.hits), after=page.next, not_yet=page.unsearchable)

    return find


def _hit(hit: ArchiveHit) -> Hit:
    _, snippet = hit.snippet(_AROUND)
    words = f"{'…' if snippet.cut_before else ''}{snippet.text}{'…' if snippet.cut_after else ''}"
    return Hit(
        channel_id=hit.post.channel_id,
        post_id=hit.post.id,
        posted_at=hit.post.posted_at,
        words=words,
        is_gone=hit.found.gone is not None,
    )
