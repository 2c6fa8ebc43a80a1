"""`deadair match`: which posts tell of the same act."""

from collections.abc import Callable
from pathlib import Path

from claims.clusters import ReadPost, clusters
from claims.reading import BadRow, PostRow, read_post
from deadair.config import load
from deadair.lexicon import lexicon_of
from deadair.lines import opened, put


def match(config: Path | None, file: Path | None) -> None:
    with opened(file) as lines:
        lexicon = lexicon_of(load(config))
        posts: list[ReadPost] = []
        for post in lines.posts(also=_once()):
            read = read_post(lexicon, post.text, posted=post.posted, lang=post.lang)
            posts.append(
                ReadPost(
                    id=post.id,
                    posted_at=post.posted,
                    text=post.text,
                    claims=read.claims,
                    forwarded=post.forwarded_from is not None,
                )
            )
        found = clusters(posts, lexicon.places)
        for post_ in posts:
            put({"id": post_.id, "cluster": found[post_.id]})
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
