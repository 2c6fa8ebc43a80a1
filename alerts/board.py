"""What the parts of a panel have in common."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from alerts import evidence as told
from alerts.budgets import Budgets
from alerts.calendars.season import Season
from alerts.config import AlertsConfig
from alerts.episodes import Docket
from alerts.fleet import Fleet
from alerts.hours import NEVER, instant
from alerts.judge import Evidence, Other
from alerts.outages import Outage, told_of
from alerts.strand import Judged
from alerts.timers import Key, Timers
from alerts.tracks import QUIET, Track
from domain.channel import Channel
from domain.sentence import Sentence
from domain.watch import Seen

#: A channel is quiet when no more than this part of its posts come: some get through a cut.
LEFT = 0.2


@dataclass(slots=True)
class Board:
    """The channels, the timers and the episodes of one panel."""

    rules: AlertsConfig
    tracks: dict[int, Track] = field(default_factory=dict)
    judged: Judged = field(default_factory=Judged)
    budgets: Budgets = field(default_factory=Budgets)
    timers: Timers = field(default_factory=Timers)
    docket: Docket = field(init=False)
    _within: float = field(init=False)
    fleet: Fleet = field(default_factory=Fleet)  #: what the channels have in common
    outages: tuple[Outage, ...] = ()  #: what others say of outages
    #: Of which channels word is awaited, and until when: what is news if we watched is held up by it.
    awaited: dict[int, float] = field(default_factory=dict)
    now: float = float("-inf")  #: up to where everything decidable has been decided

    def __post_init__(self) -> None:
        self.docket = Docket(self.rules.again_within)
        self._within = self.rules.group.within.total_seconds() / 3600

    @property
    def hold(self) -> float:
        return self.rules.silence.hold.total_seconds() / 3600

    def rules_of(self, channel: Channel) -> AlertsConfig:
        """The rules by which a channel is judged: everybody's, or with a budget of its own."""
        return self.budgets.rules(channel, self.rules)

    def season_of(self, channel: Channel) -> Season:
        """What the calendars mean for this channel."""
        return self.budgets.season(channel)

    def arm(self, track: Track) -> None:
        """Set the timer of a channel's running pause."""
        self.timers.set(track.key, max(track.due, track.decide_from, track.not_before))

    def park(self, track: Track, key: Key, at: float, *, presses: bool = True) -> None:
        """What `key` stands for cannot be decided before we know whether we could see the channel at `at`.

        `presses`: that is worth asking for.
        """
        track.parked.append((key, at))
        if presses:
            self.awaited[track.channel.id] = max(at, self.awaited.get(track.channel.id, at))

    def waits(self, key: Key, at: float, tracks: Iterable[Track]) -> bool:
        """Park `key` while it is not known of one of these channels whether we could see it at `at`.

        It is taken up again when we next hear of the one that is best in sight, so that a channel which goes
        out of it meanwhile holds the others up for no longer than `lags` says.
        """
        watched = [track for track in tracks if track.is_open]
        behind = [track.channel.id for track in watched if self.lags(track, at)]
        if not behind:
            return False
        for channel_id in behind:
            self.awaited[channel_id] = max(at, self.awaited.get(channel_id, at))
        self.park(max(watched, key=lambda track: track.cover.until), key, at, presses=False)
        return True

    def heard_of(self, track: Track) -> None:
        """More is known of when the channel could be seen; maybe what word was awaited of."""
        if self.awaited.get(track.channel.id, NEVER) <= track.cover.until:
            del self.awaited[track.channel.id]

    def kin(self, track: Track) -> list[Track]:
        """The channel with those of its group: what is said of one depends on the others."""
        if not track.channel.group:
            return [track]
        return [t for t in self.tracks.values() if t.channel.group == track.channel.group]

    def seen(self, track: Track, since: float, at: float) -> Seen:
        return track.cover.seen(since, at)

    def reported(self, country: str | None, since: float, at: float) -> tuple[str, ...]:
        """What others say of outages of a country in this stretch."""
        if country is None or not self.outages:
            return ()
        return tuple(told_of(self.outages, country, instant(since), instant(at)))

    def lags(self, track: Track, at: float) -> bool:
        """Do we just not know yet what we could see? One out of our sight for good is not waited for."""
        until = track.cover.until
        if until >= at:
            return False
        return until > max(at, self.now) - self.rules.blind.after.total_seconds() / 3600

    def siblings(self, track: Track, since: float, at: float) -> tuple[Other, ...]:
        """The channels of the same group that can be seen and have not been silent for long."""
        if not track.channel.group:
            return ()
        return tuple(
            Other(
                channel_id=t.channel.id,
                name=t.channel.name,
                quiet=t.phase >= QUIET,
                expected=t.rhythm.expected_between(since, at),
                country=t.channel.country,
                group=t.channel.group,
            )
            for t in self.tracks.values()
            if t is not track and t.channel.group == track.channel.group and self.takes_part(t, at)
        )

    def others(
        self, groups: set[str | None], not_these: Iterable[int], since: float, at: float
    ) -> tuple[Other, ...]:
        """Channels of other groups, and of none, that can be seen."""
        left_out = set(not_these)
        return self.heard(
            (
                t
                for t in self.tracks.values()
                if t.channel.id not in left_out
                and (t.channel.group is None or t.channel.group not in groups)
                and self.takes_part(t, at)
            ),
            # They need not have stopped at the same minute: posts of the first quarter do not count.
            since + (at - since) / 4,
            at,
        )

    def heard(self, tracks: Iterable[Track], start: float, at: float) -> tuple[Other, ...]:
        """How much came of what was to come from each of these."""
        out = []
        for t in tracks:
            expected = t.rhythm.expected_between(start, at)
            out.append(
                Other(
                    channel_id=t.channel.id,
                    name=t.channel.name,
                    quiet=t.rhythm.last <= start or t.posts_since(start, at) <= LEFT * expected,
                    expected=expected,
                    country=t.channel.country,
                    group=t.channel.group,
                )
            )
        return tuple(out)

    def takes_part(self, track: Track, at: float) -> bool:
        """Can the channel be read and seen at `at`, is its rhythm known, and did it post not too long ago?"""
        return (
            track.is_open
            and track.rhythm.ripe > 0
            and track.rhythm.most < float("inf")
            and at - track.rhythm.last <= self.near(track)
            and track.in_sight(at)
        )

    def near(self, track: Track) -> float:
        """How many hours its last post may lie back while it takes part."""
        return max(self._within, 2 * (track.rhythm.overdue_at - track.rhythm.since))

    def evidence(self, track: Track, since: float, at: float) -> Evidence:
        return Evidence(
            name=track.channel.name,
            status=track.channel.status,
            seen=self.seen(track, since, at),
            country=track.channel.country,
            siblings=self.siblings(track, since, at),
            others=self.others({track.channel.group}, [track.channel.id], since, at),
            announced=say_announced(track, at),
            reported=self.reported(track.channel.country, since, at),
            whole_from=instant(track.rhythm.origin),
        )


def say_announced(track: Track, at: float) -> str:
    """That the channel announced the pause that runs at `at`, and how; "" when it did not, or it is over."""
    announced = track.announced
    if announced is None or at >= announced.until:
        return ""
    when, words = instant(announced.at), announced.words
    return Sentence(told.ANNOUNCED, name=track.channel.name, at=when, words=words)


def say_outstayed(track: Track, at: float) -> str:
    """That it stays away for longer at `at` than it announced; "" when it announced nothing, or does not."""
    announced = track.announced
    if announced is None or at < announced.until:
        return ""
    said = told.ANNOUNCED_UNTIL if announced.is_said else told.ANNOUNCED_LONG_AGO
    when, until = instant(announced.at), instant(announced.until)
    return Sentence(said, name=track.channel.name, at=when, words=announced.words, until=until)
