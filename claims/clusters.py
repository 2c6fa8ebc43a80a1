"""For each post of a file the act that it tells of."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from claims.act import CUT_OFF_WITHIN
from claims.copies import LEAST_WORDS, Line, breaks_off, words_of
from claims.lexicon.entries import Place
from claims.matching import Told, match
from domain.claim import Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPost:
    """A post with the claims that were read in it."""

    id: Hashable
    posted_at: datetime
    text: str
    claims: Sequence[Claim]
    forwarded: bool = False


def clusters(posts: Sequence[ReadPost], places: Mapping[str, Place]) -> dict[Hashable, int | str]:
    """The act that each post tells of, of several the one that most others tell of too; else it stands alone.

    A post that breaks off before it says anything belongs to the whole text that it is the beginning of.
    """
    acts = match(
        (
            Told(
                post=post.id,
                number=number,
                posted_at=post.posted_at,
                claim=claim,
                text=post.text,
                forwarded=post.forwarded,
            )
            for post in posts
            for number, claim in enumerate((c for c in post.claims if c.kind.is_attack), 1)
        ),
        places,
    )
    told_by = Counter(acts.values())
    main: dict[Hashable, int] = {}
    for (post_id, _), number in sorted(acts.items(), key=lambda a: a[0][1]):
        if post_id not in main or told_by[number] > told_by[main[post_id]]:
            main[post_id] = number
    whole: dict[Line, list[tuple[ReadPost, Line]]] = {}
    for post in posts:
        if post.id in main and len(words := words_of(post.text)) > LEAST_WORDS:
            whole.setdefault(words[:LEAST_WORDS], []).append((post, words))
    out: dict[Hashable, int | str] = {}
    for post in posts:
        act = main.get(post.id)
        if act is None and not post.claims:
            act = _whole(post, whole, main)
        out[post.id] = act if act is not None else f"alone:{post.id}"
    return out


def _whole(
    post: ReadPost, whole: Mapping[Line, Sequence[tuple[ReadPost, Line]]], main: Mapping[Hashable, int]
) -> int | None:
    """The act of the text, told at about the same time, of which this post is the beginning."""
    words = words_of(post.text)
    near = [
        (abs(other.posted_at - post.posted_at), main[other.id])
        for other, full in whole.get(words[:LEAST_WORDS], ())
        if abs(other.posted_at - post.posted_at) <= CUT_OFF_WITHIN and breaks_off(words, full)
    ]
    return min(near)[1] if near else None
