"""Posts: searched, and each whole with its versions, claims and those who passed it on."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field

from archive.api import cursor
from archive.api.access import Route, needs
from archive.api.channels import ChannelPath
from archive.api.claim_records import ClaimRecord, claim_record
from archive.api.common import LARGEST, ChannelName, Cursor, Record, channel_name, url_of
from archive.api.filters import PostFilters
from archive.api.looking import channel_named
from archive.copies import Copies
from archive.history import Change, History, history
from archive.narrow import saying_what_to_narrow
from archive.query import Order, Paging
from archive.search import Hit, search
from archive.web.asked import store_of
from archive.web.problem import Problem
from domain.channel import Channel
from domain.credential import Scope
from domain.post import Deletion, Forward, How

router = APIRouter(route_class=Route, tags=["posts"], dependencies=[Depends(needs(Scope.POSTS))])


class PostKeyRecord(Record):
    channel: ChannelName
    post_id: int


class ForwardRecord(Record):
    channel_id: int | None
    post_id: int | None
    name: str | None
    posted_at: datetime | None


class DeletionRecord(Record):
    """It was deleted between these two instants; both matter."""

    last_seen_at: datetime
    first_missed_at: datetime
    returned_at: datetime | None


class SnippetRecord(Record):
    """A part of the raw text with what was sought."""

    version: int
    text: str
    marks: list[tuple[int, int]] = Field(description="In characters, within `text`.")
    cut_before: bool
    cut_after: bool


class CopiesRecord(Record):
    """The posts that say nearly the same, this one included."""

    posts: int
    channels: int
    first: PostKeyRecord
    first_at: datetime
    complete: bool = Field(description="False: there may be more.")


class HitRecord(Record):
    channel: ChannelName
    post_id: int
    url: str | None
    posted_at: datetime
    seen_at: datetime
    how: How
    removed_at: datetime | None = Field(
        description="When what it said was removed, its time being over: texts are empty then, and the post "
        "still counts. Null: it was not."
    )
    text: str = Field(description="Of the version that is shown.")
    version: int = Field(description="The version that is shown; 0: as first seen.")
    current_version: int
    versions: int
    saying: list[int] = Field(description="The versions that by themselves answer to the words.")
    snippet: SnippetRecord
    media: str | None
    forward: ForwardRecord | None
    views: int | None = Field(description="The highest count seen; null: nobody told.")
    deletion: DeletionRecord | None
    copies: CopiesRecord | None = Field(description="Null: nobody else says so.")
    score: float | None


class Posts(Record):
    posts: list[HitRecord]
    next: str | None
    folded: int = Field(description="Copies on this page that were left out.")
    ranked: int | None = Field(description="By relevance: how many of the newest were put in order.")
    not_yet_searchable: int
    removed: bool = Field(
        description="Of some posts of that time nobody can say any more whether they answer: what they said "
        "was removed."
    )


class _Asked(PostFilters):
    order: Order = Order.NEWEST
    fold: bool = Field(False, description="Copies of what was shown before are left out.")
    limit: int = Field(50, ge=1, le=500)
    cursor: Cursor = None


@router.get("/posts")
async def posts(request: Request, asked: Annotated[_Asked, Query()]) -> Posts:
    """Search all versions of all posts. Give `next` as `cursor` for the next page: posts that arrive
    meanwhile change nothing about the pages that follow.
    """
    sign = cursor.sign_of("posts", asked.model_dump(exclude={"cursor", "limit"}))
    after, upto = (None, None)
    if asked.cursor:
        after, upto = cursor.read(asked.cursor, sign, str, int)
    paging = Paging(
        order=asked.order,
        limit=asked.limit,
        after=after,
        fold_copies=asked.fold,
        upto=upto if upto is None or upto >= 0 else None,
    )
    query = asked.query()
    with saying_what_to_narrow(query, asked.order):
        async with store_of(request).read() as tx:
            page = await search(tx, query, paging)
            channels = {c.id: c for c in await tx.channels.all()}
    return Posts(
        posts=[_hit(hit, channels) for hit in page.hits],
        next=cursor.write(sign, page.next, -1 if page.upto is None else page.upto) if page.next else None,
        folded=page.folded,
        ranked=page.ranked,
        not_yet_searchable=page.unsearchable,
        removed=page.removed,
    )


def _hit(hit: Hit, channels: dict[int, Channel]) -> HitRecord:
    post, found = hit.post, hit.found
    number, snippet = hit.snippet()
    return HitRecord(
        channel=channel_name(post.channel_id, channels),
        post_id=post.id,
        url=url_of(channels.get(post.channel_id), post.id),
        posted_at=post.posted_at,
        seen_at=post.seen_at,
        how=post.how,
        removed_at=post.removed_at,
        text=hit.versions[number].text,
        version=number,
        current_version=found.current,
        versions=len(hit.versions),
        saying=list(hit.saying()),
        snippet=SnippetRecord(
            version=number,
            text=snippet.text,
            marks=list(snippet.marks),
            cut_before=snippet.cut_before,
            cut_after=snippet.cut_after,
        ),
        media=post.media.kind if post.media else None,
        forward=_forward(post.forward),
        views=found.views,
        deletion=_deletion(found.gone) if found.gone else None,
        copies=_copies(hit.copies, channels),
        score=hit.score,
    )


def _forward(forward: Forward | None) -> ForwardRecord | None:
    if forward is None:
        return None
    return ForwardRecord(
        channel_id=forward.channel_id,
        post_id=forward.post_id,
        name=forward.name,
        posted_at=forward.posted_at,
    )


def _deletion(gone: Deletion) -> DeletionRecord:
    return DeletionRecord(
        last_seen_at=gone.last_seen_at, first_missed_at=gone.first_missed_at, returned_at=gone.returned_at
    )


def _copies(copies: Copies | None, channels: dict[int, Channel]) -> CopiesRecord | None:
    if copies is None:
        return None
    key = copies.first.key
    return CopiesRecord(
        posts=copies.posts,
        channels=copies.channels,
        first=PostKeyRecord(channel=channel_name(key.channel_id, channels), post_id=key.post_id),
        first_at=copies.first_at,
        complete=copies.complete,
    )


class PieceRecord(Record):
    change: Change
    text: str


class VersionRecord(Record):
    number: int = Field(description="0: as first seen.")
    seen_at: datetime
    edited_at: datetime | None
    text: str
    stands: bool
    media: str | None
    pieces: list[PieceRecord] = Field(description="Against the version before; of the first, its text.")


class SampleRecord(Record):
    """What the counters showed at an instant."""

    at: datetime
    views: int | None
    forwards: int | None
    replies: int | None


class ReadingRecord(Record):
    reader_version: int
    language: str | None
    topics: list[str]
    claimants: list[str]


class RelayRecord(Record):
    channel: ChannelName
    post_id: int
    posted_at: datetime
    forwarded: bool = Field(description="False: it says nearly the same.")


class PostWhole(Record):
    channel: ChannelName
    post_id: int
    url: str | None
    posted_at: datetime
    seen_at: datetime
    last_seen_at: datetime
    how: How
    removed_at: datetime | None = Field(
        description="When what it said was removed, its time being over: texts are empty then, and the post "
        "still counts. Null: it was not."
    )
    removed_why: str | None = Field(description="By which rule.")
    media: str | None
    forward: ForwardRecord | None
    reply_to: int | None
    author: str | None
    album_id: int | None
    versions: list[VersionRecord]
    deletions: list[DeletionRecord]
    samples: list[SampleRecord]
    reading: ReadingRecord | None = Field(description="Null: not read yet.")
    claims: list[ClaimRecord]
    relays: list[RelayRecord] = Field(description="Who passed it on, or says nearly the same; at most 200.")
    copies: CopiesRecord | None


@router.get("/channels/{channel}/posts/{post_id}")
async def post(
    request: Request, channel: ChannelPath, post_id: Annotated[int, Path(ge=1, le=LARGEST)]
) -> PostWhole:
    """A post with all its versions and their differences, deletions, counters over time, claims with their
    evidence, and relays.
    """
    async with store_of(request).read() as tx:
        found = await channel_named(tx, channel)
        held = await tx.posts.get(found.id, post_id)
        if held is None:
            raise Problem(
                404,
                "no-such-post",
                f"the archive holds no post {post_id} of {found.name}",
                hint="GET /api/v1/coverage says how much of the channel it holds",
            )
        whole = await history(tx, found, held)
        channels = {c.id: c for c in await tx.channels.all()}
    return _whole(whole, channels)


def _whole(whole: History, channels: dict[int, Channel]) -> PostWhole:
    post = whole.post
    texts = {version.number: version.text for version in whole.versions}
    return PostWhole(
        channel=channel_name(whole.channel.id, channels),
        post_id=post.id,
        url=url_of(whole.channel, post.id),
        posted_at=post.posted_at,
        seen_at=post.seen_at,
        last_seen_at=whole.last_seen_at,
        how=post.how,
        removed_at=post.removed_at,
        removed_why=whole.removed_why or None,
        media=post.media.kind if post.media else None,
        forward=_forward(post.forward),
        reply_to=post.reply_to,
        author=post.author,
        album_id=post.album_id,
        versions=[
            VersionRecord(
                number=v.number,
                seen_at=v.seen_at,
                edited_at=v.edited_at,
                text=v.text,
                stands=v.stands,
                media=v.media,
                pieces=[PieceRecord(change=p.change, text=p.text) for p in v.pieces],
            )
            for v in whole.versions
        ],
        deletions=[_deletion(d) for d in whole.deletions],
        samples=[
            SampleRecord(at=s.at, views=s.views, forwards=s.forwards, replies=s.replies)
            for s in whole.samples
        ],
        reading=ReadingRecord(
            reader_version=whole.reading.reader_version,
            language=whole.reading.language,
            topics=list(whole.reading.topics),
            claimants=list(whole.reading.claimants),
        )
        if whole.reading
        else None,
        claims=[claim_record(claim, channels, texts.get(claim.revision)) for claim in whole.claims],
        relays=[
            RelayRecord(
                channel=channel_name(r.key.channel_id, channels),
                post_id=r.key.post_id,
                posted_at=r.posted_at,
                forwarded=r.forwarded,
            )
            for r in whole.relays
        ],
        copies=_copies(whole.copies, channels),
    )
