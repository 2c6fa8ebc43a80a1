"""An invented archive with all sorts in it, as the pages show it: sixty days of a few channels."""

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from archive.indexer import Indexer
from domain.channel import Channel, ChannelChange, ChannelEvent, ChannelStatus
from domain.claim import ArchivedClaim, Claim, ClaimKind, Precision, Span
from domain.clock import SetClock
from domain.counters import Sample
from domain.episode import Episode, Move, State, Subject, Transition
from domain.finding import Cause, Kind, Ruling, Verdict
from domain.opinion import Opinion, Says
from domain.post import Forward, How, Post
from domain.reading import Reading
from domain.sentence import Sentence
from domain.watch import Gap, GapCause, WatchSpan
from storage.store import Store, Transaction

NOW = datetime(2026, 3, 1, 12, 20, tzinfo=UTC)
DAYS = 60
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
FALCON, HERON, KITE, OWL, SWIFT, CRANE, WREN = range(7, 14)
CHANNELS = (
    Channel(
        id=FALCON,
        title="Falcon Front",
        handle="falcon_front",
        group="north",
        zone="Asia/Baghdad",
        country="IQ",
    ),
    Channel(
        id=HERON, title="مرصد البلشون", handle="heron_watch", group="north", zone="Asia/Baghdad", country="IQ"
    ),
    Channel(
        id=KITE, title="خبرگزاری بادبادک", handle="kite_news", group="south", zone="Asia/Tehran", country="IR"
    ),
    Channel(id=OWL, title="Owl Post", handle="owl_post", group="south"),
    Channel(id=SWIFT, title="Swift <b>Media</b>", handle="swift_media", group="north"),
    Channel(
        id=CRANE, title="Crane Brigade", handle="crane_brigade", group="south", status=ChannelStatus.PRIVATE
    ),
    Channel(id=WREN, title="Wren", handle="wren_new"),
)
#: Posts a day of each.
RATES = {FALCON: 30, HERON: 14, KITE: 22, OWL: 9, SWIFT: 17, CRANE: 6, WREN: 3}
#: Since when each has been silent, and what could not be seen of the last two days.
SILENT = {FALCON: NOW - timedelta(hours=9), HERON: NOW - timedelta(hours=3), CRANE: NOW - timedelta(days=2)}
#: From then on Kite, which goes on, posts nothing about drones.
NO_DRONES = NOW - 2 * DAY
TEXTS = (
    "تعلن المقاومة استهداف قاعدة حرير بطائرة مسيرة رقم {n}",
    "خبر عاجل: حركة طيران في سماء المنطقة {n}",
    "پهپادها پایگاه عین الاسد را هدف قرار دادند {n}",
    "A statement on the march of the day, number {n}",
    "بيان رقم {n}: <script>alert(1)</script> لا شيء غير النص",
    "گزارش روزانه شماره {n} از جبهه",
)
_PLACES = (("harir", Precision.SITE), ("baghdad", Precision.TOWN), ("oov", None))


def posts_of(channel: Channel, rng: random.Random) -> Iterator[Post]:
    """By the hour, more of them by day than by night."""
    start, number = (NOW - DAYS * DAY).replace(minute=0, second=0), 0
    days = 2 if channel.id == WREN else DAYS
    for hour in range(24 * DAYS + 12):
        at = start + hour * HOUR
        if at < NOW - days * DAY:
            continue
        rate = RATES[channel.id] / 24 * (1 + 0.8 * math.sin((at.hour - 8) / 24 * 2 * math.pi))
        if channel.id == OWL and at > NOW - 20 * HOUR:
            rate *= 0.15
        if channel.id == SWIFT and at > NOW - 5 * HOUR:
            rate *= 6
        for _ in range(
            rng.choices(range(12), [math.exp(-rate) * rate**k / math.factorial(k) for k in range(12)])[0]
        ):
            posted = at + timedelta(seconds=rng.randrange(3600))
            if posted >= SILENT.get(channel.id, NOW):
                continue
            number += 1
            text = TEXTS[(number * 7 + channel.id) % len(TEXTS)]
            if channel.id == KITE and posted >= NO_DRONES and _is_attack(text):
                text = TEXTS[5]
            text = text.format(n=number)
            yield Post(
                channel_id=channel.id,
                id=number,
                posted_at=posted,
                seen_at=posted,
                how=How.LIVE,
                text=text,
                views=40 * number,
            )


