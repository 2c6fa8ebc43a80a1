"""The panel: all series of all watched channels, deciding in event time. Live and replay run this same code.

It is told what was posted, what could be seen, and what befell channels; `advance(now)` says what follows.
Nothing here asks for the time or reads anything: fed the same, it decides the same, however it is cut up.
"""

import copy
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from operator import itemgetter

from alerts.aftermath import CALM, GRAVER, Aftermath
from alerts.befallen import Befallen
from alerts.belated import Belated
from alerts.blind import Sight
from alerts.board import Board
from alerts.budgets import Budgets
from alerts.config import AlertsConfig
from alerts.crowd import CROWD, Crowds
from alerts.cuts import Cuts
from alerts.hours import EPOCH, NEVER, hours, instant
from alerts.learned import Taking, put_away
from alerts.lessons import UNSCHOOLED, Schooling, schooling
from alerts.networks import NETWORK, Networks
from alerts.outages import Outage
from alerts.outside import questions
from alerts.silences import Silences
from alerts.strand import Judged, Strand, strand_of
from alerts.swings import SCAN, SWING, Swings
from alerts.timers import Key
from alerts.topics import Topics
from alerts.tracks import OPEN, RUNNING, Former, Track
from domain.channel import Channel, ChannelEvent
from domain.episode import Episode, State, Subject, Transition
from domain.finding import Kind
from domain.opinion import Says
from domain.reading import Reading
from domain.testimony import Testimony
from domain.watch import Gap, WatchSpan

#: When so many hours turn out to have been watched only after their posts were taken up, these taught little.
TAUGHT_BLIND = 6.0


