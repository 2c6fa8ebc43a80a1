"""The tables of an export and their columns: what each means is said in docs/archive.md."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    TEXT = "text"
    WHOLE = "whole"  #: an integer
    SHARE = "share"  #: a number with a fraction
    TRUTH = "truth"
    INSTANT = "instant"  #: in UTC
    DAY = "day"
    WORDS = "words"  #: a list of texts
    DOCUMENT = "document"  #: JSON


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind


def _columns(**kinds: Kind) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name, kind in kinds.items())


_T, _W, _I = Kind.TEXT, Kind.WHOLE, Kind.INSTANT
_POST = {"channel_id": _W, "channel": _T, "post_id": _W}

TABLES: dict[str, tuple[Column, ...]] = {
    "posts": _columns(
        **_POST,
        url=_T,
        posted_at=_I,
        seen_at=_I,
        how=_T,
        text=_T,
        current_version=_W,
        edited_at=_I,
        album_id=_W,
        media=_T,
        media_name=_T,
        forward_channel_id=_W,
        forward_post_id=_W,
        forward_name=_T,
        reply_to=_W,
        author=_T,
        views=_W,
        forwards=_W,
        language=_T,
        topics=Kind.WORDS,
        claimants=Kind.WORDS,
        deleted=Kind.TRUTH,
        last_seen_before_deletion_at=_I,
        first_missed_at=_I,
        removed_at=_I,
    ),
    "versions": _columns(
        **_POST,
        version=_W,
        seen_at=_I,
        edited_at=_I,
        stands=Kind.TRUTH,
        text=_T,
        hash=_T,
        media=_T,
        removed_at=_I,
    ),
    "claims": _columns(
        claim_id=_W,
        **_POST,
        number=_W,
        version=_W,
        of_post_version=_W,
        posted_at=_I,
        from_at=_I,
        superseded_at=_I,
        withdrawn_at=_I,
        incident_id=_W,
        kind=_T,
        claimant=_T,
        mode=_T,
        target=_T,
        target_type=_T,
        location=_T,
        precision=_T,
        country=_T,
        action=_T,
        weapons=Kind.WORDS,
        day=Kind.DAY,
        date_precision=_T,
        date_source=_T,
        killed=_W,
        wounded=_W,
        losses=_T,
        n_operations=_W,
        assertion=_T,
        repeat=Kind.TRUTH,
        again=Kind.TRUTH,
        evidence=Kind.DOCUMENT,
    ),
    "incidents": _columns(incident_id=_W, first_at=_I, last_at=_I, claims=_W, channels=Kind.WORDS),
    "activity": _columns(channel_id=_W, channel=_T, hour=_I, observed=_W, held=_W, watched=Kind.SHARE),
    "watch_spans": _columns(channel_id=_W, channel=_T, from_at=_I, to_at=_I, edits=Kind.TRUTH),
    "gaps": _columns(channel_id=_W, channel=_T, from_at=_I, to_at=_I, cause=_T, missing=_T, detail=_T),
}