async def fill(store: Store, *, index: bool = True) -> None:
    rng = random.Random(20260301)
    async with store.begin() as tx:
        await tx.readings.go_live(1, NOW - DAYS * DAY)
        for channel in CHANNELS:
            await tx.channels.save(channel, NOW - DAYS * DAY)
            posts = sorted(posts_of(channel, rng), key=lambda p: p.posted_at)
            posts = [replace(p, id=n) for n, p in enumerate(posts, 1)]
            await tx.posts.put(posts)
            readings = [_reading(p) for p in posts]
            await tx.readings.put(readings)
            await tx.tallies.add(readings)
            told = [_claim(p) for p in posts if _is_claim(p)]
            acts = await tx.claims.open_incidents([(c.posted_at, c.posted_at) for c in told], 1)
            await tx.claims.put([replace(c, incident_id=act) for c, act in zip(told, acts, strict=True)])
            if channel.id == FALCON:
                await tx.claims.put([_tally(posts[-1])])
            for a, b in _watched(channel.id):
                await tx.watch.extend(
                    WatchSpan(channel_id=channel.id, account="main", from_at=a, to_at=b, how=How.LIVE)
                )
        await tx.watch.add_gap(
            Gap(channel_id=HERON, account="main", from_at=NOW - 3 * HOUR, to_at=None, cause=GapCause.LINK)
        )
        await tx.channels.befell(
            ChannelEvent(
                channel_id=CRANE,
                at=NOW - 2 * DAY,
                change=ChannelChange.GONE,
                status=ChannelStatus.PRIVATE,
                evidence="ChannelPrivateError",
            )
        )
        await _edited(tx)
        await _episodes(tx)
    if index:
        await Indexer(store, SetClock(NOW)).catch_up()


def _watched(channel_id: int) -> list[tuple[datetime, datetime]]:
    start = NOW - DAYS * DAY
    match channel_id:
        case 8:  # HERON: the line went down three hours ago
            return [(start, NOW - 3 * HOUR)]
        case 9:  # KITE: six hours of yesterday are missing
            return [(start, NOW - 18 * HOUR), (NOW - 12 * HOUR, NOW)]
        case 12:  # CRANE turned private
            return [(start, NOW - 2 * DAY)]
        case 13:
            return [(NOW - 2 * DAY, NOW)]
    return [(start, NOW)]


def _is_attack(text: str) -> bool:
    return "استهداف" in text or "هدف قرار" in text


def _is_claim(post: Post) -> bool:
    return _is_attack(post.text) and post.id % 3 == 0


def _reading(post: Post) -> Reading:
    language = "fa" if "پ" in post.text or "گ" in post.text else "en" if post.text[0] == "A" else "ar"
    attack = _is_attack(post.text)
    return Reading(
        channel_id=post.channel_id,
        post_id=post.id,
        posted_at=post.posted_at,
        reader_version=1,
        topics=("attacks", "drones") if attack else (),
        claimants=("kh",) if _is_claim(post) else (),
        language=language,
    )