class Panel:
    """Every watched channel at once."""

    def __init__(
        self,
        channels: Iterable[Channel],
        rules: AlertsConfig,
        *,
        decide_from: datetime | None = None,
        topics: Collection[str] | None = None,
        names: Mapping[str, str] | None = None,
        budgets: Budgets | None = None,
    ) -> None:
        """Nothing is decided about instants before `decide_from`; what was posted before only teaches.

        Of what posts are about, `topics` are judged (None: all), and every claimant; `names` says what
        people call the claimants, `budgets` which channels and topics have one of their own.
        """
        self._board = board = Board(rules, judged=Judged(topics, names), budgets=budgets or Budgets())
        self._aftermath = Aftermath(board)
        self._crowds = Crowds(board)
        self._cuts = Cuts(board, self._crowds)
        self._networks = Networks(board, self._crowds, self._cuts)
        self._silences = Silences(board, self._networks, self._cuts, self._aftermath)
        self._networks.rearm = self._silences.rearm
        self._belated = Belated(board)
        self._topics = Topics(board)
        self._swings = Swings(board, self._aftermath)
        self._sight = Sight(board)
        self._befallen = Befallen(board, self._silences, self._topics, self._networks, self._sight)
        self._dues: dict[str, Callable[[Key, float], None]] = {
            CROWD: self._crowds.due,
            NETWORK: self._networks.due,
            "pause": self._silences.due,
            "strand": self._topics.due,
            SCAN: self._swings.look,
            SWING: self._swings.due,
            GRAVER: self._aftermath.graver,
            CALM: self._aftermath.calm,
        }
        self._queue: list[tuple[float, int, int, Reading | ChannelEvent]] = []
        self._taught_blind: set[int] = set()
        self._schooling: dict[int, Schooling] = {}
        self._decide_from = -NEVER if decide_from is None else hours(decide_from)
        for channel in channels:
            self.admit(channel)

    def admit(self, channel: Channel, decide_from: datetime | None = None) -> None:
        """Watch a channel too, or take note that its title or group has changed.

        How it stands is changed by what befalls it only, so that this is told.
        """
        track = self._board.tracks.get(channel.id)
        if track is None:
            since = self._decide_from if decide_from is None else hours(decide_from)
            rules, season = self._board.rules_of(channel), self._board.season_of(channel)
            track = self._board.tracks[channel.id] = Track(channel, rules, since, season)
            track.school(self._schooling.get(channel.id, UNSCHOOLED))
            self._crowds.admit(track)
            return
        was = track.channel
        regrouped = (was.group, was.country) != (channel.group, channel.country)
        track.channel = replace(channel, status=track.channel.status)
        if regrouped:
            self._crowds.admit(track)
            self._board.arm(track)

    def watched(self, channel_id: int, from_at: datetime, to_at: datetime) -> None:
        """We could have seen every post of the channel in this stretch. Say so before, or with, its posts."""
        track = self._board.tracks.get(channel_id)
        if track is None:
            return
        self._crowds.learned()
        start, end = hours(from_at), hours(to_at)
        past = min(end, track.rhythm.last)
        if past - start > TAUGHT_BLIND and track.cover.unrecorded(start, past) > TAUGHT_BLIND:
            self._taught_blind.add(channel_id)
        self._sight.watched(track, start, end)

    def span(self, span: WatchSpan) -> None:
        """`watched`, by its record."""
        self.watched(span.channel_id, span.from_at, span.to_at)

    @property
    def parked(self) -> frozenset[int]:
        """Channels of which something waits to be told when they could be seen, be it the same again."""
        return frozenset(number for number, track in self._board.tracks.items() if track.parked)

    def reported(self, outages: Iterable[Outage]) -> None:
        """All that others say of outages now."""
        self._board.outages = tuple(outages)
        self._cuts.reported()

    def blinded(self, gap: Gap) -> None:
        """Why a channel could not be seen; that it could not follows from what was watched."""
        self._sight.gap(gap)

    def befell(self, event: ChannelEvent) -> None:
        """Something befell a channel. Taken up by the next `advance`."""
        self._feed(hours(event.at), event.channel_id, event)

    def heard(self, testimony: Testimony) -> None:
        """The outside has answered what it sees of a silence. It works from the next `advance` on."""
        if (track := self._board.tracks.get(testimony.channel_id)) is not None:
            self._silences.heard(track, testimony)

    def questions(self) -> list[tuple[int, datetime]]:
        """Channels found silent, since when, of which the outside was not asked; now it counts as asked."""
        return questions(self._board)

    def post(self, reading: Reading) -> None:
        """A post was read. Taken up by the next `advance`, in the order of posting."""
        self._feed(hours(reading.posted_at), reading.channel_id, reading)

    def learn(self, reading: Reading) -> None:
        """A post of a former run: it teaches and raises nothing. To be fed in the order of posting."""
        track = self._board.tracks.get(reading.channel_id)
        if track is not None:
            at = hours(reading.posted_at)
            self._crowds.reach(at)
            self._take(track, at, reading, learning=True, arms=False)

    def is_behind(self, reading: Reading) -> bool:
        """Is this post older than the channel's last? It then teaches less than it would in its place."""
        track = self._board.tracks.get(reading.channel_id)
        return track is not None and hours(reading.posted_at) < track.rhythm.last

    @property
    def taught_blind(self) -> frozenset[int]:
        """Channels whose posts were taken up before it was known that they were watched."""
        return frozenset(self._taught_blind)

    def heed(self, judged: Iterable[tuple[Episode, Says]]) -> frozenset[int]:
        """What people say of episodes, all of it: what happened is no part of a rhythm, a false alarm is.

        It works on what is learned from here on. Returns the channels of which something else is said than
        before, and whose past is to be learned anew.
        """
        judged = tuple(judged)
        for episode, says in judged:
            if says is Says.NORMAL:
                self._aftermath.is_normal(episode)
        before, self._schooling = self._schooling, schooling(judged)
        changed = {c for c in {*before, *self._schooling} if before.get(c) != self._schooling.get(c)}
        for channel_id in changed:
            if (track := self._board.tracks.get(channel_id)) is not None:
                track.school(self._schooling.get(channel_id, UNSCHOOLED))
        return frozenset(changed)

    def relearn(self, channel_id: int, readings: Iterable[Reading]) -> None:
        """Learn a channel anew from all of its posts, in the order of posting, as its history was not."""
        board = self._board
        if (former := board.tracks.get(channel_id)) is None:
            return
        track = Track(former.channel, former.rules, former.decide_from, former.rhythm.season)
        track.cover, track.parked = former.cover, former.parked
        track.former, track.ended = former.former, former.ended
        track.asked, track.testimony, track.grouped = former.asked, former.testimony, former.grouped
        track.school(former.schooling)
        board.tracks[channel_id] = track
        self._crowds.admit(track)
        board.docket.drop_pending(channel_id)
        self._taught_blind.discard(channel_id)
        for reading in readings:
            self.learn(reading)
        self._settle(track)

    def restore(
        self,
        episodes: Iterable[Episode],
        *,
        ended: Iterable[Episode] = (),
        former: Mapping[int, tuple[Former, ...]] | None = None,
    ) -> None:
        """Take up the open episodes of a former run, after all of its posts were learned.

        `ended` are episodes that were over by then, and `former` says what was decided of each channel's
        topics and claimants: what they told of is not told again.
        """
        board = self._board
        for number, decided in (former or {}).items():
            if number in board.tracks:
                board.tracks[number].former = decided
        for episode in sorted(ended, key=lambda e: e.closed_at or e.found_at):
            if episode.opened_at is not None:
                board.docket.remember(episode)
            track = board.tracks.get(episode.subject.channel_id or 0)
            if track is not None and episode.kind is Kind.SILENCE:
                track.ended += (episode,)
        board.docket.restore(episodes)
        self._sight.restore()
        for track in board.tracks.values():
            self._settle(track)
        self._networks.settle()
        self._crowds.settle()

    def recall(self, ended: Iterable[Episode]) -> None:
        """Episodes of a former run that are over. To be said before their time is learned."""
        self._crowds.learned()
        for episode in ended:
            self._cuts.recall(episode)

    def wake(self, now: datetime) -> None:
        """The watch is being taken up at `now`: what is unwatched until here is no sign of blindness."""
        self._sight.woke(hours(now))

    def advance(self, now: datetime) -> list[Transition]:
        """Decide all that can be decided about instants up to `now`, in the order of events."""
        board, until = self._board, hours(now)
        self._crowds.learned()
        self._queue.sort(key=itemgetter(0, 1, 2))  # what befell a channel at one instant stays as it was told
        taken = 0
        for at, _, _, item in self._queue:
            if at > until:
                break
            taken += 1
            self._fire(at, before=True)
            track = board.tracks.get(item.channel_id)
            if track is not None and isinstance(item, Reading):
                self._take(track, at, item, learning=at < track.decide_from)
            elif track is not None and isinstance(item, ChannelEvent):
                self._befallen.take(track, at, item)
                if not track.is_open:
                    self._swings.gone(track, at)
        del self._queue[:taken]
        self._fire(until, before=False)
        board.now = max(board.now, until)
        self._sight.look(until)
        return board.docket.take()

    @property
    def decided_until(self) -> datetime:
        """Up to where `advance` has been asked to decide; the beginning of time when it never was."""
        return instant(self._board.now) if self._board.now > -NEVER else EPOCH

    @property
    def awaited(self) -> dict[int, datetime]:
        """Until when we must know of which channels whether they could be seen: something waits for it."""
        return {channel_id: instant(at) for channel_id, at in self._board.awaited.items()}

    def next_due(self) -> datetime | None:
        """When, if nothing more is heard, there will be something to decide."""
        due = min(self._board.timers.next(), self._sight.next())
        return None if due == NEVER else instant(due)

    def stored(self, temporary: int, number: int) -> None:
        """An episode of ours, numbered below zero, was stored under this number."""
        self._board.docket.stored(temporary, number)

    def strands(self, reading: Reading) -> tuple[Strand, ...]:
        """The judged topics and claimants of a post."""
        return self._board.judged.strands(reading)

    def name(self, strand: Strand) -> str:
        """What people call a topic or a claimant."""
        return self._board.judged.name(strand)

    @property
    def channels(self) -> list[Channel]:
        """Every channel that is watched."""
        return [track.channel for track in self._board.tracks.values()]

    @property
    def held(self) -> list[Subject]:
        """Topics and claimants found silent, and not told yet."""
        live = self._board.docket.live.values()
        return [e.subject for e in live if e.state is State.PENDING and strand_of(e.subject) is not None]

    def hidden_behind(self, episode: Episode) -> list[Subject]:
        """The topics and claimants of the channel whose silence this episode of a larger one tells of too."""
        track, strand = self._board.tracks.get(episode.subject.channel_id or 0), strand_of(episode.subject)
        return [] if track is None or strand is None else self._topics.hidden_behind(track, strand)

    def track(self, channel_id: int) -> Track | None:
        """What is known of a channel: for charts and explanations; not to be changed."""
        return self._board.tracks.get(channel_id)

    def branch(self) -> "Panel":
        """The same panel as it stands, to go its own way from here: for trying out what would be seen."""
        return copy.deepcopy(self)

    def put_away(self, without: Collection[int] = ()) -> tuple[bytes, ...]:
        """All that was learned, in parts, of all channels but these and those that something waits for."""
        self._crowds.learned()
        waiting = {item.channel_id for *_, item in self._queue}
        return tuple(put_away(self._board, self._crowds, {*without, *waiting, *self._taught_blind}))

    def taking(self) -> Taking:
        """For taking up, before anything is learned, what another panel has put away."""
        return Taking(self._board, self._crowds, self._topics, self._sight)

    def _settle(self, track: Track) -> None:
        """Take up what a channel's history left running."""
        docket = self._board.docket
        if docket.is_open(track.case):
            if track.rhythm.last <= hours(docket.live[track.case].begun_at):
                track.phase = OPEN
            else:
                self._silences.settle(track)
        elif self._aftermath.was_told(track):
            track.phase = OPEN
        self._topics.arm(track)
        self._board.arm(track)
        self._swings.settle(track)

    def _feed(self, at: float, channel_id: int, item: Reading | ChannelEvent) -> None:
        self._queue.append((at, channel_id, item.post_id if isinstance(item, Reading) else -1, item))

    def _fire(self, until: float, *, before: bool) -> None:
        """Let the timers come up that are due until then; before a post, only those strictly earlier."""
        timers = self._board.timers
        while (due := timers.next()) < until or (due == until and not before):
            if due == NEVER:
                return
            at, key = timers.pop()
            self._dues[key.what](key, at)

    def _take(self, track: Track, at: float, reading: Reading, *, learning: bool, arms: bool = True) -> None:
        """A post's turn has come. `arms`: its timers are set, else that is for `restore`."""
        if not reading.counts:
            track.took(at)
            return
        rhythm, board, strands = track.rhythm, self._board, self.strands(reading)
        if at < rhythm.last:
            rhythm.late(at)
            if not learning:
                self._belated.late(track, at)
            if strands:
                self._topics.late(track, strands, at)
            return
        before, phase = rhythm.last, track.phase
        whole = rhythm.origin == before and track.cover.whole(before, at)
        due = rhythm.scan.next
        if at >= rhythm.tomorrow:
            rhythm.prior = board.fleet.prior(at) if rhythm.ripe < 1 else None
            rhythm.post(at, track.cover)
            if rhythm.ripe >= 1:
                board.fleet.note(track.channel.id, rhythm, at)
        else:
            rhythm.post(at, track.cover)
        track.number(at, reading.post_id, reading.pause)
        self._crowds.posted(track, at)
        if rhythm.scan.turns:
            self._swings.take(track, learning=learning)
        if arms and rhythm.scan.next != due:
            self._swings.arm(track)
        track.pulse.beat(at)
        track.phase = RUNNING
        track.not_before = -NEVER
        if not learning and (phase != RUNNING or board.docket.live):
            self._silences.posted(track, at, phase)
        if arms:
            board.arm(track)
        if strands or track.shares:
            self._topics.beat(track, strands, at, whole=whole, learning=learning, unread=reading.unread)
