"""What edits do to the claims of posts that were read before."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from claims.interpreter import Interpreter, Usage, words_of
from claims.revising import Standing, revise
from domain.claim import ArchivedClaim, Claim
from domain.post import Post, PostKey
from storage.revisions import Revised

Made = tuple[ArchivedClaim, Post, str]


@dataclass(slots=True)
class Edited:
    """New claims and versions of claims, each with its post and the text it was read in, and what ended."""

    made: list[Made] = field(default_factory=list)
    ended: list[tuple[int, datetime]] = field(default_factory=list)  #: stored claims by id, and since when
    stumbled: list[tuple[PostKey, str]] = field(default_factory=list)  #: of which posts, and why


def claims_of(post: Post, claims: Sequence[Claim], reader_version: int) -> list[Made]:
    """The claims of a post as first seen."""
    return [
        (_archived(post, Standing(number=n, version=1, claim=claim), reader_version), post, post.text)
        for n, claim in enumerate(claims, 1)
    ]


def read_edits(
    revised: Iterable[Revised],
    known: Mapping[PostKey, Sequence[ArchivedClaim]],
    interpreter: Interpreter,
    usages: Mapping[int, Usage],
    reader_version: int,
) -> Edited:
    """Read revisions in their order; `known` holds every version of every claim of their posts."""
    out = Edited()
    standing: dict[PostKey, dict[int, ArchivedClaim]] = defaultdict(dict)
    highest: Counter[PostKey] = Counter()
    for key, versions in known.items():
        standing[key] = {c.number: c for c in versions if c.superseded_at is None}
        highest[key] = max((c.number for c in versions), default=0)
    made: dict[tuple[PostKey, int, int], Made] = {}
    for each in revised:
        if not each.stood or each.post.removed_at is not None:
            continue
        post, revision, stand = each.post, each.revision, standing[each.post.key]
        read = interpreter.attempt(words_of(post, revision.text), usages.get(post.channel_id))
        if read.trouble:  # what it said before stands: nobody knows better
            out.stumbled.append((post.key, read.trouble))
            continue
        change = revise(
            [Standing(number=c.number, version=c.version, claim=c.claim) for c in stand.values()],
            read.claims,
            last_number=highest[post.key],
        )
        for number in (*change.gone, *(claim.number for claim in change.changed)):
            old = stand.pop(number)
            if old.id:
                out.ended.append((old.id, revision.seen_at))
            else:  # of an earlier revision that is read just now
                place = post.key, number, old.version
                made[place] = (replace(old, superseded_at=revision.seen_at), *made[place][1:])
        for told in (*change.changed, *change.new):
            claim = _archived(post, told, reader_version)
            claim = replace(claim, revision=revision.number, from_at=revision.seen_at)
            stand[told.number] = claim
            highest[post.key] = max(highest[post.key], told.number)
            made[post.key, told.number, told.version] = (claim, post, revision.text)
    out.made = list(made.values())
    return out


def _archived(post: Post, standing: Standing, reader_version: int) -> ArchivedClaim:
    return ArchivedClaim(
        channel_id=post.channel_id,
        post_id=post.id,
        number=standing.number,
        version=standing.version,
        reader_version=reader_version,
        posted_at=post.posted_at,
        from_at=post.seen_at,
        claim=standing.claim,
    )
