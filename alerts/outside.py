"""What the outside sees of a channel that is silent for us, and what that makes of a verdict. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts import evidence as told
from alerts.board import Board
from alerts.hours import hours, instant
from alerts.strand import strand_of
from domain.finding import Cause, Kind, Verdict
from domain.sentence import Sentence
from domain.testimony import Outside, Testimony

_NAMED = 5
_SAME = timedelta(seconds=1)
_SAME_HOURS = _SAME / timedelta(hours=1)  # as the panel counts


def questions(board: Board) -> list[tuple[int, datetime]]:
    """Channels found silent, by themselves or together, each with the instant since when, of which the
    outside was not asked yet. They count as asked from here on.
    """
    out = []
    for (kind, subject), episode in board.docket.live.items():
        if kind is not Kind.SILENCE or strand_of(subject) is not None:
            continue
        for number in (subject.channel_id,) if subject.channel_id else episode.members:
            if (track := board.tracks.get(number)) is None:
                continue
            since = hours(episode.since_at)
            if subject.channel_id is None:
                # Of those that are quiet together each has its own last post; a later one is another pause.
                since = min(since, track.rhythm.since)
            if abs(track.asked - since) > _SAME_HOURS:
                track.asked = since
                out.append((number, instant(since)))
    return out


def about(testimony: Testimony | None, since_at: datetime) -> Testimony | None:
    """The testimony, if it is about the silence that began at `since_at`."""
    if testimony is None or abs(testimony.since_at - since_at) > _SAME:
        return None
    return testimony


def weighed(verdict: Verdict, name: str, testimony: Testimony | None) -> Verdict:
    """The verdict once the outside was heard: whatever our records say, posts that others can see and we
    cannot are proof that it is we who are blind.
    """
    if testimony is None or testimony.says is None:
        return verdict
    at = testimony.answered_at or testimony.asked_at
    match testimony.says:
        case Outside.MORE:
            return Verdict.blind(Cause.NOT_WATCHED, shown(name, testimony))
        case Outside.NO_MORE:
            said = Sentence(told.PREVIEW_NO_MORE, at=at, name=name)
        case Outside.NOT_SHOWN:
            said = Sentence(told.PREVIEW_NOT_SHOWN, name=name, why=testimony.detail)
        case Outside.UNKNOWN:
            said = Sentence(told.PREVIEW_UNKNOWN, why=testimony.detail)
    return replace(verdict, evidence=(*verdict.evidence, said))


def weighed_together(verdict: Verdict, them: Sequence[tuple[str, Testimony | None]]) -> Verdict:
    """The same of several channels that are quiet together: one that posts unseen by us is proof enough."""
    heard = [(name, t) for name, t in them if t is not None and t.says is not None]
    blind = [shown(name, t) for name, t in heard if t.says is Outside.MORE]
    if blind:
        return Verdict.blind(Cause.NOT_WATCHED, *blind)
    silent = [t for _, t in heard if t.says is Outside.NO_MORE]
    if not silent:
        return verdict
    at, n = max(t.answered_at or t.asked_at for t in silent), len(silent)
    said = (
        Sentence(told.PREVIEW_NO_MORE_OF_SOME, at=at, n=n)
        if n > 1
        else Sentence(told.PREVIEW_NO_MORE_OF_ONE, at=at)
    )
    return replace(verdict, evidence=(*verdict.evidence, said))


def shown(name: str, testimony: Testimony) -> str:
    """That the outside sees more than we do, in a sentence."""
    n, ids = len(testimony.posts), testimony.posts[:_NAMED]
    which = ", ".join(map(str, ids)) + ("" if n <= _NAMED else ", ...")
    at = testimony.answered_at or testimony.asked_at
    if n == 1:
        return Sentence(told.PREVIEW_ONE, name=name, at=at, which=which)
    return Sentence(told.PREVIEW_SOME, n=n, name=name, at=at, which=which)
