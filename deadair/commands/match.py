"""`deadair match`: which posts tell of the same act."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from claims.matching import clusters
from claims.reading import BadRow, PostRow, read_post
from deadair.config import load
from deadair.lexicon import lexicon_of
from deadair.lines import opened, put
from domain.claim import Claim


def match(config: Path | None, file: Path | None) -> None:
    with opened(file) as lines:
        lexicon = lexicon_of(load(config))
        posts: list[tuple[object, datetime, str, Sequence[Claim]]] = []
        for post in lines.posts(also=_once()):
            read = read_post(lexicon, post.text, posted=post.posted, lang=post.lang)
            posts.append((post.id, post.posted, post.text, read.claims))
        found = clusters(posts, lexicon.places)
        for id_, *_ in posts:
            put({"id": id_, "cluster": found[id_]})
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
