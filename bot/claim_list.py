"""Claims as a list: who claims what, where, with what, and the words it was read from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.keyboards import key_of
from bot.markup import Html, bold, foreign, html, italic, joined, link, paragraphs
from bot.naming import Names
from bot.post_line import post_url
from bot.say import Say
from bot.saying import say_at_briefly, say_country, say_date
from bot.texts import asking
from domain.channel import Channel
from domain.claim import OUT_OF_VOCABULARY, UNKNOWN_GROUP, ArchivedClaim, DateSource
from storage.store import Store

PER_PAGE = 5
LATELY = timedelta(days=30)
_WORDS = 180
By = Literal["all", "actor", "place"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of claims, the newest first."""

    claims: Sequence[tuple[ArchivedClaim, str]]
    channels: Mapping[int, Channel]
    more: bool
    was_read: bool  #: anything at all


async def read_claims(store: Store, by: By, key: str, page: int) -> Page:
    """A page of the latest, or of those of a claimant or about a place."""
    async with store.read() as tx:
        version = await tx.readings.live_version()
        found = await tx.claims.latest(
            version or 0,
            claimant=key if by == "actor" else None,
            location=key if by == "place" else None,
            limit=PER_PAGE + 1,
            offset=page * PER_PAGE,
        )
        channels = {c.id: c for c in await tx.channels.all()}
    return Page(
        claims=found[:PER_PAGE],
        channels=channels,
        more=len(found) > PER_PAGE,
        was_read=version is not None,
    )


async def named_lately(store: Store, by: Literal["actor", "place"], now: datetime) -> dict[str, int]:
    """Claimants or places of the last 30 days with how often each, the most frequent first."""
    async with store.read() as tx:
        version = await tx.readings.live_version()
        claimants, places = await tx.claims.named(version or 0, now - LATELY)
    named = claimants if by == "actor" else places
    return {key: n for key, n in named.items() if key not in (UNKNOWN_GROUP, OUT_OF_VOCABULARY)}


def keyed(named: Mapping[str, int], stands_for: str) -> str | None:
    """The claimant or place that a button stands for."""
    return next((key for key in named if key_of(key) == stands_for), None)


def say_claims(
    page: Page, by: By, key: str, n: int, now: datetime, zone: ZoneInfo, say: Say, names: Names
) -> Html:
    """In words, for one reader."""
    name = names.of("actor" if by == "actor" else "place", key, say) if key else ""
    if not page.claims and n == 0:
        if not page.was_read:
            return say(asking.CLAIMS_NOT_READ)
        return say(asking.CLAIMS_NONE_OF, name=foreign(name, 60)) if key else say(asking.CLAIMS_NONE)
    match by:
        case "actor":
            head = say(asking.CLAIMS_OF, claimant=foreign(name, 60))
        case "place":
            head = say(asking.CLAIMS_AT, place=foreign(name, 60))
        case "all":
            head = say(asking.CLAIMS_LATEST)
    blocks = [_claim(claim, text, page.channels, now, zone, say, names) for claim, text in page.claims]
    foot = [italic(say(asking.PAGE, n=n + 1))] if n > 0 or page.more else []
    return paragraphs([[bold(head)], *blocks, foot])


def _claim(
    archived: ArchivedClaim,
    text: str,
    channels: Mapping[int, Channel],
    now: datetime,
    zone: ZoneInfo,
    say: Say,
    names: Names,
) -> list[Html]:
    claim = archived.claim
    channel = channels.get(archived.channel_id)
    at = html(say_at_briefly(archived.posted_at, zone, now, say))
    if channel is not None:
        at = link(at, post_url(channel, archived.post_id))
    if claim.claimant and claim.claimant != UNKNOWN_GROUP:
        who = bold(foreign(names.of("actor", claim.claimant, say), 60))
        lines = [say(asking.CLAIMED_BY, at=at, claimant=who)]
    else:
        lines = [say(asking.CLAIMED_BY_NOBODY, at=at)]
    parts = [say(asking.CLAIM_KINDS[claim.kind.value])]
    if claim.location and claim.location != OUT_OF_VOCABULARY:
        parts.append(say(asking.CLAIMED_WHERE, place=foreign(names.of("place", claim.location, say), 60)))
    elif claim.country and claim.country != "ZZ":
        parts.append(say(asking.CLAIMED_WHERE, place=say_country(claim.country, say)))
    if claim.target:
        parts.append(say(asking.CLAIMED_AGAINST, target=foreign(names.of("actor", claim.target, say), 60)))
    if claim.weapons:
        weapons = say.listed([foreign(names.of("weapon", w, say), 40) for w in claim.weapons[:4]])
        parts.append(say(asking.CLAIMED_WITH, weapons=weapons))
    if claim.date is not None and claim.date_source is not DateSource.POSTED:
        parts.append(say(asking.CLAIMED_ON, day=say_date(claim.date, say)))
    if channel is not None:
        parts.append(say(asking.CLAIMED_IN, channel=foreign(channel.title or channel.name, 60)))
    lines.append(joined(parts, " · "))
    if words := evidence_of(archived, text):
        lines.append(say(asking.QUOTED, words=foreign(words, _WORDS)))
    return lines


def evidence_of(archived: ArchivedClaim, text: str) -> str:
    """The words it was read from: from the first that shows a value of it to the last."""
    spans = [s for s in archived.claim.evidence if s.end > s.start]
    if not spans:
        return ""
    start, end = min(s.start for s in spans), max(s.end for s in spans)
    # Whole words at both ends.
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end]


def say_choice(by: Literal["actor", "place"], named: Mapping[str, int], say: Say) -> Html:
    """What stands above the buttons."""
    if not named:
        return say(asking.CLAIMS_NONE)
    return say(asking.CLAIMS_BY_CLAIMANT if by == "actor" else asking.CLAIMS_BY_PLACE)
