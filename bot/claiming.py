"""A claim in words: who, what, where, with what and when, and the words that it was read from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.markup import Html, bold, clean, foreign, html, joined, link
from bot.saying import say_at_briefly
from bot.texts import claimed
from domain.instant import utc

if TYPE_CHECKING:
    from bot.payload import Member
    from bot.telling import Telling

_LONGEST = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is claimed. What no post says is empty."""

    kind: str = ""
    action: str = ""
    target: str = ""
    location: str = ""
    country: str = ""
    weapons: tuple[str, ...] = ()
    date: dt.date | None = None
    is_rough: bool = False  #: the date may be a day off
    killed: int | None = None
    wounded: int | None = None
    hurt: bool = False
    hedged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A channel that tells of it, and its words."""

    channel: Member
    post_id: int
    posted_at: datetime
    text: str


def read_facts(document: object) -> Facts | None:
    """The stored form; what is missing or unreadable is left out. None: it is about no claim."""
    if not isinstance(document, Mapping):
        return None

    def text(key: str) -> str:
        value = document.get(key)
        return value if isinstance(value, str) else ""

    def number(key: str) -> int | None:
        value = document.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    weapons = document.get("weapons")
    return Facts(
        kind=text("kind"),
        action=text("action"),
        target=text("target"),
        location=text("location"),
        country=text("country"),
        weapons=tuple(w for w in weapons if isinstance(w, str)) if isinstance(weapons, list) else (),
        date=_date(text("date")),
        is_rough=text("date_precision") == "about_a_day",
        killed=number("killed"),
        wounded=number("wounded"),
        hurt=document.get("hurt") is True,
        hedged=document.get("hedged") is True,
    )


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def read_voice(document: Mapping[str, Any], channel: Member) -> Voice | None:
    try:
        at = utc(datetime.fromisoformat(str(document.get("posted_at"))))
        return Voice(
            channel=channel,
            post_id=int(document.get("post_id") or 0),
            posted_at=at,
            text=str(document.get("text") or ""),
        )
    except (TypeError, ValueError):
        return None


def claim_headline(telling: Telling) -> Html:
    """Who claims what, where; or that somebody reports it."""
    say, facts = telling.say, telling.payload.facts or Facts()
    place = facts.location or facts.country
    where = foreign(place, telling.longest_name) if place else Html("")
    if telling.on_claims:
        template = claimed.BY_AT if place else claimed.BY
    else:
        template = claimed.REPORTED_AT if place else claimed.REPORTED
    return say(template, claimant=telling.claimant(), place=where)


def claim_parts(telling: Telling, n_voices: int, excerpt: int) -> list[Html]:
    """Line by line: what is said of the act, then who says it, in their words."""
    facts = telling.payload.facts or Facts()
    lines = [Html(f"{telling.icon} {bold(telling.headline())}"), *_facts(telling, facts)]
    voices = telling.payload.voices
    if len(telling.episode.members) > 1:
        lines.append(telling.say(claimed.TOLD_BY, n=len(telling.episode.members)))
    lines += [_voice(telling, voice, excerpt) for voice in voices[: max(1, n_voices)]]
    return lines


def _facts(telling: Telling, facts: Facts) -> list[Html]:
    say = telling.say

    def named(value: str) -> Html:
        return foreign(value, _LONGEST)

    lines = []
    if facts.kind in claimed.KINDS:
        lines.append(say(claimed.KINDS[facts.kind]))
    if facts.action:
        lines.append(say(claimed.WHAT, what=named(facts.action)))
    if facts.target:
        lines.append(say(claimed.WHOM, whom=named(facts.target)))
    where = ", ".join(dict.fromkeys(p for p in (facts.location, facts.country) if p))
    if where:
        lines.append(say(claimed.WHERE, where=named(where)))
    if facts.weapons:
        lines.append(say(claimed.WITH, weapons=named(", ".join(facts.weapons))))
    if facts.date is not None:
        rough = claimed.WHEN_ABOUT if facts.is_rough else claimed.WHEN
        lines.append(say(rough, day=facts.date.isoformat()))
    if facts.killed is not None or facts.wounded is not None:
        unknown = say(claimed.UNKNOWN_NUMBER)
        killed = facts.killed if facts.killed is not None else unknown
        wounded = facts.wounded if facts.wounded is not None else unknown
        lines.append(say(claimed.HURT, killed=killed, wounded=wounded))
    elif facts.hurt:
        lines.append(say(claimed.HURT_SOME))
    if facts.hedged:
        lines.append(say(claimed.HEDGED))
    return lines


def _voice(telling: Telling, voice: Voice, excerpt: int) -> Html:
    """Who says it and when, with a link to the post, and the words."""
    at = html(say_at_briefly(voice.posted_at, telling.zone, telling.alert.at, telling.say))
    url = voice.channel.url(voice.post_id)
    head = [telling.name(voice.channel), link(at, url) if url else at]
    words = f"«{clean(voice.text).strip()}»" if excerpt and clean(voice.text).strip() else ""
    said = [foreign(words, excerpt + 2)] if words else []
    return telling.say.bullet(joined([*head, *said], " "))
