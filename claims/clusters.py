"""For each post of a file the act that it tells of."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from claims.copies import LEAST_WORDS, Line, breaks_off, words_of
from claims.lexicon.entries import Place
from claims.matching import CUT_OFF_WITHIN, Key, Told, match
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
    """The act that the first claim of each post tells of; a post that tells of none stands alone.

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
    whole: dict[Line, list[tuple[ReadPost, Line]]] = {}
    for post in posts:
        if (post.id, 1) in acts and len(words := words_of(post.text)) > LEAST_WORDS:
            whole.setdefault(words[:LEAST_WORDS], []).append((post, words))
    out: dict[Hashable, int | str] = {}
    for post in posts:
        number = acts.get((post.id, 1))
        if number is None and not post.claims:
            number = _whole(post, whole, acts)
        out[post.id] = number if number is not None else f"alone:{post.id}"
    return out


def _whole(
    post: ReadPost, whole: Mapping[Line, Sequence[tuple[ReadPost, Line]]], acts: Mapping[Key, int]
) -> int | None:
    """The act of the text, told at about the same time, of which this post is the beginning."""
    words = words_of(post.text)
    near = [
        (abs(other.posted_at - post.posted_at), acts[other.id, 1])
        for other, full in whole.get(words[:LEAST_WORDS], ())
        if abs(other.posted_at - post.posted_at) <= CUT_OFF_WITHIN and breaks_off(words, full)
    ]
    return min(near)[1] if near else None
