"""`deadair match`: which posts tell of the same act."""

from collections.abc import Callable
from pathlib import Path

from claims.clusters import ReadPost, clusters
from claims.reading import BadRow, PostRow, read_post
from deadair.config import load
from deadair.lexicon import reads_of, resistance_in
from deadair.lines import opened, put


def match(config: Path | None, file: Path | None, resistance: str | None) -> None:
    with opened(file) as lines:
        reads = reads_of(load(config))
        meant = resistance_in(reads, resistance)
        posts: list[ReadPost] = []
        for post in lines.posts(also=_once()):
            read = read_post(
                reads.lexicon,
                post.text,
                posted=post.posted,
                lang=post.lang,
                resistance=meant(post.channel),
            )
            posts.append(
                ReadPost(
                    id=post.id,
                    posted_at=post.posted,
                    text=post.text,
                    claims=read.claims,
                    forwarded=post.forwarded_from is not None,
                )
            )
        found = clusters(posts, reads.lexicon.places)
        for each in posts:
            put({"id": each.id, "cluster": found[each.id]})
        lines.finish()


def _once() -> Callable[[int, PostRow], None]:
    """Refuses a post whose id came before: nobody could tell the two apart in what is written."""
    lines: dict[str, int] = {}

    def refuse(number: int, post: PostRow) -> None:
        before = lines.setdefault(str(post.id), number)
        if before != number:
            raise BadRow(
                number, f"id {post.id!r} is that of line {before} too", hint="Every post needs its own id."
            )

    return refuse
