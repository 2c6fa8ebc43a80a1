"""What is told of an act that channels claim or report: once when it is new, and more as others repeat it.

Pure: from all claims of one act and what was told of it, to what is told now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.channel import Channel
from domain.claim import ArchivedClaim, Casualties, ClaimKind, ClaimMode
from domain.episode import Episode, Move, State, Subject, Transition
from domain.finding import Cause, Kind, Verdict
from domain.severity import Severity

#: So many channels that tell of an act make it graver.
SEVERAL = 3
_EXCERPT = 300
_MOST_VOICES = 8  #: channels whose words are given


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One claim of the act, with the text that its evidence lies in."""

    claim: ArchivedClaim
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act, as all the claims tell it that are archived."""

    incident_id: int
    voices: tuple[Voice, ...]

    @property
    def standing(self) -> list[Voice]:
        """What the channels still say, the first to say it first."""
        said = [v for v in self.voices if v.claim.standing]
        return sorted(said, key=lambda v: (v.claim.posted_at, v.claim.id))


def tell(act: Act, known: Episode | None, now: datetime, fresh: timedelta) -> Transition | None:
    """What there is to tell of an act, if anything. `known` is what was told of it.

    An act is news only within `fresh` after the first post that tells of it: history that is read again is
    none. It grows with each further channel, and when it has become graver.
    """
    voices = act.standing
    if not voices:
        return None
    first = voices[0].claim
    members = tuple(dict.fromkeys(v.claim.channel_id for v in voices))
    severity = severity_of_act(voices)
    if known is None:
        if now - first.posted_at > fresh:
            return None
        episode = Episode(
            id=0,
            kind=Kind.CLAIM,
            subject=Subject(claimant=_claimant(voices)),
            state=State.CLOSED,
            since_at=first.posted_at,
            found_at=now,
            opened_at=now,
            closed_at=first.posted_at,
            verdict=Verdict.confirmed(Cause.UNEXPLAINED),
            observed=len(voices),
            members=members,
            incident_id=act.incident_id,
            severity=severity,
            reason=f"{first.claim.kind.value} in post {first.channel_id}/{first.post_id}",
        )
        return Transition(move=Move.OPENED, at=now, episode=episode)
    # Whoever told of it stays on it: a post that was deleted was there all the same.
    joined = tuple(dict.fromkeys((*known.members, *members)))
    graver = severity.at_least(known.severity or Severity.MINOR) and severity is not known.severity
    if joined == known.members and not graver:
        return None
    worst = severity if graver else known.severity
    grown = replace(known, members=joined, observed=max(known.observed, len(voices)), severity=worst)
    return Transition(move=Move.GREW, at=now, episode=grown)


def severity_of_act(voices: Sequence[Voice]) -> Severity:
    """A step each: somebody says that it was them; people were hurt; several channels tell it."""
    claims = [v.claim.claim for v in voices]
    owned = any(c.kind is ClaimKind.RESPONSIBILITY or c.mode is ClaimMode.SELF for c in claims)
    hurt = any(_is_hurt(v.claim.claim.casualties) for v in voices)
    several = len({v.claim.channel_id for v in voices}) >= SEVERAL
    return list(Severity)[min(owned + hurt + several, 2)]


def act_payload(act: Act, channels: Mapping[int, Channel], names: Mapping[str, str]) -> dict[str, Any]:
    """Who, what, where, with what and when, each as the first says it that says it; and the words.

    `names` says what people call what has a number in the lexicon; what has none is called by that.
    """
    voices = act.standing or list(act.voices)
    claims = [v.claim.claim for v in voices]
    dated = next((c for c in claims if c.date is not None), None)
    hurt = next((c.casualties for c in claims if _is_hurt(c.casualties)), None)

    def first(field: str) -> str | None:
        return next((str(value) for c in claims if (value := getattr(c, field))), None)

    def named(value: str | None) -> str | None:
        return names.get(value, value.replace("_", " ")) if value else None

    weapons = list(dict.fromkeys(w for c in claims for w in c.weapons))
    return {
        "title": named(_claimant(voices)) or "",
        "claimant": named(_claimant(voices)),
        "members": [_member(n, channels) for n in dict.fromkeys(v.claim.channel_id for v in voices)],
        "claim": {
            "kind": claims[0].kind.value,
            "mode": claims[0].mode.value,
            "action": named(first("action")),
            "target": named(first("target")) or named(first("target_type")),
            "location": named(first("location")),
            "country": first("country"),
            "weapons": [named(w) for w in weapons],
            "date": dated.date.isoformat() if dated and dated.date else None,
            "date_precision": dated.date_precision.value if dated else None,
            "killed": hurt.killed if hurt else None,
            "wounded": hurt.wounded if hurt else None,
            "hurt": hurt is not None,
            "hedged": all(c.assertion.value != "asserted" for c in claims),
        },
        "voices": [_voice(v, channels) for v in _one_of_each(voices)[:_MOST_VOICES]],
    }


def _one_of_each(voices: Sequence[Voice]) -> list[Voice]:
    """The first claim of each channel."""
    return list({v.claim.channel_id: v for v in reversed(voices)}.values())[::-1]


def _voice(voice: Voice, channels: Mapping[int, Channel]) -> dict[str, Any]:
    claim, text = voice.claim, voice.text
    words = {s.field: text[s.start : s.end] for s in claim.claim.evidence if text[s.start : s.end].strip()}
    start = min((s.start for s in claim.claim.evidence), default=0)
    begin = 0 if start < _EXCERPT // 2 else start - _EXCERPT // 4
    return {
        "channel": _member(claim.channel_id, channels),
        "post_id": claim.post_id,
        "posted_at": claim.posted_at.isoformat(),
        "text": ("…" if begin else "") + text[begin : begin + _EXCERPT],
        "words": words,
    }


def _member(number: int, channels: Mapping[int, Channel]) -> dict[str, Any]:
    channel = channels.get(number)
    return {
        "id": number,
        "title": channel.title if channel else "",
        "handle": channel.handle if channel else None,
    }


def _claimant(voices: Sequence[Voice]) -> str | None:
    return next((v.claim.claim.claimant for v in voices if v.claim.claim.claimant), None)


def _is_hurt(casualties: Casualties | None) -> bool:
    return casualties is not None and bool(casualties.killed or casualties.wounded or casualties.vague)
