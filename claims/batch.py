"""One batch of the reader: what is unread, what was read in it, and how that is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from claims.albums import Album, with_earlier_parts
from claims.incidents import Incidents
from claims.interpreter import Interpreter, Read, Usage, joined
from claims.revisions import Edited, claims_of, read_edits
from domain.claim import ArchivedClaim
from domain.post import Post, PostKey, PostKind
from domain.reading import Reading
from storage.reader_versions import place_mark
from storage.revisions import Revised
from storage.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a reader version has come."""

    seq: int = 0  #: of the posts
    revision: int = 0  #: of the revisions

    @classmethod
    async def of(cls, tx: Transaction, version: int) -> "Place":
        mark = await tx.marks.get(place_mark(version))
        return cls(seq=mark.get("seq", 0), revision=mark.get("revision", 0))

    async def keep(self, tx: Transaction, version: int, at: datetime) -> None:
        await tx.marks.set(place_mark(version), {"seq": self.seq, "revision": self.revision}, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is to be read next: posts, or edits of posts that were read before."""

    place: Place  #: before it
    after: Place
    posts: Sequence[tuple[int, Post]] = ()
    firsts: Mapping[Album, int] = field(default_factory=dict)  #: the part of each album that counts
    parts: Sequence[tuple[int, Reading]] = ()  #: of these albums, read before
    revised: Sequence[Revised] = ()
    known: Mapping[PostKey, Sequence[ArchivedClaim]] = field(default_factory=dict)
    #: How posts were read, by the version that counts, before what they said was removed.
    carried: Mapping[PostKey, Reading] = field(default_factory=dict)
    removals: int = 0  #: there had been when it was fetched

    def __len__(self) -> int:
        return len(self.posts) + len(self.revised)


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """Posts that will be read once those before them are: looked up, and given to be read, ahead of time."""

    seq: int  #: they follow on this one
    removals: int  #: there had been by then; with more of them what is looked up may say nothing any more
    posts: Sequence[tuple[int, Post]]


async def following(tx: Transaction, batch: Batch, size: int) -> Next:
    """The posts that follow on those of this batch."""
    posts = _whole_albums(await tx.posts.after(batch.after.seq, size), size)
    return Next(seq=batch.after.seq, removals=await tx.removals.count(), posts=posts)


async def fetch(tx: Transaction, version: int, size: int, known: Next | None = None) -> Batch:
    """The next batch. Edits come when no post is left, so that the post of each has been read.

    `known` is what was looked up before, if anything: posts that are stored do not change.
    """
    place, removals = await Place.of(tx, version), await tx.removals.count()
    if known is not None and known.posts and (known.seq, known.removals) == (place.seq, removals):
        unread = known.posts
    else:
        unread = _whole_albums(await tx.posts.after(place.seq, size), size)
    if unread:
        albums = {(p.channel_id, p.album_id) for _, p in unread if p.album_id is not None}
        return Batch(
            place=place,
            after=replace(place, seq=unread[-1][0]),
            posts=unread,
            firsts=await tx.posts.album_firsts(albums),
            parts=await tx.readings.of_albums(albums, version),
            carried=await _carried(tx, [post for _, post in unread]),
            removals=removals,
        )
    revised = await tx.posts.revisions_after(place.revision, size)
    keys = {each.post.key for each in revised}
    return Batch(
        place=place,
        after=replace(place, revision=revised[-1].seq) if revised else place,
        revised=revised,
        known=await tx.claims.of_posts(keys, version),
        removals=removals,
    )


async def _carried(tx: Transaction, posts: Sequence[Post]) -> Mapping[PostKey, Reading]:
    """What was read of those that say nothing any more: no later version can read them."""
    removed = [post.key for post in posts if post.removed_at is not None]
    live = await tx.readings.live_version() if removed else None
    return {} if live is None else await tx.readings.of_posts(removed, live)


@dataclass(frozen=True, slots=True, kw_only=True)
class Yield:
    """What reading a batch gave."""

    readings: Sequence[Reading]
    amended: Sequence[Reading]  #: earlier parts of albums, with what came to light with a later one
    added: Sequence[Reading]  #: of those, only what is new
    edited: Edited


def read(
    batch: Batch, reads: Sequence[Read], interpreter: Interpreter, usages: Mapping[int, Usage], version: int
) -> Yield:
    """Read a batch, of whose posts each was read by itself (`reads`). Pure, and safe in a thread."""
    posts = [post for _, post in batch.posts]
    reads = joined(posts, reads)
    edited = read_edits(batch.revised, batch.known, interpreter, usages, version)
    readings = []
    for (seq, post), found in zip(batch.posts, reads, strict=True):
        counts = _counts(seq, post, batch.firsts)
        if (before := batch.carried.get(post.key)) is not None:
            by = before.reader_version if before.read_by is None else before.read_by
            readings.append(
                replace(
                    before,
                    reader_version=version,
                    counts=counts,
                    seq=0,
                    read_by=None if by == version else by,
                )
            )
            continue
        edited.made += claims_of(post, found.claims, version)
        is_known = post.removed_at is None and not found.trouble
        readings.append(
            Reading(
                channel_id=post.channel_id,
                post_id=post.id,
                posted_at=post.posted_at,
                reader_version=version,
                topics=found.topics,
                claimants=found.claimants,
                language=found.language,
                counts=counts,
                pause=found.pause,
                read_by=None if is_known else 0,  # there was nothing to be read any more, or it was not
            )
        )
    album_of = {post.key: (post.channel_id, post.album_id) for post in posts if post.album_id is not None}
    readings, amended, added = with_earlier_parts(readings, album_of, batch.parts)
    return Yield(readings=readings, amended=amended, added=added, edited=edited)


async def put(
    tx: Transaction, batch: Batch, found: Yield, claims: Sequence[ArchivedClaim], incidents: Incidents
) -> None:
    """Store what was read. `claims` are those found, with what they joined."""
    await tx.readings.put(found.readings)
    await tx.readings.amend(found.amended)
    await tx.tallies.add(found.readings)
    await tx.tallies.add(found.added, known=True)
    await tx.claims.supersede(found.edited.ended)
    await tx.claims.put(await incidents.store(tx, claims))


def _whole_albums(unread: Sequence[tuple[int, Post]], size: int) -> Sequence[tuple[int, Post]]:
    """Without the album at the end of a full batch, whose other parts may come with the next."""
    if len(unread) < size:
        return unread
    last = unread[-1][1]
    if last.album_id is None:
        return unread
    end = len(unread)
    while end and unread[end - 1][1].album_id == last.album_id:
        end -= 1
    return unread[:end] or unread


def _counts(seq: int, post: Post, firsts: Mapping[Album, int]) -> bool:
    if post.kind is PostKind.SERVICE:
        return False
    return post.album_id is None or firsts.get((post.channel_id, post.album_id), seq) == seq
