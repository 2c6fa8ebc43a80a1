"""The archive's search as the bot asks for it: neither knows of the other."""

from datetime import timedelta

from archive.query import Paging, Query
from archive.search import Hit as ArchiveHit
from archive.search import search
from bot.finding import Found, Hit, Search
from domain import complaint
from domain.sentence import Sentence
from storage.errors import TooHeavy
from storage.store import Store

#: So much of a post is shown around what was sought.
_AROUND = 220


def search_for_bot(store: Store, longest: timedelta = timedelta(seconds=30)) -> Search:
    """A search of this archive. It raises QueryError and FilterError for words that cannot be read, and
    TooHeavy for what takes longer than `longest` to find.
    """
    hurried = store.hurried(longest)

    async def find(words: str, after: str | None, limit: int) -> Found:
        try:
            async with hurried.read() as tx:
                page = await search(tx, Query(text=words), Paging(limit=limit, after=after))
        except TooHeavy as error:  # the words are all that the bot takes
            raise TooHeavy(error.what, hint=Sentence(complaint.ASK_WORDS)) from error
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
