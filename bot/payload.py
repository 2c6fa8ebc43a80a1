"""What comes with an alert: the data of its chart and links, read from JSON; what is missing is forgiven."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.claiming import Facts, Voice, read_facts, read_voice
from domain.instant import utc
from domain.series import Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A channel as the alert speaks of it."""

    id: int
    title: str
    handle: str | None = None
    last_post_at: datetime | None = None
    last_post_id: int | None = None

    def url(self, post_id: int | None = None) -> str | None:
        """Where a person can look: t.me by handle; a private channel's posts only for its members."""
        if self.handle:
            return f"https://t.me/{self.handle}" + (f"/{post_id}" if post_id else "")
        return f"https://t.me/c/{self.id}/{post_id}" if self.id and post_id else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPost:
    id: int
    posted_at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """An alert's data. `points` are hourly; an hour that was not watched has observed None."""

    title: str = ""
    zone: str = "UTC"
    channel: Member | None = None
    topic: str | None = None
    claimant: str | None = None  #: as people call it
    members: tuple[Member, ...] = ()
    last_posts: tuple[LastPost, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    points: tuple[Expected, ...] = ()
    change: str | None = None  #: what befell the channel, as ChannelChange
    status: str | None = None  #: how it stands since, as ChannelStatus
    before: str | None = None
    after: str | None = None
    facts: Facts | None = None  #: of a claim
    voices: tuple[Voice, ...] = ()  #: the channels that tell of it, with their words
    candidate: int | None = None  #: the number of a channel that could be watched at a tap

    @property
    def has_chart(self) -> bool:
        return len(self.points) > 1


def read_payload(document: Mapping[str, Any]) -> Payload:
    """Read the stored form. What is missing or unreadable is left out; the alert is told all the same."""
    channel = document.get("channel")
    return Payload(
        title=_text(document.get("title")),
        zone=_zone(document.get("zone")),
        channel=_member(channel) if isinstance(channel, Mapping) else None,
        topic=_text(document.get("topic")) or None,
        claimant=_text(document.get("claimant")) or None,
        members=tuple(_member(m) for m in _mappings(document.get("members"))),
        last_posts=tuple(p for m in _mappings(document.get("last_posts")) if (p := _last_post(m))),
        start=_instant(document.get("start")),
        end=_instant(document.get("end")),
        points=tuple(x for m in _mappings(document.get("points")) if (x := _point(m))),
        change=_text(document.get("change")) or None,
        status=_text(document.get("status")) or None,
        before=_text(document.get("before")) or None,
        after=_text(document.get("after")) or None,
        facts=read_facts(document.get("claim")),
        voices=tuple(v for m in _mappings(document.get("voices")) if (v := read_voice(m, _member_of(m)))),
        candidate=_number(document.get("candidate")) or None,
    )


def _mappings(value: object) -> Iterable[Mapping[str, Any]]:
    return [m for m in value if isinstance(m, Mapping)] if isinstance(value, list | tuple) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _zone(value: object) -> str:
    try:
        return ZoneInfo(_text(value) or "UTC").key
    except (KeyError, ValueError, OSError):
        return "UTC"


def _instant(value: object) -> datetime | None:
    try:
        return utc(datetime.fromisoformat(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _member(document: Mapping[str, Any]) -> Member:
    return Member(
        id=_number(document.get("id")),
        title=_text(document.get("title")) or _text(document.get("handle")) or str(document.get("id") or "?"),
        handle=_text(document.get("handle")).removeprefix("@") or None,
        last_post_at=_instant(document.get("last_post_at")),
        last_post_id=_number(document.get("last_post_id")) or None,
    )


def _member_of(document: Mapping[str, Any]) -> Member:
    channel = document.get("channel")
    return _member(channel if isinstance(channel, Mapping) else {})


def _last_post(document: Mapping[str, Any]) -> LastPost | None:
    at = _instant(document.get("posted_at"))
    number = _number(document.get("id"))
    if at is None or not number:
        return None
    return LastPost(id=number, posted_at=at, text=_text(document.get("text")))


def _point(document: Mapping[str, Any]) -> Expected | None:
    start = _instant(document.get("start"))
    observed = document.get("observed")
    try:
        expected = float(document["expected"])
        lower, upper = float(document.get("lower", expected)), float(document.get("upper", expected))
    except (KeyError, TypeError, ValueError):
        return None
    if start is None or not (observed is None or isinstance(observed, int)):
        return None
    return Expected(start=start, observed=observed, expected=expected, lower=lower, upper=upper)
