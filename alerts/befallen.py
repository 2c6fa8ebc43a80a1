"""What befalls channels: told at once and on its own terms, never as a silence."""

from dataclasses import replace

from alerts import evidence as told
from alerts.blind import Sight
from alerts.board import Board
from alerts.hours import instant
from alerts.networks import Networks
from alerts.silences import Silences
from alerts.topics import Topics
from alerts.tracks import RUNNING, Track
from domain.channel import ChannelChange, ChannelEvent
from domain.episode import Subject
from domain.finding import Cause, Kind, Verdict
from domain.sentence import Sentence

_TOLD_AND_OVER = {
    ChannelChange.RENAMED: "{name} has a new title: {after}, before it was {before}.",
    ChannelChange.HANDLE_CHANGED: "{name} has a new handle: {after}, before it was {before}.",
    ChannelChange.HANDLE_DROPPED: "{name} has given up its handle {before}.",
    ChannelChange.HANDLE_TAKEN: "The handle {before} of {name} now belongs to another channel.",
    ChannelChange.MARKED: "What Telegram says against {name}: {after}, before it was {before}.",
    ChannelChange.MIGRATED: "{name} was {before} and is {after}.",
    ChannelChange.AUDIENCE_JUMPED: "The audience of {name} has jumped from {before} to {after}.",
    ChannelChange.AUDIENCE_FELL: "The audience of {name} has fallen from {before} to {after}.",
    ChannelChange.PURGED: "{after} of {name} were deleted in bulk.",
    ChannelChange.CANDIDATE: "{after} may be taking the place of {name}.",
}
#: What is told of a channel that is gone as well.
_ALWAYS = (ChannelChange.HANDLE_TAKEN, ChannelChange.PURGED, ChannelChange.CANDIDATE)


class Befallen:
    """Takes channels out of judgement when they are gone, and back in when they return."""

    def __init__(
        self, board: Board, silences: Silences, topics: Topics, networks: Networks, sight: Sight
    ) -> None:
        self._board = board
        self._silences = silences
        self._topics = topics
        self._networks = networks
        self._sight = sight

    def take(self, track: Track, at: float, event: ChannelEvent) -> None:
        """Something befell the channel at `at`."""
        was_open, name = track.is_open, track.channel.name
        if event.status is not track.channel.status:
            track.channel = replace(track.channel, status=event.status)
        if event.change in _TOLD_AND_OVER:
            self._tell(track, at, event, name)
        if was_open and not track.is_open:
            self._gone(track, at, event)
        elif track.is_open and not was_open:
            self._back(track, at, event)

    def _tell(self, track: Track, at: float, event: ChannelEvent, name: str) -> None:
        if event.after and event.change is ChannelChange.RENAMED:
            track.channel = replace(track.channel, title=event.after)
        elif event.after and event.change is ChannelChange.HANDLE_CHANGED:
            track.channel = replace(track.channel, handle=event.after.removeprefix("@"))
        elif event.change is ChannelChange.HANDLE_DROPPED:
            track.channel = replace(track.channel, handle=None)
        nothing = "nothing" if event.change is ChannelChange.MARKED else "unknown"
        reason = _TOLD_AND_OVER[event.change].format(
            name=name, before=event.before or nothing, after=event.after or nothing
        )
        case = (Kind.CHANNEL, Subject(channel_id=track.channel.id))
        if case in self._board.docket.live and event.change not in _ALWAYS:
            return  # it is gone, and that was told
        verdict = Verdict.confirmed(Cause.UNEXPLAINED, *_said(event))
        self._board.docket.passing(case, instant(at), verdict, event, reason)

    def _gone(self, track: Track, at: float, event: ChannelEvent) -> None:
        how = Sentence(told.HOW_GONE[event.status.value])
        self._silences.gone(track, at, how)
        self._topics.gone(track, at, how)
        self._networks.leave(track, at)
        self._sight.leave(track)
        subject = Subject(channel_id=track.channel.id)
        case = (Kind.CHANNEL, subject)
        if event.status.is_unwatched or case in self._board.docket.live:
            return
        last = track.rhythm.last
        since = max(last, track.cover.until)
        self._board.docket.find(
            *case,
            since_at=instant(min(since, at)) if since > float("-inf") else instant(at),
            at=instant(at),
            reason=f"{track.channel.name} can no longer be read: {how}.",
        )
        verdict = Verdict.explained(Cause.CHANNEL_GONE, *_said(event))
        self._board.docket.open(case, instant(at), verdict, befell=event)

    def _back(self, track: Track, at: float, event: ChannelEvent) -> None:
        case = (Kind.CHANNEL, Subject(channel_id=track.channel.id))
        if case in self._board.docket.live:
            name = track.channel.name
            ended = (
                Sentence(told.READ_AGAIN_AS, name=name, words=event.evidence)
                if event.evidence
                else Sentence(told.READ_AGAIN, name=name)
            )
            self._board.docket.close(case, instant(at), ended, befell=event)
        track.phase = RUNNING
        track.decide_from = max(track.decide_from, at)
        if track.rhythm.last > float("-inf"):
            track.rhythm.resume(at)
        self._board.arm(track)
        self._sight.back(track, at)


def _said(event: ChannelEvent) -> tuple[str, ...]:
    """What shows it, line by line; of what Telegram answered, that it did."""
    if event.change is ChannelChange.GONE and event.evidence:
        return (Sentence(told.TELEGRAM_SAID, words=event.evidence),)
    return tuple(line[:1].upper() + line[1:] for line in event.evidence.splitlines() if line)