def _claim(post: Post) -> ArchivedClaim:
    place, precision = _PLACES[post.id // 3 % len(_PLACES)]
    words = "استهداف" if "استهداف" in post.text else "هدف قرار"
    start = post.text.index(words)
    return ArchivedClaim(
        channel_id=post.channel_id,
        post_id=post.id,
        number=1,
        reader_version=1,
        posted_at=post.posted_at,
        from_at=post.posted_at,
        claim=Claim(
            kind=ClaimKind.RESPONSIBILITY,
            claimant="kh" if post.id % 2 else "iri",
            location=place,
            precision=precision,
            country="IQ",
            weapons=("drone",),
            date=post.posted_at.date(),
            evidence=(Span(field="action", start=start, end=start + len(words), rule="act"),),
        ),
    )


def _tally(post: Post) -> ArchivedClaim:
    claim = Claim(kind=ClaimKind.TALLY, claimant="kh", n_operations=31)
    return ArchivedClaim(
        channel_id=post.channel_id,
        post_id=post.id,
        number=2,
        reader_version=1,
        posted_at=post.posted_at,
        from_at=post.posted_at,
        claim=claim,
    )


async def _edited(tx: Transaction) -> None:
    """The newest post of Owl Post was edited; Kite's was forwarded by Falcon; one of Owl's is gone."""
    last = (await tx.posts.newest(OWL, 1))[0]
    edited = last.posted_at + 5 * MINUTE
    await tx.posts.put(
        [replace(last, text=last.text.replace("the", "a") + " (corrected)", edited_at=edited, seen_at=edited)]
    )
    await tx.posts.missed(OWL, [last.id - 1], NOW - HOUR)
    kite = (await tx.posts.newest(KITE, 1))[0]
    await tx.posts.put(
        [
            Post(
                channel_id=SWIFT,
                id=90_001,
                posted_at=NOW - MINUTE,
                seen_at=NOW - MINUTE,
                how=How.LIVE,
                text=kite.text,
                forward=Forward(channel_id=KITE, post_id=kite.id),
            )
        ]
    )
    await tx.counters.add(
        [
            Sample(
                channel_id=KITE,
                post_id=kite.id,
                at=kite.posted_at + n * HOUR,
                due=n * HOUR,
                views=100 * n,
                forwards=n,
            )
            for n in (1, 3)
        ]
    )


async def _episodes(tx: Transaction) -> None:
    evidence = (
        Sentence(
            "We watched {name} without a break since {since}.", name="@falcon_front", since=NOW - 3 * DAY
        ),
        Sentence("{on} of {n} other channels went on.", on=4, n=5),
    )
    confirmed = Verdict.confirmed(Cause.UNEXPLAINED, *evidence)
    since = NOW - 9 * HOUR
    for episode in (
        _episode(Kind.SILENCE, Subject(channel_id=FALCON), since, confirmed, expected=14.2, probability=3e-5),
        _episode(Kind.DROP, Subject(channel_id=OWL), NOW - 20 * HOUR, confirmed, observed=1, expected=8.4),
        _episode(Kind.SURGE, Subject(channel_id=SWIFT), NOW - 5 * HOUR, confirmed, observed=40, expected=6.0),
        _episode(Kind.SILENCE, Subject(channel_id=KITE, topic="drones"), NO_DRONES, confirmed, expected=9.0),
        _episode(
            Kind.SILENCE,
            Subject(channel_id=HERON),
            NOW - 20 * DAY,
            Verdict(ruling=Ruling.EXPLAINED, cause=Cause.ANNOUNCED, evidence=("<i>markup of nobody's</i>",)),
            closed_at=NOW - 19 * DAY,
            expected=12.0,
        ),
    ):
        kept = await tx.episodes.save(episode)
        for move, at in (
            (Move.FOUND, kept.found_at),
            (Move.OPENED, kept.opened_at),
            (Move.CLOSED, kept.closed_at),
        ):
            if at is not None:
                await tx.episodes.record(Transition(move=move, at=at, episode=kept))
        if kept.closed_at is not None:
            await tx.opinions.add(
                Opinion(
                    episode_id=kept.id, at=NOW - DAY, says=Says.CONFIRMED, by="Layla", note="they said so"
                )
            )


def _episode(
    kind: Kind,
    subject: Subject,
    since: datetime,
    verdict: Verdict,
    *,
    observed: int = 0,
    expected: float,
    probability: float = 1e-3,
    closed_at: datetime | None = None,
) -> Episode:
    return Episode(
        id=0,
        kind=kind,
        subject=subject,
        state=State.CLOSED if closed_at else State.OPEN,
        since_at=since,
        found_at=since + 3 * HOUR,
        opened_at=since + 3 * HOUR + 15 * MINUTE,
        closed_at=closed_at,
        verdict=verdict,
        observed=observed,
        expected=expected,
        probability=probability,
        ended="the first post came back" if closed_at else "",
    )
